// SPDX-License-Identifier: GPL-3.0-or-later
// The members of an etcd: one lost, most lost, all that is left without a leader, and what follows for databases.
#include "core/monitor/verdicts/votes.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;
using std::chrono::seconds;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
const Time stillFresh = noon - seconds(5);

EtcdInput member(const std::string &name, const std::string &leader)
{
    EtcdFacts facts;
    facts.member = name + "-id";
    facts.leader = leader;
    facts.bytes = 1e6;
    return {name, {facts, noon, Outcome::Answered, noon, {}, 0, {}}};
}

EtcdInput dead(const std::string &name)
{
    return {name, {std::nullopt, {}, Outcome::Refused, noon, "connection refused", 3, {}}};
}

const RawFinding *find(const RawFindings &findings, std::string_view wanted, const std::string &node)
{
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const RawFinding &finding) { return finding.code == wanted && finding.node == node; });
    return found == findings.end() ? nullptr : &*found;
}

RawFindings withoutPrimary()
{
    return {{"pg1", std::string(code::noPrimary), Verdict::Critical, "nobody takes writes", noon, 2, 2, {}, {}},
            {"web1", std::string(code::slow), Verdict::Warning, "slow", noon, 2, 2, {}, {}}};
}

}  // namespace

TEST_CASE("three members that follow one leader are well, and nothing is theirs")
{
    const std::vector<EtcdInput> all{member("etcd1", "etcd2-id"), member("etcd2", "etcd2-id"), member("etcd3", "etcd2-id")};
    CHECK(judgeEtcds(all, stillFresh).empty());
    RawFindings found = withoutPrimary();
    blameVotes(found, all, stillFresh);
    CHECK(found[0].cause.empty());
}

TEST_CASE("of three members one is lost: what one more would mean is said")
{
    const auto found = judgeEtcds({member("etcd1", "etcd2-id"), member("etcd2", "etcd2-id"), dead("etcd3")}, stillFresh);
    REQUIRE(found.size() == 1);
    REQUIRE(find(found, code::down, "etcd3"));
    CHECK(find(found, code::down, "etcd3")->statement.find("one more, and Patroni lets nobody write") != std::string::npos);
}

TEST_CASE("what is left without a leader is critical, and a database without a primary follows from it")
{
    const std::vector<EtcdInput> all{dead("etcd1"), member("etcd2", ""), dead("etcd3")};
    const auto found = judgeEtcds(all, stillFresh);
    REQUIRE(find(found, code::noLeader, "etcd2"));
    CHECK(find(found, code::noLeader, "etcd2")->verdict == Verdict::Critical);
    // An election takes a second: seen once it is nothing.
    CHECK(find(found, code::noLeader, "etcd2")->raiseAfter >= 2);
    RawFindings others = withoutPrimary();
    blameVotes(others, all, stillFresh);
    CHECK(others[0].cause == "etcd2");
    CHECK(others[1].cause.empty());
}

TEST_CASE("where no member answers, the first is named; before anybody was asked nobody is")
{
    RawFindings found = withoutPrimary();
    blameVotes(found, {dead("etcd1"), dead("etcd2"), dead("etcd3")}, stillFresh);
    CHECK(found[0].cause == "etcd1");
    found = withoutPrimary();
    blameVotes(found, {{"etcd1", {}}, {"etcd2", {}}, {"etcd3", {}}}, stillFresh);
    CHECK(found[0].cause.empty());
    CHECK(judgeEtcds({{"etcd1", {}}}, stillFresh).empty());
}

TEST_CASE("a member's database is a warning before its quota is reached")
{
    EtcdInput full = member("etcd1", "etcd1-id");
    full.watched.facts->bytes = 1.8e9;
    CHECK(find(judgeEtcds({full}, stillFresh), code::diskFilling, "etcd1"));
}
