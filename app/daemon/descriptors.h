// SPDX-License-Identifier: GPL-3.0-or-later
// File descriptors of the process: takes all that the system grants and divides them, so that
// connections never take those that the store needs. Asked once, by the composition root.
#pragma once

#include <cstddef>

namespace cm::daemon {

struct DescriptorBudget {
    std::size_t connections = 0;
    std::size_t cachedFiles = 0;  // of each I/O thread
};

// Raises the soft limit to the hard one and answers what holds then.
[[nodiscard]] std::size_t raiseDescriptorLimit();
// `threads` as http::ServerOptions has it.
[[nodiscard]] DescriptorBudget divideDescriptors(std::size_t limit, std::size_t threads);

}  // namespace cm::daemon
