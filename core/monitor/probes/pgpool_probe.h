// SPDX-License-Identifier: GPL-3.0-or-later
// A pgpool twice: over its control port and as a client of SQL sees it, with the settings that are worth a
// finding. One of the two ways in that fails is told with the facts of the other. The session of SQL is kept between looks.
#pragma once

#include "core/monitor/probes/pcp_client.h"
#include "core/sql/session.h"

namespace cm::monitor {

struct PoolTarget {
    std::string host;
    std::uint16_t pcpPort = 0;
    std::string pcpUser, pcpPassword;
    std::optional<sql::SessionAddress> sql;  // nothing: a witness that serves nobody
    // Within which it has to answer at all. What it says of its databases may take until the deadline: it tries each.
    std::chrono::milliseconds patience{2000};
};

class PgpoolProbe final : public Probe<PoolFacts> {
public:
    PgpoolProbe(sql::ConnectSession connect, PoolTarget target)
        : m_connect(std::move(connect)), m_target(std::move(target))
    {}
    Result<PoolFacts> look(const ProbeTime &time) override;

private:
    Result<void> askControl(PoolFacts &facts, const ProbeTime &time);
    Result<void> askSql(PoolFacts &facts, bool prompt, const ProbeTime &time);

    sql::ConnectSession m_connect;
    PoolTarget m_target;
    std::unique_ptr<sql::Session> m_session;
    std::map<std::string, std::string> m_settings;
    std::chrono::steady_clock::time_point m_settingsRead;
};

}  // namespace cm::monitor
