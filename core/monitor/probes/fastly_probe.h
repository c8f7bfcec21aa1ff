// SPDX-License-Identifier: GPL-3.0-or-later
// A service at Fastly by its real-time API, which gives the counts of each second for each point of presence: rates, answers
// of the last minute, and the points of presence one by one. GET /v1/channel/SERVICE/ts/TIMESTAMP with a token that may read, first
// with /ts/h/limit/1. Owned by the watcher, one thread at a time. Source: Fastly's documentation of it.
#pragma once

#include "core/monitor/probes/edge_probe.h"

#include <deque>
#include <map>

namespace cm::monitor {

// Seconds as they come, made into rates; pure but for what it remembers, a minute of them.
class FastlyMeter {
public:
    // What to ask next, below the service's channel.
    [[nodiscard]] std::string question() const;
    // Corrupt for what is no answer of that API.
    Result<EdgeRates> take(std::string_view text);

private:
    struct Tally {
        std::int64_t requests = 0, failed = 0;
    };
    struct Second {
        std::int64_t at = 0;  // since 1970
        std::map<std::string, Tally> pops;
    };
    void forget();
    [[nodiscard]] EdgeRates rates();

    std::int64_t m_next = 0, m_first = 0;
    EdgeCounters m_total;
    std::deque<Second> m_seconds;
    EdgeRateMeter m_meter;
};

struct FastlyTarget {
    std::string api;  // an address
    std::string service;
    std::string token;
};

class FastlyProbe final : public Probe<EdgeRates> {
public:
    explicit FastlyProbe(FastlyTarget target) : m_target(std::move(target)) {}
    Result<EdgeRates> look(const ProbeTime &time) override;

private:
    const FastlyTarget m_target;
    FastlyMeter m_meter;
};

}  // namespace cm::monitor
