// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/http_status.h"

#include <array>

namespace cm {
namespace {

struct Row {
    ErrorCode code;
    int status;
};

// The first row of a status is the one that a bare status is read as.
constexpr std::array rows{
    Row{ErrorCode::NotFound, 404},      Row{ErrorCode::Conflict, 409},    Row{ErrorCode::InvalidInput, 422},
    Row{ErrorCode::Unauthorized, 401},  Row{ErrorCode::Forbidden, 403},   Row{ErrorCode::Unavailable, 503},
    Row{ErrorCode::Timeout, 504},       Row{ErrorCode::Cancelled, 499},   Row{ErrorCode::Internal, 500},
    Row{ErrorCode::Corrupt, 500},       Row{ErrorCode::Unsupported, 501}, Row{ErrorCode::Gone, 410},
    Row{ErrorCode::TooLarge, 413},      Row{ErrorCode::RateLimited, 429}, Row{ErrorCode::GuardFailed, 412},
    Row{ErrorCode::BadAnswer, 502},
};

struct Phrase {
    int status;
    std::string_view text;
};

constexpr std::array phrases{
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{204, "No Content"},
    Phrase{206, "Partial Content"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{499, "Cancelled"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
    Phrase{507, "Insufficient Storage"},
};

}  // namespace

int httpStatusOf(ErrorCode code) noexcept
{
    for (const Row &row : rows) {
        if (row.code == code)
            return row.status;
    }
    return 500;
}

ErrorCode errorCodeOfHttpStatus(int status) noexcept
{
    // Of a proxy: the registry behind it is away.
    if (status == 502)
        return ErrorCode::Unavailable;
    for (const Row &row : rows) {
        if (row.status == status)
            return row.code;
    }
    return status >= 400 && status < 500 ? ErrorCode::InvalidInput : ErrorCode::Internal;
}

std::string_view httpReason(int status) noexcept
{
    for (const Phrase &phrase : phrases) {
        if (phrase.status == status)
            return phrase.text;
    }
    return "Unknown";
}

}  // namespace cm
