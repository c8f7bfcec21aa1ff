// SPDX-License-Identifier: GPL-3.0-or-later
// Lines in a stream of TCP as RFC 6587 has them, told apart for each message: counted octets ("83 <134>…") where a
// message begins with a number and a space, else everything up to the next line feed. Pure; one connection, one thread.
#pragma once

#include "core/metrics/intake/frame.h"

namespace cm::metrics::intake {

struct SyslogFrame {
    std::string_view line;  // without its end of line; points into the bytes that were given
    // How long it was, where it was too long to be kept and was skipped; 0 otherwise.
    std::uint64_t skipped = 0;
};

class SyslogFrames {
public:
    // Takes a message off the front of `bytes`; never Broken. With NeedMore `bytes` is left with the beginning of a
    // message, never more than longestLine and a count of 8 bytes: what is longer is consumed as it comes. Empty
    // lines are passed over.
    Framing next(std::string_view &bytes, SyslogFrame &frame);
    // In the middle of a message, `left` of which were not consumed.
    [[nodiscard]] bool within(std::string_view left) const { return m_skipped > 0 || !left.empty(); }

private:
    enum class Skipping { Nothing, ToLineEnd, Counted };

    bool skip(std::string_view &bytes, SyslogFrame &frame);

    Skipping m_skipping = Skipping::Nothing;
    std::uint64_t m_left = 0;     // of a counted message
    std::uint64_t m_skipped = 0;  // so far
};

}  // namespace cm::metrics::intake
