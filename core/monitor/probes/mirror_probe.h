// SPDX-License-Identifier: GPL-3.0-or-later
// A static mirror as a cache would meet it, and the origin beside it: health, status.json, the canary's page and file. And
// one file of it now and then, held against the origin's list and its own digest. Each look connects anew. Owned by the
// watcher, one thread at a time; what they remember between looks is for how long the copy has lacked what the origin has,
// and which files were wrong.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/probes/simple_page.h"
#include "core/monitor/verdicts/mirrors.h"

#include <deque>
#include <random>

namespace cm::monitor {

struct MirrorTarget {
    std::string host;
    std::uint16_t port = 0;
    std::string name;  // in its certificate, to which caches hold it
    bool tls = false;
    std::string caFile;  // empty: whoever answers is taken for it
    std::string prefix;  // before /simple/
    Origin origin;
    std::string canaryProject, canaryFile;
};

[[nodiscard]] http::ClientOptions optionsFor(const MirrorTarget &target, const ProbeTime &time);

class MirrorProbe final : public Probe<MirrorFacts> {
public:
    MirrorProbe(MirrorTarget target, const Clock &clock) : m_target(std::move(target)), m_clock(clock) {}
    Result<MirrorFacts> look(const ProbeTime &time) override;

private:
    void lookAtOrigin(MirrorFacts &facts, const ProbeTime &time);
    void follow(MirrorFacts &facts);

    const MirrorTarget m_target;
    const Clock &m_clock;
    std::deque<std::pair<Time, std::int64_t>> m_shown;  // serials of the origin that the copy does not have, since when
};

class SampleProbe final : public Probe<SampleFacts> {
public:
    SampleProbe(MirrorTarget target, std::chrono::milliseconds every, const Clock &clock);
    // Cancelled, which is recorded nowhere, until it is time again.
    Result<SampleFacts> look(const ProbeTime &time) override;

private:
    Result<void> fillBag(const ProbeTime &time);
    // Nothing where there is nothing to compare.
    Result<std::optional<SampledFile>> sample(const std::string &project, const std::string &file, const ProbeTime &time);

    const MirrorTarget m_target;
    const std::chrono::milliseconds m_every;
    const Clock &m_clock;
    std::mt19937 m_random;
    std::chrono::steady_clock::time_point m_next{};
    std::vector<std::string> m_bag;  // projects that were drawn and not looked at yet
    SampleFacts m_facts;
};

// status.json of a mirror. Pure. Corrupt for what is none.
[[nodiscard]] Result<MirrorStatus> readMirrorStatus(std::string_view text);
// Names of projects from an index of any length, as it comes: so many of them, each as likely as any other.
class NameDraw {
public:
    NameDraw(std::mt19937 &random, std::size_t most) : m_random(random), m_most(most) {}
    void take(std::string_view piece);
    [[nodiscard]] std::vector<std::string> names() { return std::move(m_names); }

private:
    void draw(std::string name);

    std::mt19937 &m_random;
    const std::size_t m_most;
    std::string m_rest;  // of the pieces so far, from where a name may begin
    std::size_t m_seen = 0;
    std::vector<std::string> m_names;
};

}  // namespace cm::monitor
