// SPDX-License-Identifier: GPL-3.0-or-later
// Who sends lines, how many of each arrived, and what each says to have sent. Owned by whoever gathers a batch of lines,
// used by one thread; what it holds is bounded whatever senders call themselves.
#pragma once

#include "core/metrics/counts.h"
#include "core/metrics/line.h"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cm::metrics {

class SenderWatch {
public:
    void add(const Line &line, Time arrival);
    // What was gathered since the last time; what was heard since a sender's last report goes on.
    void take(std::vector<SenderTally> &senders, std::vector<SenderReport> &reports);
    // Lines were passed over, or come once more: what was heard since the last reports is not known.
    void lostCount();

private:
    struct Sender {
        std::string name;
        std::optional<std::int64_t> since;  // lines since its last report; nothing: it made none
    };
    struct Lines {
        std::int64_t count = 0;
        std::int64_t first = 0, last = 0;  // seconds since 1970, UTC
    };
    Sender &find(std::string_view name, std::int64_t hour);

    std::unordered_map<std::string, std::size_t> m_numbers;
    std::vector<Sender> m_senders;
    std::int64_t m_hour = 0;  // of the newest line
    std::size_t m_last = 0;   // the sender of the last line, and what that is counted in
    Lines *m_lastLines = nullptr;
    std::map<std::pair<std::int64_t, std::size_t>, Lines> m_lines;  // by hour and sender
    std::vector<SenderReport> m_reports;
};

}  // namespace cm::metrics
