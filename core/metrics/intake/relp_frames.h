// SPDX-License-Identifier: GPL-3.0-or-later
// The frames of RELP, the Reliable Event Logging Protocol: TXNR SP COMMAND SP DATALEN [SP DATA] LF, and what a server
// says. A reader of our own, since librelp's server acknowledges a message when its callback returns, one by one,
// whereas we acknowledge once the group that it was written with is on the disk. Pure; one connection, one thread.
#pragma once

#include "core/metrics/intake/frame.h"

#include <string>

namespace cm::metrics::intake {

struct RelpFrame {
    std::uint32_t number = 0;  // TXNR, 1 to 999,999,999
    std::string_view command;  // at most 32 letters; points into the bytes that were given
    std::string_view data;     // as above; empty when it was too long
    // How long the data was, where it was too long to be kept and was skipped; 0 otherwise.
    std::uint64_t skipped = 0;
};

class RelpFrames {
public:
    // Takes a frame off the front of `bytes`. With NeedMore `bytes` is left with the beginning of a frame, never
    // more than longestLine and a head of 56 bytes: what is longer is consumed as it comes.
    Framing next(std::string_view &bytes, RelpFrame &frame);
    // In the middle of a frame, `left` of which were not consumed.
    [[nodiscard]] bool within(std::string_view left) const { return m_skipping > 0 || !left.empty(); }

private:
    Framing skip(std::string_view &bytes, RelpFrame &frame);

    std::uint32_t m_number = 0;  // of the frame that is skipped
    std::string m_command;
    std::uint64_t m_length = 0;
    std::uint64_t m_skipping = 0;  // bytes still to come of it, the line feed included
};

// "200 OK" for `number`.
void appendAcknowledgement(std::string &out, std::uint32_t number);
// Any other answer; `text` as RELP has it: a code, a space, words.
void appendResponse(std::string &out, std::uint32_t number, std::string_view text);
// To an `open`: what we speak.
void appendOffers(std::string &out, std::uint32_t number);
// "We are about to leave": nothing answers it.
void appendServerClose(std::string &out);
// Whether the offers of an `open` have the command syslog.
[[nodiscard]] bool offersSyslog(std::string_view offers);

}  // namespace cm::metrics::intake
