// SPDX-License-Identifier: GPL-3.0-or-later
// The HTTP/1.1 server: one thread with one event loop per core, each with its own listening sockets
// (SO_REUSEPORT). Knows nothing of packages; what to answer is the Application's. Owned by the
// composition root, which also owns the application and the executors; those outlive it. start(),
// drain(), reloadTls() and statistics() from any one thread that is not an I/O thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/result.h"
#include "core/http/application.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cm::http {

struct Listener {
    // "127.0.0.1:8427", "[::1]:0" or "localhost:8427"; port 0 takes a free one.
    std::string address;
    // Both empty: plain HTTP. PEM; the certificate file holds the whole chain.
    std::string certificateFile;
    std::string keyFile;
    // The authorities, PEM, of one of which every client needs a certificate; empty: clients need none.
    std::string clientCaFile;
};

struct Limits {
    std::size_t maxConnections = 10'000;
    std::size_t cachedFiles = 1'024;  // open descriptors kept for files often sent, each thread
    std::size_t maxConnectionsPerAddress = 512;
    // Loopback is a proxy or ourselves.
    bool capLoopback = false;
    std::chrono::milliseconds headerTimeout{10'000};  // first to last byte of a head; also the TLS handshake
    std::chrono::milliseconds idleTimeout{75'000};    // between requests
    std::chrono::milliseconds bodyTimeout{30'000};    // without a byte of the body
    std::uint64_t minBodyRate = 256;                  // bytes a second on average, after bodyTimeout
    std::chrono::milliseconds sendTimeout{60'000};    // without a byte taken by the client
    // How much of a refused body is read and thrown away so that the client gets to read the answer.
    std::uint64_t drainBytes = 4ULL << 30;
    std::chrono::milliseconds drainTime{30'000};
    std::chrono::milliseconds eventKeepAlive{15'000};
};

struct ServerOptions {
    std::vector<Listener> listeners;
    std::size_t threads = 0;  // 0: one per core
    Limits limits;
    std::string serverName = "cheesemonger";  // the Server header; empty: none
};

// Sums over all threads since the start.
struct Statistics {
    std::uint64_t connectionsOpen = 0;
    std::uint64_t connectionsMost = 0;  // the limit
    std::uint64_t connectionsAccepted = 0;
    std::uint64_t connectionsRefused = 0;
    std::uint64_t tlsFailures = 0;
    std::uint64_t requests = 0;
    std::uint64_t bytesReceived = 0;
    std::uint64_t bytesSent = 0;
    std::uint64_t timeouts = 0;
    std::uint64_t eventStreamsOpen = 0;
    std::uint64_t filesMissing = 0;  // to be sent, and missing or not readable
    std::array<std::uint64_t, 6> responsesByClass{};  // [2] counts 2xx
};

class Server {
public:
    Server(ServerOptions options, Application &application, const Clock &clock, Log &log);
    // Stops at once what drain() has not ended.
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // Binds and serves. InvalidInput for an address or certificate that cannot be used, Conflict for
    // a port in use, Unavailable when the system has no more descriptors or threads; nothing runs after a
    // failure.
    [[nodiscard]] Result<void> start();
    // The real addresses, in the order of the listeners: "127.0.0.1:40123".
    [[nodiscard]] std::vector<std::string> addresses() const;
    [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;
    // Reads the certificate files again for new connections; on failure the old ones stay.
    [[nodiscard]] Result<void> reloadTls();
    // Stops accepting, ends idle connections and event streams, lets running requests finish, and
    // returns when all are gone or `limit` has passed; then nothing is served any more. True when
    // nothing had to be cut off.
    bool drain(std::chrono::milliseconds limit);
    [[nodiscard]] Statistics statistics() const;

private:
    Result<void> startAll();

    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace cm::http
