// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/sender_watch.h"

#include <algorithm>
#include <utility>

namespace cm::metrics {

SenderWatch::Sender &SenderWatch::find(std::string_view name, std::int64_t hour)
{
    if (!m_senders.empty() && m_hour == hour && m_senders[m_last].name == name)
        return m_senders[m_last];
    m_lastLines = nullptr;
    m_hour = hour;
    // The first is the one without a name.
    if (m_senders.empty())
        m_senders.push_back({});
    m_last = 0;
    if (name.empty())
        return m_senders.front();
    auto known = m_numbers.find(std::string(name));
    if (known == m_numbers.end()) {
        if (m_senders.size() > mostSenderNames)
            return m_senders.front();
        known = m_numbers.emplace(name, m_senders.size()).first;
        m_senders.push_back({std::string(name), {}});
    }
    m_last = known->second;
    return m_senders[m_last];
}

void SenderWatch::add(const Line &line, Time arrival)
{
    const std::int64_t second = std::chrono::floor<std::chrono::seconds>(arrival).time_since_epoch().count();
    Sender &sender = find(line.sender, std::chrono::floor<std::chrono::hours>(arrival).time_since_epoch().count() * 60);
    // What it says is of the lines before this one.
    if (line.handedOver && !sender.name.empty())
        m_reports.push_back({sender.name, line.seconds, *line.handedOver, std::exchange(sender.since, 0), second});
    if (sender.since)
        ++*sender.since;
    if (!m_lastLines)
        m_lastLines = &m_lines[{m_hour, m_last}];
    if (m_lastLines->count++ == 0)
        m_lastLines->first = second;
    m_lastLines->last = std::max(m_lastLines->last, second);
}

void SenderWatch::take(std::vector<SenderTally> &senders, std::vector<SenderReport> &reports)
{
    for (const auto &[key, lines] : m_lines)
        senders.push_back({key.first, m_senders[key.second].name, lines.count, lines.first, lines.last});
    m_lines.clear();
    m_lastLines = nullptr;
    reports = std::exchange(m_reports, {});
    // Names that somebody made up are no reason to know nobody for ever.
    if (m_senders.size() > mostSenderNames) {
        m_numbers.clear();
        m_senders.clear();
    }
}

void SenderWatch::lostCount()
{
    for (Sender &sender : m_senders)
        sender.since.reset();
}

}  // namespace cm::metrics
