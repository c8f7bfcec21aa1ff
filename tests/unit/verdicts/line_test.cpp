// SPDX-License-Identifier: GPL-3.0-or-later
// What the line on top leads with.
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

}  // namespace

TEST_CASE("what carries the service leads, however long another channel has been away")
{
    Landscape wide = landscape();
    wide.nodes.push_back({"ssh1", "ssh", "h7", "a"});
    const Believed channel = believed("ssh1", code::noAnswer, Verdict::Critical, -60);
    auto nodes = nodeStates({channel, believed("db1", code::down)}, wide);
    CHECK(verdictLine(nodes, roleStates(nodes, wide)).statement == "db1 DOWN; ssh1 is not well either");
    // By itself it leads, and so it does before what is less grave.
    nodes = nodeStates({channel, believed("db1", code::slow, Verdict::Warning)}, wide);
    CHECK(verdictLine(nodes, roleStates(nodes, wide)).cause == "ssh1");
}

TEST_CASE("of databases that are all gone the last one leads, and all are named")
{
    const auto nodes = nodeStates({believed("db2", code::down, Verdict::Critical, -60), believed("db1", code::noAnswer)}, landscape());
    const auto line = verdictLine(nodes, roleStates(nodes));
    CHECK(line.statement == "No database answers: db1, db2");
    CHECK(line.cause == "db1");
}

TEST_CASE("what no start mends leads before that a database does not run")
{
    const auto nodes = nodeStates({believed("db2", code::down), believed("db2", code::rebuild, Verdict::Critical, 4)}, landscape());
    CHECK(verdictLine(nodes, roleStates(nodes)).statement == "db2 REBUILD");
}

TEST_CASE("without a web node installs come from a CDN and a mirror that are well")
{
    Landscape wide = landscape();
    wide.nodes.push_back({"cdn", "cdn", "h8", "a"});
    std::vector<Believed> gone{believed("web1", code::down), believed("web2", code::down)};
    auto nodes = nodeStates(gone, wide);
    CHECK(verdictLine(nodes, roleStates(nodes, wide)).affected == "everybody: no web node works");
    wide.nodes.push_back({"away", "mirror", "h9", "b"});
    nodes = nodeStates(gone, wide);
    CHECK(verdictLine(nodes, roleStates(nodes, wide)).affected.ends_with("installs come from the CDN's cache and from the mirror"));
}

TEST_CASE("a full disk beside a database is a danger to uploads")
{
    Landscape wide = landscape();
    wide.nodes.push_back({"db1-disk", "disk", "h5", "a"});
    auto nodes = nodeStates({believed("db1-disk", code::diskFull)}, wide);
    auto line = verdictLine(nodes, roleStates(nodes, wide));
    CHECK(line.affected == "nobody yet; uploads as soon as db1 needs room");
    CHECK(line.notAtRisk == "installing packages, and every acknowledged upload");
    // And their reason, when they end, unless the database is gone.
    const std::vector<Believed> ended{believed("web1", code::readOnlyDatabase), believed("web2", code::readOnlyDatabase), believed("db1-disk", code::diskFull)};
    nodes = nodeStates(foldCauses(ended, wide), wide);
    line = verdictLine(nodes, roleStates(nodes, wide));
    CHECK(line.statement == "db1-disk DISK_FULL; that is why web1 and web2 are not well");
    CHECK(line.affected == "uploads and every other change");
    std::vector<Believed> gone = ended;
    gone.push_back(believed("db1", code::down));
    nodes = nodeStates(foldCauses(gone, wide), wide);
    CHECK(verdictLine(nodes, roleStates(nodes, wide)).statement == "db1 DOWN; that is why web1 and web2 are not well; db1-disk is not well either");
    wide.nodes.back().host = "h9";
    nodes = nodeStates({believed("db1-disk", code::diskFull)}, wide);
    line = verdictLine(nodes, roleStates(nodes, wide));
    CHECK(line.affected == "nobody yet");
    CHECK(line.notAtRisk == "installing and uploading");
}

TEST_CASE("whoever else is not well is named, and whether it follows")
{
    Believed follows = believed("web1", code::readOnlyDatabase, Verdict::Critical, 1);
    follows.found.cause = "db1";
    const auto nodes = nodeStates({believed("db1", code::down), follows, believed("pool2", code::slow, Verdict::Warning)}, landscape());
    CHECK(verdictLine(nodes, roleStates(nodes)).statement == "db1 DOWN; that is why web1 is not well; pool2 is not well either");
    // In two steps as in one, also where the second has a trouble of its own besides.
    Believed further = believed("pool2", code::noAnswer);
    further.found.cause = "web1";
    const auto chain = nodeStates({believed("db1", code::down), follows, believed("web1", code::slow, Verdict::Warning), further}, landscape());
    CHECK(verdictLine(chain, roleStates(chain)).statement == "db1 DOWN; that is why pool2 and web1 are not well");
    // Who is in the sentence is not named again.
    Believed both = believed("web1", code::readOnlyDatabase);
    both.found.statement = "web1 and web2 cannot write";
    const auto webs = nodeStates({both, believed("web2", code::readOnlyDatabase)}, landscape());
    CHECK(verdictLine(webs, roleStates(webs)).statement == "web1 and web2 cannot write");
    std::vector<std::string> many{"a", "b", "c", "d", "e", "f"};
    CHECK(listOf(many) == "a, b, c, d and 2 more");
    many.pop_back();
    CHECK(listOf(many) == "a, b, c, d and e");
}

TEST_CASE("what helps a database is not lost where nothing on its host answers")
{
    Landscape wide = landscape();
    wide.nodes.push_back({"agent-db1", "agent", "h5", "a"});
    Believed database = believed("db1", code::noAnswer, Verdict::Critical, 1);
    database.found.remedy = "Start db1 first.";
    const auto nodes = nodeStates(foldCauses({believed("agent-db1", code::noAnswer), database}, wide), wide);
    CHECK(std::any_of(nodes.begin(), nodes.end(), [](const api::Node &node) {
        return !node.findings.empty() && node.findings.front().statement == "Nothing on h5 answers: db1, agent-db1" && node.findings.front().runbook == "Start db1 first.";
    }));
}
