// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: the one way in which a function of ours says that it failed. An Error names what the
// caller can do (the code) and carries a technical detail in plain English; words for people are
// made in ui/format and, for the legacy upload protocol, in core/checks. Values, any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace cm {

enum class ErrorCode {
    NotFound,      // no such thing, or none that this caller may know of
    Conflict,      // it exists already, or changed meanwhile: read again, then decide
    InvalidInput,  // the request is wrong; `fields` says where
    Unauthorized,  // who are you: sign in
    Forbidden,     // we know who you are, and you may not
    Unavailable,   // try again later, nothing was done
    Timeout,       // no answer in time; whether it was done is not known
    Cancelled,     // the caller asked to stop
    Corrupt,       // stored data contradicts itself
    Unsupported,   // valid, but not something this program does
    Internal,      // a defect of ours
    Gone,          // it was here once and was removed on purpose
    TooLarge,      // over a limit that `detail` names
    RateLimited,   // wait `retryAfter`
    GuardFailed,   // a condition checked at the moment of acting did not hold; `fields` lists guards
    BadAnswer,     // what answered is no registry: told by clients, never sent
};

// The wire name of a code, such as "not-found". Stable.
std::string_view errorCodeName(ErrorCode code) noexcept;
// The code of a wire name; Internal for a name that this version does not know.
ErrorCode errorCodeFromString(std::string_view name) noexcept;

struct FieldProblem {
    std::string field;
    std::string problem;
    friend bool operator==(const FieldProblem &, const FieldProblem &) = default;
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string detail;
    std::vector<FieldProblem> fields;
    std::chrono::seconds retryAfter{0};
    friend bool operator==(const Error &, const Error &) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string detail)
{
    return tl::unexpected<Error>(Error{code, std::move(detail), {}, {}});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace cm

// Returns the error of `expr` from the enclosing function, or goes on.
#define CM_TRY(expr)                                                       \
    do {                                                                   \
        if (auto cmTryResult = (expr); !cmTryResult)                       \
            return ::cm::fail(std::move(cmTryResult.error()));             \
    } while (false)

#define CM_TRY_CONCAT_(a, b) a##b
#define CM_TRY_NAME_(line) CM_TRY_CONCAT_(cmTry_, line)
// Declares `decl` as the value of `expr`, or returns its error: CM_TRY_ASSIGN(auto row, find(id));
#define CM_TRY_ASSIGN(decl, expr)                                          \
    auto CM_TRY_NAME_(__LINE__) = (expr);                                  \
    if (!CM_TRY_NAME_(__LINE__))                                           \
        return ::cm::fail(std::move(CM_TRY_NAME_(__LINE__).error()));      \
    decl = std::move(*CM_TRY_NAME_(__LINE__))
