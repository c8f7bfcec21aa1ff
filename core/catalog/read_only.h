// SPDX-License-Identifier: GPL-3.0-or-later
// The registry's read-only mode as the catalog holds it: one record that every node obeys, and the refusal
// that a change gets while it holds. Values, any thread. Times are UTC.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <string>

namespace cm::catalog {

struct ReadOnlyRow {
    Time since{};
    Time until{};
    std::string by;
    std::string reason;   // for whoever operates the registry
    std::string message;  // for whoever uploads; may be empty
    friend bool operator==(const ReadOnlyRow &, const ReadOnlyRow &) = default;
};

// Unavailable with the time that is left; isReadOnly() knows it again.
[[nodiscard]] Error readOnlyRefusal(const ReadOnlyRow &mode, Time now);
[[nodiscard]] bool isReadOnly(const Error &error);

}  // namespace cm::catalog
