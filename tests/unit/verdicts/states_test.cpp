// SPDX-License-Identifier: GPL-3.0-or-later
// Believing, folding, rolling up.
#include "core/monitor/verdicts/parts.h"
#include "core/monitor/verdicts/states.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
using std::chrono::seconds;

RawFinding raw(const std::string &node, std::string_view found, Verdict verdict = Verdict::Critical, int second = 0)
{
    return {node, std::string(found), verdict, node + " " + std::string(found), noon + seconds(second)};
}

Believed believed(const std::string &node, std::string_view found, Verdict verdict = Verdict::Critical, int second = 0)
{
    return {raw(node, found, verdict, second), noon + seconds(second)};
}

Landscape landscape()
{
    return {{{"web1", "web", "h1", "a"}, {"web2", "web", "h2", "a"}, {"pool1", "pgpool", "h3", "a"},
             {"pool2", "pgpool", "h4", "a"}, {"db1", "postgres", "h5", "a"}, {"db2", "postgres", "h6", "a"}},
            {{"web1", "pool1", "requests"}, {"web1", "pool2", "requests"}, {"web2", "pool1", "requests"},
             {"web2", "pool2", "requests"}, {"pool1", "db1", "pools"}, {"pool1", "db2", "pools"},
             {"pool2", "db1", "pools"}, {"pool2", "db2", "pools"}, {"db2", "db1", "replicates"},
             {"pool1", "pool2", "watches"}, {"pool2", "pool1", "watches"}}};
}

std::string causeOf(const std::vector<Believed> &folded, const std::string &node, std::string_view wanted)
{
    for (const Believed &finding : folded) {
        if (finding.found.node == node && finding.found.code == wanted)
            return finding.found.cause;
    }
    return "no such finding";
}

const api::Node &nodeNamed(const std::vector<api::Node> &nodes, const std::string &name)
{
    return *std::find_if(nodes.begin(), nodes.end(), [&](const api::Node &node) { return node.name == name; });
}

}  // namespace

TEST_CASE("a finding is believed at its second sample, not at its second look")
{
    Debouncer debouncer;
    CHECK(debouncer.settle({raw("a", code::down)}, {{"a", noon}}, noon).empty());
    CHECK(debouncer.settle({raw("a", code::down)}, {{"a", noon}}, noon + seconds(5)).empty());
    const auto second = debouncer.settle({raw("a", code::down, Verdict::Critical, 1)}, {{"a", noon + seconds(1)}}, noon + seconds(6));
    REQUIRE(second.size() == 1);
    CHECK(second[0].since == noon);
}

TEST_CASE("a finding is over after two samples without it; one is not enough")
{
    Debouncer debouncer;
    RawFinding finding = raw("a", code::splitBrain);
    finding.raiseAfter = 1;
    REQUIRE(debouncer.settle({finding}, {{"a", noon}}, noon).size() == 1);
    CHECK(debouncer.settle({}, {{"a", noon + seconds(1)}}, noon).size() == 1);
    CHECK(debouncer.settle({}, {{"a", noon + seconds(1)}}, noon).size() == 1);  // no new sample
    CHECK(debouncer.settle({}, {{"a", noon + seconds(2)}}, noon).empty());
}

TEST_CASE("a single good sample among bad ones starts the count anew")
{
    Debouncer debouncer;
    CHECK(debouncer.settle({raw("a", code::down)}, {{"a", noon}}, noon).empty());
    CHECK(debouncer.settle({}, {{"a", noon + seconds(1)}}, noon).empty());
    CHECK(debouncer.settle({raw("a", code::down, Verdict::Critical, 2)}, {{"a", noon + seconds(2)}}, noon).empty());
}

TEST_CASE("a lag beyond the critical bound warns before it is critical")
{
    Debouncer debouncer;
    std::vector<Believed> now;
    for (int second = 1; second <= 60; ++second) {
        RawFinding finding = raw("db2", code::lagging, Verdict::Critical, second);
        finding.raiseAfter = 60;
        finding.warnAfter = 30;
        now = debouncer.settle({finding}, {{"db2", noon + seconds(second)}}, noon + seconds(second));
        CHECK(now.size() == (second >= 30 ? 1 : 0));
        if (!now.empty())
            CHECK(now[0].found.verdict == (second >= 60 ? Verdict::Critical : Verdict::Warning));
    }
}

namespace {

// A lag as it is found: critical is believed after five samples, a warning after three.
struct Lagging {
    Debouncer debouncer;
    int second = 0;
    // What is believed after `times` samples more of that weight; ok: nothing.
    Verdict sees(Verdict weight, int times = 1)
    {
        std::vector<Believed> now;
        for (; times > 0; --times) {
            RawFinding finding = raw("db2", code::lagging, weight, ++second);
            finding.raiseAfter = weight == Verdict::Critical ? 5 : 3;
            finding.warnAfter = 3;
            now = debouncer.settle({finding}, {{"db2", noon + seconds(second)}}, noon + seconds(second));
        }
        return now.empty() ? Verdict::Ok : now[0].found.verdict;
    }
};

}  // namespace

TEST_CASE("what has been a warning for long is critical after as many samples as anything else")
{
    Lagging lag;
    CHECK(lag.sees(Verdict::Warning, 60) == Verdict::Warning);
    CHECK(lag.sees(Verdict::Critical, 4) == Verdict::Warning);
    CHECK(lag.sees(Verdict::Critical) == Verdict::Critical);
    // Nor does one lighter sample make it lighter.
    CHECK(lag.sees(Verdict::Warning) == Verdict::Critical);
    CHECK(lag.sees(Verdict::Critical) == Verdict::Critical);
    CHECK(lag.sees(Verdict::Warning, 2) == Verdict::Warning);
    CHECK(lag.sees(Verdict::Critical) == Verdict::Warning);
}

TEST_CASE("a lag about its bound is a warning, and stays one")
{
    Lagging lag;
    for (int i = 0; i < 60; ++i) {
        const Verdict believed = lag.sees(i % 2 ? Verdict::Critical : Verdict::Warning);
        CHECK(believed == (i >= 2 ? Verdict::Warning : Verdict::Ok));
    }
}

TEST_CASE("a fault that gets worse is as bad as it is at its second sample")
{
    Debouncer debouncer;
    for (int second = 1; second <= 6; ++second) {
        CAPTURE(second);
        const Verdict weight = second <= 4 ? Verdict::Warning : Verdict::Critical;
        const auto now = debouncer.settle({raw("pool1", code::disagree, weight, second)}, {}, noon + seconds(second));
        REQUIRE(now.size() == (second == 1 ? 0U : 1U));
        if (second > 1)
            CHECK(now[0].found.verdict == (second <= 5 ? Verdict::Warning : Verdict::Critical));
    }
    const auto told = debouncer.settle({raw("pool1", code::disagree, Verdict::Critical, 7)}, {}, noon + seconds(7));
    CHECK(told.at(0).found.verdict == Verdict::Critical);
    CHECK(told[0].since == noon + seconds(1));
}

TEST_CASE("unknown outranks ok and warning, critical outranks all")
{
    const auto nodes = nodeStates({believed("db2", code::stale, Verdict::Unknown), believed("db2", code::lagging, Verdict::Warning),
                                   believed("web1", code::down), believed("pool1", code::slow, Verdict::Warning)}, landscape());
    CHECK(nodes.front().name == "web1");
    CHECK(nodeNamed(nodes, "db2").verdict == Verdict::Unknown);
    CHECK(nodeNamed(nodes, "db2").finding == code::stale);
    CHECK(nodeNamed(nodes, "db2").findings.size() == 2);
    CHECK(nodeNamed(nodes, "db1").verdict == Verdict::Ok);
    CHECK(verdictLine(nodes, roleStates(nodes)).verdict == Verdict::Critical);
}

TEST_CASE("one bad node is not averaged away, and a role without a spare says so")
{
    const auto nodes = nodeStates({believed("web1", code::down)}, landscape());
    const auto roles = roleStates(nodes);
    const auto web = std::find_if(roles.begin(), roles.end(), [](const auto &role) { return role.role == "web"; });
    CHECK(web->verdict == Verdict::Critical);
    CHECK(web->finding == code::noSpare);
    CHECK(web->statement == "web has no spare now: only web2 works");
    CHECK(web->working == 1);
    const auto line = verdictLine(nodes, roles);
    CHECK(line.cause == "web1");
    CHECK(line.affected == "nobody while web2 carries the load");
    CHECK(line.notAtRisk == "installing and uploading");
}

TEST_CASE("who is hit by files is told by what is wrong with them, and a file with two versions takes no server away")
{
    Landscape land = landscape();
    for (const char *name : {"gfs1", "gfs2", "gfs3"})
        land.nodes.push_back({name, "gluster", name, "a"});
    auto nodes = nodeStates({believed("gfs1", code::fileSplitBrain)}, land);
    auto roles = roleStates(nodes);
    const auto files = std::find_if(roles.begin(), roles.end(), [](const auto &role) { return role.role == "gluster"; });
    CHECK(files->working == 3);
    CHECK(files->finding == code::fileSplitBrain);
    CHECK(verdictLine(nodes, roles).affected == "installs of a file with two versions, unless a cache or the mirror has it");
    CHECK(verdictLine(nodes, roles).notAtRisk == "uploads, and installs of everything else");
    nodes = nodeStates({believed("gfs1", code::brickDown), believed("gfs3", code::brickDown)}, land);
    CHECK(verdictLine(nodes, roleStates(nodes)).affected == "uploads, and installs of what no cache has");
    nodes = nodeStates({believed("gfs1", code::brickDown)}, land);
    CHECK(verdictLine(nodes, roleStates(nodes)).affected == "nobody yet");
}

TEST_CASE("while two databases take writes no acknowledged upload is called safe")
{
    const auto nodes = nodeStates({believed("db1", code::splitBrain), believed("db2", code::splitBrain)}, landscape());
    const auto line = verdictLine(nodes, roleStates(nodes));
    CHECK(line.affected == "uploads: two databases take them, and neither has what the other took");
    CHECK(line.notAtRisk == "installing packages");
    // Where it is decided which one goes, it is named, and the other one follows from it.
    Believed stop = believed("db1", code::splitBrain), keep = believed("db2", code::splitBrain);
    for (Believed *one : {&stop, &keep}) {
        one->found.act = "fence";
        one->found.actOn = "db1";
        one->found.remedy = "Fence db1.";
    }
    keep.found.cause = "db1";
    const auto decided = nodeStates(foldCauses({keep, stop}, landscape()), landscape());
    const auto said = verdictLine(decided, roleStates(decided));
    CHECK(said.cause == "db1");
    CHECK(said.affected == "uploads: what db1 alone has taken is missing everywhere else");
    const api::NodeFinding &finding = nodeNamed(decided, "db1").findings.front();
    CHECK(finding.runbook == "Fence db1.");
    CHECK(finding.act == "fence");
    CHECK(finding.actOn == "db1");
}

TEST_CASE("a monitor that is blind speaks of itself by its name")
{
    Believed blind = believed("db1", code::monitorBlind, Verdict::Unknown);
    blind.found.statement = "The monitor cannot reach db1, its standby still can";
    auto nodes = nodeStates({blind}, landscape());
    nameMonitor(nodes, "m1");
    CHECK(nodeNamed(nodes, "db1").statement == "Monitor m1 cannot reach db1, its standby still can");
    CHECK(nodeNamed(nodes, "db1").findings.front().statement == nodeNamed(nodes, "db1").statement);
    // Web nodes that were seen to write vouch for what clients get.
    CHECK(verdictLine(nodes, roleStates(nodes)).notAtRisk == "installing and uploading");
    Believed web = believed("web1", code::monitorBlind, Verdict::Unknown);
    nodes = nodeStates({blind, web}, landscape());
    CHECK(verdictLine(nodes, roleStates(nodes)).notAtRisk.empty());
}

TEST_CASE("what helps begins with the act, and what makes it worse stands beside it")
{
    CHECK(runbookOf(code::splitBrain).starts_with("Fence"));
    CHECK(warningOf(code::splitBrain).starts_with("Do not"));
    CHECK(runbookOf(code::splitBrain).find("Do not") == std::string_view::npos);
    CHECK(warningOf("SOMETHING_NEW").empty());
}

TEST_CASE("everything that a dead database causes is folded into it")
{
    const auto folded = foldCauses({believed("db1", code::down, Verdict::Critical, 1), believed("db2", code::disconnected),
                                    believed("pool1", code::backendDown, Verdict::Warning), believed("pool2", code::statusMismatch),
                                    believed("web1", code::readOnlyDatabase), believed("web2", code::channelBroken)}, landscape());
    for (const auto &[node, found] : std::vector<std::pair<const char *, std::string_view>>{
             {"db2", code::disconnected}, {"pool1", code::backendDown}, {"pool2", code::statusMismatch},
             {"web1", code::readOnlyDatabase}, {"web2", code::channelBroken}})
        CHECK(causeOf(folded, node, found) == "db1");
    CHECK(causeOf(folded, "db1", code::down).empty());
    const auto nodes = nodeStates(folded, landscape());
    CHECK(verdictLine(nodes, roleStates(nodes)).cause == "db1");
}

TEST_CASE("what cannot follow from a dead database stays a trouble of its own")
{
    const auto folded = foldCauses({believed("db1", code::down), believed("web1", code::down),
                                    believed("web2", code::certExpiring, Verdict::Warning)}, landscape());
    CHECK(causeOf(folded, "web1", code::down).empty());
    CHECK(causeOf(folded, "web2", code::certExpiring).empty());
}

TEST_CASE("a cause that is well again explains nothing")
{
    Believed standby = believed("db2", code::disconnected);
    standby.found.cause = "db1";
    CHECK(causeOf(foldCauses({standby}, landscape()), "db2", code::disconnected).empty());
    const auto both = foldCauses({standby, believed("db1", code::down)}, landscape());
    CHECK(causeOf(both, "db2", code::disconnected) == "db1");
}

TEST_CASE("a database that answers now and then explains what rests on it, and is as bad as that")
{
    const auto unsteady = believed("db1", code::unsteady, Verdict::Warning);
    const auto weight = [](const std::vector<Believed> &folded) {
        return std::find_if(folded.begin(), folded.end(), [](const Believed &one) { return one.found.code == code::unsteady; })->found.verdict;
    };
    const auto folded = foldCauses({unsteady, believed("web1", code::channelBroken), believed("web2", code::slow, Verdict::Warning), believed("db2", code::down)}, landscape());
    CHECK(causeOf(folded, "web1", code::channelBroken) == "db1");
    CHECK(causeOf(folded, "web2", code::slow) == "db1");
    CHECK(causeOf(folded, "db2", code::down).empty());
    CHECK(weight(folded) == Verdict::Critical);
    CHECK(weight(foldCauses({unsteady, believed("web2", code::slow, Verdict::Warning)}, landscape())) == Verdict::Warning);
    CHECK(weight(foldCauses({unsteady}, landscape())) == Verdict::Warning);
}

TEST_CASE("a missing watchdog explains the other's lack of quorum")
{
    const auto folded = foldCauses({believed("pool2", code::down), believed("pool1", code::noQuorum)}, landscape());
    CHECK(causeOf(folded, "pool1", code::noQuorum) == "pool2");
}

TEST_CASE("causes lead to the root, and never in circles")
{
    Believed a = believed("db1", code::noSecondCopy, Verdict::Warning);
    a.found.cause = "db2";
    Believed b = believed("db2", code::disconnected);
    b.found.cause = "db1";
    const auto folded = foldCauses({a, b, believed("db1", code::down)}, landscape());
    CHECK(causeOf(folded, "db1", code::down).empty());
    CHECK(causeOf(folded, "db2", code::disconnected) == "db1");
}

TEST_CASE("a host on which nothing answers is one trouble")
{
    Landscape one{{{"web1", "web", "h1", "a"}, {"pool1", "pgpool", "h1", "a"}, {"disk1", "disk", "h1", "a"}}, {}};
    auto folded = foldCauses({believed("web1", code::noAnswer), believed("pool1", code::noAnswer)}, one);
    CHECK(causeOf(folded, "web1", code::noAnswer) == "h1");
    CHECK(causeOf(folded, "h1", code::noAnswer).empty());
    const auto nodes = nodeStates(folded, one);
    CHECK(nodeNamed(nodes, "h1").role == "host");
    folded = foldCauses({believed("web1", code::noAnswer)}, one);
    CHECK(causeOf(folded, "web1", code::noAnswer).empty());
}

TEST_CASE("a storm of forty consequences has one root")
{
    Landscape many;
    std::vector<Believed> findings{believed("db1", code::down)};
    many.nodes.push_back({"db1", "postgres", "h0", "a"});
    for (int i = 0; i < 40; ++i) {
        const std::string name = fmt::format("web{}", i);
        many.nodes.push_back({name, "web", "h" + name, "a"});
        many.dependencies.push_back({name, "db1", "requests"});
        findings.push_back(believed(name, code::channelBroken));
    }
    const auto folded = foldCauses(findings, many);
    CHECK(std::count_if(folded.begin(), folded.end(), [](const Believed &finding) { return finding.found.cause.empty(); }) == 1);
}

TEST_CASE("nothing watched is unknown, not ok")
{
    CHECK(verdictLine({}, {}).verdict == Verdict::Unknown);
    const auto nodes = nodeStates({}, landscape());
    CHECK(verdictLine(nodes, roleStates(nodes)).verdict == Verdict::Ok);
    CHECK(verdictLine(nodes, roleStates(nodes)).statement == "Everything works");
}

TEST_CASE("two monitors are compared node by node")
{
    const auto ours = nodeStates({believed("db1", code::down)}, landscape());
    const auto theirs = nodeStates({}, landscape());
    const auto differences = compareNodes(ours, theirs);
    REQUIRE(differences.size() == 1);
    CHECK(differences[0].node == "db1");
    CHECK(differences[0].ours == Verdict::Critical);
    CHECK(differences[0].theirs == Verdict::Ok);
    CHECK(compareNodes(ours, ours).empty());
}

TEST_CASE("what a pgpool says of a database that is in trouble is no trouble of its own")
{
    Believed keepsOut = believed("pool1", code::statusMismatch, Verdict::Warning);
    keepsOut.found.subject = "db2";
    const auto folded = foldCauses({believed("db2", code::disconnected), keepsOut}, landscape());
    CHECK(causeOf(folded, "pool1", code::statusMismatch) == "db2");
    CHECK(causeOf(foldCauses({keepsOut}, landscape()), "pool1", code::statusMismatch).empty());
}

TEST_CASE("commits that wait for a lost standby follow from it, a lost quorum does not")
{
    const auto folded = foldCauses({believed("db2", code::disconnected), believed("web1", code::readOnlyDatabase),
                                    believed("pool1", code::noQuorum)}, landscape());
    CHECK(causeOf(folded, "web1", code::readOnlyDatabase) == "db2");
    CHECK(causeOf(folded, "pool1", code::noQuorum).empty());
}

TEST_CASE("a database that takes no writes explains the web nodes'")
{
    const auto folded = foldCauses({believed("db1", code::readOnlyDatabase), believed("web1", code::readOnlyDatabase, Verdict::Critical, 3),
                                    believed("web2", code::readOnlyDatabase, Verdict::Critical, 3)}, landscape());
    CHECK(causeOf(folded, "web1", code::readOnlyDatabase) == "db1");
    CHECK(causeOf(folded, "web2", code::readOnlyDatabase) == "db1");
    const auto webs = foldCauses({believed("web1", code::readOnlyDatabase), believed("web2", code::readOnlyDatabase)}, landscape());
    CHECK(causeOf(webs, "web1", code::readOnlyDatabase).empty());
    CHECK(causeOf(webs, "web2", code::readOnlyDatabase) == "web1");
    CHECK(nodeNamed(nodeStates(webs, landscape()), "web1").statement == "web1 and web2 cannot write: their database takes no writes");
}

TEST_CASE("all of a role silent at once is one trouble; one that was silent long before is not")
{
    auto folded = foldCauses({believed("db1", code::noAnswer, Verdict::Critical, 1), believed("db2", code::noAnswer)}, landscape());
    CHECK(causeOf(folded, "db1", code::noAnswer) == "db2");
    CHECK(causeOf(folded, "db2", code::noAnswer).empty());
    CHECK(nodeNamed(nodeStates(folded, landscape()), "db2").statement == "No database answers: db2, db1");
    const auto webs = foldCauses({believed("web1", code::down), believed("web2", code::down)}, landscape());
    CHECK(nodeNamed(nodeStates(webs, landscape()), "web1").findings.front().runbook == "Bring web1 or web2 back: one is enough. Read its log, then start it.");
    folded = foldCauses({believed("db1", code::noAnswer, Verdict::Critical, 3600), believed("db2", code::noAnswer)}, landscape());
    CHECK(causeOf(folded, "db1", code::noAnswer).empty());
}

TEST_CASE("a witness is nobody's spare")
{
    Landscape three = landscape();
    three.nodes.push_back({"witness", "pgpool", "h7", "a", false});
    const auto nodes = nodeStates({believed("pool2", code::down)}, three);
    const auto roles = roleStates(nodes, three);
    const auto pools = std::find_if(roles.begin(), roles.end(), [](const auto &role) { return role.role == "pgpool"; });
    CHECK(pools->finding == code::noSpare);
    CHECK(pools->statement == "pgpool has no spare now: only pool1 works");
}

TEST_CASE("a standby that lags is why uploads take long, and of nothing else")
{
    const auto slow = [](const char *subject) {
        Believed finding = believed("web1", code::slow, Verdict::Warning);
        finding.found.subject = subject;
        return finding;
    };
    const Believed lag = believed("db2", code::lagging, Verdict::Warning);
    for (const char *subject : {"upload", "write"})
        CHECK(causeOf(foldCauses({lag, slow(subject)}, landscape()), "web1", code::slow) == "db2");
    CHECK(causeOf(foldCauses({lag, slow("")}, landscape()), "web1", code::slow).empty());
    CHECK(causeOf(foldCauses({lag, believed("web1", code::channelBroken)}, landscape()), "web1", code::channelBroken).empty());
    // The file server that is not there any more as well.
    Landscape with = landscape();
    with.nodes.push_back({"files1", "gluster", "h7", "a"});
    with.dependencies.push_back({"web1", "files1", "stores"});
    CHECK(causeOf(foldCauses({believed("files1", code::noAnswer), slow("upload")}, with), "web1", code::slow) == "files1");
}

TEST_CASE("a certificate that nobody presents follows from the node that should")
{
    Landscape with = landscape();
    with.nodes.push_back({"cert1", "certificate", "h1", "a"});
    with.dependencies.push_back({"cert1", "web1", "presents"});
    CHECK(causeOf(foldCauses({believed("web1", code::down), believed("cert1", code::noAnswer)}, with), "cert1", code::noAnswer) == "web1");
    CHECK(causeOf(foldCauses({believed("db1", code::down), believed("cert1", code::noAnswer)}, with), "cert1", code::noAnswer).empty());
}

TEST_CASE("a target that is seldom looked at is not unseen after its first look")
{
    Debouncer debouncer;
    RawFinding unseen = *judgeAge("cert1", {}, noon, seconds(1));
    REQUIRE(debouncer.settle({unseen}, {{"cert1", Time{}}}, noon).size() == 1);
    CHECK(debouncer.settle({}, {{"cert1", noon + seconds(4)}}, noon + seconds(5)).empty());
}

TEST_CASE("a consequence waits for its cause that was seen once, and not for long")
{
    Believed effect = believed("pool1", code::channelBroken);
    effect.believed = noon;
    const std::vector<Believed> suspected{believed("db1", code::down)};
    CHECK(awaitCauses({effect}, suspected, landscape(), noon + seconds(1)).empty());
    CHECK(awaitCauses({effect}, suspected, landscape(), noon + seconds(6)).size() == 1);
    CHECK(awaitCauses({effect}, {}, landscape(), noon).size() == 1);
    CHECK(awaitCauses({effect, believed("db1", code::noAnswer)}, suspected, landscape(), noon).size() == 2);
}

TEST_CASE("two hosts of databases that fall silent at once are one trouble, whatever else is on them")
{
    Landscape with;
    with.nodes = {{"h5", "postgres", "h5", "a"}, {"agent5", "agent", "h5", "a"}, {"db2", "postgres", "h6", "a"}, {"agent6", "agent", "h6", "a"}};
    const auto folded = foldCauses({believed("h5", code::noAnswer), believed("agent5", code::noAnswer, Verdict::Critical, 1),
                                    believed("db2", code::noAnswer, Verdict::Critical, 2), believed("agent6", code::noAnswer, Verdict::Critical, 2)}, with);
    CHECK(std::count_if(folded.begin(), folded.end(), [](const Believed &finding) { return finding.found.cause.empty(); }) == 1);
    CHECK(causeOf(folded, "h5", code::noAnswer).empty());
    CHECK(causeOf(folded, "db2", code::noAnswer) == "h5");
    CHECK(causeOf(folded, "h6", code::noAnswer) == "h5");
    CHECK(nodeNamed(nodeStates(folded, with), "h5").role == "postgres");
}

TEST_CASE("a host for whose database somebody vouches is not dead in its other parts")
{
    Landscape with;
    with.nodes = {{"db1", "postgres", "h5", "a"}, {"agent5", "agent", "h5", "a"}, {"agent6", "agent", "h6", "a"}};
    const auto folded = foldCauses({believed("db1", code::monitorBlind, Verdict::Unknown), believed("agent5", code::noAnswer),
                                    believed("agent6", code::noAnswer)}, with);
    CHECK(causeOf(folded, "agent5", code::monitorBlind) == "db1");
    CHECK(causeOf(folded, "agent6", code::noAnswer).empty());
}
