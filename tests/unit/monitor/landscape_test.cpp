// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor may look with, and what it says that it does not see.
#include "core/monitor/landscape.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;

namespace {

Surroundings around(const char *address)
{
    Surroundings out;
    config::TopologyWeb web;
    web.name = "web1";
    web.address = address;
    out.topology.webs.push_back(web);
    config::TopologyPostgres database;
    database.name = "pg1";
    database.address = address;
    database.patroniPort = 8008;
    out.topology.databases.push_back(database);
    return out;
}

std::string refusedFor(const Surroundings &around)
{
    const auto checked = checkSurroundings(around);
    std::string names;
    for (const FieldProblem &problem : checked ? std::vector<FieldProblem>() : checked.error().fields)
        names += (names.empty() ? "" : ", ") + problem.field;
    return names;
}

}  // namespace

TEST_CASE("no token and no password goes to another machine without TLS")
{
    Surroundings far = around("192.0.2.1");
    CHECK(refusedFor(far).empty());  // nothing secret is sent
    far.secrets.patroniUser = "watcher";
    far.secrets.patroniPassword = "secret";
    CHECK(refusedFor(far) == "pg1");
    CHECK(checkSurroundings(far).error().detail.find("patroni_tls = true") != std::string::npos);
    far.secrets.probeToken = "token";
    CHECK(refusedFor(far) == "web1, pg1");
    far.topology.webs[0].tls = far.topology.databases[0].patroniTls = true;
    CHECK(refusedFor(far).empty());
    far.topology.databases[0] = {};
    far.topology.databases[0].address = "192.0.2.1";  // no Patroni there
    CHECK(refusedFor(far).empty());

    Surroundings here = around("127.0.0.1");
    here.secrets.patroniPassword = here.secrets.uploadToken = "secret";
    CHECK(refusedFor(here).empty());
}
