// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/result.h"

#include <array>

namespace cm {
namespace {

struct Name {
    ErrorCode code;
    std::string_view name;
};

constexpr std::array names{
    Name{ErrorCode::NotFound, "not-found"},         Name{ErrorCode::Conflict, "conflict"},
    Name{ErrorCode::InvalidInput, "invalid-input"}, Name{ErrorCode::Unauthorized, "unauthorized"},
    Name{ErrorCode::Forbidden, "forbidden"},        Name{ErrorCode::Unavailable, "unavailable"},
    Name{ErrorCode::Timeout, "timeout"},            Name{ErrorCode::Cancelled, "cancelled"},
    Name{ErrorCode::Corrupt, "corrupt"},            Name{ErrorCode::Unsupported, "unsupported"},
    Name{ErrorCode::Internal, "internal"},          Name{ErrorCode::Gone, "gone"},
    Name{ErrorCode::TooLarge, "too-large"},         Name{ErrorCode::RateLimited, "rate-limited"},
    Name{ErrorCode::GuardFailed, "guard-failed"},   Name{ErrorCode::BadAnswer, "bad-answer"},
};

}  // namespace

std::string_view errorCodeName(ErrorCode code) noexcept
{
    for (const Name &entry : names) {
        if (entry.code == code)
            return entry.name;
    }
    return "internal";
}

ErrorCode errorCodeFromString(std::string_view name) noexcept
{
    for (const Name &entry : names) {
        if (entry.name == name)
            return entry.code;
    }
    return ErrorCode::Internal;
}

}  // namespace cm
