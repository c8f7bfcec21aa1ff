// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/cutting_proxy.h"

#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::test {

namespace {

constexpr int lookAgain = 20;  // milliseconds
// A whole message: a transaction begins with READ COMMITTED.
constexpr std::string_view question("COMMIT\0", 7);

sockaddr_in loopback(int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// False at the end of either side.
bool forward(int from, int to)
{
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
    return got > 0 && ::send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

}  // namespace

CuttingProxy::CuttingProxy(int target) : m_target(target), m_listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    ::bind(m_listener, reinterpret_cast<sockaddr *>(&address), length);
    ::listen(m_listener, 16);
    ::getsockname(m_listener, reinterpret_cast<sockaddr *>(&address), &length);
    m_port = ntohs(address.sin_port);
    m_acceptor = std::thread([this] { accept(); });
}

CuttingProxy::~CuttingProxy()
{
    m_stopping = true;
    m_acceptor.join();
    for (std::thread &thread : m_threads)
        thread.join();
    ::close(m_listener);
}

void CuttingProxy::cutNext(Cut cut, bool closed)
{
    m_closesAfter = closed;
    m_cut = cut;
}

void CuttingProxy::accept()
{
    while (!m_stopping) {
        pollfd waiting{m_listener, POLLIN, 0};
        if (::poll(&waiting, 1, lookAgain) <= 0)
            continue;
        const int client = ::accept(m_listener, nullptr, nullptr);
        if (m_closed) {
            ::close(client);
            continue;
        }
        const std::lock_guard lock(m_mutex);
        m_threads.emplace_back([this, client] { pass(client); });
    }
}

void CuttingProxy::pass(int client)
{
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(m_target);
    bool going = ::connect(server, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    while (going && !m_stopping) {
        std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        ::poll(both.data(), both.size(), lookAgain);
        if (both[0].revents != 0) {
            std::array<char, 65536> seen{};
            const ssize_t size = ::recv(client, seen.data(), seen.size(), MSG_PEEK);
            const bool commit = size > 0
                && std::string_view(seen.data(), static_cast<std::size_t>(size)).find(question) != std::string_view::npos;
            const Cut cut = commit ? m_cut.exchange(Cut::Nothing) : Cut::Nothing;
            if (cut != Cut::Nothing && m_closesAfter)
                m_closed = true;
            if (cut == Cut::Question)
                break;
            going = forward(client, server);
            if (cut == Cut::Answer) {
                // The server has committed when it answers.
                (void)::recv(server, seen.data(), seen.size(), 0);
                break;
            }
        }
        if (going && both[1].revents != 0)
            going = forward(server, client);
    }
    ::close(server);
    ::close(client);
}

}  // namespace cm::test
