// SPDX-License-Identifier: GPL-3.0-or-later
// Processes and the machine's start as /proc tells them. Any thread, never waits but where it is said. Source: proc(5).
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cm::host {

struct Process {
    std::int64_t pid = 0;
    std::string name;  // at most 15 bytes, as the kernel keeps it
    std::vector<std::string> arguments;
    Time started{};
};

// Nothing for one that is not there, or has ended and is not buried yet.
[[nodiscard]] std::optional<Process> processAt(std::int64_t pid);
// "postgres", or "cheesemongerd serve": the name, and the words that its arguments begin with.
[[nodiscard]] bool isCalled(const Process &process, const std::string &words);
// By number, without kernel threads.
[[nodiscard]] std::vector<Process> processesCalled(const std::string &words);
// The number at the beginning of a file. NotFound when there is no file or nothing in it.
[[nodiscard]] Result<std::int64_t> pidIn(const std::filesystem::path &file);
// Conflict when that process has ended, or another one has its number by now.
[[nodiscard]] Result<void> signalProcess(const Process &process, int signal);
// Waits until it has ended, at most so long: then Timeout. The one function here that blocks.
[[nodiscard]] Result<void> waitForEnd(const Process &process, std::chrono::milliseconds time);

[[nodiscard]] std::optional<Time> bootTime();
// Differs between any two starts of the machine, or of what passes for it in a container.
[[nodiscard]] Result<std::string> bootIdentity();

}  // namespace cm::host
