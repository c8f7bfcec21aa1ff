// SPDX-License-Identifier: GPL-3.0-or-later
// Everything on its way out as a node enforces it, and the judgement over one request: told, refused, or left alone.
// A brown-out is over when the clock that is handed in says so; nobody has to end it. Pure, any thread.
#pragma once

#include "core/base/clock.h"
#include "core/deprecation/rule.h"
#include "core/deprecation/states.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::deprecation {

struct Window {
    std::int64_t id = 0;
    std::int64_t number = 0;  // 1 … n
    Time starts{};
    Time ends{};  // already the earlier end of one that was aborted or called off
    std::int64_t abortAt = 0;  // refusals at which it ends by itself; 0: never

    [[nodiscard]] bool holds(Time now) const { return starts <= now && now < ends; }
};

struct Exemption {
    std::int64_t userId = 0;
    Time until{};
};

struct Entry {
    std::int64_t id = 0;
    std::int64_t revision = 0;
    std::string title;  // "Upload over ssh"
    Rule rule;
    State state = State::Proposed;
    Time created{};
    std::string replacement;  // "an API token over https"
    std::string link;
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    std::vector<Window> windows;
    std::vector<Exemption> exemptions;

    [[nodiscard]] const Window *windowAt(Time now) const;
    // At that moment.
    [[nodiscard]] bool isExempt(std::optional<std::int64_t> userId, Time now) const;
};

struct Policy {
    std::vector<Entry> entries;
};

struct Refusal {
    std::int64_t entry = 0;
    std::optional<std::int64_t> window;  // of a brown-out; absent: the tombstone
    int status = 403;                    // 410: the tombstone
    std::string text;                    // one line: what, until when, and what instead
    std::optional<Time> until;           // of a brown-out
};

struct Notice {
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    std::string link;
    std::string text;  // one line
};

struct Judgement {
    std::optional<Refusal> refusal;
    std::vector<Notice> notices;
};

// `userId` absent: nobody is known to stand behind the request.
[[nodiscard]] Judgement judge(const Policy &policy, const Traits &traits, std::optional<std::int64_t> userId, Time now);
// The same for one entry, for rehearsals and dry runs.
[[nodiscard]] Judgement judge(const Entry &entry, const Traits &traits, std::optional<std::int64_t> userId, Time now);

// When a brown-out of such requests begins or ends next: until then an answer may be kept.
[[nodiscard]] std::optional<Time> nextEdge(const Policy &policy, const Traits &traits, Time now);
// What somebody who is nobody is answered or told now; empty: nothing. While it is the same, caches may keep what they have.
[[nodiscard]] std::string commonAnswer(const Entry &entry, Time now);

// `entry` as it would be in that state; of BrownOut with one window that holds around `now`.
[[nodiscard]] Entry asIf(Entry entry, State state, Time now);

// RFC 9745 and RFC 8594, of all notices: the earliest dates, every link. Empty texts: none of them is sent.
struct Headers {
    std::string deprecation;  // "@1735689600"
    std::string sunset;       // HTTP-date
    std::string link;         // `<https://…>; rel="deprecation"`
};
[[nodiscard]] Headers headersOf(const std::vector<Notice> &notices);

}  // namespace cm::deprecation
