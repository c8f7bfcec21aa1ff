// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with senders, told in the log by what it is and who it was: of each kind a few in a minute, and when that is
// over how many were left out. Owned by the intake, on the I/O thread alone.
#pragma once

#include "core/base/log.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cm::metrics::intake {

class Complaints {
public:
    using Moment = std::chrono::steady_clock::time_point;
    static constexpr int mostInAMinute = 10;

    explicit Complaints(Log &log) : m_log(log) {}

    void tell(std::string_view event, std::string_view transport, std::string_view peer, std::string_view reason, Moment now)
    {
        tick(now);
        Kind &kind = m_kinds.try_emplace(std::string(event), Kind{now}).first->second;
        if (kind.told >= mostInAMinute) {
            ++kind.leftOut;
            return;
        }
        ++kind.told;
        m_log.warning(event, {{"transport", transport}, {"peer", peer}, {"reason", reason}});
    }
    // Now and then, also when nothing is wrong.
    void tick(Moment now)
    {
        std::erase_if(m_kinds, [&](const auto &entry) {
            const auto &[event, kind] = entry;
            if (now - kind.since < std::chrono::minutes(1))
                return false;
            if (kind.leftOut > 0)
                m_log.warning(event, {{"left_out", kind.leftOut}});
            return true;
        });
    }

private:
    struct Kind {
        Moment since;
        int told = 0;
        std::int64_t leftOut = 0;
    };

    Log &m_log;
    std::map<std::string, Kind> m_kinds;  // of the few that our code names
};

}  // namespace cm::metrics::intake
