// SPDX-License-Identifier: GPL-3.0-or-later
// Listening sockets for "host:port": one for each I/O thread, sharing the port by SO_REUSEPORT, but
// not with another process. Called once by Server::start().
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace cm::http {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
};
// "127.0.0.1:80", "[::1]:0", "host:port" for sockets of that type (SOCK_STREAM, SOCK_DGRAM). InvalidInput.
[[nodiscard]] Result<SocketAddress> resolveAddress(const std::string &text, int socketType);

struct BoundSockets {
    std::vector<int> sockets;  // the caller's to close
    bool isV6 = false;
    std::string address;  // with the real port
    std::uint16_t port = 0;
};

// InvalidInput for a text that is no address, Conflict for a port in use, Forbidden for one that
// needs more rights.
[[nodiscard]] Result<BoundSockets> bindListener(const std::string &address, std::size_t count);

}  // namespace cm::http
