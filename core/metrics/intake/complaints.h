// SPDX-License-Identifier: GPL-3.0-or-later
// What is wrong with senders, told in the log by what it is and who it was: of each kind a few in a minute, and with the
// first of the next how many were left out. Owned by the intake, on the I/O thread alone.
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
        Kind &kind = m_kinds.try_emplace(std::string(event)).first->second;
        if (kind.told == 0 || now - kind.since >= std::chrono::minutes(1)) {
            kind.since = now;
            kind.told = 0;
        }
        if (kind.told >= mostInAMinute) {
            ++kind.leftOut;
            return;
        }
        ++kind.told;
        m_log.warning(event, {{"transport", transport}, {"peer", peer}, {"reason", reason}, {"left_out", kind.leftOut}});
        kind.leftOut = 0;
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
