// SPDX-License-Identifier: GPL-3.0-or-later
// Web nodes, pgpool, certificates, disks, and what stands around the registry.
#include "core/monitor/verdicts/content.h"
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/settle.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
using std::chrono::hours;
using std::chrono::seconds;

const RawFinding *find(const RawFindings &findings, std::string_view wanted, const std::string &node = {})
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) {
        return finding.code == wanted && (node.empty() || finding.node == node);
    });
    return found == findings.end() ? nullptr : &*found;
}

template <class Facts>
Watched<Facts> answered(Facts facts)
{
    return {std::move(facts), noon, Outcome::Answered, noon, {}, 0};
}

WebInput web(const char *name)
{
    WebFacts facts;
    facts.health.status = 200;
    facts.write = HttpFacts{200, 0.01, {}};
    facts.channels["simple"] = {200, 0.01, {}};
    facts.serial = 40;
    return {name, answered(facts)};
}

PoolBackendFacts backend(std::int64_t id, const char *role)
{
    PoolBackendFacts facts;
    facts.id = id;
    facts.host = "127.0.0.1";
    facts.port = 6001 + id;
    facts.status = facts.actualStatus = "up";
    facts.role = facts.actualRole = role;
    return facts;
}

PoolInput pool(const char *name)
{
    PoolFacts facts;
    facts.byControl = {backend(0, "primary"), backend(1, "standby")};
    facts.watchdog = WatchdogFacts{2, 2, 2, "QUORUM EXIST", "LEADER", "pool1"};
    return {name, false, answered(facts)};
}

const std::vector<KnownBackend> databases{{"db1", "127.0.0.1", 6001}, {"db2", "127.0.0.1", 6002}};

CertificateFacts certificate(const char *fingerprint, Time from, Time until)
{
    CertificateFacts facts;
    facts.subject = "CN=localhost";
    facts.fingerprint = fingerprint;
    facts.notBefore = from;
    facts.notAfter = until;
    return facts;
}

}  // namespace

TEST_CASE("a target that does not answer: refused, silent, denied")
{
    CHECK(find(judgeAnswer("a", Outcome::Refused, noon, "x"), code::down)->verdict == Verdict::Critical);
    CHECK(find(judgeAnswer("a", Outcome::Silent, noon, "x"), code::noAnswer)->verdict == Verdict::Critical);
    CHECK(find(judgeAnswer("a", Outcome::Denied, noon, "x"), code::refused)->verdict == Verdict::Unknown);
    CHECK(judgeAnswer("a", Outcome::Answered, noon, {}).empty());
    CHECK(judgeAnswer("a", Watched<WebFacts>()).empty());
}

TEST_CASE("after three missed polls a figure is stale, and its node unknown")
{
    CHECK_FALSE(judgeAge("a", noon, noon + seconds(3), seconds(1)));
    const auto stale = judgeAge("a", noon, noon + seconds(4), seconds(1));
    REQUIRE(stale);
    CHECK(stale->code == code::stale);
    CHECK(stale->verdict == Verdict::Unknown);
    CHECK(judgeAge("a", Time{}, noon, seconds(1)));
}

TEST_CASE("healthy web nodes have no finding")
{
    CHECK(judgeWeb({web("web1"), web("web2")}, noon).empty());
}

TEST_CASE("health is fine and the write probe fails: the database takes no writes")
{
    WebInput node = web("web1");
    node.watched.facts->write = HttpFacts{503, 0.01, {}};
    const RawFindings found = judgeWeb({node, web("web2")}, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::readOnlyDatabase);
    CHECK(found[0].verdict == Verdict::Critical);
    CHECK(found[0].node == "web1");
    node.watched.facts->write->status = 401;
    CHECK(find(judgeWeb({node}, noon), code::refused)->verdict == Verdict::Unknown);
    node.watched.facts->write.reset();
    CHECK(judgeWeb({node}, noon).empty());
}

TEST_CASE("a node whose files are away is broken, whatever it still serves, and its database is well")
{
    WebInput node = web("web1");
    node.watched.facts->health = HttpFacts{503, 0.01, "files: nothing is mounted at /srv/packages"};
    node.watched.facts->write.reset();
    const RawFindings found = judgeWeb({node, web("web2")}, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::channelBroken);
    CHECK(found[0].verdict == Verdict::Critical);
    CHECK(found[0].statement == "web1 says it is not healthy: 503: files: nothing is mounted at /srv/packages");
}

TEST_CASE("a write that does not end is slow at first, and of a database that takes none when the next ones do not end either")
{
    WebInput node = web("web1");
    node.watched.facts->write = HttpFacts{0, 2, "no answer in time"};
    const RawFindings found = judgeWeb({node, web("web2")}, noon);
    REQUIRE(find(found, code::slow, "web1"));
    CHECK(find(found, code::slow)->verdict == Verdict::Warning);
    CHECK(find(found, code::slow)->raiseAfter == 2);
    CHECK(find(found, code::readOnlyDatabase)->verdict == Verdict::Critical);
    CHECK(find(found, code::readOnlyDatabase)->raiseAfter == 4);
}

TEST_CASE("a registry that is read-only by order: a warning with who and until when, once for all its nodes")
{
    WebInput node = web("web1");
    WebInput other = web("web2");
    node.watched.facts->readOnly = ReadOnlyFacts{noon + hours(1), "ada", "new disks"};
    other.watched.facts->readOnly = node.watched.facts->readOnly;
    const RawFindings found = judgeWeb({node, other}, noon);
    REQUIRE(found.size() == 2);
    const RawFinding *first = find(found, code::readOnlyMode, "web1");
    REQUIRE(first);
    CHECK(first->verdict == Verdict::Warning);
    CHECK(first->cause.empty());
    CHECK(first->statement == "web1 is read-only by order until 2026-11-22 13:00 UTC, by ada: new disks");
    CHECK(find(found, code::readOnlyMode, "web2")->cause == "web1");
    CHECK_FALSE(runbookOf(code::readOnlyMode).empty());
    // A database that takes no writes is what it is, ordered or not.
    node.watched.facts->write = HttpFacts{503, 0.01, {}};
    node.watched.facts->readOnly.reset();
    CHECK(find(judgeWeb({node}, noon), code::readOnlyDatabase)->verdict == Verdict::Critical);
}

TEST_CASE("a node that is not well and serves pages has no database, unless a write through it says otherwise")
{
    WebInput node = web("web1");
    node.watched.facts->health = HttpFacts{503, 0.01, "drained until noon by ann: a new disk"};
    node.watched.facts->channels["simple"] = HttpFacts{200, 0.01, {}};
    node.watched.facts->write.reset();
    CHECK(find(judgeWeb({node}, noon), code::readOnlyDatabase)->subject == "health");
    node.watched.facts->write = HttpFacts{503, 0.01, {}};
    CHECK(find(judgeWeb({node}, noon), code::readOnlyDatabase)->subject.empty());
    node.watched.facts->write = HttpFacts{200, 0.01, {}};
    CHECK_FALSE(find(judgeWeb({node}, noon), code::readOnlyDatabase));
    CHECK(find(judgeWeb({node}, noon), code::channelBroken)->statement.find("a new disk") != std::string::npos);
}

TEST_CASE("a channel that fails beside a healthy answer is told by name")
{
    WebInput node = web("web1");
    node.watched.facts->channels["file"] = {500, 0.1, {}};
    const RawFindings found = judgeWeb({node}, noon);
    REQUIRE(find(found, code::channelBroken));
    CHECK(find(found, code::channelBroken)->statement == "web1 does not serve file: 500");
    WebInput mute = web("web1");
    mute.watched.facts->channels["docs"] = {404, 0.1, {}};
    const RawFindings silent = judgeWeb({mute}, noon);
    REQUIRE(find(silent, code::channelBroken));
    CHECK(find(silent, code::channelBroken)->statement == "web1 does not serve documentation: 404");
    CHECK(find(silent, code::channelBroken)->subject == "docs");
    // Without a database there is none, and that is the trouble.
    mute.watched.facts->health = HttpFacts{503, 0.01, {}};
    mute.watched.facts->write = HttpFacts{503, 0.01, {}};
    mute.watched.facts->channels["simple"] = HttpFacts{200, 0.01, {}};
    CHECK(find(judgeWeb({mute}, noon), code::readOnlyDatabase));
    node.watched.facts->health.status = 503;
    node.watched.facts->health.problem = "The files cannot be reached";
    const RawFindings unhealthy = judgeWeb({node}, noon);
    REQUIRE(unhealthy.size() == 1);  // of an unhealthy node the channels say nothing new
    CHECK(unhealthy[0].statement == "web1 says it is not healthy: 503: The files cannot be reached");
}

TEST_CASE("an upload that does not end in time is slow, and a broken channel only when none does for long")
{
    WebInput node = web("web1");
    node.watched.facts->channels["upload"] = {0, 0, "no answer in time while waiting for the answer", true};
    const RawFindings found = judgeWeb({node}, noon);
    REQUIRE(find(found, code::slow));
    CHECK(find(found, code::slow)->verdict == Verdict::Warning);
    CHECK(find(found, code::slow)->statement == "web1 takes longer to take an upload than the monitor waits");
    CHECK(find(found, code::slow)->subject == "upload");
    REQUIRE(find(found, code::channelBroken));
    CHECK(find(found, code::channelBroken)->raiseAfter == 10);
    CHECK(find(found, code::channelBroken)->statement == "No upload through web1 ends in the time that the monitor waits, in 10 looks and more");
    // A change-over of the file servers or the database holds three looks up: neither it nor two in a row are one that hangs.
    Debouncer settling;
    auto look = [&, at = 0](bool late) mutable {
        ++at;
        node.watched.facts->channels["upload"] = late ? HttpFacts{0, 0, "no answer in time while waiting for the answer", true} : HttpFacts{200, 0.1, {}};
        node.watched.taken = noon + std::chrono::seconds(2 * at);
        const auto believed = settling.settle(judgeWeb({node}, noon), {{"web1", node.watched.taken}}, node.watched.taken);
        return std::any_of(believed.begin(), believed.end(), [](const Believed &one) { return one.found.verdict == api::Verdict::Critical; });
    };
    for (const bool late : {true, true, true, false, true, true, true, true, true, true, false})
        CHECK_FALSE(look(late));
    for (int late = 1; late < 10; ++late)
        CHECK_FALSE(look(true));
    CHECK(look(true));
    node.watched.taken = noon;
    // What is refused is no matter of time.
    node.watched.facts->channels["upload"] = {500, 0.1, {}};
    CHECK(find(judgeWeb({node}, noon), code::channelBroken)->raiseAfter == 2);
    CHECK_FALSE(find(judgeWeb({node}, noon), code::slow));
    node.watched.facts->channels["upload"] = {0, 0, "the connection was closed"};
    CHECK(find(judgeWeb({node}, noon), code::channelBroken)->raiseAfter == 2);
}

TEST_CASE("a node that lags behind the other's serial is found after a while")
{
    WebInput behind = web("web2");
    behind.watched.facts->serial = 30;
    const RawFindings found = judgeWeb({web("web1"), behind}, noon);
    REQUIRE(find(found, code::serialBehind, "web2"));
    CHECK(find(found, code::serialBehind)->raiseAfter > 2);
}

TEST_CASE("pgpools that agree have no finding")
{
    CHECK(judgePools({pool("pool1"), pool("pool2")}, databases, noon).empty());
}

TEST_CASE("one pgpool says down, the other up: they disagree, and it is one trouble")
{
    PoolInput other = pool("pool2");
    other.watched.facts->byControl[1].status = "down";
    other.watched.facts->byControl[1].actualStatus = "down";
    const RawFindings found = judgePools({pool("pool1"), other}, databases, noon);
    REQUIRE(find(found, code::disagree, "pool1"));
    CHECK(find(found, code::disagree, "pool1")->verdict == Verdict::Critical);
    CHECK(find(found, code::disagree, "pool2")->cause == "pool1");
    CHECK(find(found, code::disagree)->statement.find("db2") != std::string::npos);
    other.watched.taken = noon - seconds(10);  // an old view is compared with nobody's
    CHECK_FALSE(find(judgePools({pool("pool1"), other}, databases, noon), code::disagree));
}

TEST_CASE("what a pgpool believes and what it measured are compared")
{
    PoolInput one = pool("pool1");
    one.watched.facts->byControl[1].status = "down";
    CHECK(find(judgePools({one}, databases, noon), code::statusMismatch)->verdict == Verdict::Warning);
    one.watched.facts->byControl[1].status = "up";
    one.watched.facts->byControl[1].actualStatus = "down";
    CHECK(find(judgePools({one}, databases, noon), code::statusMismatch)->verdict == Verdict::Critical);
    one.watched.facts->byControl[1].actualStatus = "unknown";  // it measures nothing: health checks are off
    CHECK(judgePools({one}, databases, noon).empty());
    one.watched.facts->byControl[0].actualRole = "standby";
    CHECK(find(judgePools({one}, databases, noon), code::roleMismatch)->verdict == Verdict::Critical);
}

TEST_CASE("without a quorum those to start are named, and how many of them are enough")
{
    PoolInput one = pool("pool1");
    one.watched.facts->watchdog = WatchdogFacts{3, 1, 2, "QUORUM ABSENT", "LEADER", "pool1"};
    PoolInput dead = pool("pool2"), witness = pool("witness");
    dead.watched.outcome = witness.watched.outcome = Outcome::Refused;
    witness.witness = true;
    const RawFindings found = judgePools({one, dead, witness}, databases, noon);
    CHECK(find(found, code::noQuorum, "pool1")->remedy.starts_with("Start pool2 or witness: one is enough for a majority."));
}

TEST_CASE("one pgpool of two killed, half votes off: no quorum")
{
    PoolInput one = pool("pool1");
    one.watched.facts->watchdog = WatchdogFacts{2, 1, 2, "QUORUM ABSENT", "LEADER", "pool1"};
    PoolInput dead = pool("pool2");
    dead.watched.outcome = Outcome::Refused;
    const RawFindings found = judgePools({one, dead}, databases, noon);
    CHECK(find(found, code::noQuorum, "pool1")->verdict == Verdict::Critical);
    CHECK(find(found, code::noQuorum, "pool1")->remedy.starts_with("Start pool2: that makes a majority."));
    CHECK(find(found, code::down, "pool2"));
    CHECK_FALSE(find(found, code::disagree));
}

TEST_CASE("one of three watchdogs lost: the next loss ends failover; all there: nothing to say")
{
    PoolInput one = pool("pool1");
    one.watched.facts->watchdog = WatchdogFacts{3, 2, 2, "QUORUM EXIST", "LEADER", "pool1"};
    CHECK(find(judgePools({one}, databases, noon), code::noSpare)->verdict == Verdict::Warning);
    one.watched.facts->watchdog->alive = 3;
    CHECK(judgePools({one}, databases, noon).empty());
    one.watched.facts->watchdog = WatchdogFacts{2, 2, 2, "QUORUM EXIST", "LEADER", "pool1"};
    CHECK(judgePools({one}, databases, noon).empty());
}

TEST_CASE("a web node without a database still serves, and says so")
{
    WebInput node = web("web1");
    node.watched.facts->health.status = 503;
    node.watched.facts->write.reset();
    CHECK(find(judgeWeb({node}, noon), code::readOnlyDatabase));
    CHECK_FALSE(find(judgeWeb({node}, noon), code::channelBroken));
    node.watched.facts->channels["simple"].status = 503;
    CHECK(find(judgeWeb({node}, noon), code::channelBroken));
    CHECK_FALSE(find(judgeWeb({node}, noon), code::readOnlyDatabase));
}

TEST_CASE("silence is believed of one host while another answers, and of nobody while nobody does")
{
    const auto silence = [](const char *node) { return RawFinding{node, std::string(code::noAnswer), Verdict::Critical, "", noon, 2, 2, {}}; };
    const auto at = [](int second) { return noon + seconds(second); };
    RawFindings found{silence("db1")};
    CHECK_FALSE(doubtSilence(found, {{"db1", "h1", at(10), at(5)}, {"db2", "h2", at(9), at(11)}}, "m1", {}));
    CHECK(find(found, code::noAnswer, "db1"));
    CHECK(found.size() == 1);

    found = {silence("db1"), silence("db2")};
    CHECK(doubtSilence(found, {{"db1", "h1", at(10), at(5)}, {"db2", "h2", at(9), at(4)}}, "m1", {}));
    CHECK_FALSE(find(found, code::noAnswer));
    CHECK(find(found, code::monitorBlind, "db1")->cause == "m1");
    CHECK(find(found, code::monitorBlind, "db1")->verdict == Verdict::Unknown);
    CHECK(find(found, code::monitorBlind, "m1")->cause.empty());

    // Somebody answers again: what was asked before proves nothing, what is asked now does.
    found = {silence("db1")};
    CHECK_FALSE(doubtSilence(found, {{"db1", "h1", at(10), at(5)}, {"db2", "h2", at(12), at(12)}}, "m1", at(11)));
    CHECK(find(found, code::monitorBlind, "db1"));
    found = {silence("db1")};
    CHECK_FALSE(doubtSilence(found, {{"db1", "h1", at(13), at(5)}, {"db2", "h2", at(13), at(14)}}, "m1", at(11)));
    CHECK(find(found, code::noAnswer, "db1"));

    // On one host alone silence is all there is.
    found = {silence("db1"), silence("web1")};
    CHECK_FALSE(doubtSilence(found, {{"db1", "h1", at(10), at(5)}, {"web1", "h1", at(10), at(5)}}, "m1", {}));
    CHECK(find(found, code::noAnswer, "web1"));
}

TEST_CASE("dangerous settings are findings, each by its name")
{
    const auto judged = judgeSettings({{"health_check_period", "0"},
                                       {"failover_on_backend_error", "on"},
                                       {"delay_threshold", "0"},
                                       {"enable_consensus_with_half_votes", "on"},
                                       {"sr_check_period", "1"}}, 2, 2);
    CHECK(std::count_if(judged.begin(), judged.end(), [](const auto &setting) { return setting.verdict == Verdict::Warning; }) == 4);
    PoolInput one = pool("pool1");
    one.watched.facts->settings = {{"health_check_period", "0"}, {"delay_threshold", "0"}};
    const RawFindings found = judgePools({one}, databases, noon);
    REQUIRE(found.size() == 2);
    CHECK(found[0].subject != found[1].subject);
}

TEST_CASE("what pgpool attaches and detaches by itself is judged by how many servers there are")
{
    const auto verdict = [](const char *name, const char *value, std::size_t backends) {
        return judgeSettings({{name, value}}, 3, backends).at(0).verdict;
    };
    CHECK(verdict("auto_failback", "on", 2) == Verdict::Warning);
    CHECK(verdict("auto_failback", "off", 2) == Verdict::Ok);
    // Without a standby to ask it goes by numbers; with one, off keeps what is known to be false.
    CHECK(verdict("detach_false_primary", "on", 2) == Verdict::Warning);
    CHECK(verdict("detach_false_primary", "off", 2) == Verdict::Ok);
    CHECK(verdict("detach_false_primary", "on", 3) == Verdict::Ok);
    CHECK(verdict("detach_false_primary", "off", 3) == Verdict::Warning);
    CHECK(verdict("detach_false_primary", "off", 1) == Verdict::Ok);
    PoolInput one = pool("pool1");
    one.watched.facts->settings = {{"auto_failback", "on"}, {"detach_false_primary", "on"}};
    const RawFindings found = judgePools({one}, databases, noon);
    const auto *attaches = find(found, code::dangerousSetting, "pool1");
    REQUIRE(attaches);
    CHECK(attaches->subject == "auto_failback");
    CHECK(attaches->statement.find("holds every commit") != std::string::npos);
}

TEST_CASE("quorum is explained by the number of watchdogs and their votes")
{
    PoolInput one = pool("pool1");
    one.watched.facts->settings = {{"use_watchdog", "on"}, {"enable_consensus_with_half_votes", "off"}};
    CHECK(quorumStatement({one, one}).find("ends automatic failover") != std::string::npos);
    CHECK(quorumStatement({one, one, one}) == "1 of 3 watchdogs may be lost");
    one.watched.facts->settings["enable_consensus_with_half_votes"] = "on";
    CHECK(quorumStatement({one, one}).find("two primaries") != std::string::npos);
    CHECK(quorumStatement({pool("a"), pool("b")}).find("no watchdog") != std::string::npos);
}

TEST_CASE("a certificate that was renewed on disk only")
{
    CertificatePair pair;
    pair.presented = certificate("aa", noon - hours(24 * 80), noon + hours(24 * 40));
    pair.onDisk = certificate("bb", noon - hours(1), noon + hours(24 * 120));
    const RawFindings found = judgeCertificate("web1-cert", pair, noon, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::memoryCertOld);
    CHECK(found[0].statement.find("what it presents is good until ") != std::string::npos);
    pair.onDisk = pair.presented;
    CHECK(judgeCertificate("web1-cert", pair, noon, noon).empty());
}

TEST_CASE("certificates are judged by the fraction of their life")
{
    CertificatePair pair;
    pair.presented = certificate("aa", noon - hours(47 * 24 * 7 / 10), noon + hours(47 * 24 * 3 / 10));
    CHECK(find(judgeCertificate("c", pair, noon, noon), code::certExpiring)->verdict == Verdict::Warning);
    pair.presented = certificate("aa", noon - hours(95), noon + hours(5));
    CHECK(find(judgeCertificate("c", pair, noon, noon), code::certExpiring)->verdict == Verdict::Critical);
    pair.presented = certificate("aa", noon - hours(95), noon - seconds(1));
    CHECK(find(judgeCertificate("c", pair, noon, noon), code::certExpired));
    CertificatePair silent;
    silent.presentedProblem = "connection refused";
    CHECK(find(judgeCertificate("c", silent, noon, noon), code::noAnswer));
}

TEST_CASE("a disk is judged by what is left and by where it is going")
{
    DiskFacts disk{100e9, 35e9, 1e6, 9e5, false};
    std::vector<DiskPoint> points;
    for (int minute = 0; minute <= 60; ++minute)
        points.push_back({noon + std::chrono::minutes(minute), 45e9 - minute * 10e9 / 60});
    const auto hoursLeft = hoursUntilFull(points);
    REQUIRE(hoursLeft);
    CHECK(*hoursLeft == doctest::Approx(3.5));
    CHECK(find(judgeDisk("d", disk, points, noon), code::diskFilling)->verdict == Verdict::Warning);  // 35 % left
    disk.available = 15e9;
    CHECK(find(judgeDisk("d", disk, points, noon), code::diskFilling)->verdict == Verdict::Critical);
    CHECK(judgeDisk("d", {100e9, 80e9, 1e6, 9e5, false}, points, noon).empty());
    CHECK_FALSE(hoursUntilFull({{noon, 2}, {noon + seconds(5), 1}}));
    CHECK_FALSE(hoursUntilFull({{noon, 1}, {noon + hours(1), 2}}));
    CHECK(find(judgeDisk("d", {100e9, 4e9, 1e6, 9e5, false}, {}, noon), code::diskFull)->verdict == Verdict::Warning);
    CHECK(find(judgeDisk("d", {100e9, 50e9, 1e6, 1e4, false}, {}, noon), code::diskFull)->verdict == Verdict::Critical);
    CHECK(find(judgeDisk("d", {100e9, 50e9, 1e6, 9e5, true}, {}, noon), code::diskReadOnly));
}

TEST_CASE("one point of presence that fails is not lost in the sum")
{
    const RawFindings found = judgePops("cdn", {{"AMS", 99700, 0}, {"BOM", 300, 300}}, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::outlierPop);
    CHECK(found[0].subject == "BOM");
    CHECK(found[0].statement == "cdn fails 100 % of its requests at BOM, elsewhere 0.0 %: it has to be taken out there");
    // What fails everywhere is no outlier, nor is one among few, nor the only one there is.
    CHECK(judgePops("cdn", {{"AMS", 1000, 300}, {"BOM", 300, 300}}, noon).empty());
    CHECK(judgePops("cdn", {{"AMS", 1000, 0}, {"BOM", 4, 4}}, noon).empty());
    CHECK(judgePops("cdn", {{"BOM", 300, 300}, {"AMS", 0, 0}}, noon).empty());
    CHECK(judgePops("cdn", {{"AMS", 1000, 5}, {"BOM", 1000, 40}}, noon).empty());
    CHECK_FALSE(runbookOf(code::outlierPop).empty());
}

TEST_CASE("a log stream that is open and silent is dead; one that loses lines says how many")
{
    CHECK(find(judgeStream("ingest", {true, 60, 1000, {}, {}, {}}, noon), code::streamDead)->raiseAfter == 1);
    CHECK(judgeStream("ingest", {true, 60, 0, {}, {}, {}}, noon).empty());
    CHECK(find(judgeStream("ingest", {true, 0, 1, 100.0, 90.0, {}}, noon), code::streamLoss)->verdict == Verdict::Critical);
    CHECK(find(judgeStream("ingest", {true, 0, 1, 100.0, 95.0, {}}, noon), code::streamLoss)->verdict == Verdict::Warning);
    CHECK(judgeStream("ingest", {true, 0, 1, 100.0, 99.0, {}}, noon).empty());
    CHECK(judgeStream("ingest", {true, 0, 1, 100.0, 103.0, {}}, noon).empty());
    CHECK(find(judgeStream("ingest", {true, 0, 1, 100.0, 104.0, {}}, noon), code::streamDoubled)->verdict == Verdict::Warning);
    CHECK(find(judgeTombstone("ssh", {410, 500}, noon), code::tombstoneBroken));
    CHECK(judgeTombstone("ssh", {410, 410}, noon).empty());
}
