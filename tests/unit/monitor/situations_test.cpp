// SPDX-License-Identifier: GPL-3.0-or-later
// What of a look may be a ground to act on.
#include "core/monitor/situations.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

template <class Facts>
Watched<Facts> answered(std::chrono::milliseconds asked, std::chrono::milliseconds taken)
{
    Watched<Facts> watched;
    record(watched, Result<Facts>(Facts()), noon + asked, noon + taken);
    return watched;
}

bool keepsPool(Watched<PoolFacts> watched)
{
    Snapshot board;
    board.pools.push_back({"pool1", false, std::move(watched)});
    // Pressed at noon, and looked at again five seconds later, for a second.
    forgetBefore(board, noon + 5s, noon, 1s);
    return board.pools.front().watched.answers();
}

Surroundings around()
{
    Surroundings out;
    config::TopologyGluster server;
    server.name = server.host = "gfs1";
    out.topology.glusters.push_back(server);
    config::TopologyCertificate certificate;
    certificate.name = "web1-certificate";
    certificate.host = "web1";
    certificate.port = 443;
    certificate.file = "/etc/web.pem";
    out.topology.certificates.push_back(certificate);
    return out;
}

}  // namespace

TEST_CASE("an answer to a question of before a look is none")
{
    Snapshot board;
    board.webs.push_back({"new", answered<WebFacts>(1ms, 2ms)});
    board.webs.push_back({"old", answered<WebFacts>(-2s, -1s)});
    board.webs.push_back({"on-its-way", answered<WebFacts>(-10ms, 10ms)});
    board.certificates.push_back({"certificate", answered<CertificatePair>(-2s, -1s)});
    EdgeInput edge;
    edge.watched = answered<EdgeFacts>(-2s, -1s);
    board.edges.push_back(edge);
    forgetBefore(board, noon, noon, 0ms);
    CHECK(board.webs[0].watched.answers());
    CHECK_FALSE(board.webs[1].watched.answers());
    CHECK_FALSE(board.webs[2].watched.answers());
    CHECK(board.webs[1].watched.outcome == Outcome::Silent);
    CHECK(board.webs[1].watched.problem == "it did not answer in time");
    // When it was last seen is what a judgement of its silence rests on.
    CHECK(board.webs[1].watched.taken == noon - 1s);
    CHECK_FALSE(board.certificates.front().watched.answers());
    CHECK_FALSE(board.edges.front().watched.answers());
}

TEST_CASE("a pgpool that tries each database first is given its time, one that was quick is not")
{
    CHECK(keepsPool(answered<PoolFacts>(5001ms, 5010ms)));
    CHECK(keepsPool(answered<PoolFacts>(1s, 4s)));         // the look of before, which could not end sooner
    CHECK_FALSE(keepsPool(answered<PoolFacts>(1s, 1100ms)));  // it was quick, and is not any more
    CHECK_FALSE(keepsPool(answered<PoolFacts>(-4s, -1s)));
}

TEST_CASE("what an agent tells when it is asked is taken for what was heard through it")
{
    const Surroundings where = around();
    Situation now;
    now.stillFresh = noon;
    now.now = noon + 1s;
    now.volumes.push_back({"gfs1", "gfs1", false, answered<VolumeFacts>(-2s, -1s)});
    now.certificates.push_back({"web1-certificate", "web1", 443, CertificatePair()});
    now.certificates.front().pair->onDisk = CertificateFacts();
    api::AgentState files, web;
    files.volume = api::AgentVolume();
    files.volume->name = "packages";
    api::AgentCertificate certificate;
    certificate.file = "/etc/web.pem";
    certificate.fingerprint = "aa";
    certificate.notBefore = noon;
    certificate.notAfter = noon + 1h;
    web.certificates.push_back(certificate);
    now.agents = {{"gfs1", files, {}}, {"web1", web, {}}};
    takeFromAgents(now, where);
    REQUIRE(now.volumes.front().watched.answers());
    CHECK(now.volumes.front().watched.facts->volume.name == "packages");
    CHECK(now.volumes.front().watched.taken == noon + 1s);
    CHECK(now.certificates.front().pair->onDisk->fingerprint == "aa");
    SUBCASE("one that does not answer leaves what it told unknown")
    {
        now.agents = {{"gfs1", {}, "no answer"}, {"web1", web, {}}};
        takeFromAgents(now, where);
        CHECK_FALSE(now.volumes.front().watched.answers());
    }
    SUBCASE("a file that is gone is on no disk")
    {
        now.agents.back().state->certificates.front().problem = "no such file";
        takeFromAgents(now, where);
        CHECK_FALSE(now.certificates.front().pair->onDisk);
    }
}
