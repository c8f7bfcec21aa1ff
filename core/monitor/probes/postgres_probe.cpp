// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/probes/postgres_probe.h"

#include <charconv>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

// The timeline of a standby is that of what it receives; its last checkpoint may be of an older one.
// After a heartbeat that was not taken: for want of rights, or because nothing is written just now.
constexpr auto beatAgainAfter = std::chrono::seconds(15);
// Each file of every database is looked up for it, and it changes slowly.
constexpr auto weighEvery = std::chrono::seconds(60);
constexpr auto weighTime = std::chrono::milliseconds(500);

constexpr std::string_view ownAccount = R"(
SELECT pg_is_in_recovery() AS recovery, (SELECT system_identifier FROM pg_control_system()) AS system,
  CASE WHEN pg_is_in_recovery()
    THEN coalesce(w.received_tli, nullif((SELECT min_recovery_end_timeline FROM pg_control_recovery()), 0),
                  (SELECT timeline_id FROM pg_control_checkpoint()))
    ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline,
  current_setting('server_version') AS version,
  CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END AS current,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() END AS received,
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END AS replayed,
  CASE WHEN pg_is_in_recovery() THEN pg_get_wal_replay_pause_state() END AS pause,
  w.status AS receiver, w.sender_host, w.sender_port, w.slot_name,
  extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) AS message_age,
  current_setting('synchronous_commit') AS sync_commit,
  current_setting('synchronous_standby_names') AS sync_names,
  (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size') AS slot_keep,
  current_setting('max_connections') AS max_connections,
  (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
  extract(epoch FROM pg_postmaster_start_time()) AS started,
  current_setting('default_transaction_read_only') AS read_only,
  current_setting('max_wal_senders') AS max_senders, current_setting('max_replication_slots') AS max_slots,
  (SELECT count(*) FROM pg_stat_replication) AS senders,
  (SELECT string_agg(slot_name, ',') FROM pg_replication_slots) AS slot_names,
  (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_receiver_timeout') AS receiver_timeout,
  to_regclass('cheesemonger_heartbeat') IS NOT NULL AS beats
FROM (SELECT 1) one LEFT JOIN pg_stat_wal_receiver w ON true)";

constexpr std::string_view sendersOf = R"(
SELECT application_name, host(client_addr) AS address, state, sync_state, sent_lsn, write_lsn, flush_lsn, replay_lsn,
  extract(epoch FROM replay_lag) AS replay_lag, extract(epoch FROM clock_timestamp() - reply_time) AS reply_age
FROM pg_stat_replication)";

constexpr std::string_view slotsOf = R"(
SELECT slot_name, active, wal_status, safe_wal_size, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS retained
FROM pg_replication_slots)";

std::optional<double> number(const std::optional<std::string> &text)
{
    double value = 0;
    if (!text)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() && end == text->data() + text->size() ? std::optional(value) : std::nullopt;
}

std::optional<Lsn> lsn(const std::optional<std::string> &text)
{
    return text ? parseLsn(*text) : std::nullopt;
}

PostgresFacts accountOf(const sql::Table &table)
{
    const auto at = [&](std::string_view column) { return table.at(0, column); };
    const auto text = [&](std::string_view column) { return at(column).value_or(std::string()); };
    PostgresFacts facts;
    facts.inRecovery = text("recovery") == "t";
    facts.systemIdentifier = text("system");
    if (const auto timeline = number(at("timeline")))
        facts.timeline = static_cast<std::int64_t>(*timeline);
    facts.version = text("version");
    facts.current = lsn(at("current"));
    facts.received = lsn(at("received"));
    facts.replayed = lsn(at("replayed"));
    facts.pauseState = text("pause");
    if (at("receiver"))
        facts.receiver = WalReceiver{text("receiver"), text("sender_host"),
                                     static_cast<std::int64_t>(number(at("sender_port")).value_or(0)), text("slot_name"),
                                     number(at("message_age"))};
    facts.synchronousCommit = text("sync_commit");
    facts.synchronousStandbyNames = text("sync_names");
    if (const auto keep = number(at("slot_keep")); keep && *keep >= 0)
        facts.slotKeepBytes = *keep * (1 << 20);
    facts.readOnly = text("read_only") == "on";
    if (const auto timeout = number(at("receiver_timeout")); timeout && *timeout > 0)
        facts.receiverTimeout = *timeout / 1000;
    facts.maxConnections = number(at("max_connections"));
    facts.connections = number(at("connections"));
    facts.started = number(at("started"));
    const auto whole = [&](std::string_view column) {
        const auto value = number(at(column));
        return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
    };
    facts.senderCount = whole("senders");
    facts.maxSenders = whole("max_senders");
    facts.maxSlots = whole("max_slots");
    // None has a comma in its name.
    for (std::string names = text("slot_names"); !names.empty();) {
        const auto comma = std::min(names.find(','), names.size());
        facts.slotNames.push_back(names.substr(0, comma));
        names.erase(0, comma + 1);
    }
    return facts;
}

}  // namespace

PostgresProbe::PostgresProbe(sql::ConnectSession connect, sql::SessionAddress address, std::string_view writer)
    : m_connect(std::move(connect)), m_address(std::move(address)), m_writer("'")
{
    for (const char c : writer)
        m_writer.append(c == '\'' ? 2 : 1, c);
    m_writer += '\'';
}

Result<PostgresFacts> PostgresProbe::look(const ProbeTime &time)
{
    const auto begun = std::chrono::steady_clock::now();
    const bool kept = m_session && m_session->isOpen();
    auto facts = ask(time);
    // A session that ended while nobody looked says nothing about the server.
    if (!facts && kept && facts.error().code == ErrorCode::Unavailable && time.left().count() > 0)
        facts = ask(time);
    if (facts)
        facts->answeredIn = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return facts;
}

Result<PostgresFacts> PostgresProbe::ask(const ProbeTime &time)
{
    if (!m_session || !m_session->isOpen()) {
        m_session.reset();
        m_beatFrom = {};
        CM_TRY_ASSIGN(m_session, m_connect(m_address, time.deadline, time.stop));
    }
    CM_TRY_ASSIGN(const sql::Table table, m_session->ask(std::string(ownAccount), time.deadline, time.stop));
    PostgresFacts facts = accountOf(table);
    if (!facts.inRecovery) {
        CM_TRY(readSenders(facts, time));
        CM_TRY(readSlots(facts, time));
    }
    beat(facts, table.at(0, "beats") == "t", time);
    weigh(facts, time);
    return facts;
}

Result<void> PostgresProbe::readSenders(PostgresFacts &facts, const ProbeTime &time)
{
    CM_TRY_ASSIGN(const sql::Table table, m_session->ask(std::string(sendersOf), time.deadline, time.stop));
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        const auto text = [&](std::string_view column) { return table.at(row, column).value_or(std::string()); };
        WalSender sender;
        sender.application = text("application_name");
        sender.clientAddress = text("address");
        sender.state = text("state");
        sender.syncState = text("sync_state");
        sender.sent = lsn(table.at(row, "sent_lsn"));
        sender.written = lsn(table.at(row, "write_lsn"));
        sender.flushed = lsn(table.at(row, "flush_lsn"));
        sender.replayed = lsn(table.at(row, "replay_lsn"));
        sender.replayLag = number(table.at(row, "replay_lag"));
        sender.replyAge = number(table.at(row, "reply_age"));
        facts.senders.push_back(std::move(sender));
    }
    return {};
}

Result<void> PostgresProbe::readSlots(PostgresFacts &facts, const ProbeTime &time)
{
    CM_TRY_ASSIGN(const sql::Table table, m_session->ask(std::string(slotsOf), time.deadline, time.stop));
    for (std::size_t row = 0; row < table.rows.size(); ++row)
        facts.slots.push_back({table.at(row, "slot_name").value_or(std::string()), table.at(row, "active") == "t",
                               table.at(row, "wal_status").value_or(std::string()), number(table.at(row, "retained")),
                               number(table.at(row, "safe_wal_size"))});
    return {};
}

// Last: what it costs, nothing else waits for.
void PostgresProbe::weigh(PostgresFacts &facts, const ProbeTime &time)
{
    const auto now = std::chrono::steady_clock::now();
    if (facts.inRecovery) {
        m_databaseBytes.reset();
        m_weighFrom = {};
    } else if (now >= m_weighFrom && m_session->isOpen()) {
        m_weighFrom = now + weighEvery;
        const auto told = m_session->ask("SELECT sum(pg_database_size(oid)) AS size FROM pg_database", std::min(time.deadline, now + weighTime), time.stop);
        m_databaseBytes = told ? number(told->at(0, "size")) : std::nullopt;
    }
    facts.databaseBytes = m_databaseBytes;
}

void PostgresProbe::beat(PostgresFacts &facts, bool tableThere, const ProbeTime &time)
{
    if (!facts.inRecovery && std::chrono::steady_clock::now() >= m_beatFrom) {
        // A commit that waited for the standby would hang with it.
        std::string sql = "BEGIN; SET LOCAL synchronous_commit = local; ";
        if (!tableThere)
            sql += "CREATE TABLE IF NOT EXISTS cheesemonger_heartbeat (writer text PRIMARY KEY, stamp timestamptz NOT "
                   "NULL); ";
        sql += fmt::format("INSERT INTO cheesemonger_heartbeat (writer, stamp) VALUES ({}, clock_timestamp()) ON "
                           "CONFLICT (writer) DO UPDATE SET stamp = excluded.stamp; COMMIT", m_writer);
        const auto written = m_session->ask(sql, time.deadline, time.stop);
        if (!written) {
            m_beatFrom = std::chrono::steady_clock::now() + beatAgainAfter;
            if (m_session->isOpen())
                (void)m_session->ask("ROLLBACK", time.deadline, time.stop);
        }
        facts.writesHeartbeat = written.has_value();
        tableThere = tableThere || facts.writesHeartbeat;
    }
    if (!tableThere || !m_session->isOpen())
        return;
    const auto stamp =
        m_session->ask(fmt::format("SELECT extract(epoch FROM stamp) AS stamp FROM cheesemonger_heartbeat WHERE writer = {}",
                                   m_writer), time.deadline, time.stop);
    if (stamp)
        facts.heartbeat = number(stamp->at(0, "stamp"));
}

}  // namespace cm::monitor
