// SPDX-License-Identifier: GPL-3.0-or-later
// A program of this machine, run to its end. Any thread; blocks, at most for the time that is given: then the program is
// killed. It gets no input and an environment of PATH and LC_ALL=C alone.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <string>
#include <vector>

namespace cm::host {

struct CommandResult {
    int status = 0;  // as a shell tells it; 128 and more: the signal that ended it
    std::string output;
    std::string errors;
};

// Its output and errors up to 8 MB each. NotFound when there is no such program, Timeout, Unavailable.
[[nodiscard]] Result<CommandResult> runCommand(const std::vector<std::string> &words, std::chrono::milliseconds time);

}  // namespace cm::host
