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
