// SPDX-License-Identifier: GPL-3.0-or-later
// Syslog over TCP or TLS: lines go to the spool as they come, and nobody is told. What a sender had in its own buffers
// and in ours when either process ended is lost; that is what this transport can do. See Session.
#pragma once

#include "core/metrics/intake/session.h"
#include "core/metrics/intake/syslog_frames.h"

namespace cm::metrics::intake {

class SyslogSession final : public Session {
public:
    explicit SyslogSession(SessionSurroundings surroundings);

    State take(std::string_view &bytes) override;
    State durable(std::int64_t, std::string &) override { return State::Going; }
    void ended(std::string_view left) override;
    void leaving(std::string &) override {}
    [[nodiscard]] bool acknowledges() const override { return false; }
    [[nodiscard]] bool isOpen() const override { return m_lines > 0; }
    [[nodiscard]] bool within(std::string_view left) const override { return m_frames.within(left); }

private:
    SessionSurroundings m_with;
    std::uint32_t m_stream;
    SyslogFrames m_frames;
};

}  // namespace cm::metrics::intake
