// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/command.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace cm::host {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::size_t mostBytes = 8U << 20;

class Pipe {
public:
    Pipe() { m_open = ::pipe2(m_ends.data(), O_CLOEXEC) == 0; }
    ~Pipe()
    {
        closeEnd(0);
        closeEnd(1);
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    [[nodiscard]] bool isOpen() const { return m_open; }
    [[nodiscard]] int end(std::size_t which) const { return m_ends[which]; }
    void closeEnd(std::size_t which)
    {
        if (m_open && m_ends[which] >= 0)
            ::close(m_ends[which]);
        m_ends[which] = -1;
    }

private:
    std::array<int, 2> m_ends{-1, -1};
    bool m_open = false;
};

// False at the end of what there is to read.
bool readSome(int fd, std::string &out)
{
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0 && out.size() < mostBytes)
        out.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && errno == EINTR);
}

// Until both are closed or the time is over; false then.
bool readBoth(Pipe &output, Pipe &errors, CommandResult &result, SteadyClock::time_point deadline)
{
    std::array<pollfd, 2> waiting{pollfd{output.end(0), POLLIN, 0}, pollfd{errors.end(0), POLLIN, 0}};
    while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        if (left <= 0)
            return false;
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(left)) < 0 && errno != EINTR)
            return false;
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            if (waiting[i].revents != 0 && !readSome(waiting[i].fd, i == 0 ? result.output : result.errors))
                waiting[i].fd = -1;
        }
    }
    return true;
}

int waitFor(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<CommandResult> runCommand(const std::vector<std::string> &words, std::chrono::milliseconds time)
{
    Pipe output;
    Pipe errors;
    if (!output.isOpen() || !errors.isOpen())
        return fail(ErrorCode::Unavailable, "no pipe: " + std::generic_category().message(errno));
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output.end(1), 1);
    ::posix_spawn_file_actions_adddup2(&actions, errors.end(1), 2);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // so that its children end with it
    std::vector<char *> arguments;
    for (const std::string &word : words)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string language = "LC_ALL=C";
    std::array<char *, 3> environment{path.data(), language.data(), nullptr};
    pid_t pid = 0;
    const int code = ::posix_spawnp(&pid, arguments.front(), &actions, &attributes, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    output.closeEnd(1);
    errors.closeEnd(1);
    if (code != 0)
        return fail(code == ENOENT ? ErrorCode::NotFound : ErrorCode::Unavailable,
                    fmt::format("{}: {}", words.front(), std::generic_category().message(code)));
    CommandResult result;
    const bool ended = readBoth(output, errors, result, SteadyClock::now() + time);
    if (!ended)
        ::kill(-pid, SIGKILL);
    result.status = waitFor(pid);
    if (!ended)
        return fail(ErrorCode::Timeout, fmt::format("{} gave no answer in {} s", words.front(),
                                                    std::chrono::duration_cast<std::chrono::seconds>(time).count()));
    return result;
}

}  // namespace cm::host
