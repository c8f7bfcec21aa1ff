// SPDX-License-Identifier: GPL-3.0-or-later
// A member of an etcd by its own word, which it gives also when no majority is there. Each look connects anew. Owned by
// the watcher, one thread at a time.
#pragma once

#include "core/monitor/probes/probe.h"
#include "core/monitor/verdicts/votes.h"

namespace cm::monitor {

struct EtcdTarget {
    std::string host;
    std::uint16_t port = 0;  // that of its clients
};

class EtcdProbe final : public Probe<EtcdFacts> {
public:
    explicit EtcdProbe(EtcdTarget target) : m_target(std::move(target)) {}
    Result<EtcdFacts> look(const ProbeTime &time) override;

private:
    const EtcdTarget m_target;
};

// The answer to /v3/maintenance/status. Pure. Corrupt for what is none.
[[nodiscard]] Result<EtcdFacts> readEtcdStatus(std::string_view text);

}  // namespace cm::monitor
