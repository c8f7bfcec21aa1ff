// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/settle.h"

#include <algorithm>

namespace cm::monitor {

namespace {

// How many sightings of that weight or a heavier one it takes to believe it; 0: it was not found so heavy.
int neededFor(Verdict weight, const RawFinding &found)
{
    if (weight > found.verdict)
        return 0;
    return weight == Verdict::Warning && weight < found.verdict && found.warnAfter > 0 ? found.warnAfter : found.raiseAfter;
}

Time lookedAt(const std::string &node, const std::map<std::string, Time> &samples, Time now)
{
    const auto sample = samples.find(node);
    return sample == samples.end() ? now : sample->second;
}

}  // namespace

// A sample more of a finding. Weights are counted each for itself: of what has been a warning for long a single critical
// sample says as little as one of a new finding does, and one lighter sample does not make it lighter.
void Debouncer::count(Entry &entry, Time now) const
{
    const RawFinding &found = entry.last;
    if (entry.sightings[0] == 0) {
        entry.since = now;
        for (const Memory &memory : m_memories) {
            if (memory.was.node != found.node || memory.was.code != found.code)
                continue;
            entry.since = std::min(memory.was.since, now);
            entry.believed = true;
            entry.believedAt = now;
            entry.weight = std::min(memory.was.weight, found.verdict);
        }
    }
    entry.counted = found.sampled;
    for (std::size_t i = 0; i < weights.size(); ++i)
        entry.sightings[i] = found.verdict >= weights[i] ? entry.sightings[i] + 1 : 0;
    entry.lighter = entry.believed && found.verdict < entry.weight ? entry.lighter + 1 : 0;
    if (entry.lighter >= found.clearAfter) {
        entry.weight = found.verdict;
        entry.lighter = 0;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const int needed = neededFor(weights[i], found);
        if (needed == 0 || entry.sightings[i] < needed || (entry.believed && weights[i] <= entry.weight))
            continue;
        if (!entry.believed)
            entry.believedAt = now;
        entry.believed = true;
        entry.weight = weights[i];
        entry.lighter = 0;
    }
}

void Debouncer::remember(std::vector<Remembered> before)
{
    for (Remembered &was : before)
        m_memories.push_back({std::move(was), {}, 0});
}

// A look more at the nodes of which something is remembered.
void Debouncer::forget(const std::map<std::string, Time> &samples, Time now)
{
    for (Memory &memory : m_memories) {
        const Time seen = lookedAt(memory.was.node, samples, now);
        if (seen > memory.counted) {
            memory.counted = seen;
            ++memory.looks;
        }
    }
    std::erase_if(m_memories, [](const Memory &memory) { return memory.looks >= looksToRecall; });
}

std::set<std::string> Debouncer::awaited() const
{
    std::set<std::string> nodes;
    for (const Memory &memory : m_memories)
        nodes.insert(memory.was.node);
    return nodes;
}

std::vector<Believed> Debouncer::settle(const RawFindings &found, const std::map<std::string, Time> &samples, Time now)
{
    for (auto &[key, entry] : m_entries)
        entry.present = false;
    for (const RawFinding &finding : found) {
        Entry &entry = m_entries[{finding.node, finding.code, finding.subject}];
        if (entry.present) {  // told twice in one look: the heavier counts
            const Time sampled = std::max(finding.sampled, entry.last.sampled);
            entry.last = finding.verdict > entry.last.verdict ? finding : entry.last;
            entry.last.sampled = sampled;
        } else {
            entry.last = finding;
        }
        entry.present = true;
        entry.missed = 0;
    }
    for (auto &[key, entry] : m_entries) {
        if (entry.present && entry.last.sampled > entry.counted)
            count(entry, now);
    }
    forget(samples, now);
    std::vector<Believed> out;
    for (auto it = m_entries.begin(); it != m_entries.end();) {
        Entry &entry = it->second;
        if (!entry.present) {
            const Time seen = lookedAt(entry.last.node, samples, now);
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
            believed.found.verdict = entry.weight;
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
