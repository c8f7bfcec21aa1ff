// SPDX-License-Identifier: GPL-3.0-or-later
// What the intake knows of itself: sums since the start, by feed (one listener), and who is connected. Plain values.
#pragma once

#include "core/metrics/intake/heard.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cm::metrics::intake {

struct FeedFigures {
    std::string transport;  // "relp", "tcp", "tls", "udp"
    std::string address;    // with the real port
    std::uint64_t connections = 0;  // open now
    std::uint64_t accepted = 0;
    std::uint64_t turnedAway = 0;      // connections, for want of room: new ones, and such as gave way to new ones
    std::uint64_t received = 0;        // lines, those that were refused included, duplicates not
    std::uint64_t bytes = 0;           // off the wire
    std::uint64_t tooLong = 0;         // lines refused
    std::uint64_t cutOff = 0;          // lines refused: the connection ended within them
    std::uint64_t duplicates = 0;      // lines that were sent again and dropped
    // Lines, at most, of which their sender had not been told when its connection ended: they come again, here, or at
    // another ingester, and there they count once more.
    std::uint64_t unanswered = 0;
    std::uint64_t protocolErrors = 0;  // connections that were ended for what they said, failed handshakes included
    std::uint64_t timeouts = 0;        // connections that were ended for what they did not say
    std::uint64_t lost = 0;            // datagrams that the kernel dropped because nobody read them in time
    double perSecond = 0;              // lines, over the last ten seconds
    std::optional<Time> lastLine;
};

struct PeerFigures {
    std::string transport;
    std::string address;
    Time since;
    std::uint64_t received = 0;
    std::uint64_t unacknowledged = 0;  // lines that wait for the disk (RELP)
    std::optional<Time> lastLine;
};

struct IntakeFigures {
    Time sampled;
    std::uint64_t held = 0;  // bytes in memory of lines of which it is not known yet whether they came before
    bool paused = false;  // nobody reads: the spool has no room
    std::string problem;  // with who may connect, in the last minute; empty: none
    // See Heard; over UDP nobody can tell, so that silence there is not known to be one.
    std::optional<HeardSpan> heard;
    std::vector<FeedFigures> feeds;
    std::vector<PeerFigures> peers;  // at most 200 of them
};

}  // namespace cm::metrics::intake
