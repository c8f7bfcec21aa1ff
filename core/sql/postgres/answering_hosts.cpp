// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/answering_hosts.h"

#include "core/base/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>

namespace cm::sql::pg {
namespace {

using Clock = std::chrono::steady_clock;

// For the others, once one has answered: on a busy network a packet that was lost is sent again after 200 ms.
constexpr std::chrono::milliseconds grace{300};

constexpr const char *defaultPort = "5432";

std::vector<std::string> parts(std::string_view list)
{
    std::vector<std::string> out;
    for (;;) {
        const auto comma = list.find(',');
        out.emplace_back(list.substr(0, comma));
        if (comma == std::string_view::npos)
            return out;
        list.remove_prefix(comma + 1);
    }
}

std::string inQuotes(std::string_view value)
{
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "'";
}

// One try to reach a server, at one of its addresses.
struct Knock {
    std::size_t host;
    std::unique_ptr<Descriptor> socket;
};

// Begins to connect; errno of what fails at once, else 0.
int knock(std::vector<Knock> &out, std::size_t host, const addrinfo &at)
{
    auto socket = std::make_unique<Descriptor>(::socket(at.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (socket->get() < 0)
        return errno;
    if (::connect(socket->get(), at.ai_addr, at.ai_addrlen) != 0 && errno != EINPROGRESS)
        return errno;
    out.push_back({host, std::move(socket)});
    return 0;
}

int outcome(int socket)
{
    int error = 0;
    socklen_t size = sizeof(error);
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

AnsweringHosts::AnsweringHosts(const std::string &url) : m_url(url)
{
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
    std::vector<std::string> hosts, addresses, ports;
    for (const PQconninfoOption *option = options.get(); option && option->keyword; ++option) {
        if (!option->val)
            continue;
        const std::string_view key = option->keyword;
        if (key == "host")
            hosts = parts(option->val);
        else if (key == "hostaddr")
            addresses = parts(option->val);
        else if (key == "port")
            ports = parts(option->val);
        else
            m_rest += fmt::format(" {}={}", key, inQuotes(option->val));
        if (key == "connect_timeout")
            std::from_chars(option->val, option->val + std::strlen(option->val), m_seconds);
    }
    const std::size_t count = std::max(hosts.size(), addresses.size());
    const auto fits = [count](const auto &list) { return list.empty() || list.size() == count; };
    // What libpq would refuse it is to refuse itself.
    if (count < 2 || !fits(hosts) || !fits(addresses) || (ports.size() > 1 && ports.size() != count))
        return;
    for (std::size_t i = 0; i < count; ++i) {
        Host host{hosts.empty() ? std::string() : hosts[i], addresses.empty() ? std::string() : addresses[i],
                  ports.empty() ? std::string() : ports.size() == 1 ? ports[0] : ports[i]};
        if (host.address.empty() && (host.host.empty() || host.host.front() == '/' || host.host.front() == '@')) {
            m_hosts.clear();
            return;
        }
        m_hosts.push_back(std::move(host));
    }
    // libpq takes 0 for "for ever", and nothing less than 2 s.
    m_seconds = m_seconds <= 0 ? 10 : std::max(m_seconds, 2);
}

std::string AnsweringHosts::naming(const std::vector<bool> &wanted) const
{
    std::string hosts, addresses, ports;
    bool named = false, addressed = false;
    for (std::size_t i = 0; i < m_hosts.size(); ++i) {
        if (!wanted[i])
            continue;
        const char *comma = ports.empty() ? "" : ",";
        hosts += comma + m_hosts[i].host;
        addresses += comma + m_hosts[i].address;
        ports += comma + (m_hosts[i].port.empty() ? std::string(defaultPort) : m_hosts[i].port);
        named = named || !m_hosts[i].host.empty();
        addressed = addressed || !m_hosts[i].address.empty();
    }
    return fmt::format("{}{}port={}{}", named ? fmt::format("host={} ", inQuotes(hosts)) : "", addressed ? fmt::format("hostaddr={} ", inQuotes(addresses)) : "",
                       inQuotes(ports), m_rest);
}

tl::expected<std::string, std::string> AnsweringHosts::now() const
{
    if (m_hosts.empty())
        return m_url;
    std::vector<Knock> knocks;
    std::vector<std::string> why(m_hosts.size(), "no answer");
    for (std::size_t i = 0; i < m_hosts.size(); ++i) {
        addrinfo hints{}, *found = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        const std::string &name = m_hosts[i].address.empty() ? m_hosts[i].host : m_hosts[i].address;
        const int code = ::getaddrinfo(name.c_str(), m_hosts[i].port.empty() ? defaultPort : m_hosts[i].port.c_str(), &hints, &found);
        if (code != 0) {
            why[i] = ::gai_strerror(code);
            continue;
        }
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
        for (const addrinfo *at = found; at; at = at->ai_next) {
            if (const int error = knock(knocks, i, *at); error != 0)
                why[i] = ::strerror(error);
        }
    }
    std::vector<bool> answered(m_hosts.size(), false);
    Clock::time_point until = Clock::now() + std::chrono::seconds(m_seconds);
    while (!knocks.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        std::vector<pollfd> waited;
        for (const Knock &one : knocks)
            waited.push_back({one.socket->get(), POLLOUT, 0});
        if (left <= 0 || ::poll(waited.data(), waited.size(), static_cast<int>(left)) == 0)
            break;
        for (std::size_t i = waited.size(); i-- > 0;) {
            if (waited[i].revents == 0)
                continue;
            const std::size_t host = knocks[i].host;
            if (const int error = outcome(waited[i].fd); error != 0) {
                why[host] = ::strerror(error);
            } else {
                answered[host] = true;
                until = std::min(until, Clock::now() + grace);
            }
            knocks.erase(knocks.begin() + static_cast<std::ptrdiff_t>(i));
        }
        std::erase_if(knocks, [&](const Knock &one) { return answered[one.host]; });
    }
    if (std::find(answered.begin(), answered.end(), true) != answered.end())
        return naming(answered);
    std::string words = "no server takes a connection:";
    for (std::size_t i = 0; i < m_hosts.size(); ++i)
        words += fmt::format("{} {}:{} {}", i == 0 ? "" : ",", m_hosts[i].host.empty() ? m_hosts[i].address : m_hosts[i].host, m_hosts[i].port, why[i]);
    return tl::unexpected(words);
}

}  // namespace cm::sql::pg
