// SPDX-License-Identifier: GPL-3.0-or-later
// One cache in front of the registry that can be told to let go of things by their surrogate keys. Owned by its
// lane of the Purger, which alone calls purge(), on a thread of its own; the rest never changes.
#pragma once

#include "core/base/result.h"

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace cm::edge {

// The key that everything bears.
inline constexpr std::string_view everything = "all";

class PurgeDriver {
public:
    // What one call takes.
    struct Limits {
        std::size_t keys;
        std::size_t bytes;  // of all keys, a blank between two
    };

    virtual ~PurgeDriver() = default;
    // "varnish"
    [[nodiscard]] virtual std::string_view kind() const = 0;
    // Which of its kind: "192.0.2.10:80". Nothing secret.
    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual Limits limits() const = 0;
    // Soft: what bears a key is asked for anew, and kept for the time when nobody answers. Hard: it is gone. To do
    // it again does no harm. Any error means that it may not have been done; `retryAfter` is the cache's own wish.
    virtual Result<void> purge(std::span<const std::string> keys, bool soft, const std::stop_token &stop) = 0;
};

}  // namespace cm::edge
