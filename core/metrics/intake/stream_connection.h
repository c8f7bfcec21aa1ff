// SPDX-License-Identifier: GPL-3.0-or-later
// One TCP or TLS connection: reads when the spool has room and the peer takes its answers, hands the bytes to its
// session, sends what that says. Owned by the intake until it is closed, and by the waits of the event loop. On the
// I/O thread alone.
#pragma once

#include "core/http/transport.h"
#include "core/metrics/intake/answers.h"
#include "core/metrics/intake/session.h"

#include <boost/asio/ip/tcp.hpp>
#include <memory>

namespace cm::metrics::intake {

// What a connection needs of the intake.
class ConnectionHost {
public:
    virtual ~ConnectionHost() = default;
    virtual std::span<char> scratch() = 0;  // shared; holds the bytes of one read
    // Whether the spool has room for lines of a session that acknowledges, or of one that does not.
    virtual bool takes(bool acknowledged) const = 0;
    virtual std::int64_t durablePlace() const = 0;
    virtual Time now() const = 0;
    virtual void closed(class StreamConnection &connection) = 0;
    // Something is wrong with it, for the log.
    virtual void complain(std::string_view event, const class StreamConnection &connection, std::string_view reason) = 0;
};

struct ConnectionLimits {
    std::chrono::seconds idle{0};        // without a byte between two messages; 0: any time
    std::chrono::seconds unfinished{60};  // without a byte within one; from connecting to the first line, or to RELP's open
    std::chrono::seconds handshake{15};   // of TLS
};

class StreamConnection final : public std::enable_shared_from_this<StreamConnection> {
public:
    using Socket = boost::asio::ip::tcp::socket;

    StreamConnection(ConnectionHost &host, Socket socket, const std::shared_ptr<SSL_CTX> &tls, FeedFigures &feed, const ConnectionLimits &limits,
                     std::string peer);
    ~StreamConnection();

    void start(std::unique_ptr<Session> session);
    // More is on disk.
    void durable();
    // The spool has room again.
    void resume();
    // Called about four times a second.
    void tick(std::chrono::steady_clock::time_point now);
    // Reads what is there, or for RELP nothing more, says farewell when all is acknowledged, and closes.
    void drain();
    void close();
    // From its first line on, or RELP's open before it, to the last one: nothing else of what comes says that the sender lives
    // and has nothing to send, and not that its kernel is alive. Nothing before the first line.
    [[nodiscard]] std::optional<HeardSpan> heard(Time now);
    // Another connection from here begins a stream with this line. Ends this one where its peer has gone, or has given it up
    // for that: what was not acknowledged comes again.
    void succeed(std::uint64_t digest);
    // Others need the room.
    void turnAway();

    // A whole line of a log.
    [[nodiscard]] bool hasBroughtLines() const { return m_session->lines() > 0; }
    [[nodiscard]] std::chrono::steady_clock::time_point connected() const { return m_connected; }
    [[nodiscard]] std::string_view transport() const { return m_feed.transport; }
    [[nodiscard]] const std::string &peer() const { return m_peer; }
    [[nodiscard]] PeerFigures figures() const;

private:
    enum class Phase { Handshake, Going, Leaving, Draining, Closed };

    void shakeHands();
    [[nodiscard]] bool hasRoom() const { return m_host.takes(m_session->acknowledges()); }
    void waitToRead();
    void readOnce();
    bool readPiece();
    void took(Session::State state);
    void tellDurable();
    void send();
    void finishIfDone();
    void fail(std::uint64_t &counter, std::string_view event, std::string_view reason);
    void endOfStream();
    // The peer has closed its end, or the connection is broken, whatever is still to be read.
    [[nodiscard]] bool isDeserted();
    std::uint64_t unanswered();

    ConnectionHost &m_host;
    Socket m_socket;
    std::shared_ptr<SSL_CTX> m_tls;
    std::vector<std::byte> m_noScratch;
    http::Transport m_transport;
    FeedFigures &m_feed;
    const ConnectionLimits &m_limits;
    const std::string m_peer;
    std::unique_ptr<Session> m_session;
    Phase m_phase = Phase::Handshake;
    std::string m_left;  // the beginning of a message
    std::string m_out;
    Answers m_answers;
    bool m_waitingToRead = false;
    bool m_waitingToWrite = false;
    bool m_parked = false;  // until there is room
    bool m_bufferedByTls = false;  // OpenSSL may hold what it has read, which never makes the socket readable; until a read finds nothing
    Time m_since;
    std::optional<Time> m_lastLine;
    std::optional<Time> m_lastSign;  // of a living sender: a line, also one that came before, and RELP's farewell
    std::chrono::steady_clock::time_point m_connected;
    std::chrono::steady_clock::time_point m_lastByte;
    std::optional<Time> m_open;  // since when
    std::chrono::steady_clock::time_point m_lastTaken;  // of what we send
};

}  // namespace cm::metrics::intake
