// SPDX-License-Identifier: GPL-3.0-or-later
// Database servers together: who is primary, whose trouble it is, what speaks against a promotion.
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/replication.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

DatabaseInput server(const char *name, bool inRecovery)
{
    DatabaseInput server;
    server.name = server.application = server.slot = name;
    PostgresFacts facts;
    facts.inRecovery = inRecovery;
    facts.systemIdentifier = "7300000000000000001";
    facts.timeline = 1;
    facts.current = inRecovery ? std::nullopt : std::optional<Lsn>(1000);
    facts.received = facts.replayed = inRecovery ? std::optional<Lsn>(1000) : std::nullopt;
    facts.pauseState = "not paused";
    if (inRecovery)
        facts.receiver = WalReceiver{"streaming", "127.0.0.1", 5432, name, 0.2};
    server.watched.facts = facts;
    server.watched.taken = server.watched.tried = noon;
    server.watched.outcome = Outcome::Answered;
    return server;
}

std::vector<DatabaseInput> pair()
{
    std::vector<DatabaseInput> servers{server("db1", false), server("db2", true)};
    WalSender row;
    row.application = "db2";
    row.state = "streaming";
    row.replayed = 1000;
    servers[0].watched.facts->senders.push_back(row);
    return servers;
}

void fails(DatabaseInput &server, Outcome outcome)
{
    server.watched.outcome = outcome;
    server.watched.problem = "connection refused";
    server.watched.tried = noon + std::chrono::seconds(1);
}

const RawFinding *find(const ClusterJudgement &judged, const std::string &node, std::string_view wanted)
{
    const auto found = std::find_if(judged.findings.begin(), judged.findings.end(), [&](const RawFinding &finding) {
        return finding.node == node && finding.code == wanted;
    });
    return found == judged.findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a healthy pair has no finding, one primary, and nothing to promote")
{
    const ClusterJudgement judged = judgeCluster(pair(), noon);
    CHECK(judged.findings.empty());
    CHECK(judged.primary == "db1");
    REQUIRE(judged.standbys.size() == 1);
    CHECK(judged.standbys[0].lossBytes == 0.0);
}

TEST_CASE("a dead primary is its own trouble, and its standby's is its consequence")
{
    auto servers = pair();
    fails(servers[0], Outcome::Refused);
    servers[1].watched.facts->receiver.reset();
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(judged.primary.empty());
    REQUIRE(find(judged, "db1", code::down));
    CHECK(find(judged, "db1", code::down)->verdict == Verdict::Critical);
    REQUIRE(find(judged, "db2", code::disconnected));
    CHECK(find(judged, "db2", code::disconnected)->cause == "db1");
    CHECK(find(judged, "db1", code::noPrimary));
    // It may have written since it was seen: of what is lost there is no figure.
    CHECK_FALSE(judged.standbys[0].lossBytes);
    CHECK_FALSE(judged.standbys[0].lossSampled);
    CHECK(judged.standbys[0].lossStatement == "Not known: db1 is not seen, and what it has written since nobody can say");
}

TEST_CASE("a primary that only the monitor cannot see is unknown, and nobody may promote")
{
    auto servers = pair();
    fails(servers[0], Outcome::Silent);
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK_FALSE(find(judged, "db1", code::noAnswer));
    REQUIRE(find(judged, "db1", code::monitorBlind));
    CHECK(find(judged, "db1", code::monitorBlind)->verdict == Verdict::Unknown);
    CHECK(judged.standbys.at(0).lag.row == 6);
}

TEST_CASE("what would be lost is of what the standby has in either way, and as old as the older sample")
{
    auto servers = pair();
    servers[0].watched.facts->current = 5000;
    servers[1].watched.facts->replayed = 4000;
    // After a restart: nothing received yet, or the begin of a segment.
    for (const auto &received : {std::optional<Lsn>(), std::optional<Lsn>(2048)}) {
        servers[1].watched.facts->received = received;
        CHECK(judgeCluster(servers, noon).standbys.at(0).lossBytes == 1000.0);
    }
    servers[1].watched.taken = noon + std::chrono::seconds(2);
    CHECK(judgeCluster(servers, noon).standbys.at(0).lossSampled == noon);
    // No position at all is no figure either.
    servers[1].watched.facts->received = servers[1].watched.facts->replayed = std::nullopt;
    CHECK_FALSE(judgeCluster(servers, noon).standbys.at(0).lossBytes);
}

TEST_CASE("two writers are one trouble of both, with promotion out of the question")
{
    std::vector<DatabaseInput> servers{server("db1", false), server("db2", false)};
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(judged.primary.empty());
    REQUIRE(find(judged, "db1", code::splitBrain));
    REQUIRE(find(judged, "db2", code::splitBrain));
    CHECK(find(judged, "db1", code::splitBrain)->cause.empty());
    CHECK(find(judged, "db2", code::splitBrain)->cause == "db1");
    CHECK(judged.standbys.at(0).lossStatement == "Not known: db2 is no copy of db1");
}

TEST_CASE("a cut standby leaves its primary without a second copy")
{
    auto servers = pair();
    servers[0].watched.facts->senders.clear();
    servers[1].watched.facts->receiver.reset();
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db2", code::disconnected)->cause.empty());
    REQUIRE(find(judged, "db1", code::noSecondCopy));
    CHECK(find(judged, "db1", code::noSecondCopy)->cause == "db2");
}

TEST_CASE("facts that are not fresh are not judged")
{
    const ClusterJudgement judged = judgeCluster(pair(), noon + std::chrono::seconds(10));
    CHECK(judged.primary.empty());
    CHECK_FALSE(find(judged, "db1", code::noPrimary));
    CHECK(judged.standbys.at(0).lag.verdict == Verdict::Unknown);
    CHECK_FALSE(judged.standbys.at(0).lag.bytes);
}

TEST_CASE("an unused slot warns, one that is about to lose WAL is critical")
{
    auto servers = pair();
    PostgresFacts &primary = *servers[0].watched.facts;
    primary.slotKeepBytes = 1000;
    primary.slots.push_back({"gone", false, "extended", 5000.0, 900.0});
    CHECK(find(judgeCluster(servers, noon), "db1", code::slotInactive)->verdict == Verdict::Warning);
    primary.slots.back().safeSize = 100;
    CHECK(find(judgeCluster(servers, noon), "db1", code::slotEndangered)->verdict == Verdict::Critical);
    primary.slots.back().active = true;
    CHECK(judgeCluster(servers, noon).findings.empty());
}

TEST_CASE("synchronous in name only is the primary's finding")
{
    auto servers = pair();
    servers[0].watched.facts->senders[0].syncState = "sync";
    servers[0].watched.facts->synchronousCommit = "local";
    CHECK(find(judgeCluster(servers, noon), "db1", code::syncInName));
}

TEST_CASE("the heartbeat is compared only when the primary stamps it")
{
    auto servers = pair();
    servers[0].watched.facts->heartbeat = 1000;
    servers[1].watched.facts->heartbeat = 993.5;
    CHECK_FALSE(judgeCluster(servers, noon).standbys[0].heartbeatLag);
    servers[0].watched.facts->writesHeartbeat = true;
    CHECK(judgeCluster(servers, noon).standbys[0].heartbeatLag == 6.5);
}

TEST_CASE("a server that refuses the monitor is unknown, not down")
{
    auto servers = pair();
    fails(servers[1], Outcome::Denied);
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db2", code::refused)->verdict == Verdict::Unknown);
    CHECK_FALSE(find(judged, "db2", code::down));
}

TEST_CASE("a standby that only the monitor does not see is not dead: its primary hears it")
{
    auto servers = pair();
    servers[0].watched.facts->senders[0].replyAge = 0.5;
    fails(servers[1], Outcome::Silent);
    const ClusterJudgement judged = judgeCluster(servers, noon);
    REQUIRE(find(judged, "db2", code::monitorBlind));
    CHECK(find(judged, "db2", code::monitorBlind)->verdict == Verdict::Unknown);
    CHECK_FALSE(find(judged, "db2", code::noAnswer));
    servers[0].watched.facts->senders.clear();
    CHECK(find(judgeCluster(servers, noon), "db2", code::noAnswer));
}

TEST_CASE("of a primary that only the monitor does not see nobody says that there is none")
{
    auto servers = pair();
    fails(servers[0], Outcome::Silent);
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db1", code::monitorBlind));
    CHECK_FALSE(find(judged, "db1", code::noPrimary));
}

TEST_CASE("a sender may be silent for half of its timeout without being given up")
{
    auto servers = pair();
    fails(servers[0], Outcome::Silent);
    servers[1].watched.facts->receiver->messageAge = 29;
    CHECK(find(judgeCluster(servers, noon), "db1", code::noAnswer));
    servers[1].watched.facts->receiverTimeout = 60;
    const ClusterJudgement idle = judgeCluster(servers, noon);
    CHECK(find(idle, "db1", code::monitorBlind));
    CHECK(idle.standbys[0].lag.row == 6);
    servers = pair();
    servers[0].watched.facts->senders[0].replyAge = 9;
    servers[1].watched.facts->receiver->messageAge = 29;
    servers[1].watched.facts->receiverTimeout = 60;
    CHECK(judgeCluster(servers, noon).findings.empty());
}

TEST_CASE("a server that does not answer is not called disconnected beside")
{
    auto servers = pair();
    servers[0].watched.facts->senders.clear();
    fails(servers[1], Outcome::Refused);
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db2", code::down));
    CHECK_FALSE(find(judged, "db2", code::disconnected));
}

TEST_CASE("of a database that is gone it is said whether another one takes writes, and what helps")
{
    // Failed over: the old primary comes back as a standby, and nobody starts it as it was.
    auto servers = pair();
    fails(servers[0], Outcome::Refused);
    servers[1].watched.facts->inRecovery = false;
    servers[1].watched.facts->receiver.reset();
    auto judged = judgeCluster(servers, noon);
    REQUIRE(find(judged, "db1", code::down));
    CHECK(find(judged, "db1", code::down)->statement.ends_with(" (db2 takes writes)"));
    CHECK(find(judged, "db1", code::down)->remedy.starts_with("Bring db1 back as a standby of db2"));
    // Before that nobody does, and what helps is not to promote something by hand.
    servers = pair();
    fails(servers[0], Outcome::Silent);
    servers[1].watched.facts->receiver.reset();
    judged = judgeCluster(servers, noon);
    REQUIRE(find(judged, "db1", code::noAnswer));
    CHECK(find(judged, "db1", code::noAnswer)->statement == "db1 does not answer (no database takes writes)");
    CHECK(find(judged, "db1", code::noAnswer)->remedy.starts_with("Look from a second place first: its host, its network. Wait"));
    // Of a lost standby the primary is named.
    servers = pair();
    servers[0].watched.facts->senders.clear();
    fails(servers[1], Outcome::Refused);
    CHECK(find(judgeCluster(servers, noon), "db2", code::down)->statement.ends_with(" (db1 takes writes)"));
    // Nor is anything said of writes where nobody knows.
    fails(servers[0], Outcome::Silent);
    judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db1", code::noAnswer)->statement == "db1 does not answer");
    CHECK(find(judged, "db2", code::down)->statement.find("writes") == std::string::npos);
}

TEST_CASE("two that write are not in step because each knows its own heartbeat")
{
    auto servers = pair();
    for (DatabaseInput &one : servers) {
        one.watched.facts->inRecovery = false;
        one.watched.facts->heartbeat = 100;
        one.watched.facts->writesHeartbeat = true;
    }
    const ClusterJudgement judged = judgeCluster(servers, noon);
    REQUIRE(judged.standbys.size() == 1);
    CHECK_FALSE(judged.standbys[0].heartbeatLag.has_value());
}

TEST_CASE("a primary whose transactions are read-only says so itself")
{
    auto servers = pair();
    servers[0].watched.facts->readOnly = true;
    servers[1].watched.facts->readOnly = true;
    const ClusterJudgement judged = judgeCluster(servers, noon);
    CHECK(find(judged, "db1", code::readOnlyDatabase));
    CHECK_FALSE(find(judged, "db2", code::readOnlyDatabase));
}

namespace {

const std::vector<KnownBackend> backends{{"db1", "a1", 5432}, {"db2", "a2", 5432}};

// A pgpool whose primary is that server.
PoolInput pool(const char *name, const std::string &primary, bool witness = false)
{
    PoolBackendFacts first, second;
    first.host = "a1";
    second.host = "a2";
    first.port = second.port = 5432;
    first.status = second.status = "up";
    first.role = primary == "db1" ? "primary" : "standby";
    second.role = primary == "db2" ? "primary" : "standby";
    PoolFacts facts;
    facts.byControl = {first, second};
    PoolInput pool{name, witness, {}};
    pool.watched.facts = facts;
    pool.watched.taken = pool.watched.tried = noon;
    pool.watched.outcome = Outcome::Answered;
    return pool;
}

struct Split {
    ClusterJudgement judged;
    Split(const std::vector<PoolInput> &pools, int timeline = 2)
    {
        auto servers = pair();
        servers[1].watched.facts->inRecovery = false;
        servers[1].watched.facts->timeline = timeline;
        judged = judgeCluster(servers, noon);
        weighPrimaries(judged.findings, servers, pools, backends, noon);
    }
    const RawFinding &of(const char *node)
    {
        const RawFinding *found = find(judged, node, code::splitBrain);
        REQUIRE(found);
        return *found;
    }
};

}  // namespace

TEST_CASE("a split brain names the one to fence when pgpools and timelines decide it")
{
    Split split({pool("pool1", "db2"), pool("pool2", "db2"), pool("witness", "db1", true)});
    const RawFinding &stop = split.of("db1");
    CHECK(stop.statement == "db1 and db2 both take writes: no pgpool uses db1 (timeline 1), every pgpool uses db2 (timeline 2)");
    CHECK(stop.remedy.starts_with("Fence db1. db2 stays: every pgpool uses db2"));
    CHECK(stop.act == "fence");
    CHECK(stop.actOn == "db1");
    CHECK(stop.cause.empty());
    CHECK(split.of("db2").cause == "db1");
    CHECK(split.of("db2").actOn == "db1");
    // Whichever stands first in the topology.
    Split other({pool("pool1", "db1"), pool("pool2", "db1")}, 1);
    CHECK(other.of("db2").actOn == "db2");
    CHECK(other.of("db2").cause.empty());
    CHECK(other.of("db1").cause == "db2");
}

TEST_CASE("a split brain that the facts do not decide names nobody")
{
    std::vector<PoolInput> halfOld{pool("pool1", "db2"), pool("pool2", "db2")};
    halfOld[1].watched.taken = noon - std::chrono::minutes(1);  // its word does not count
    for (const auto &pools : {std::vector<PoolInput>{pool("pool1", "db1"), pool("pool2", "db2")},  // one each
                              std::vector<PoolInput>{pool("pool1", "db1"), pool("pool2", "db1")},  // they use the one on the older timeline
                              std::vector<PoolInput>{pool("witness", "db2", true)}, std::vector<PoolInput>{}, halfOld}) {
        Split split(pools);
        CHECK(split.of("db1").act.empty());
        CHECK(split.of("db1").remedy.starts_with("The facts do not decide which of the two to fence."));
        CHECK(split.of("db2").act.empty());
    }
}

TEST_CASE("of pgpools that differ the one that does without a standby that streams is wrong")
{
    auto servers = pair();
    std::vector<PoolInput> pools{pool("pool1", "db1"), pool("pool2", "db1"), pool("witness", "db1", true)};
    PoolBackendFacts &aside = pools[1].watched.facts->byControl[1];
    aside.status = "quarantine";
    aside.actualStatus = "up";
    const auto judged = [&] {
        RawFindings found = judgePools(pools, backends, noon);
        weighViews(found, servers, pools, backends, noon);
        return found;
    };
    const auto of = [](const RawFindings &found, const char *node) {
        return *std::find_if(found.begin(), found.end(), [&](const RawFinding &one) { return one.node == node && one.code == code::disagree; });
    };
    RawFindings found = judged();
    CHECK(of(found, "pool2").statement == "pool2 has set db2 aside (it says: quarantine), and db2 answers and streams");
    CHECK(of(found, "pool2").remedy.starts_with("Attach db2 on pool2"));
    CHECK(of(found, "pool2").cause.empty());
    CHECK(of(found, "pool1").cause == "pool2");
    // It may have a reason: its own way there.
    aside.actualStatus = "down";
    found = judged();
    CHECK(of(found, "pool2").remedy.starts_with("Repair the way from pool2 to db2"));
    // Two that keep it out against one may see what we do not: nobody is named, and it is as bad as it can be.
    pools.push_back(pool("pool3", "db1"));
    pools[0].watched.facts->byControl[1].status = "quarantine";
    found = judged();
    for (const char *name : {"pool1", "pool2", "pool3"}) {
        CHECK(of(found, name).verdict == Verdict::Critical);
        CHECK(of(found, name).remedy.empty());
    }
    pools.pop_back();
    pools[0].watched.facts->byControl[1].status = "up";
    CHECK(of(judged(), "pool2").verdict == Verdict::Warning);
    // A standby that does not stream may be kept out by right.
    servers[1].watched.facts->receiver.reset();
    found = judged();
    CHECK(of(found, "pool1").statement == "pool1 uses db2, pool2 has set it aside (it says: quarantine)");
    CHECK(of(found, "pool1").remedy.empty());
}

TEST_CASE("web nodes that cannot write are told who takes writes, when somebody does")
{
    const auto servers = pair();
    const ClusterJudgement judged = judgeCluster(servers, noon);
    RawFindings found{{"web1", std::string(code::readOnlyDatabase), Verdict::Critical, "web1 answers, and its database takes no writes", noon}};
    nameWriter(found, {{"web1", {}}}, judged);
    CHECK(found[0].remedy.starts_with("Find where writes of web1 go, for db1 takes them: look in the pgpool views"));
    // Nobody does: what helps in general.
    found[0].remedy.clear();
    nameWriter(found, {{"web1", {}}}, {});
    CHECK(found[0].remedy.empty());
}
