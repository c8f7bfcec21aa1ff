// SPDX-License-Identifier: GPL-3.0-or-later
// What a member of an etcd says of itself, as etcd 3.4 writes it; and what is no such thing.
#include "core/monitor/probes/etcd_probe.h"

#include <doctest/doctest.h>

using namespace cm;

TEST_CASE("the status of a member of an etcd is read, and a leader that is 0 is none")
{
    const auto facts = monitor::readEtcdStatus(
        R"({"header":{"cluster_id":"14841639068965178418","member_id":"10276657743932975437","revision":"1","raft_term":"2"},
            "version":"3.4.23","dbSize":"20480","leader":"10276657743932975437","raftIndex":"5","raftTerm":"2"})");
    REQUIRE(facts);
    CHECK(facts->member == "10276657743932975437");
    CHECK(facts->leader == facts->member);
    CHECK(facts->term == 2);
    CHECK(facts->bytes == 20480);
    CHECK(facts->version == "3.4.23");
    for (const auto *text : {R"({"header":{"member_id":"5"},"leader":"0"})", R"({"header":{"member_id":"5"}})"}) {
        const auto alone = monitor::readEtcdStatus(text);
        REQUIRE(alone);
        CHECK(alone->leader.empty());
        CHECK_FALSE(alone->bytes);
    }
}

TEST_CASE("what is no status of an etcd is told as such")
{
    for (const auto *text : {"", "404 page not found", "[]", "{}", R"({"header":5})", R"({"header":{"member_id":7}})"})
        CHECK(monitor::readEtcdStatus(text).error().code == ErrorCode::Corrupt);
}
