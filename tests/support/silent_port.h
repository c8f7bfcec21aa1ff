// SPDX-License-Identifier: GPL-3.0-or-later
// A port of 127.0.0.1 from which no answer comes, as of a host without power: its queue is full and nobody takes from it.
// On the stack of a test.
#pragma once

#include "core/base/descriptor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::test {

class SilentPort {
public:
    SilentPort()
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(at);
        auto *address = reinterpret_cast<sockaddr *>(&at);
        if (::bind(m_server.get(), address, size) != 0 || ::listen(m_server.get(), 0) != 0 || ::getsockname(m_server.get(), address, &size) != 0)
            throw std::runtime_error("no silent port");
        m_port = ntohs(at.sin_port);
        (void)::connect(m_first.get(), address, size);
        (void)::connect(m_second.get(), address, size);
    }

    [[nodiscard]] int port() const { return m_port; }

private:
    Descriptor m_server{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    Descriptor m_first{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    Descriptor m_second{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    int m_port = 0;
};

}  // namespace cm::test
