// SPDX-License-Identifier: GPL-3.0-or-later
// A Patroni by its REST API: what it says of the cluster, and the orders that it takes. Blocking within a
// deadline, one thread at a time. What Patroni refuses is GuardFailed with its own words. Source: Patroni's
// manual, "Patroni REST API".
#pragma once

#include "core/monitor/probes/probe.h"
#include "core/monitor/verdicts/facts.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cm::monitor {

struct PatroniTarget {
    std::string host;
    std::uint16_t port = 0;
    std::string user, password;  // empty: none is asked for
    bool tls = false;
    std::string caFile;  // of whom its certificate has to be; empty: the system's
};

class PatroniClient {
public:
    explicit PatroniClient(PatroniTarget target) : m_target(std::move(target)) {}

    Result<PatroniFacts> cluster(const ProbeTime &time);
    // The leader lets go, the candidate takes over. Answered when it is done.
    Result<void> switchOver(const std::string &leader, const std::string &candidate, const ProbeTime &time);
    // For a cluster without a leader.
    Result<void> failover(const std::string &candidate, const ProbeTime &time);
    // The member that is asked copies everything anew from the leader.
    Result<void> reinitialise(const ProbeTime &time);

private:
    Result<std::string> ask(std::string_view method, std::string_view path, std::string body, const ProbeTime &time);

    PatroniTarget m_target;
};

// The answer to GET /cluster. Pure. Lags that Patroni calls "unknown" are absent.
[[nodiscard]] std::optional<PatroniFacts> patroniCluster(std::string_view json);

}  // namespace cm::monitor
