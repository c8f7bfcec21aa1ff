// SPDX-License-Identifier: GPL-3.0-or-later
// One I/O thread: its event loop, its listening sockets, its connections and what they share (clock,
// Date line, scratch buffer, descriptors, counters). Owned by the Server and by its connections, so
// that a late job of an executor still finds it. All but post(), start(), stop() and the counters
// belong to its own thread.
#pragma once

#include "core/http/file_cache.h"
#include "core/http/server.h"

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <openssl/types.h>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cm::http {

class Connection;

namespace asio = boost::asio;
using IoExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, IoExecutor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, IoExecutor>;
using TimerTraits = asio::wait_traits<std::chrono::steady_clock>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, TimerTraits, IoExecutor>;

// A counter with one writer: no locked instruction, readable from any thread.
class Counter {
public:
    void add(std::uint64_t n = 1) { m_value.store(get() + n, std::memory_order_relaxed); }
    void subtract(std::uint64_t n = 1) { m_value.store(get() - n, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get() const { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> m_value{0};
};

struct Counters {
    Counter open, accepted, refused, tlsFailures, requests, received, sent, timeouts, streams, filesMissing;
    std::array<Counter, 6> classes;
};

// What all threads of one server share.
struct Shared {
    Shared(ServerOptions serverOptions, Application &app, const Clock &wallClock, Log &serverLog);

    // Takes a place for a connection from `address`; false when a cap is reached.
    [[nodiscard]] bool admit(const std::string &address, bool isLoopback);
    void release(const std::string &address, bool isLoopback);
    [[nodiscard]] std::shared_ptr<SSL_CTX> tlsOf(std::size_t listener) const;

    const ServerOptions options;
    Application &application;
    const Clock &clock;
    Log &log;

    mutable std::mutex mutex;
    std::vector<std::shared_ptr<SSL_CTX>> tls;  // by listener; empty: plain
    std::unordered_map<std::string, std::size_t> perAddress;
    std::size_t total = 0;
};

class Worker : public std::enable_shared_from_this<Worker> {
public:
    explicit Worker(std::shared_ptr<Shared> sharedState);
    ~Worker();

    // Takes listening sockets over, in the order of the listeners.
    void addListener(int socket, bool isV6);
    void start();
    // Any thread: runs `job` on this thread, or drops it when the worker has stopped.
    void post(std::function<void()> job);
    void beginDrain();
    // Any thread: false when connections are left at the deadline.
    [[nodiscard]] bool waitUntilDrained(std::chrono::steady_clock::time_point deadline);
    // Closes everything and joins; called once by the owner.
    void stop();
    [[nodiscard]] bool isDraining() const { return m_draining; }
    [[nodiscard]] std::int64_t nowMs() const;
    // "Date: …\r\n" with the Server line, renewed each second.
    [[nodiscard]] const std::string &commonLines();
    void makeRequestId(char (&id)[17]);
    void add(const std::shared_ptr<Connection> &connection);
    void remove(const std::shared_ptr<Connection> &connection);

    const std::shared_ptr<Shared> shared;
    Counters counters;
    FileCache files{shared->options.limits.cachedFiles};
    std::vector<std::byte> scratch;

private:
    struct Listening {
        Acceptor acceptor;
        bool paused = false;
    };

    void run();
    void armAccept(std::size_t listener);
    void acceptSome(std::size_t listener);
    void adopt(std::size_t listener, int socket, const asio::ip::tcp::endpoint &peer);
    void refuse(int socket, bool isTls);
    void closeListeners();
    void checkDrained();
    void armSweep();
    void sweep();
    void closeAll();

    asio::io_context m_context{1};
    asio::executor_work_guard<IoExecutor> m_work;
    Timer m_sweep;
    std::chrono::milliseconds m_sweepInterval;
    std::vector<Listening> m_listening;
    std::unordered_set<std::shared_ptr<Connection>> m_connections;
    std::string m_commonLines;
    std::int64_t m_commonSecond = -1;
    std::uint64_t m_idPrefix;
    std::uint32_t m_idCounter = 0;
    bool m_draining = false;
    std::mutex m_postMutex;
    bool m_stopped = false;
    bool m_drained = false;  // draining and without connections
    std::condition_variable m_drainedSignal;
    std::thread m_thread;
};

}  // namespace cm::http
