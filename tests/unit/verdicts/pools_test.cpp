// SPDX-License-Identifier: GPL-3.0-or-later
// One pgpool by its control port and by SQL: they say the same, contradict each other, or one of them says nothing.
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/settle.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const std::vector<KnownBackend> databases{{"pg1", "10.0.0.1", 5432}, {"pg2", "10.0.0.2", 5432}};

PoolBackendFacts backend(const char *host, const char *role)
{
    PoolBackendFacts facts;
    facts.host = host;
    facts.port = 5432;
    facts.status = facts.actualStatus = "up";
    facts.role = facts.actualRole = role;
    return facts;
}

PoolInput pool(const char *name)
{
    PoolFacts facts;
    facts.byControl = facts.bySql = {backend("10.0.0.1", "primary"), backend("10.0.0.2", "standby")};
    facts.watchdog = WatchdogFacts{3, 3, 2, "QUORUM EXIST", "STANDBY", "pool1"};
    return {name, false, {facts, noon, Outcome::Answered, noon, {}, 0}};
}

}  // namespace

TEST_CASE("a pgpool that says the same by both ways in has no finding, nor has one that is asked by one")
{
    PoolInput one = pool("pool1"), witness = pool("witness");
    witness.witness = true;
    witness.watched.facts->bySql.clear();
    // "waiting" is "up" that nobody has used yet.
    one.watched.facts->bySql[0].status = "waiting";
    CHECK(judgePools({one, witness}, databases, noon).empty());
    CHECK(comparePools({one, witness}, databases, noon).empty());
}

TEST_CASE("a pgpool whose clients get another answer than its control port gives is told with the backend")
{
    PoolInput one = pool("pool1");
    SUBCASE("one is set aside")
    {
        one.watched.facts->bySql[1].status = "down";
        const RawFindings found = judgePools({one, pool("pool2")}, databases, noon);
        REQUIRE(found.size() == 1);
        CHECK(found[0].code == code::disagree);
        CHECK(found[0].node == "pool1");
        CHECK(found[0].subject == "pg2");
        CHECK(found[0].verdict == Verdict::Warning);
        CHECK(found[0].statement == "pool1 by its control port uses pg2, pool1 by SQL has set it aside (it says: down)");
    }
    SUBCASE("each backend by itself, and who is primary")
    {
        std::swap(one.watched.facts->bySql[0].role, one.watched.facts->bySql[1].role);
        const RawFindings found = judgePools({one}, databases, noon);
        REQUIRE(found.size() == 2);
        CHECK(found[0].subject == "pg1");
        CHECK(found[0].statement == "pool1 by its control port takes pg1 for primary, pool1 by SQL for standby");
        CHECK(found[1].subject == "pg2");
        // Who moves the primary has to see it too.
        CHECK(comparePools({one}, databases, noon).size() == 2);
    }
    // A failover that falls between the two questions is none: it takes two looks.
    Debouncer debouncer;
    one.watched.facts->bySql[1].status = "down";
    const auto look = [&](const PoolInput &input, int second) {
        RawFindings found = judgePools({input}, databases, noon);
        for (RawFinding &finding : found)
            finding.sampled = noon + std::chrono::seconds(second);
        return debouncer.settle(found, {{"pool1", noon + std::chrono::seconds(second)}}, noon + std::chrono::seconds(second));
    };
    CHECK(look(one, 0).empty());
    CHECK(look(pool("pool1"), 1).empty());
    CHECK(look(one, 2).empty());
    CHECK_FALSE(look(one, 3).empty());
}

TEST_CASE("what two pgpools say of a standby is no trouble of the one that contradicts itself")
{
    PoolInput one = pool("pool1");
    one.watched.facts->bySql[1].status = "down";
    DatabaseInput primary, standby;
    primary.name = "pg1";
    standby.name = standby.application = "pg2";
    PostgresFacts facts;
    facts.senders.push_back({"pg2", {}, "streaming", "sync", {}, {}, {}, {}, {}, {}});
    primary.watched = {facts, noon, Outcome::Answered, noon, {}, 0};
    facts.inRecovery = true;
    standby.watched = {facts, noon, Outcome::Answered, noon, {}, 0};
    RawFindings found = judgePools({one, pool("pool2")}, databases, noon);
    weighViews(found, {primary, standby}, {one, pool("pool2")}, databases, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].statement.starts_with("pool1 by its control port"));
}

TEST_CASE("a control port that refuses leaves what SQL says, and is unknown, not well")
{
    PoolInput one = pool("pool1");
    PoolFacts &facts = *one.watched.facts;
    facts.byControl.clear();
    facts.watchdog.reset();
    facts.controlProblem = "connection refused";
    RawFindings found = judgePools({one, pool("pool2")}, databases, noon);
    REQUIRE(found.size() == 1);
    CHECK(found[0].code == code::refused);
    CHECK(found[0].verdict == Verdict::Unknown);
    CHECK(found[0].subject == "control");
    CHECK(found[0].statement.find("connection refused") != std::string::npos);
    // And the other one is compared with that.
    facts.bySql[1].status = "down";
    found = judgePools({one, pool("pool2")}, databases, noon);
    CHECK(std::count_if(found.begin(), found.end(), [](const RawFinding &finding) { return finding.code == code::disagree && finding.subject.empty(); }) == 2);
}
