// SPDX-License-Identifier: GPL-3.0-or-later
// An ingester by its /status. Each look connects anew. Owned by the watcher, one thread at a time; it remembers some minutes
// of counters, for what is lost now is told by their change.
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

// Of two counters that rise: by which share of the one the other rose, over the last while.
class ShareOver {
public:
    explicit ShareOver(std::chrono::seconds span) : m_span(span) {}
    // Nothing while too little has come to be a share of anything.
    std::optional<double> add(Time taken, std::int64_t all, std::int64_t part);

private:
    struct Counters {
        Time taken;
        std::int64_t all = 0, part = 0;
    };
    const std::chrono::seconds m_span;
    std::deque<Counters> m_counters;
};

class IngestProbe final : public Probe<IngestFacts> {
public:
    explicit IngestProbe(IngestTarget target) : m_target(std::move(target)) {}
    Result<IngestFacts> look(const ProbeTime &time) override;

private:
    const IngestTarget m_target;
    ShareOver m_arrived{std::chrono::seconds(60)};
    ShareOver m_sent{std::chrono::minutes(10)};
};

// The answer to /status; ages are by its own clock. Pure. Corrupt for what is none.
[[nodiscard]] Result<IngestFacts> readIngestStatus(std::string_view text);

}  // namespace cm::monitor
