// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/settle.h"

#include <algorithm>

namespace cm::monitor {

std::vector<Believed> Debouncer::settle(const RawFindings &found, const std::map<std::string, Time> &samples, Time now)
{
    for (auto &[key, entry] : m_entries)
        entry.present = false;
    for (const RawFinding &finding : found) {
        Entry &entry = m_entries[{finding.node, finding.code, finding.subject}];
        if (entry.present)  // told twice in one look: the heavier counts
            entry.last = finding.verdict > entry.last.verdict ? finding : entry.last;
        else
            entry.last = finding;
        entry.present = true;
        entry.missed = 0;
        if (finding.sampled > entry.counted) {
            if (entry.seen == 0)
                entry.since = now;
            entry.counted = finding.sampled;
            ++entry.seen;
        }
        const bool before = entry.believed;
        entry.believed = entry.believed || entry.seen >= finding.raiseAfter ||
                         (finding.warnAfter > 0 && entry.seen >= finding.warnAfter);
        if (entry.believed && !before)
            entry.believedAt = now;
    }
    std::vector<Believed> out;
    for (auto it = m_entries.begin(); it != m_entries.end();) {
        Entry &entry = it->second;
        if (!entry.present) {
            const auto sample = samples.find(entry.last.node);
            const Time seen = sample == samples.end() ? now : sample->second;
            if (seen > entry.counted) {
                entry.counted = seen;
                ++entry.missed;
            }
            if (entry.missed > 0 && (!entry.believed || entry.missed >= entry.last.clearAfter)) {
                it = m_entries.erase(it);
                continue;
            }
        }
        if (entry.believed) {
            Believed believed{entry.last, entry.since, entry.believedAt};
            if (entry.seen < entry.last.raiseAfter)
                believed.found.verdict = std::min(believed.found.verdict, Verdict::Warning);
            out.push_back(std::move(believed));
        }
        ++it;
    }
    return out;
}

std::vector<Believed> Debouncer::suspected() const
{
    std::vector<Believed> out;
    for (const auto &[key, entry] : m_entries) {
        if (entry.present && !entry.believed)
            out.push_back({entry.last, entry.since});
    }
    return out;
}

}  // namespace cm::monitor
