// SPDX-License-Identifier: GPL-3.0-or-later
// The cache and its fallback, both ways; its view of what is behind it; its figures; its drill.
#include "core/monitor/verdicts/edges.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - seconds(5);

template <class Facts>
Watched<Facts> answering(const Facts &facts)
{
    return {facts, noon, Outcome::Answered, noon, {}, 0, {}};
}

EdgeAnswer answer(const char *by, const char *cache, double age = 0, int status = 200)
{
    return {{status, 0.01, {}}, by, cache, age, 41};
}

// Two web nodes, a mirror, a cache that was rehearsed: all well.
struct Installation {
    Installation()
    {
        WebFacts web;
        web.health.status = 200;
        webs = {{"web1", answering(web)}, {"web2", answering(web)}};
        MirrorFacts copy;
        copy.health.status = 200;
        mirrors = {{"far", "far", answering(copy), {}}};
        pagesReady = filesReady = noon - hours(1);
        edge.name = "cdn";
        edge.watched = answering(EdgeFacts{answer("web1", "MISS"), answer("web2", "HIT", 100)});
        edge.drill = DrillSeen{noon - hours(24), true, {}, "ann"};
    }
    void failHeads()
    {
        for (WebInput &web : webs)
            web.watched.outcome = Outcome::Refused;
        pagesReady.reset();
        filesReady.reset();
    }
    // Pages as before, files with an error.
    void failFiles()
    {
        for (WebInput &web : webs)
            web.watched.facts->channels["file"].status = 500;
        filesReady.reset();
    }
    [[nodiscard]] RawFindings judge() const { return judgeEdges({edge}, {webs, mirrors, pagesReady, filesReady}, stillFresh, noon); }

    std::vector<WebInput> webs;
    std::vector<MirrorInput> mirrors;
    std::optional<Time> pagesReady, filesReady;
    EdgeInput edge;
};

const RawFinding *find(const RawFindings &findings, std::string_view wanted)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) { return finding.code == wanted; });
    return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a cache that serves from the web nodes is well")
{
    CHECK(Installation().judge().empty());
}

TEST_CASE("a cache that takes no connections is down")
{
    Installation all;
    all.edge.watched.outcome = Outcome::Refused;
    CHECK(find(all.judge(), code::down)->verdict == Verdict::Critical);
}

TEST_CASE("errors while no web node works and the mirror is ready: the fallback does not fire")
{
    Installation all;
    all.failHeads();
    all.edge.watched.facts->page = answer("", "MISS", 0, 503);
    CHECK(find(all.judge(), code::fallbackNotFiring)->verdict == Verdict::Critical);
    // Nothing at all is no answer either.
    all.edge.watched.facts->page = EdgeAnswer{{0, 0, "no answer in time"}, {}, {}, {}, {}};
    CHECK(find(all.judge(), code::fallbackNotFiring));
    // The file alone is enough.
    all.edge.watched.facts->page = answer("web1", "HIT", 30);
    all.edge.watched.facts->file = answer("", "MISS", 0, 503);
    CHECK(find(all.judge(), code::fallbackNotFiring));
    // Out of rotation it cannot fire: the trouble is another one.
    all.mirrors.front().watched.facts->health.status = 503;
    CHECK_FALSE(find(all.judge(), code::fallbackNotFiring));
    CHECK(find(all.judge(), code::channelBroken));
}

TEST_CASE("errors while a web node works are the cache's own")
{
    Installation all;
    all.edge.watched.facts->page = answer("", "MISS", 0, 503);
    CHECK_FALSE(find(all.judge(), code::fallbackNotFiring));
    CHECK(find(all.judge(), code::channelBroken)->verdict == Verdict::Critical);
}

TEST_CASE("the mirror serves: needed while no web node works, else not")
{
    Installation all;
    all.edge.watched.facts->page = answer("far", "MISS");
    CHECK(find(all.judge(), code::fallbackUnneeded)->verdict == Verdict::Warning);
    all.failHeads();
    CHECK(find(all.judge(), code::fallbackInUse)->verdict == Verdict::Warning);
    CHECK_FALSE(find(all.judge(), code::fallbackUnneeded));
    CHECK_FALSE(find(all.judge(), code::fallbackNotFiring));
}

TEST_CASE("web nodes whose pages work and whose files fail: the fallback is judged by what it is for")
{
    Installation all;
    all.failFiles();
    CHECK(isHeadReady(all.webs.front(), pagesOf, stillFresh));
    CHECK_FALSE(isHeadReady(all.webs.front(), filesOf, stillFresh));
    // Files fail, the fallback stays flat, and pages are well all the time.
    all.edge.watched.facts->file = answer("web2", "MISS", 0, 502);
    const RawFindings flat = all.judge();
    REQUIRE(flat.size() == 1);
    CHECK(flat.front().code == code::fallbackNotFiring);
    CHECK(flat.front().statement == "cdn answers with 502 for files, which no web node serves, although far is ready: nobody can install");
    // The mirror has no better: the trouble is another one.
    all.mirrors.front().watched.facts->file = HttpFacts{404, 0.01, {}};
    CHECK(find(all.judge(), code::channelBroken)->subject == "file");
    CHECK_FALSE(find(all.judge(), code::fallbackNotFiring));
    all.mirrors.front().watched.facts->file = HttpFacts{200, 0.01, {}};
    CHECK(find(all.judge(), code::fallbackNotFiring));
    // It fires: that is what it is for.
    all.edge.watched.facts->file = answer("far", "MISS");
    const RawFindings used = all.judge();
    REQUIRE(used.size() == 1);
    CHECK(used.front().code == code::fallbackInUse);
    CHECK(used.front().statement == "cdn serves files from far, for no web node serves them: installs go on from the copy");
    // Pages from there are not needed for that.
    all.edge.watched.facts->page = answer("far", "MISS");
    CHECK(find(all.judge(), code::fallbackUnneeded));
    // The web nodes have them again.
    all.edge.watched.facts->page = answer("web1", "MISS");
    all.filesReady = noon - seconds(20);
    CHECK(find(all.judge(), code::fallbackUnneeded));
    all.edge.watched.facts->file = answer("far", "HIT", 30);
    CHECK(all.judge().empty());
}

TEST_CASE("a page that does not answer hides no file that fails")
{
    Installation all;
    all.failFiles();
    all.edge.watched.facts->page = answer("web1", "PASS", 0, 404);
    all.edge.watched.facts->file = answer("", "MISS", 0, 503);
    CHECK(find(all.judge(), code::fallbackNotFiring));
}

namespace {

EdgeCompared compared(double pages, double list)
{
    EdgeCompared facts;
    facts.list = answer("web1", "HIT", 3);
    facts.originSerial = 45;
    facts.lag = {list, pages, pages > 0 ? "demo" : "", pages > 0 ? "web1" : ""};
    return facts;
}

}  // namespace

TEST_CASE("clients who get old pages, or an old list, for longer than a purge takes")
{
    struct Row {
        double pages, list;
        std::optional<Verdict> verdict;
    };
    for (const Row &row : {Row{0, 0, {}}, {29, 0, {}}, {31, 0, Verdict::Warning}, {301, 0, Verdict::Critical}, {0, 59, {}}, {0, 61, Verdict::Warning}, {0, 400, Verdict::Critical}}) {
        CAPTURE(row.pages);
        CAPTURE(row.list);
        Installation all;
        all.edge.compared = answering(compared(row.pages, row.list));
        const RawFindings found = all.judge();
        REQUIRE(found.size() == (row.verdict ? 1U : 0U));
        if (row.verdict) {
            CHECK(found.front().code == code::cdnStale);
            CHECK(found.front().verdict == *row.verdict);
        }
    }
    Installation all;
    all.edge.compared = answering(compared(84, 100));
    CHECK(find(all.judge(), code::cdnStale)->statement == "cdn gives clients the page of demo without what changed 84 s ago: what was withdrawn may still be installed");
    all.edge.compared = answering(compared(0, 100));
    CHECK(find(all.judge(), code::cdnStale)->statement == "cdn gives clients a list of projects that has been 4 serials behind for 100 s");
    CHECK_FALSE(runbookOf(code::cdnStale).empty());
}

TEST_CASE("old pages have a reason of their own while no web node serves, or the mirror does, or purges wait")
{
    Installation all;
    all.edge.compared = answering(compared(84, 100));
    // It had no time yet to fetch what is new.
    all.pagesReady = noon - seconds(10);
    CHECK(all.judge().empty());
    all.failHeads();
    CHECK(all.judge().empty());
    all.pagesReady = all.filesReady = noon - hours(1);
    for (WebInput &web : all.webs)
        web.watched.outcome = Outcome::Answered;
    all.edge.compared.facts->lag.servedBy = "far";
    all.edge.compared.facts->list->servedBy = "far";
    CHECK(all.judge().empty());
    all.edge.compared = answering(compared(84, 0));
    all.webs[1].watched.facts->purges = PurgeFacts{3, false, 90.0, "refused"};
    CHECK(find(all.judge(), code::cdnStale)->cause == "web2");
    // An old comparison is none.
    all.webs[1].watched.facts->purges.reset();
    all.edge.compared.taken = noon - seconds(20);
    CHECK(all.judge().empty());
}

TEST_CASE("what the cache has kept from the time when the mirror was needed is no fault")
{
    Installation all;
    all.pagesReady = noon - seconds(20);
    all.edge.watched.facts->page = answer("far", "HIT", 30);
    CHECK(all.judge().empty());
    // Fetched while the first web node came back.
    all.edge.watched.facts->page = answer("far", "HIT", 17);
    CHECK(all.judge().empty());
    all.edge.watched.facts->page = answer("far", "HIT", 10);
    CHECK(find(all.judge(), code::fallbackUnneeded));
}

TEST_CASE("the cache holds for sick what the monitor finds ready, or the other way round")
{
    Installation all;
    EdgeRates rates;
    rates.taken = noon;
    rates.backends = {{"web1", true, {}, {}, {}}, {"web2", false, {}, {}, {}}, {"far", true, {}, {}, {}}, {"odd", false, {}, {}, {}}};
    all.edge.rates = answering(rates);
    const RawFindings found = all.judge();
    REQUIRE(found.size() == 1);
    CHECK(found.front().code == code::edgeDiffers);
    CHECK(found.front().subject == "web2");
    CHECK(found.front().verdict == Verdict::Warning);
    // Both find it gone.
    all.webs[1].watched.outcome = Outcome::Refused;
    CHECK(all.judge().empty());
    all.edge.rates.facts->backends.front().healthy.reset();
    CHECK(all.judge().empty());
}

TEST_CASE("a hit ratio is held against the hour before, errors against all answers, and what is not known is nothing")
{
    Installation all;
    EdgeRates rates;
    rates.taken = noon;
    rates.hitRatio = 0.95;
    all.edge.rates = answering(rates);
    CHECK(all.judge().empty());
    all.edge.rates.facts->hitRatioBefore = 0.97;
    CHECK(all.judge().empty());
    all.edge.rates.facts->hitRatioBefore = 0.99;
    CHECK(find(all.judge(), code::hitRatioDrop)->verdict == Verdict::Warning);
    all.edge.rates.facts->hitRatioBefore.reset();
    // One of ten is no share of anything.
    all.edge.rates.facts->answers = api::AgentAnswers{noon, 10, 1, 60};
    CHECK(all.judge().empty());
    all.edge.rates.facts->answers = api::AgentAnswers{noon, 1000, 6, 60};
    CHECK(find(all.judge(), code::edgeErrors)->verdict == Verdict::Warning);
    all.edge.rates.facts->answers = api::AgentAnswers{noon, 1000, 60, 60};
    CHECK(find(all.judge(), code::edgeErrors)->verdict == Verdict::Critical);
}

TEST_CASE("a fallback that was never rehearsed, long ago, or in vain")
{
    Installation all;
    all.edge.drill.reset();
    CHECK(find(all.judge(), code::drillDue)->verdict == Verdict::Warning);
    all.edge.drill = DrillSeen{noon - hours(24 * 32), true, {}, "ann"};
    CHECK(find(all.judge(), code::drillDue));
    all.edge.drill = DrillSeen{noon - hours(1), false, "the page was served by web1", "ann"};
    CHECK(find(all.judge(), code::drillFailed)->statement.find("the page was served by web1") != std::string::npos);
    // Nothing to fall back to is nothing to rehearse.
    all.mirrors.clear();
    CHECK(all.judge().empty());
}

TEST_CASE("who serves now")
{
    Installation all;
    CHECK(servingNow(all.edge, all.mirrors) == "web1");
    all.edge.watched.facts->page = answer("web2", "HIT", 4);
    CHECK(servingNow(all.edge, all.mirrors) == "web2, from the cache");
    all.edge.watched.facts->page = answer("far", "MISS");
    CHECK(servingNow(all.edge, all.mirrors) == "far, the mirror");
    all.edge.watched.facts->page = answer("", "MISS", 0, 503);
    CHECK(servingNow(all.edge, all.mirrors) == "nobody");
    all.edge.watched.facts->page = answer("", "MISS");
    CHECK(servingNow(all.edge, all.mirrors).empty());
    all.edge.watched.outcome = Outcome::Silent;
    CHECK(servingNow(all.edge, all.mirrors).empty());
}

TEST_CASE("purges that do not get through are one trouble, of the cache when that is silent")
{
    Installation all;
    all.webs[0].watched.facts->purges = PurgeFacts{34, false, 75.0, "the CDN does not answer"};
    all.webs[1].watched.facts->purges = PurgeFacts{1, false, 400.0, {}};
    const RawFindings found = all.judge();
    REQUIRE(found.size() == 2);
    CHECK(found[0].node == "web1");
    CHECK(found[0].verdict == Verdict::Warning);
    CHECK(found[0].statement == "web1 has told the CDN nothing of 34 changes for 75 s: what was withdrawn may still be served: the CDN does not answer");
    // Who has waited longest is the one that is woken for.
    CHECK(found[0].cause == "web2");
    CHECK(found[1].code == code::purgesWait);
    CHECK(found[1].verdict == Verdict::Critical);
    CHECK(found[1].cause.empty());
    CHECK_FALSE(runbookOf(code::purgesWait).empty());
    all.edge.watched.outcome = Outcome::Silent;
    CHECK(find(all.judge(), code::purgesWait)->cause == "cdn");
}

TEST_CASE("purges on their way are no trouble, nor are those of a node that does not answer")
{
    Installation all;
    all.webs[0].watched.facts->purges = PurgeFacts{5, true, 3.0, {}};
    all.webs[1].watched.facts->purges = PurgeFacts{0, false, {}, "once"};
    CHECK(all.judge().empty());
    all.webs[0].watched.facts->purges->oldest = 3000;
    all.webs[0].watched.outcome = Outcome::Refused;
    CHECK_FALSE(find(all.judge(), code::purgesWait));
}
