// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor may look with, and what it says that it does not see.
#include "core/monitor/landscape.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <tuple>

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

TEST_CASE("a certificate follows whoever presents it, a web node or a mirror")
{
    Surroundings seen = around("192.0.2.1");
    seen.topology.webs[0].host = "one";
    seen.topology.webs[0].port = 8427;
    config::TopologyMirror mirror;
    mirror.name = mirror.host = "far";
    mirror.port = 443;
    seen.topology.mirrors.push_back(mirror);
    for (const auto &[name, host, port] : {std::tuple{"web1_tls", "one", 8427}, std::tuple{"far_tls", "far", 443}, std::tuple{"other_tls", "far", 8443}}) {
        config::TopologyCertificate certificate;
        certificate.name = name;
        certificate.host = host;
        certificate.port = static_cast<std::uint16_t>(port);
        seen.topology.certificates.push_back(certificate);
    }
    std::vector<std::string> presented;
    for (const Dependency &dependency : landscapeOf(seen).dependencies) {
        if (dependency.kind == "presents")
            presented.push_back(dependency.from + " " + dependency.to);
    }
    CHECK(presented == std::vector<std::string>{"web1_tls web1", "far_tls far"});
}
