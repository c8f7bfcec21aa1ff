// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/runbook.h"

#include "core/api/findings.h"
#include "ui/format/format.h"

#include <QRegularExpression>

#include <algorithm>

namespace cm::ui {

namespace {

namespace code = api::finding;

struct Address {
    QString host;
    QString port;
};

const api::TopologyNode *nodeOf(const api::Topology &topology, const std::string &name)
{
    const auto found = std::find_if(topology.nodes.begin(), topology.nodes.end(), [&name](const api::TopologyNode &node) { return node.name == name; });
    return found == topology.nodes.end() ? nullptr : &*found;
}

std::optional<Address> addressOf(const api::Topology &topology, const std::string &name)
{
    const api::TopologyNode *node = nodeOf(topology, name);
    if (!node || node->address.empty())
        return std::nullopt;
    const QString address = text(node->address);
    const qsizetype colon = address.lastIndexOf(QLatin1Char(':'));
    if (colon < 0)
        return Address{address, {}};
    QString host = address.left(colon);
    // "[::1]" in an address, "::1" as a host.
    if (host.startsWith(QLatin1Char('[')) && host.endsWith(QLatin1Char(']')))
        host = host.mid(1, host.size() - 2);
    return Address{host, address.mid(colon + 1)};
}

QString psql(const Address &at, const char *query)
{
    return QStringLiteral("psql -h %1 -p %2 -d postgres -c \"%3\"").arg(RunbookWords::quoted(at.host), RunbookWords::quoted(at.port), QLatin1String(query));
}

bool isOneOf(const std::string &finding, std::initializer_list<std::string_view> codes)
{
    return std::find(codes.begin(), codes.end(), finding) != codes.end();
}

const api::StandbyReplication *standbyOf(const api::ReplicationView &replication, const std::string &name)
{
    const auto found = std::find_if(replication.standbys.begin(), replication.standbys.end(), [&name](const api::StandbyReplication &one) { return one.name == name; });
    return found == replication.standbys.end() ? nullptr : &*found;
}

}  // namespace

QString RunbookWords::quoted(const QString &word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9._:/@%+-]+$"));
    return plain.match(word).hasMatch() ? word : QLatin1Char('\'') + QString(word).replace(QLatin1Char('\''), QStringLiteral("'\\''")) + QLatin1Char('\'');
}

void RunbookWords::addReplication(Runbook &book, const api::Alert &alert, const api::Topology &topology, const api::ReplicationView &replication)
{
    const auto here = addressOf(topology, alert.node);
    const QString name = text(alert.node);
    const api::StandbyReplication *standby = standbyOf(replication, alert.node);
    const std::string primary = standby ? standby->primary : replication.primary;
    const auto there = primary == alert.node ? std::nullopt : addressOf(topology, primary);
    if (standby) {
        const auto value = [&book](const QString &words, const std::string &what) {
            if (!what.empty())
                book.values.append({words, {}, text(what)});
        };
        value(tr("Primary"), standby->primary);
        value(tr("Received up to"), standby->receiveLsn);
        value(tr("Replayed up to"), standby->replayLsn);
        value(tr("Replay"), standby->pauseState);
        value(tr("Follows"), standby->senderHost);
        value(tr("Slot"), standby->slot);
    }
    const auto ask = [&book](const QString &words, const std::optional<Address> &at, const char *query) {
        if (at)
            book.commands.append({words, psql(*at, query), {}});
    };
    if (isOneOf(alert.finding, {code::stalled, code::lagging})) {
        ask(tr("Is %1 paused, and where is it?").arg(name), here, "select pg_get_wal_replay_pause_state(), pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()");
        ask(tr("Which query on %1 may stand in the way?").arg(name), here,
            "select pid, now() - query_start as runs, state, left(query, 80) as query from pg_stat_activity where backend_type = 'client backend' order by query_start limit 5");
        if (alert.finding == code::stalled)
            ask(tr("Resume, by hand"), here, "select pg_wal_replay_resume()");
    } else if (isOneOf(alert.finding, {code::disconnected, code::followsOther, code::rebuild, code::diverged, code::noSecondCopy, code::syncInName})) {
        ask(tr("What %1 receives, and from whom").arg(name), here, "select status, sender_host, sender_port, slot_name, latest_end_lsn, last_msg_receipt_time from pg_stat_wal_receiver");
        ask(tr("Who follows %1").arg(text(primary)), there, "select application_name, client_addr, state, sync_state, sent_lsn, replay_lsn from pg_stat_replication");
        ask(tr("The timeline of %1").arg(name), here, "select timeline_id, redo_lsn from pg_control_checkpoint()");
        ask(tr("The timeline of %1").arg(text(primary)), there, "select timeline_id, redo_lsn from pg_control_checkpoint()");
    } else if (isOneOf(alert.finding, {code::slotInactive, code::slotEndangered})) {
        ask(tr("What the slots on %1 keep").arg(name), here,
            "select slot_name, active, wal_status, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) as keeps from pg_replication_slots");
    } else if (isOneOf(alert.finding, {code::splitBrain, code::noPrimary})) {
        for (const api::TopologyNode &node : topology.nodes) {
            if (node.role == "postgres")
                ask(tr("What %1 is").arg(text(node.name)), addressOf(topology, node.name),
                    "select pg_is_in_recovery(), (select timeline_id from pg_control_checkpoint()), case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else "
                    "pg_current_wal_lsn() end");
        }
    } else if (here) {
        book.commands.append({tr("Does %1 answer?").arg(name), QStringLiteral("pg_isready -h %1 -p %2").arg(quoted(here->host), quoted(here->port)), {}});
    }
}

void RunbookWords::addPools(Runbook &book, const api::Alert &, const api::Topology &topology)
{
    for (const api::TopologyNode &node : topology.nodes) {
        if (node.role != "pgpool")
            continue;
        if (const auto at = addressOf(topology, node.name))
            book.commands.append({tr("What %1 believes").arg(text(node.name)), psql(*at, "show pool_nodes"), {}});
    }
}

void RunbookWords::addWeb(Runbook &book, const api::Alert &alert, const api::Topology &topology)
{
    const auto at = addressOf(topology, alert.node);
    if (!at)
        return;
    const bool secure = at->port == QLatin1String("443") || at->port == QLatin1String("8443");
    const QString host = at->host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(at->host) : at->host;
    const QString base = QStringLiteral("%1://%2:%3").arg(secure ? QStringLiteral("https") : QStringLiteral("http"), host, at->port);
    const QString name = text(alert.node);
    book.commands.append({tr("Is %1 ready?").arg(name), QStringLiteral("curl -sS -i --max-time 5 %1").arg(quoted(base + QStringLiteral("/_health/"))), {}});
    book.commands.append({tr("Does %1 serve the index?").arg(name), QStringLiteral("curl -sS -o /dev/null -w '%{http_code} %{time_total}s\\n' --max-time 5 ") + quoted(base + QStringLiteral("/simple/")), {}});
}

void RunbookWords::addCertificate(Runbook &book, const api::Alert &alert, const api::Topology &topology)
{
    const auto at = addressOf(topology, alert.node);
    if (!at || at->port.isEmpty())
        return;
    const QString host = at->host.contains(QLatin1Char(':')) ? QStringLiteral("[%1]").arg(at->host) : at->host;
    book.commands.append({tr("What %1 presents").arg(text(alert.node)),
                          QStringLiteral("openssl s_client -connect %1 </dev/null 2>/dev/null | openssl x509 -noout -subject -dates -fingerprint -sha256").arg(quoted(host + QLatin1Char(':') + at->port)), {}});
}

Runbook RunbookWords::of(const api::Alert &alert, const api::Topology &topology, const api::ReplicationView &replication)
{
    Runbook book;
    book.text = text(alert.runbook);
    if (const api::TopologyNode *node = nodeOf(topology, alert.node); node && !node->address.empty())
        book.values.append({text(node->name), {}, node->host.empty() ? text(node->address) : tr("%1 on %2", "an address on a host").arg(text(node->address), text(node->host))});
    if (alert.role == "postgres")
        addReplication(book, alert, topology, replication);
    else if (alert.role == "pgpool")
        addPools(book, alert, topology);
    else if (alert.role == "web")
        addWeb(book, alert, topology);
    else if (alert.role == "certificate")
        addCertificate(book, alert, topology);
    else if (alert.role == "disk")
        book.commands.append({tr("On its host: what is left"), QStringLiteral("df -h && df -i"), {}});
    return book;
}

}  // namespace cm::ui
