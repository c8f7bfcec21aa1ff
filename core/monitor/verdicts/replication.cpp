// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/replication.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

class Cluster {
public:
    Cluster(const std::vector<DatabaseInput> &servers, Time stillFresh, const Thresholds &limits)
        : m_servers(servers), m_stillFresh(stillFresh), m_limits(limits)
    {}

    ClusterJudgement judge()
    {
        findPrimary();
        for (const DatabaseInput &server : m_servers) {
            judgeAnswer(server);
            if (const PostgresFacts *facts = factsOf(server))
                judgeOwn(server, *facts);
        }
        for (const DatabaseInput &server : m_servers) {
            if (isStandby(server))
                judgeStandby(server);
        }
        judgeCopies();
        return std::move(m_out);
    }

private:
    const PostgresFacts *factsOf(const DatabaseInput &server) const
    {
        const bool fresh = server.watched.facts && server.watched.outcome == Outcome::Answered &&
                           server.watched.taken >= m_stillFresh;
        return fresh ? &*server.watched.facts : nullptr;
    }

    // The one that takes writes; while none is seen doing so, the one that last did.
    void findPrimary()
    {
        for (const DatabaseInput &server : m_servers) {
            const PostgresFacts *facts = factsOf(server);
            if (facts && !facts->inRecovery)
                m_writers.push_back(&server);
        }
        if (m_writers.size() == 1)
            m_out.primary = m_writers.front()->name;
        if (!m_writers.empty()) {
            m_primary = m_writers.front();
            return;
        }
        for (const DatabaseInput &server : m_servers) {
            const auto &watched = server.watched;
            if (watched.facts && !watched.facts->inRecovery && (!m_primary || watched.taken > m_primary->watched.taken))
                m_primary = &server;
        }
    }

    bool isStandby(const DatabaseInput &server) const
    {
        if (&server == m_primary)
            return false;
        // Another one that takes writes is judged as well: row 7. One that never answered may be one.
        return m_primary != nullptr || (server.watched.facts && server.watched.facts->inRecovery);
    }

    void add(const DatabaseInput &server, Verdict verdict, std::string_view found, std::string statement,
             int raiseAfter = 2, std::string cause = {})
    {
        m_out.findings.push_back({server.name, std::string(found), verdict, std::move(statement),
                                  std::max(server.watched.tried, server.watched.taken), raiseAfter, 2,
                                  std::move(cause)});
    }

    // Whether the primary, which we can see, still hears from a standby that we cannot.
    bool primaryHears(const DatabaseInput &silent) const
    {
        const PostgresFacts *primary = m_primary && &silent != m_primary ? factsOf(*m_primary) : nullptr;
        if (!primary || primary->inRecovery)
            return false;
        LagInput in;
        in.primaryFacts = primary;
        in.application = silent.application;
        in.standbyAddress = silent.application.empty() ? silent.address : std::string();
        const WalSender *row = senderOf(in);
        return row && row->state == "streaming" && row->replyAge.value_or(m_limits.silentSeconds) < m_limits.silentSeconds / 2;
    }

    // Whether somebody whom we can see still hears from a primary that we cannot.
    bool isVouchedFor(const DatabaseInput &silent) const
    {
        return &silent == m_primary && !factsOf(silent) &&
               std::any_of(m_servers.begin(), m_servers.end(), [&](const DatabaseInput &other) {
                   const PostgresFacts *facts = factsOf(other);
                   return facts && facts->inRecovery && facts->receiver && facts->receiver->status == "streaming" &&
                          facts->receiver->messageAge.value_or(longestPause(*facts, m_limits.silentSeconds)) <
                              longestPause(*facts, m_limits.silentSeconds / 2);
               });
    }

    void judgeAnswer(const DatabaseInput &server)
    {
        if (!server.watched.wasTried() || server.watched.outcome == Outcome::Answered)
            return;
        if (server.watched.outcome == Outcome::Denied)
            add(server, Verdict::Unknown, code::refused,
                fmt::format("{} refuses the monitor: {}", server.name, server.watched.problem));
        else if (isVouchedFor(server))
            add(server, Verdict::Unknown, code::monitorBlind,
                fmt::format("The monitor cannot reach {}, its standby still can", server.name));
        else if (server.watched.outcome == Outcome::Silent && primaryHears(server))
            add(server, Verdict::Unknown, code::monitorBlind,
                fmt::format("The monitor cannot reach {}, its primary still can", server.name));
        else if (server.watched.outcome == Outcome::Silent)
            addGone(server, code::noAnswer, fmt::format("{} does not answer", server.name));
        else
            addGone(server, code::down, fmt::format("{} is down: {}", server.name, server.watched.problem));
    }

    // Whoever reads that a database is gone asks first whether anybody takes writes.
    void addGone(const DatabaseInput &server, std::string_view found, const std::string &gone)
    {
        const DatabaseInput *taker = m_writers.size() == 1 ? m_writers.front() : nullptr;
        const bool nobody = lacksPrimary() && &server == m_primary;
        add(server, Verdict::Critical, found,
            taker ? fmt::format("{} ({} takes writes)", gone, taker->name) : nobody ? gone + " (no database takes writes)" : gone);
        const std::string look = found == code::noAnswer ? "Look from a second place first: its host, its network. " : "";
        if (taker)
            m_out.findings.back().remedy =
                fmt::format("{}Bring {} back as a standby of {}: start its keeper or its host, then rejoin it on Nodes where it does not follow by itself.", look, server.name, taker->name);
        else if (nobody)
            m_out.findings.back().remedy = fmt::format("{}Wait for a few seconds: where keepers or Patroni look after the databases, a standby takes over. If none does, start {} again; "
                                                       "it has every acknowledged upload.", look, server.name);
        else if (m_primary && m_servers.size() > 1 && factsSeen() == 0)
            m_out.findings.back().remedy = fmt::format("{}Start {} first, which took writes last and has every acknowledged upload; then the others: they agree among themselves.",
                                                       look, m_primary->name);
    }

    // Of a primary that only we do not see nobody knows that it takes no writes.
    bool lacksPrimary() const { return m_servers.size() > 1 && m_writers.empty() && m_primary && factsSeen() > 0 && !isVouchedFor(*m_primary); }

    void judgeOwn(const DatabaseInput &server, const PostgresFacts &facts)
    {
        if (facts.connections && facts.maxConnections &&
            *facts.connections > m_limits.connectionsWarn * *facts.maxConnections)
            add(server, Verdict::Warning, code::slow,
                fmt::format("{} has {:.0f} of {:.0f} connections in use", server.name, *facts.connections,
                            *facts.maxConnections), 3);
        if (facts.inRecovery)
            return;
        if (facts.readOnly)
            add(server, Verdict::Critical, code::readOnlyDatabase,
                fmt::format("{} is the primary, and its transactions are read-only", server.name));
        for (const SlotFacts &slot : facts.slots)
            judgeSlot(server, facts, slot);
    }

    void judgeSlot(const DatabaseInput &server, const PostgresFacts &facts, const SlotFacts &slot)
    {
        // A lost slot is told of the standby that needs it.
        if (slot.active || slot.walStatus == "lost")
            return;
        const bool endangered = slot.walStatus == "unreserved" ||
                                (slot.safeSize && facts.slotKeepBytes &&
                                 *slot.safeSize < m_limits.slotSafeShare * *facts.slotKeepBytes);
        if (endangered)
            add(server, Verdict::Critical, code::slotEndangered,
                fmt::format("Slot {} on {} is about to lose WAL", slot.name, server.name), 2, ownerOf(slot));
        else
            add(server, Verdict::Warning, code::slotInactive,
                fmt::format("Slot {} on {} is unused and keeps {}", slot.name, server.name,
                            slot.retained ? bytesText(*slot.retained) : "WAL"), m_limits.slotInactivePolls,
                ownerOf(slot));
        m_out.findings.back().subject = slot.name;
    }

    std::string ownerOf(const SlotFacts &slot) const
    {
        for (const DatabaseInput &server : m_servers) {
            if (server.slot == slot.name && &server != m_primary)
                return server.name;
        }
        return {};
    }

    std::optional<double> heartbeatLag(const PostgresFacts *standby) const
    {
        const PostgresFacts *primary = m_primary ? factsOf(*m_primary) : nullptr;
        if (!standby || !standby->inRecovery || !primary || !primary->writesHeartbeat || !primary->heartbeat || !standby->heartbeat)
            return std::nullopt;
        return std::max(0.0, *primary->heartbeat - *standby->heartbeat);
    }

    void judgeStandby(const DatabaseInput &server)
    {
        const PostgresFacts *own = factsOf(server);
        LagInput in;
        in.standby = server.name;
        in.primary = m_primary ? m_primary->name : "its primary";
        in.primaryFacts = m_primary ? factsOf(*m_primary) : nullptr;
        if (in.primaryFacts && in.primaryFacts->inRecovery)
            in.primaryFacts = nullptr;
        in.standbyFacts = own;
        in.application = server.application;
        in.slot = server.slot;
        in.standbyAddress = server.application.empty() ? server.address : std::string();
        in.unmovedPolls = server.track.unmoved;
        in.heartbeatLag = heartbeatLag(own);
        StandbyJudgement standby;
        standby.name = server.name;
        standby.lag = judgeLag(in, m_limits);
        standby.heartbeatLag = in.heartbeatLag;
        estimateLoss(standby, server, own);
        report(server, standby.lag);
        m_out.standbys.push_back(std::move(standby));
    }

    void report(const DatabaseInput &server, const LagJudgement &lag)
    {
        // That it does not answer has been said; that its lag is unknown follows from it.
        const bool silent = server.watched.wasTried() && server.watched.outcome != Outcome::Answered;
        if (!lag.code.empty() && lag.code != code::stale && !(silent && lag.code == code::disconnected)) {
            const bool primaryGone = m_primary && !factsOf(*m_primary);
            const bool other = lag.code == code::splitBrain || lag.row == 0 || (lag.row == 6 && primaryGone);
            add(server, lag.verdict, lag.code, lag.statement, lag.raiseAfter,
                other && m_primary ? m_primary->name : std::string());
            m_out.findings.back().warnAfter = lag.warnAfter;
            if (lag.code == code::splitBrain)
                add(*m_primary, lag.verdict, lag.code, lag.statement, lag.raiseAfter);
        }
        if (lag.syncInName)
            add(*m_primary, Verdict::Warning, code::syncInName,
                fmt::format("{} is synchronous in name only: commits do not wait for it", server.name));
    }

    // A figure only while both ends are seen: what a primary has written since it was seen nobody knows.
    void estimateLoss(StandbyJudgement &standby, const DatabaseInput &server, const PostgresFacts *own) const
    {
        const PostgresFacts *primary = m_primary ? factsOf(*m_primary) : nullptr;
        // After a restart nothing is received yet, or the begin of a segment; what is replayed it has all the same.
        const std::optional<Lsn> has = own ? std::max(own->received, own->replayed) : std::nullopt;
        if (!m_primary)
            standby.lossStatement = "Not known: no primary has been seen";
        else if (!primary || !primary->current)
            standby.lossStatement = fmt::format("Not known: {} is not seen, and what it has written since nobody can say", m_primary->name);
        else if (standby.lag.row == 7 || standby.lag.row == 8)
            standby.lossStatement = fmt::format("Not known: {} is no copy of {}", server.name, m_primary->name);
        else if (!has)
            standby.lossStatement = fmt::format("Not known: what {} has is not seen", server.name);
        if (!standby.lossStatement.empty())
            return;
        standby.lossBytes = *primary->current > *has ? static_cast<double>(*primary->current - *has) : 0.0;
        standby.lossSeconds = standby.heartbeatLag;
        standby.lossSampled = std::min(m_primary->watched.taken, server.watched.taken);
        standby.lossStatement = fmt::format("{} that {} had written", bytesText(*standby.lossBytes), m_primary->name);
    }

    void judgeCopies()
    {
        const bool several = m_servers.size() > 1;
        if (lacksPrimary())
            add(*m_primary, Verdict::Critical, code::noPrimary, "No database server takes writes", 2,
                factsOf(*m_primary) ? std::string() : m_primary->name);
        if (!several || m_writers.size() != 1)
            return;
        const auto streaming = std::count_if(m_out.standbys.begin(), m_out.standbys.end(), [](const auto &standby) {
            return standby.lag.row >= 1 && standby.lag.row <= 3;
        });
        if (streaming == 0)
            add(*m_primary, Verdict::Warning, code::noSecondCopy,
                fmt::format("What {} commits has no second copy", m_primary->name), 2,
                m_out.standbys.empty() ? std::string() : m_out.standbys.front().name);
    }

    std::size_t factsSeen() const
    {
        return static_cast<std::size_t>(std::count_if(m_servers.begin(), m_servers.end(),
                                                      [this](const auto &server) { return factsOf(server) != nullptr; }));
    }

    const std::vector<DatabaseInput> &m_servers;
    Time m_stillFresh;
    const Thresholds &m_limits;
    std::vector<const DatabaseInput *> m_writers;
    const DatabaseInput *m_primary = nullptr;
    ClusterJudgement m_out;
};

}  // namespace

ClusterJudgement judgeCluster(const std::vector<DatabaseInput> &servers, Time stillFresh, const Thresholds &limits)
{
    return Cluster(servers, stillFresh, limits).judge();
}

}  // namespace cm::monitor
