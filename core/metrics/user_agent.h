// SPDX-License-Identifier: GPL-3.0-or-later
// What a user agent says of who asks: the grammar of PyPI's parser, in the compatible mode with its quirks. A text that
// several rules know goes to the first of them here; PyPI's parser takes any. Pure, any thread.
#pragma once

#include "core/metrics/mode.h"
#include "core/metrics/record.h"

#include <span>
#include <string_view>

namespace cm::metrics {

struct Client {
    enum class Match {
        Known,
        Unknown,  // kept, without details
        Ignored,  // no record is kept of it
        Broken,   // compatible mode: details that PyPI's parser raises over; `reason` says what
    };
    Match match = Match::Unknown;
    std::string_view reason;
    Details details;
    api::ClientClass clientClass = api::ClientClass::Unknown;
};

// `userAgent` is UTF-8.
[[nodiscard]] Client readUserAgent(std::string_view userAgent, Mode mode);

// The class of an installer by its name in the details; Unknown for a name that nobody knows. `ci` tells Ci from
// Interactive.
[[nodiscard]] api::ClientClass classOfInstaller(std::string_view name, bool ci);
// Those that it knows, as they spell themselves.
[[nodiscard]] std::span<const std::string_view> installerNames();

}  // namespace cm::metrics
