// SPDX-License-Identifier: GPL-3.0-or-later
// What is done with the bytes of one connection, whatever carries them. Owned by the connection, on the I/O thread;
// nothing here blocks.
#pragma once

#include "core/metrics/intake/figures.h"
#include "core/metrics/intake/held_lines.h"
#include "core/metrics/intake/spool.h"

#include <functional>
#include <string>
#include <string_view>

namespace cm::metrics::intake {

class Session {
public:
    // Going: more may come. Leave: everything was said; close when what waits has been sent. Broken: these bytes make no
    // sense, close at once. Succeeded: its sender is here by another connection, and sends this there; close at once.
    enum class State { Going, Leave, Broken, Succeeded };

    virtual ~Session() = default;
    // Consumes what it can off the front; the rest comes again with what follows it, and is bounded.
    virtual State take(std::string_view &bytes) = 0;
    // So much is on disk: appends to `out` what the peer is told of it.
    virtual State durable(std::int64_t place, std::string &out) = 0;
    // A moment has passed without a byte.
    virtual void quiet() {}
    // Nothing more is read. What is neither written nor acknowledged is left to the sender.
    virtual void stopped() {}
    // Another connection of this address, which was silent meanwhile, begins with this line. True when that is one of ours:
    // its sender has given this connection up.
    virtual bool isSucceededBy(std::uint64_t /*digest*/) { return false; }
    // Nothing comes any more, `left` was not consumed. Once.
    virtual void ended(std::string_view left) = 0;
    // We are about to leave.
    virtual void leaving(std::string &out) = 0;
    // The peer has begun as its protocol asks, where it asks for nothing with a line, and has not said farewell.
    [[nodiscard]] virtual bool isOpen() const = 0;
    [[nodiscard]] virtual bool within(std::string_view left) const = 0;
    // Whether the peer keeps lines until it is told that we have them.
    [[nodiscard]] virtual bool acknowledges() const = 0;
    [[nodiscard]] virtual std::uint64_t unacknowledged() const { return 0; }
    // How many lines were acknowledged.
    [[nodiscard]] virtual std::uint64_t answered() const { return 0; }
    // The peer has said farewell and was answered: nothing of it comes again.
    [[nodiscard]] virtual bool isDone() const { return false; }
    // Why it is Broken.
    [[nodiscard]] virtual std::string_view complaint() const { return {}; }

    [[nodiscard]] std::uint64_t received() const { return m_received; }
    // Whole lines that came, those that came before included: what only a sender of a log says.
    [[nodiscard]] std::uint64_t lines() const { return m_lines; }

protected:
    std::uint64_t m_received = 0;
    std::uint64_t m_lines = 0;
};

// What sessions share on the I/O thread.
struct SessionSurroundings {
    Spool &spool;
    FeedFigures &feed;
    BlockBuilder &block;  // empty between two calls
    HeldLines &held;
    std::string peer;     // address without a port
    // A stream begins with this line. Ends the other connections of this address whose peer has gone, and those whose peer
    // has given them up for it: what they have not read comes again.
    std::function<void(std::uint64_t digest)> succeed;
};

}  // namespace cm::metrics::intake
