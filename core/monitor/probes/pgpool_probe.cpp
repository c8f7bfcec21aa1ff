// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/pgpool_probe.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

// Beyond that it has waited for a silent database, and would for each statement that asks the same.
constexpr auto promptly = std::chrono::milliseconds(500);
// For clients, where the control port was silent until it was given up: one that serves answers at once.
constexpr auto besides = std::chrono::milliseconds(500);
constexpr auto settingsEvery = std::chrono::seconds(60);
constexpr std::array settingNames{"health_check_period", "failover_on_backend_error", "delay_threshold",
                                  "sr_check_period",     "auto_failback",             "use_watchdog",
                                  "enable_consensus_with_half_votes", "failover_command", "follow_primary_command",
                                  "detach_false_primary"};

PoolBackendFacts backendOf(const sql::Table &table, std::size_t row)
{
    const auto text = [&](std::string_view column) { return table.at(row, column).value_or(std::string()); };
    const auto number = [&](std::string_view column) {
        std::int64_t value = 0;
        const std::string digits = text(column);
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    };
    PoolBackendFacts facts;
    facts.id = number("node_id");
    facts.host = text("hostname");
    facts.port = number("port");
    facts.status = text("status");
    facts.actualStatus = text("pg_status");
    facts.role = text("role");
    facts.actualRole = text("pg_role");
    double weight = 0;
    const std::string digits = text("lb_weight");
    if (std::from_chars(digits.data(), digits.data() + digits.size(), weight).ec == std::errc())
        facts.weight = weight;
    facts.delay = text("replication_delay");
    facts.replicationState = text("replication_state");
    facts.syncState = text("replication_sync_state");
    facts.changed = text("last_status_change");
    return facts;
}

}  // namespace

Result<PoolFacts> PgpoolProbe::look(const ProbeTime &time)
{
    const auto begun = std::chrono::steady_clock::now();
    PoolFacts facts;
    const auto control = askControl(facts, time);
    if (!control && (!m_target.sql || control.error().code == ErrorCode::Cancelled))
        return fail(control.error());
    if (m_target.sql) {
        // A child that serves clients may hang while the control port answers.
        const bool silent = !control && control.error().code == ErrorCode::Timeout;
        const ProbeTime brief{std::min(time.deadline, std::chrono::steady_clock::now() + (silent ? besides : m_target.patience)), time.stop};
        const bool prompt = !control || std::chrono::steady_clock::now() - begun < promptly;
        const bool kept = m_session && m_session->isOpen();
        auto asked = askSql(facts, prompt, brief);
        if (!asked && kept && asked.error().code == ErrorCode::Unavailable)
            asked = askSql(facts, prompt, brief);
        if (!asked && asked.error().code == ErrorCode::Cancelled)
            return fail(asked.error());
        // Neither way in works: what the first one said is told.
        if (!asked && !control)
            return fail(control.error());
        if (!asked)
            facts.sqlProblem = asked.error().detail;
        if (!control) {
            facts.controlProblem = control.error().detail;
            facts.watchdog.reset();
            facts.byControl.clear();
        }
    }
    facts.settings = m_settings;
    facts.answeredIn = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return facts;
}

Result<void> PgpoolProbe::askControl(PoolFacts &facts, const ProbeTime &time)
{
    // Anew each time: pgpool holds failovers and attachments back while somebody is at its control port.
    PcpClient control;
    const ProbeTime soon{std::min(time.deadline, std::chrono::steady_clock::now() + m_target.patience), time.stop};
    CM_TRY(control.connect(m_target.host, m_target.pcpPort, m_target.pcpUser, m_target.pcpPassword, soon));
    CM_TRY_ASSIGN(facts.watchdog, control.watchdog(soon));
    CM_TRY_ASSIGN(facts.byControl, control.backends(time));
    return {};
}

Result<void> PgpoolProbe::askSql(PoolFacts &facts, bool prompt, const ProbeTime &time)
{
    if (!m_session || !m_session->isOpen()) {
        m_session.reset();
        CM_TRY_ASSIGN(m_session, m_connect(*m_target.sql, time.deadline, time.stop));
        m_settings.clear();
    }
    CM_TRY_ASSIGN(const sql::Table table,
                  m_session->ask(prompt ? "show pool_nodes" : "show pool_version", time.deadline, time.stop));
    for (std::size_t row = 0; prompt && row < table.rows.size(); ++row)
        facts.bySql.push_back(backendOf(table, row));
    const auto now = std::chrono::steady_clock::now();
    if (!m_settings.empty() && now - m_settingsRead < settingsEvery)
        return {};
    for (const char *name : settingNames) {
        const auto shown = m_session->ask(fmt::format("pgpool show {}", name), time.deadline, time.stop);
        // One row with the name as its column, or a row for each backend with the value beside.
        const auto value = shown ? (shown->at(0, "value") ? shown->at(0, "value") : shown->at(0, name)) : std::nullopt;
        if (value)
            m_settings[name] = *value;
        else if (!shown && shown.error().code != ErrorCode::Internal)
            return fail(shown.error());
    }
    m_settingsRead = now;
    return {};
}

}  // namespace cm::monitor
