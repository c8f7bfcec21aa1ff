// SPDX-License-Identifier: GPL-3.0-or-later
// A PostgreSQL server by its own account, over one session that is kept. The role pg_monitor suffices. On
// a primary it stamps the heartbeat row, in a table that is made when the user may; both stamps are of
// the primary's clock, so that clocks that differ do not matter.
#pragma once

#include "core/monitor/probes/probe.h"
#include "core/sql/session.h"

namespace cm::monitor {

class PostgresProbe final : public Probe<PostgresFacts> {
public:
    // `writer` tells the rows of several monitors apart.
    PostgresProbe(sql::ConnectSession connect, sql::SessionAddress address, std::string_view writer);
    Result<PostgresFacts> look(const ProbeTime &time) override;

private:
    Result<PostgresFacts> ask(const ProbeTime &time);
    Result<void> readSenders(PostgresFacts &facts, const ProbeTime &time);
    Result<void> readSlots(PostgresFacts &facts, const ProbeTime &time);
    void weigh(PostgresFacts &facts, const ProbeTime &time);
    void beat(PostgresFacts &facts, bool tableThere, const ProbeTime &time);

    sql::ConnectSession m_connect;
    sql::SessionAddress m_address;
    std::string m_writer;  // as a literal of SQL
    std::unique_ptr<sql::Session> m_session;
    std::chrono::steady_clock::time_point m_beatFrom, m_weighFrom;
    std::optional<double> m_databaseBytes;
};

}  // namespace cm::monitor
