// SPDX-License-Identifier: GPL-3.0-or-later
// What one operator has asked for and a second one has to agree to by pressing the same: for as long as the plan lives that
// was pressed first, and on the ground that it rested on. One at a time. Owned by Operations; any thread.
#pragma once

#include "core/api/actions.h"

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace cm::monitor {

class SecondWord {
public:
    using Instant = std::chrono::steady_clock::time_point;

    struct Asked {
        api::Id action;  // that awaits it
        api::ActionWish wish;
        std::string basis;
        std::string by;
        std::string reason;
        Time until{};
        Instant ends{};  // the same, by a clock that is never set
    };

    // The one in whose place it comes.
    std::optional<Asked> ask(Asked asked);
    [[nodiscard]] std::optional<Asked> standing(const api::ActionWish &wish, const std::string &basis, Instant now) const;
    // Used up, where `by` is not the one who asked.
    std::optional<Asked> agree(const api::ActionWish &wish, const std::string &basis, const std::string &by, Instant now);
    // Used up, whoever asked.
    std::optional<Asked> withdraw(api::Id action);
    // The one to which nobody has agreed in time, told once.
    std::optional<Asked> lapsed(Instant now);

private:
    template <class Holds>
    std::optional<Asked> take(const Holds &holds);

    mutable std::mutex m_mutex;
    std::optional<Asked> m_asked;
};

}  // namespace cm::monitor
