// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/worker.h"

#include "core/base/hash.h"
#include "core/http/connection.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstring>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace cm::http {
namespace {

constexpr std::size_t scratchBytes = 64 * 1024;
constexpr int acceptsAtOnce = 32;
constexpr std::int64_t unusedFileMs = 60'000;
constexpr std::string_view overloaded = "HTTP/1.1 503 Too many connections\r\nContent-Type: text/plain\r\n"
                                        "Content-Length: 21\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
                                        "Too many connections\n";

std::chrono::milliseconds sweepInterval(const Limits &limits)
{
    const auto shortest = std::min({limits.headerTimeout, limits.idleTimeout, limits.bodyTimeout, limits.sendTimeout,
                                    limits.drainTime, limits.eventKeepAlive});
    return std::clamp(shortest / 4, std::chrono::milliseconds(10), std::chrono::milliseconds(500));
}

}  // namespace

Shared::Shared(ServerOptions serverOptions, Application &app, const Clock &wallClock, Log &serverLog)
    : options(std::move(serverOptions)), application(app), clock(wallClock), log(serverLog)
{
}

bool Shared::admit(const std::string &address, bool isLoopback)
{
    const std::lock_guard lock(mutex);
    if (total >= options.limits.maxConnections)
        return false;
    if (!isLoopback || options.limits.capLoopback) {
        std::size_t &count = perAddress[address];
        if (count >= options.limits.maxConnectionsPerAddress)
            return false;
        ++count;
    }
    ++total;
    return true;
}

void Shared::release(const std::string &address, bool isLoopback)
{
    const std::lock_guard lock(mutex);
    --total;
    if (isLoopback && !options.limits.capLoopback)
        return;
    if (const auto found = perAddress.find(address); found != perAddress.end() && --found->second == 0)
        perAddress.erase(found);
}

std::shared_ptr<SSL_CTX> Shared::tlsOf(std::size_t listener) const
{
    const std::lock_guard lock(mutex);
    return tls[listener];
}

Worker::Worker(std::shared_ptr<Shared> sharedState)
    : shared(std::move(sharedState)),
      scratch(scratchBytes),
      m_work(m_context.get_executor()),
      m_sweep(m_context.get_executor()),
      m_sweepInterval(sweepInterval(shared->options.limits))
{
    const auto random = randomBytes(sizeof m_idPrefix);
    std::memcpy(&m_idPrefix, random.data(), sizeof m_idPrefix);
}

Worker::~Worker() = default;

void Worker::addListener(int socket, bool isV6)
{
    Acceptor acceptor(m_context.get_executor());
    acceptor.assign(isV6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket);
    m_listening.push_back({std::move(acceptor)});
}

void Worker::start()
{
    for (std::size_t i = 0; i < m_listening.size(); ++i)
        armAccept(i);
    armSweep();
    m_thread = std::thread([this] { run(); });
    pthread_setname_np(m_thread.native_handle(), "http-io");
}

void Worker::run()
{
    // Signals are the main thread's; SIGPIPE is nobody's: write(2) inside OpenSSL says EPIPE instead.
    sigset_t all;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP})
        sigdelset(&all, fault);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    m_context.run();
}

void Worker::post(std::function<void()> job)
{
    const std::lock_guard lock(m_postMutex);
    if (!m_stopped)
        asio::post(m_context, std::move(job));
}

void Worker::armAccept(std::size_t listener)
{
    Acceptor &acceptor = m_listening[listener].acceptor;
    acceptor.async_wait(Acceptor::wait_read, [this, listener](const boost::system::error_code &error) {
        if (!error && !m_draining)
            acceptSome(listener);
    });
}

void Worker::acceptSome(std::size_t listener)
{
    for (int i = 0; i < acceptsAtOnce; ++i) {
        asio::ip::tcp::endpoint peer;
        auto length = static_cast<socklen_t>(peer.capacity());
        const int socket = ::accept4(m_listening[listener].acceptor.native_handle(), peer.data(), &length,
                                     SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) {
            peer.resize(length);
            adopt(listener, socket, peer);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            // Out of descriptors or memory: the sweep tries again.
            shared->log.warning("http.accept_failed", {{"reason", std::string_view(std::strerror(errno))}});
            m_listening[listener].paused = true;
            return;
        }
        break;
    }
    if (!m_draining)
        armAccept(listener);
}

void Worker::adopt(std::size_t listener, int socket, const asio::ip::tcp::endpoint &peer)
{
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    const auto tls = shared->tlsOf(listener);
    const std::string name = address.to_string();
    if (!shared->admit(name, address.is_loopback())) {
        counters.refused.add();
        refuse(socket, tls != nullptr);
        return;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    counters.accepted.add();
    Socket stream(m_context.get_executor());
    stream.assign(peer.protocol(), socket);
    const auto connection =
        std::make_shared<Connection>(shared_from_this(), std::move(stream), tls, name, address.is_loopback());
    connection->start();
}

// Without a place nothing is kept for the client: one answer into its empty socket buffer.
void Worker::refuse(int socket, bool isTls)
{
    if (!isTls && ::send(socket, overloaded.data(), overloaded.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        ::shutdown(socket, SHUT_WR);
        // Without this a request that has arrived already turns the close into a reset.
        ::recv(socket, scratch.data(), scratch.size(), MSG_DONTWAIT);
    }
    ::close(socket);
}

void Worker::closeListeners()
{
    for (std::size_t i = 0; i < m_listening.size(); ++i) {
        // What the kernel has accepted already was promised an answer.
        if (m_listening[i].acceptor.is_open())
            acceptSome(i);
        boost::system::error_code ignored;
        m_listening[i].acceptor.close(ignored);
    }
    m_listening.clear();
}

void Worker::beginDrain()
{
    post([this] {
        if (m_draining)
            return;
        m_draining = true;
        closeListeners();
        const std::vector<std::shared_ptr<Connection>> all(m_connections.begin(), m_connections.end());
        for (const auto &connection : all) {
            if (m_connections.contains(connection))
                connection->drain();
        }
        checkDrained();
    });
}

void Worker::checkDrained()
{
    if (!m_draining || !m_listening.empty() || !m_connections.empty())
        return;
    const std::lock_guard lock(m_postMutex);
    m_drained = true;
    m_drainedSignal.notify_all();
}

bool Worker::waitUntilDrained(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock(m_postMutex);
    return m_drainedSignal.wait_until(lock, deadline, [this] { return m_drained || m_stopped; });
}

void Worker::stop()
{
    if (!m_thread.joinable())
        return;
    post([this] { closeAll(); });
    m_thread.join();
}

void Worker::closeAll()
{
    m_draining = true;
    for (Listening &listening : m_listening) {
        boost::system::error_code ignored;
        listening.acceptor.close(ignored);
    }
    while (!m_connections.empty()) {
        const auto connection = *m_connections.begin();
        connection->close();
    }
    m_sweep.cancel();
    {
        // What is posted from now on would never run and never be freed.
        const std::lock_guard lock(m_postMutex);
        m_stopped = true;
    }
    m_work.reset();
}

std::int64_t Worker::nowMs() const
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

const std::string &Worker::commonLines()
{
    const Time now = shared->clock.now();
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (second != m_commonSecond) {
        m_commonSecond = second;
        m_commonLines = "Date: " + formatHttpDate(now) + "\r\n";
        const std::string &name = shared->options.serverName;
        if (!name.empty() && checkHeader("Server", name))
            m_commonLines += "Server: " + name + "\r\n";
    }
    return m_commonLines;
}

// A random prefix of the thread and a counter: unique, cheap, and nothing in it can be guessed at.
void Worker::makeRequestId(char (&id)[17])
{
    static constexpr char digits[] = "0123456789abcdef";
    ++m_idCounter;
    std::uint64_t value = m_idPrefix + ((static_cast<std::uint64_t>(m_idCounter) << 32) | m_idCounter);
    for (int i = 15; i >= 0; --i, value >>= 4)
        id[i] = digits[value & 15];
    id[16] = '\0';
}

void Worker::add(const std::shared_ptr<Connection> &connection)
{
    m_connections.insert(connection);
    counters.open.add();
}

void Worker::remove(const std::shared_ptr<Connection> &connection)
{
    if (m_connections.erase(connection) > 0)
        counters.open.subtract();
    checkDrained();
}

void Worker::armSweep()
{
    m_sweep.expires_after(m_sweepInterval);
    m_sweep.async_wait([this](const boost::system::error_code &error) {
        // A wait that was over already is not cancelled: armed once more, it would keep run() for ever.
        if (!error && !m_stopped)
            sweep();
    });
}

void Worker::sweep()
{
    const std::int64_t now = nowMs();
    const std::vector<std::shared_ptr<Connection>> all(m_connections.begin(), m_connections.end());
    for (const auto &connection : all) {
        if (m_connections.contains(connection))
            connection->tick(now);
    }
    files.dropUnusedSince(now - unusedFileMs);
    for (std::size_t i = 0; i < m_listening.size() && !m_draining; ++i) {
        if (m_listening[i].paused) {
            m_listening[i].paused = false;
            armAccept(i);
        }
    }
    armSweep();
}

}  // namespace cm::http
