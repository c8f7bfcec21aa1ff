// SPDX-License-Identifier: GPL-3.0-or-later
// Sends log lines over RELP as librelp's client does: so many at a time without an acknowledgement, and after a connection
// is lost all of these again, in order, before anything new.
//   bench_log_sender PORT LINES_PER_SECOND SECONDS CONNECTIONS WINDOW
// Line n is of project bench-(n mod 1000) and like no other. Ends when all are acknowledged; prints one JSON object.
#include "core/base/clock.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t projects = 1000;
constexpr std::size_t mostOut = 256 << 10;
constexpr std::uint64_t lastNumber = 999'999'999;

struct Load {
    std::uint16_t port = 0;
    std::uint64_t perSecond = 0, seconds = 0, connections = 1, window = 128;
    [[nodiscard]] std::uint64_t lines() const { return perSecond * seconds; }
};

// The lines, each made anew from its number, so that it is the same when it is sent again.
class Lines {
public:
    explicit Lines(const Load &load) : m_load(load)
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        for (std::uint64_t second = 0; second <= load.seconds; ++second)
            m_times.push_back(cm::formatHttpDate(now - std::chrono::seconds(load.seconds) + std::chrono::seconds(second)));
        for (std::size_t i = 0; i < projects; ++i)
            m_texts.push_back(text(i));
    }

    void append(std::string &out, std::uint64_t number)
    {
        const std::string &line = m_texts[number % projects];
        const std::size_t begin = out.size();
        out += line;
        out.replace(begin + timeAt, m_times.front().size(), m_times[number / m_load.perSecond]);
        for (std::size_t digit = begin + numberAt + numberDigits; number > 0; number /= 10)
            out[--digit] = static_cast<char>('0' + number % 10);
    }
    [[nodiscard]] std::size_t length(std::uint64_t number) const { return m_texts[number % projects].size(); }

private:
    static constexpr std::size_t timeAt = 9, numberAt = 9 + 29 + 1 + 3 + 16, numberDigits = 20;

    [[nodiscard]] std::string text(std::size_t i) const
    {
        constexpr std::string_view countries[] = {"US", "DE", "JP", "IE", "SG", "CN", "GB", "FR"};
        const auto agent = fmt::format(
            R"(pip/2{0}.0 {{"ci":{1},"cpu":"x86_64","distro":{{"id":"jammy","libc":{{"lib":"glibc","version":"2.35"}},"name":"Ubuntu","version":"22.04"}},"implementation":{{"name":"CPython","version":"3.{2}.1"}},"installer":{{"name":"pip","version":"2{0}.0"}},"openssl_version":"OpenSSL 3.0.2 15 Mar 2022","python":"3.{2}.1","system":{{"name":"Linux","release":"5.15.0"}}}})",
            i % 5, i % 3 == 0 ? "true" : "null", 8 + i % 5);
        return fmt::format("download|{}|{}|/packages/ab/cd/{:0>60}/bench_{}-1.0.tar.gz|TLSv1.3|TLS_AES_128_GCM_SHA256|bench-{}|1.0|sdist|{}", m_times.front(),
                           countries[i % 8], 0, i, i, agent);
    }

    const Load &m_load;
    std::vector<std::string> m_times;
    std::vector<std::string> m_texts;
};

// Of the lines whose number leaves `index` when divided by the number of connections.
class Sender {
public:
    Sender(const Load &load, Lines &lines, std::uint64_t index) : m_load(load), m_lines(lines), m_index(index)
    {
        m_count = load.lines() / load.connections;
    }

    [[nodiscard]] bool done() const { return m_acknowledged == m_count; }
    [[nodiscard]] std::uint64_t reconnects() const { return m_reconnects; }
    [[nodiscard]] std::uint64_t resent() const { return m_resent; }
    [[nodiscard]] std::uint64_t acknowledged() const { return m_acknowledged; }

    pollfd wanted() const
    {
        return {m_socket, static_cast<short>(POLLIN | (m_out.size() > m_sent ? POLLOUT : 0)), 0};
    }

    void work(std::uint64_t allowed)
    {
        if (m_socket < 0 && !connect())
            return;
        if (!receive())
            return lose();
        fill(std::min(allowed / m_load.connections, m_count));
        if (!send())
            lose();
    }

private:
    bool connect()
    {
        if (Clock::now() < m_retry)
            return false;
        m_retry = Clock::now() + std::chrono::milliseconds(20);
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_load.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(m_socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
            ::close(m_socket);
            m_socket = -1;
            return false;
        }
        m_number = 0;
        m_out.clear();
        m_sent = 0;
        m_in.clear();
        constexpr std::string_view offers = "relp_version=0\nrelp_software=bench\ncommands=syslog";
        m_out += fmt::format("{} open {} {}\n", ++m_number, offers.size(), offers);
        m_resent += m_next - m_acknowledged;
        m_next = m_acknowledged;
        return true;
    }

    void lose()
    {
        ::close(m_socket);
        m_socket = -1;
        ++m_reconnects;
    }

    void fill(std::uint64_t until)
    {
        if (m_sent == m_out.size()) {
            m_out.clear();
            m_sent = 0;
        }
        while (m_next < until && m_next - m_acknowledged < m_load.window && m_out.size() - m_sent < mostOut) {
            const std::uint64_t line = m_next * m_load.connections + m_index;
            m_number = m_number == lastNumber ? 1 : m_number + 1;
            char head[64];
            char *at = std::to_chars(head, head + 20, m_number).ptr;
            at = std::copy_n(" syslog ", 8, at);
            at = std::to_chars(at, at + 20, m_lines.length(line)).ptr;
            *at++ = ' ';
            m_out.append(head, at);
            m_lines.append(m_out, line);
            m_out += '\n';
            ++m_next;
        }
    }

    bool send()
    {
        while (m_sent < m_out.size()) {
            const ssize_t sent = ::send(m_socket, m_out.data() + m_sent, m_out.size() - m_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0)
                return errno == EAGAIN;
            m_sent += static_cast<std::size_t>(sent);
        }
        return true;
    }

    bool receive()
    {
        char bytes[65536];
        for (;;) {
            const ssize_t got = ::recv(m_socket, bytes, sizeof bytes, MSG_DONTWAIT);
            if (got < 0 && errno == EAGAIN)
                return true;
            if (got <= 0)
                return false;
            m_in.append(bytes, static_cast<std::size_t>(got));
            std::size_t at = 0;
            for (std::size_t end = m_in.find('\n'); end != std::string::npos; end = m_in.find('\n', at)) {
                // The answer to open has several lines; only acknowledgements have this end.
                if (std::string_view(m_in).substr(at, end - at).ends_with(" rsp 6 200 OK"))
                    ++m_acknowledged;
                at = end + 1;
            }
            m_in.erase(0, at);
        }
    }

    const Load &m_load;
    Lines &m_lines;
    const std::uint64_t m_index;
    std::uint64_t m_count = 0;
    std::uint64_t m_acknowledged = 0;  // of its lines, in order
    std::uint64_t m_next = 0;
    std::uint64_t m_number = 0;
    std::uint64_t m_reconnects = 0, m_resent = 0;
    std::string m_out, m_in;
    std::size_t m_sent = 0;
    int m_socket = -1;
    Clock::time_point m_retry;
};

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 6) {
        std::fputs("bench_log_sender PORT LINES_PER_SECOND SECONDS CONNECTIONS WINDOW\n", stderr);
        return 2;
    }
    Load load;
    load.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    load.perSecond = std::strtoull(argv[2], nullptr, 10);
    load.seconds = std::strtoull(argv[3], nullptr, 10);
    load.connections = std::strtoull(argv[4], nullptr, 10);
    load.window = std::strtoull(argv[5], nullptr, 10);
    Lines lines(load);
    std::vector<Sender> senders;
    for (std::uint64_t i = 0; i < load.connections; ++i)
        senders.emplace_back(load, lines, i);
    const auto begin = Clock::now();
    while (std::any_of(senders.begin(), senders.end(), [](const Sender &sender) { return !sender.done(); })) {
        const std::chrono::duration<double> passed = Clock::now() - begin;
        const auto allowed = static_cast<std::uint64_t>(passed.count() * static_cast<double>(load.perSecond));
        std::vector<pollfd> wanted;
        for (Sender &sender : senders) {
            if (!sender.done())
                sender.work(allowed);
            wanted.push_back(sender.wanted());
        }
        ::poll(wanted.data(), wanted.size(), 2);
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    std::uint64_t reconnects = 0, resent = 0, acknowledged = 0, bytes = 0;
    for (const Sender &sender : senders) {
        reconnects += sender.reconnects();
        resent += sender.resent();
        acknowledged += sender.acknowledged();
    }
    for (std::uint64_t i = 0; i < projects; ++i)
        bytes += lines.length(i);
    std::printf("{\"lines\": %llu, \"seconds\": %.3f, \"lost_connections\": %llu, \"sent_again\": %llu, \"mean_bytes\": %llu}\n",
                static_cast<unsigned long long>(acknowledged), took.count(), static_cast<unsigned long long>(reconnects),
                static_cast<unsigned long long>(resent), static_cast<unsigned long long>(bytes / projects));
    return 0;
}
