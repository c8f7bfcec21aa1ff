// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace cm::daemon {

Result<Watch> Watch::open(int parent)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        sigaddset(&wanted, signal);
    ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    // A client that goes away is an error of write(), not the end of the program.
    ::signal(SIGPIPE, SIG_IGN);
    const int signals = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        return fail(ErrorCode::Unavailable, std::string("cannot listen for signals: ") + std::strerror(errno));
    int parentFd = -1;
    if (parent > 0) {
        // Twice: the kernel's own signal also comes when this process is stopped or busy.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        parentFd = static_cast<int>(::syscall(SYS_pidfd_open, parent, 0));
        if (parentFd < 0 && errno == ESRCH) {
            ::close(signals);
            return fail(ErrorCode::Conflict, "the process " + std::to_string(parent) + " of --parent-pid has ended");
        }
    }
    return Watch(signals, parentFd);
}

Watch::Watch(Watch &&other) noexcept
    : m_signals(std::exchange(other.m_signals, -1)),
      m_parent(std::exchange(other.m_parent, -1)),
      m_nextMinute(other.m_nextMinute)
{}

Watch::~Watch()
{
    for (const int fd : {m_signals, m_parent}) {
        if (fd >= 0)
            ::close(fd);
    }
}

Watch::Event Watch::next()
{
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_nextMinute - std::chrono::steady_clock::now());
        std::array<pollfd, 2> watched{pollfd{m_signals, POLLIN, 0}, pollfd{m_parent, POLLIN, 0}};
        const int count = m_parent >= 0 ? 2 : 1;
        const int ready = ::poll(watched.data(), static_cast<nfds_t>(count),
                                 static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready == 0) {
            m_nextMinute = std::chrono::steady_clock::now() + std::chrono::minutes(1);
            return Event::Minute;
        }
        if (ready < 0)
            continue;
        if (count == 2 && watched[1].revents != 0)
            return Event::ParentGone;
        if (const auto signal = readSignal())
            return *signal;
    }
}

std::optional<Watch::Event> Watch::readSignal()
{
    signalfd_siginfo info{};
    if (::read(m_signals, &info, sizeof info) != sizeof info)
        return std::nullopt;
    return info.ssi_signo == SIGHUP ? Event::Reload : info.ssi_signo == SIGUSR1 ? Event::Now : Event::Stop;
}

std::optional<Watch::Event> Watch::nextWithin(std::chrono::milliseconds limit, int wake)
{
    std::array<pollfd, 2> watched{pollfd{m_signals, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::max<std::int64_t>(limit.count(), 0)));
    return ready > 0 && watched[0].revents != 0 ? readSignal() : std::nullopt;
}

}  // namespace cm::daemon
