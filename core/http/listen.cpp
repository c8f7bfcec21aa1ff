// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/listen.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::http {
namespace {

constexpr int backlog = 4096;

tl::unexpected<Error> systemFailure(const std::string &text)
{
    ErrorCode code = ErrorCode::Unavailable;
    if (errno == EADDRINUSE)
        code = ErrorCode::Conflict;
    else if (errno == EACCES || errno == EPERM)
        code = ErrorCode::Forbidden;
    else if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT)
        code = ErrorCode::InvalidInput;
    return fail(code, fmt::format("cannot listen on {}: {}", text, std::strerror(errno)));
}

void setOption(int socket, int level, int name)
{
    const int on = 1;
    ::setsockopt(socket, level, name, &on, sizeof on);
}

void nameReal(BoundSockets &bound)
{
    SocketAddress real;
    real.length = sizeof real.storage;
    ::getsockname(bound.sockets.front(), reinterpret_cast<sockaddr *>(&real.storage), &real.length);
    char text[INET6_ADDRSTRLEN] = "";
    if (bound.isV6) {
        const auto &v6 = reinterpret_cast<const sockaddr_in6 &>(real.storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
        bound.port = ntohs(v6.sin6_port);
        bound.address = fmt::format("[{}]:{}", text, bound.port);
    } else {
        const auto &v4 = reinterpret_cast<const sockaddr_in &>(real.storage);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        bound.port = ntohs(v4.sin_port);
        bound.address = fmt::format("{}:{}", text, bound.port);
    }
}

// Without SO_REUSEPORT before bind(), so that a second process of the same user is told of the
// conflict; with it afterwards, so that our other threads may join.
bool bindFirst(int socket, const SocketAddress &address)
{
    setOption(socket, SOL_SOCKET, SO_REUSEADDR);
    if (::bind(socket, reinterpret_cast<const sockaddr *>(&address.storage), address.length) != 0)
        return false;
    setOption(socket, SOL_SOCKET, SO_REUSEPORT);
    return ::listen(socket, backlog) == 0;
}

bool bindNext(int socket, const SocketAddress &address)
{
    setOption(socket, SOL_SOCKET, SO_REUSEADDR);
    setOption(socket, SOL_SOCKET, SO_REUSEPORT);
    return ::bind(socket, reinterpret_cast<const sockaddr *>(&address.storage), address.length) == 0 &&
           ::listen(socket, backlog) == 0;
}

}  // namespace

Result<SocketAddress> resolveAddress(const std::string &text, int socketType)
{
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
        return fail(ErrorCode::InvalidInput, fmt::format("'{}' is not host:port", text));
    std::string host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = socketType;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo *found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), text.c_str() + colon + 1, &hints, &found); error != 0)
        return fail(ErrorCode::InvalidInput, fmt::format("'{}': {}", text, ::gai_strerror(error)));
    SocketAddress address;
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.length = found->ai_addrlen;
    ::freeaddrinfo(found);
    return address;
}

Result<BoundSockets> bindListener(const std::string &text, std::size_t count)
{
    CM_TRY_ASSIGN(SocketAddress address, resolveAddress(text, SOCK_STREAM));
    BoundSockets bound;
    bound.isV6 = address.storage.ss_family == AF_INET6;
    for (std::size_t i = 0; i < count; ++i) {
        const int socket = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (socket >= 0)
            bound.sockets.push_back(socket);
        if (socket >= 0 && bound.isV6)
            setOption(socket, IPPROTO_IPV6, IPV6_V6ONLY);
        if (socket < 0 || !(i == 0 ? bindFirst(socket, address) : bindNext(socket, address))) {
            auto failure = systemFailure(text);
            for (const int open : bound.sockets)
                ::close(open);
            return failure;
        }
        if (i == 0) {
            nameReal(bound);
            if (bound.isV6)
                reinterpret_cast<sockaddr_in6 &>(address.storage).sin6_port = htons(bound.port);
            else
                reinterpret_cast<sockaddr_in &>(address.storage).sin_port = htons(bound.port);
        }
    }
    return bound;
}

}  // namespace cm::http
