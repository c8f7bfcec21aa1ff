// SPDX-License-Identifier: GPL-3.0-or-later
// pgpool's control port, with what a pgpool-II 4.3 has really answered.
#include "core/monitor/probes/pcp_client.h"

#include <doctest/doctest.h>

using namespace cm::monitor;
using namespace std::string_literals;

TEST_CASE("a backend as the control port tells it")
{
    const auto texts = pcpTexts("NodeInfo\0" "127.0.0.1\0" "51789\0" "1\0" "0\0" "up\0" "1073741823.500000\0" "2\0" "primary\0" "0\0\0\0" "1795646729\0"s);
    const auto backend = pcpBackend(texts, 0);
    REQUIRE(backend);
    CHECK(backend->host == "127.0.0.1");
    CHECK(backend->port == 51789);
    CHECK(backend->status == "waiting");
    CHECK(backend->actualStatus == "up");
    CHECK(*backend->weight == doctest::Approx(0.5));
    CHECK(backend->role == "primary");
    CHECK(backend->actualRole == "primary");
    CHECK(backend->changed == "2026-11-25T22:45:29.000000Z");
}

TEST_CASE("what is no backend is none")
{
    CHECK_FALSE(pcpBackend({"NodeInfo", "host"}, 0));
    CHECK_FALSE(pcpBackend({"NodeInfo", "host", "port", "2", "0", "up", "1", "2", "primary", "0", "", "", "1"}, 0));
    CHECK(pcpTexts("").empty());
    CHECK(pcpTexts("a"s).size() == 1);
}

TEST_CASE("the watchdog as the control port tells it")
{
    const auto watchdog = pcpWatchdog(R"({"RemoteNodeCount":1,"MemberRemoteNodeCount":1,"NodesRequireForQuorum":2,"QuorumStatus":1,)"
                                      R"("AliveNodeCount":1,"Escalated":1,"LeaderNodeName":"127.0.0.1:37341 Linux vm","NodeCount":2,)"
                                      R"("WatchdogNodes": [{"ID":0,"StateName":"LEADER"},{"ID":1,"StateName":"STANDBY"}]})");
    REQUIRE(watchdog);
    CHECK(watchdog->members == 2);
    CHECK(watchdog->alive == 2);
    CHECK(watchdog->needed == 2);
    CHECK(watchdog->quorum == "QUORUM EXIST");
    CHECK(watchdog->state == "LEADER");
    CHECK(pcpWatchdog(R"({"QuorumStatus":-1})")->quorum == "QUORUM ABSENT");
    CHECK(pcpWatchdog(R"({"QuorumStatus":-2})")->quorum.find("ABSENT") != std::string::npos);
    CHECK_FALSE(pcpWatchdog("nonsense"));
    CHECK_FALSE(pcpWatchdog("[]"));
}
