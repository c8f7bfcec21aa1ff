// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/syslog_session.h"

namespace cm::metrics::intake {

SyslogSession::SyslogSession(SessionSurroundings surroundings)
    : m_with(std::move(surroundings)), m_stream(m_with.spool.openStream(m_with.peer, false))
{}

Session::State SyslogSession::take(std::string_view &bytes)
{
    m_with.block.clear();
    m_with.block.keepDigests(false);
    SyslogFrame frame;
    while (m_frames.next(bytes, frame) == Framing::Frame) {
        if (frame.skipped > 0) {
            m_with.block.refuse(tooLong, frame.skipped);
            ++m_with.feed.tooLong;
        } else {
            m_with.block.add(frame.line);
            ++m_lines;
        }
    }
    if (const std::uint32_t lines = m_with.block.lines(); lines > 0) {
        m_with.spool.append(m_stream, m_with.block);
        m_received += lines;
        m_with.feed.received += lines;
    }
    return State::Going;
}

// A line without its end may have more that never arrived: it is counted as one, and not believed.
void SyslogSession::ended(std::string_view left)
{
    if (!m_frames.within(left))
        return;
    m_with.block.clear();
    m_with.block.keepDigests(false);
    m_with.block.refuse(cutOff, left.size());
    m_with.spool.append(m_stream, m_with.block);
    ++m_with.feed.cutOff;
    ++m_with.feed.received;
    ++m_received;
}

}  // namespace cm::metrics::intake
