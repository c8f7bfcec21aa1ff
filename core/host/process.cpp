// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/process.h"

#include "core/host/whole_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cm::host {
namespace {

constexpr std::size_t longestName = 15;

std::filesystem::path procOf(std::int64_t pid)
{
    return std::filesystem::path("/proc") / std::to_string(pid);
}

std::optional<std::int64_t> numberAt(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\n");
    std::int64_t number = 0;
    if (begin == std::string_view::npos ||
        std::from_chars(text.data() + begin, text.data() + text.size(), number).ec != std::errc())
        return std::nullopt;
    return number;
}

std::vector<std::string_view> split(std::string_view text, char at)
{
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(at, begin), text.size());
        if (end > begin)
            parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

// The start in clock ticks since the machine's; nothing for the dead.
std::optional<std::int64_t> startTicks(std::string_view stat)
{
    // The name stands in parentheses and may hold anything, more of them included.
    const std::size_t end = stat.rfind(')');
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto fields = split(stat.substr(end + 1), ' ');
    constexpr std::size_t state = 0, started = 19;
    if (fields.size() <= started || fields[state] == "Z" || fields[state] == "X")
        return std::nullopt;
    return numberAt(fields[started]);
}

}  // namespace

std::optional<Time> bootTime()
{
    const auto stat = readWhole("/proc/stat");
    const std::size_t at = stat ? stat->find("btime ") : std::string::npos;
    if (at == std::string::npos)
        return std::nullopt;
    const auto seconds = numberAt(std::string_view(*stat).substr(at + 6));
    return seconds ? std::optional(Time(std::chrono::seconds(*seconds))) : std::nullopt;
}

std::optional<Process> processAt(std::int64_t pid)
{
    const auto stat = readWhole(procOf(pid) / "stat");
    const auto name = readWhole(procOf(pid) / "comm");
    const auto ticks = stat ? startTicks(*stat) : std::nullopt;
    if (!ticks || !name)
        return std::nullopt;
    Process process;
    process.pid = pid;
    process.name = name->substr(0, name->find('\n'));
    if (const auto line = readWhole(procOf(pid) / "cmdline")) {
        for (const std::string_view word : split(*line, '\0'))
            process.arguments.emplace_back(word);
    }
    const auto perSecond = static_cast<std::int64_t>(::sysconf(_SC_CLK_TCK));
    process.started = bootTime().value_or(Time{}) + std::chrono::microseconds(*ticks * 1'000'000 / perSecond);
    return process;
}

bool isCalled(const Process &process, const std::string &words)
{
    const auto wanted = split(words, ' ');
    if (wanted.empty() || process.name != wanted.front().substr(0, longestName) || process.arguments.size() < wanted.size())
        return false;
    return std::equal(wanted.begin() + 1, wanted.end(), process.arguments.begin() + 1);
}

std::vector<Process> processesCalled(const std::string &words)
{
    std::vector<Process> found;
    std::error_code error;
    for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto pid = numberAt(entry->path().filename().string());
        if (!pid)
            continue;
        auto process = processAt(*pid);
        if (process && isCalled(*process, words))
            found.push_back(std::move(*process));
    }
    std::sort(found.begin(), found.end(), [](const Process &a, const Process &b) { return a.pid < b.pid; });
    return found;
}

Result<std::int64_t> pidIn(const std::filesystem::path &file)
{
    CM_TRY_ASSIGN(const std::string text, readWhole(file));
    const auto pid = numberAt(text);
    if (!pid || *pid <= 0)
        return fail(ErrorCode::NotFound, fmt::format("{} names no process", file.string()));
    return *pid;
}

Result<void> waitForEnd(const Process &process, std::chrono::milliseconds time)
{
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0));
    if (fd < 0 && errno != ESRCH)
        return fail(ErrorCode::Unavailable, fmt::format("process {}: {}", process.pid, std::strerror(errno)));
    if (fd < 0)
        return {};
    const auto again = processAt(process.pid);
    const bool there = again && again->started == process.started;
    pollfd ended{fd, POLLIN, 0};
    const auto last = std::chrono::steady_clock::now() + time;
    bool over = !there;
    for (auto left = time; !over && left.count() > 0; left = std::chrono::duration_cast<std::chrono::milliseconds>(last - std::chrono::steady_clock::now()))
        over = ::poll(&ended, 1, static_cast<int>(left.count())) > 0;
    ::close(fd);
    return over ? Result<void>() : fail(ErrorCode::Timeout, fmt::format("process {} has not ended", process.pid));
}

Result<void> signalProcess(const Process &process, int signal)
{
    const int fd = static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0));
    if (fd < 0)
        return fail(ErrorCode::Conflict, fmt::format("process {}: {}", process.pid, std::strerror(errno)));
    // Now that the number cannot go to anybody else.
    const auto again = processAt(process.pid);
    const bool same = again && again->started == process.started && again->name == process.name;
    const bool sent = same && ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0;
    const int error = errno;
    ::close(fd);
    if (!same)
        return fail(ErrorCode::Conflict, fmt::format("process {} has ended", process.pid));
    return sent ? Result<void>()
                : fail(error == EPERM ? ErrorCode::Forbidden : ErrorCode::Conflict,
                       fmt::format("process {}: {}", process.pid, std::strerror(error)));
}

Result<std::string> bootIdentity()
{
    CM_TRY_ASSIGN(const std::string boot, readWhole("/proc/sys/kernel/random/boot_id"));
    CM_TRY_ASSIGN(const std::string first, readWhole("/proc/1/stat"));
    return fmt::format("{}-{}", boot.substr(0, boot.find('\n')), startTicks(first).value_or(0));
}

}  // namespace cm::host
