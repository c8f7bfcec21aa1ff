// SPDX-License-Identifier: GPL-3.0-or-later
// Signals of one target, put together: for the files that turn facts into signals. One thread.
#pragma once

#include "core/api/operations.h"
#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

class Signals {
public:
    Signals(std::string source, Time taken, bool stale) : m_source(std::move(source)), m_taken(taken), m_stale(stale) {}

    // With bounds the verdict is the figure's own; above is bad unless `below`.
    void figure(const char *name, std::optional<double> value, const char *unit, std::optional<double> warning = {},
                std::optional<double> critical = {}, bool below = false)
    {
        api::Signal signal;
        signal.name = name;
        signal.value = value;
        signal.unit = unit;
        signal.source = m_source;
        signal.sampled = m_taken;
        signal.stale = m_stale;
        signal.warning = warning;
        signal.critical = critical;
        const auto beyond = [&](const std::optional<double> &bound) {
            return value && bound && (below ? *value < *bound : *value >= *bound);
        };
        signal.verdict = !value || m_stale  ? Verdict::Unknown
                         : beyond(critical) ? Verdict::Critical
                         : beyond(warning)  ? Verdict::Warning
                                            : Verdict::Ok;
        m_out.push_back(std::move(signal));
    }
    // `verdict` of words that tell of trouble.
    void text(const char *name, std::string value, Verdict verdict = Verdict::Ok)
    {
        figure(name, std::nullopt, "text");
        m_out.back().text = std::move(value);
        m_out.back().verdict = m_stale ? Verdict::Unknown : verdict;
    }
    [[nodiscard]] std::vector<api::Signal> take() { return std::move(m_out); }

private:
    std::string m_source;
    Time m_taken;
    bool m_stale;
    std::vector<api::Signal> m_out;
};

// Signals of a target; of one without facts the figures are absent and the time is that of the last try.
template <class Facts>
Signals signalsFor(const Watched<Facts> &watched, const char *source, Time stillFresh)
{
    const bool stale = watched.facts && (!watched.answers() || watched.taken < stillFresh);
    Signals signals(source, watched.facts ? watched.taken : watched.tried, stale);
    return signals;
}

}  // namespace cm::monitor
