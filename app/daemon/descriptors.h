// SPDX-License-Identifier: GPL-3.0-or-later
// File descriptors of the process: takes all that the system grants and divides them, so that
// connections never take those that the store needs. Asked once, by the composition root.
#pragma once

#include "core/base/result.h"

#include <cstddef>

namespace cm::daemon {

struct DescriptorBudget {
    std::size_t connections = 0;
    std::size_t cachedFiles = 0;  // of each I/O thread
};

// Raises the soft limit to the hard one and answers what holds then.
[[nodiscard]] std::size_t raiseDescriptorLimit();
// With fewer than this nearly every request would fail for want of one.
inline constexpr std::size_t leastDescriptors = 128;
// Unavailable below that, with the remedy.
[[nodiscard]] Result<void> checkDescriptorLimit(std::size_t limit);
// `threads` as http::ServerOptions has it.
[[nodiscard]] DescriptorBudget divideDescriptors(std::size_t limit, std::size_t threads);

}  // namespace cm::daemon
