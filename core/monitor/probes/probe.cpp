// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/probe.h"

namespace cm::monitor {

Outcome outcomeOf(const Error &error)
{
    switch (error.code) {
    case ErrorCode::Unauthorized:
    case ErrorCode::Forbidden:
        return Outcome::Denied;
    case ErrorCode::Timeout:
        return Outcome::Silent;
    case ErrorCode::Unavailable:
        return error.detail.find("refused") != std::string::npos       ? Outcome::Refused
               : error.detail.find("unreachable") != std::string::npos ? Outcome::Silent
               : error.detail.find("No route") != std::string::npos    ? Outcome::Silent
                                                                       : Outcome::Failed;
    default:
        return Outcome::Failed;
    }
}

}  // namespace cm::monitor
