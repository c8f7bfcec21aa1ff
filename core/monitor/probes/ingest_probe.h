// SPDX-License-Identifier: GPL-3.0-or-later
// An ingester by its /status. Each look connects anew. Owned by the watcher, one thread at a time; it remembers a minute of
// counters, for what is lost now is told by their change.
#pragma once

#include "core/base/clock.h"
#include "core/monitor/probes/probe.h"
#include "core/monitor/verdicts/ingests.h"

#include <deque>

namespace cm::monitor {

struct IngestTarget {
    std::string host;
    std::uint16_t port = 0;  // of its status
};

class IngestProbe final : public Probe<IngestFacts> {
public:
    IngestProbe(IngestTarget target, const Clock &clock) : m_target(std::move(target)), m_clock(clock) {}
    Result<IngestFacts> look(const ProbeTime &time) override;

private:
    struct Counters {
        Time taken;
        std::int64_t received = 0, lost = 0;
    };

    void follow(IngestFacts &facts);

    const IngestTarget m_target;
    const Clock &m_clock;
    std::deque<Counters> m_counters;
};

// The answer to /status; ages are by its own clock. Pure. Corrupt for what is none.
[[nodiscard]] Result<IngestFacts> readIngestStatus(std::string_view text);

}  // namespace cm::monitor
