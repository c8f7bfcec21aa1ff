// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/pcp_client.h"

#include "core/base/hash.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <boost/json/parse.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cm::monitor {
namespace {

constexpr std::size_t largestFrame = 1U << 20;

std::string md5(const std::string &text)
{
    return hashHex(HashKind::Md5, text);
}

template <class Number>
std::optional<Number> numberOf(std::string_view text)
{
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string text(std::string_view word)
{
    return std::string(word) + '\0';
}

std::string roleName(std::string_view code)
{
    return code == "0" || code == "2" ? "primary" : code == "1" || code == "3" ? "standby" : "unknown";
}

// The words of an error frame: fields of a letter and a text.
Error refusal(const std::string &body)
{
    std::string message = "pgpool refuses";
    for (const std::string &field : pcpTexts(body)) {
        if (field.starts_with('M'))
            message = field.substr(1);
    }
    const bool denied = message.find("authentication failed") != std::string::npos;
    return {denied ? ErrorCode::Unauthorized : ErrorCode::Internal, message, {}, {}};
}

}  // namespace

std::vector<std::string> pcpTexts(std::string_view body)
{
    std::vector<std::string> texts;
    while (!body.empty()) {
        const auto end = body.find('\0');
        texts.emplace_back(body.substr(0, end));
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    }
    return texts;
}

std::optional<PoolBackendFacts> pcpBackend(const std::vector<std::string> &texts, std::int64_t id)
{
    // NodeInfo host port status quarantine pg_status weight role pg_role delay state sync_state changed
    constexpr std::array names{"unknown", "waiting", "up", "down"};
    if (texts.size() < 13 || texts[0] != "NodeInfo")
        return std::nullopt;
    const auto port = numberOf<std::int64_t>(texts[2]);
    const auto status = numberOf<std::size_t>(texts[3]);
    if (!port || !status)
        return std::nullopt;
    PoolBackendFacts facts;
    facts.id = id;
    facts.host = texts[1];
    facts.port = *port;
    facts.status = texts[4] == "1" ? "quarantine" : *status < names.size() ? names[*status] : "unknown";
    facts.actualStatus = texts[5];
    if (const auto weight = numberOf<double>(texts[6]))
        facts.weight = *weight / 2147483647.0;  // of RAND_MAX
    facts.role = roleName(texts[7]);
    facts.actualRole = texts[8];
    facts.delay = texts[9];
    facts.replicationState = texts[10];
    facts.syncState = texts[11];
    if (const auto changed = numberOf<std::int64_t>(texts[12]))
        facts.changed = formatRfc3339(Time(std::chrono::seconds(*changed)));
    return facts;
}

std::optional<WatchdogFacts> pcpWatchdog(std::string_view json)
{
    boost::system::error_code error;
    const auto value = boost::json::parse(json, error);
    const auto *object = error ? nullptr : value.if_object();
    if (!object)
        return std::nullopt;
    const auto number = [&](const char *name) -> std::int64_t {
        const auto *member = object->if_contains(name);
        return member && member->is_int64() ? member->as_int64() : 0;
    };
    const auto textOf = [](const boost::json::object &from, const char *name) {
        const auto *member = from.if_contains(name);
        return member && member->is_string() ? std::string(member->as_string()) : std::string();
    };
    WatchdogFacts facts;
    facts.members = number("MemberRemoteNodeCount") + 1;
    facts.alive = number("AliveNodeCount") + 1;
    facts.needed = number("NodesRequireForQuorum");
    const std::int64_t quorum = number("QuorumStatus");
    facts.quorum = quorum == 1    ? "QUORUM EXIST"
                   : quorum == 0  ? "QUORUM IS ON THE EDGE"
                   : quorum == -1 ? "QUORUM ABSENT"
                                  : "NO LEADER NODE, QUORUM ABSENT";
    facts.leader = textOf(*object, "LeaderNodeName");
    const auto *nodes = object->if_contains("WatchdogNodes");
    if (nodes && nodes->is_array() && !nodes->as_array().empty() && nodes->as_array().front().is_object())
        facts.state = textOf(nodes->as_array().front().as_object(), "StateName");  // the first is itself
    return facts;
}

void PcpClient::close()
{
    if (m_socket >= 0)
        ::close(m_socket);
    m_socket = -1;
}

Result<void> PcpClient::wait(short events, const ProbeTime &time) const
{
    constexpr auto step = std::chrono::milliseconds(200);
    for (;;) {
        if (time.stop.stop_requested())
            return fail(ErrorCode::Cancelled, "stopped");
        if (time.left().count() <= 0)
            return fail(ErrorCode::Timeout, "pgpool: no answer in time");
        pollfd descriptor{m_socket, events, 0};
        if (::poll(&descriptor, 1, static_cast<int>(std::min(time.left(), step).count())) > 0)
            return {};
    }
}

Result<void> PcpClient::connect(const std::string &host, std::uint16_t port, const std::string &user,
                                const std::string &password, const ProbeTime &time)
{
    close();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0 || !found)
        return fail(ErrorCode::Unavailable, fmt::format("{}: no such host", host));
    m_socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int begun = m_socket < 0 ? -1 : ::connect(m_socket, found->ai_addr, found->ai_addrlen);
    const int problem = errno;
    ::freeaddrinfo(found);
    if (begun != 0 && problem != EINPROGRESS)
        return fail(ErrorCode::Unavailable, fmt::format("pgpool: connection {}", problem == ECONNREFUSED ? "refused" : std::strerror(problem)));
    CM_TRY(wait(POLLOUT, time));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(m_socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0)
        return fail(error == ETIMEDOUT ? ErrorCode::Timeout : ErrorCode::Unavailable,
                    error == ECONNREFUSED ? "connection refused" : std::strerror(error));
    CM_TRY(send('M', {}, time));
    CM_TRY_ASSIGN(const Frame salt, receive(time));
    if (salt.type != 'm' || salt.body.size() != 4)
        return fail(ErrorCode::Corrupt, "pgpool: no salt");
    const std::string answer = md5(md5(md5(password) + user) + salt.body);
    CM_TRY(send('R', text(user) + text(answer), time));
    CM_TRY_ASSIGN(const Frame granted, receive(time));
    if (granted.type != 'r' || !granted.body.starts_with("AuthenticationOK"))
        return fail(ErrorCode::Unauthorized, "pgpool: the control port does not take the password");
    return {};
}

Result<std::vector<PoolBackendFacts>> PcpClient::backends(const ProbeTime &time)
{
    CM_TRY(send('I', text("-1"), time));
    std::vector<PoolBackendFacts> out;
    for (;;) {
        CM_TRY_ASSIGN(const Frame frame, receive(time));
        const auto texts = pcpTexts(frame.body);
        if (frame.type != 'i' || texts.empty())
            return fail(ErrorCode::Corrupt, "pgpool: no list of backends");
        if (texts[0] == "CommandComplete")
            return out;
        if (auto backend = pcpBackend(texts, static_cast<std::int64_t>(out.size())))
            out.push_back(std::move(*backend));
    }
}

Result<std::optional<WatchdogFacts>> PcpClient::watchdog(const ProbeTime &time)
{
    CM_TRY(send('W', text("-1"), time));
    const auto frame = receive(time);
    if (!frame && frame.error().code == ErrorCode::Internal)
        return std::optional<WatchdogFacts>();  // it says that it has none
    if (!frame)
        return fail(frame.error());
    const auto texts = pcpTexts(frame->body);
    return texts.size() < 2 ? std::optional<WatchdogFacts>() : pcpWatchdog(texts[1]);
}

Result<void> PcpClient::order(char type, std::string_view body, const ProbeTime &time)
{
    CM_TRY(send(type, body, time));
    CM_TRY_ASSIGN(const Frame frame, receive(time));
    const auto texts = pcpTexts(frame.body);
    if (texts.empty() || texts[0] != "CommandComplete")
        return fail(ErrorCode::Corrupt, "pgpool: no word on whether the order was carried out");
    return {};
}

Result<void> PcpClient::attach(std::int64_t id, const ProbeTime &time)
{
    return order('C', text(std::to_string(id)), time);
}

Result<void> PcpClient::detach(std::int64_t id, const ProbeTime &time)
{
    // Not 'd', which waits until every session has ended, ours as well.
    return order('D', text(std::to_string(id)), time);
}

Result<void> PcpClient::switchOver(std::int64_t id, const ProbeTime &time)
{
    // As the command sends it: number, blank, zero byte, and the letter after it.
    return order('J', text(std::to_string(id) + ' ') + 's', time);
}

Result<void> PcpClient::send(char type, std::string_view body, const ProbeTime &time)
{
    std::string frame(1, type);
    const std::uint32_t length = htonl(static_cast<std::uint32_t>(body.size() + 4));
    frame.append(reinterpret_cast<const char *>(&length), 4);
    frame.append(body);
    std::string_view rest = frame;
    while (!rest.empty()) {
        CM_TRY(wait(POLLOUT, time));
        const ssize_t sent = ::send(m_socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return fail(ErrorCode::Unavailable, std::strerror(errno));
        rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    }
    return {};
}

Result<void> PcpClient::fill(std::span<char> bytes, const ProbeTime &time)
{
    while (!bytes.empty()) {
        CM_TRY(wait(POLLIN, time));
        const ssize_t got = ::recv(m_socket, bytes.data(), bytes.size(), 0);
        if (got == 0)
            return fail(ErrorCode::Unavailable, "pgpool: the connection was ended");
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return fail(ErrorCode::Unavailable, std::strerror(errno));
        bytes = bytes.subspan(got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    return {};
}

Result<PcpClient::Frame> PcpClient::receive(const ProbeTime &time)
{
    std::array<char, 5> head{};
    CM_TRY(fill(head, time));
    std::uint32_t length = 0;
    std::memcpy(&length, head.data() + 1, 4);
    length = ntohl(length);
    if (length < 4 || length > largestFrame)
        return fail(ErrorCode::Corrupt, "pgpool: a frame of a length that cannot be");
    Frame frame{head[0], std::string(length - 4, '\0')};
    CM_TRY(fill(frame.body, time));
    if (frame.type == 'E' || frame.type == 'N')
        return fail(refusal(frame.body));
    return frame;
}

}  // namespace cm::monitor
