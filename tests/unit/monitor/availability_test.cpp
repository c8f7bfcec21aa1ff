// SPDX-License-Identifier: GPL-3.0-or-later
// Shares of the time that was watched, of nodes and of roles.
#include "core/monitor/monitor.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;

namespace {

using std::chrono::minutes;
const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

// What was seen of a node so many minutes after noon.
api::TimelineEvent change(int minute, const char *node, api::Verdict verdict, std::string_view finding = {})
{
    api::TimelineEvent event;
    event.time = noon + minutes(minute);
    event.kind = "verdict.changed";
    event.node = node;
    event.after = verdict;
    event.finding = finding;
    return event;
}

}  // namespace

TEST_CASE("a node is watched from the first look at it, whatever was watched before it")
{
    const std::vector<NodeInfo> nodes{{"web1", "web", {}, {}}, {"web2", "web", {}, {}}};
    const std::vector<api::TimelineEvent> changes{change(10, "web1", api::Verdict::Ok), change(99, "web2", api::Verdict::Ok)};
    const std::vector<std::pair<Time, Time>> watches{{noon, noon + minutes(40)}, {noon + minutes(60), noon + minutes(100)}};
    CHECK(availabilityOf(nodes[0], changes, watches).watchedSeconds == 70 * 60);
    const auto added = availabilityOf(nodes[1], changes, watches);
    CHECK(added.watchedSeconds == 60);
    CHECK(*added.working == 1);
    CHECK_FALSE(availabilityOf({"web3", "web", {}, {}}, changes, watches).working);
    CHECK(availabilityOf({{}, "web", {}, {}}, roleChanges(nodes, "web", changes), watches).watchedSeconds == 70 * 60);
    CHECK(roleChanges(nodes, "mirror", changes).empty());
}

TEST_CASE("availability counts watched time only, and repairs from break to mend")
{
    const auto seen = [](int minute, api::Verdict verdict) { return change(minute, "web1", verdict); };
    const std::vector<api::TimelineEvent> changes{seen(-10, api::Verdict::Warning), seen(10, api::Verdict::Critical),
                                                  seen(20, api::Verdict::Ok), seen(70, api::Verdict::Unknown)};
    const NodeInfo web{"web1", "web", {}, {}};
    const auto shares = availabilityOf(web, changes, {{noon, noon + minutes(40)}, {noon + minutes(60), noon + minutes(80)}});
    CHECK(shares.watchedSeconds == 3600);
    CHECK(*shares.working == doctest::Approx(40.0 / 60));
    CHECK(*shares.unknown == doctest::Approx(10.0 / 60));
    CHECK(shares.outages == 1);
    CHECK(*shares.meanRepairSeconds == 600);
    CHECK_FALSE(availabilityOf(web, changes, {}).working);
    // One that began before, and one that has not ended.
    const auto later = availabilityOf(web, {seen(-10, api::Verdict::Critical), seen(10, api::Verdict::Ok), seen(20, api::Verdict::Critical)},
                                      {{noon, noon + minutes(40)}});
    CHECK(later.outages == 2);
    CHECK(*later.meanRepairSeconds == 1200);
    CHECK(*later.working == doctest::Approx(10.0 / 40));
}

TEST_CASE("what is stopped by order does not work, and is no outage")
{
    using api::Verdict;
    const std::vector<api::TimelineEvent> fenced{change(0, "pg2", Verdict::Ok), change(10, "pg2", Verdict::Warning, api::finding::fenced), change(30, "pg2", Verdict::Warning, api::finding::uncleanStop)};
    const std::vector<std::pair<Time, Time>> hour{{noon, noon + minutes(60)}};
    const auto shares = availabilityOf({"pg2", "postgres", {}, {}}, fenced, hour);
    CHECK(*shares.working == doctest::Approx(40.0 / 60));
    CHECK(shares.outages == 0);
    // One that is broken is not mended by a fence.
    const std::vector<api::TimelineEvent> broken{change(0, "pg1", Verdict::Ok), change(10, "pg1", Verdict::Critical, api::finding::down),
                                                 change(20, "pg1", Verdict::Warning, api::finding::fenced), change(40, "pg1", Verdict::Ok)};
    const auto repaired = availabilityOf({"pg1", "postgres", {}, {}}, broken, hour);
    CHECK(*repaired.working == doctest::Approx(30.0 / 60));
    CHECK(repaired.outages == 1);
    CHECK(*repaired.meanRepairSeconds == 30 * 60);
    // Of both nobody could serve from 10 to 30, whyever.
    std::vector<api::TimelineEvent> both = fenced;
    both.insert(both.end(), broken.begin(), broken.end());
    std::stable_sort(both.begin(), both.end(), [](const auto &a, const auto &b) { return a.time < b.time; });
    const std::vector<NodeInfo> nodes{{"pg1", "postgres", {}, {}}, {"pg2", "postgres", {}, {}}};
    const auto role = availabilityOf({{}, "postgres", {}, {}}, roleChanges(nodes, "postgres", both), hour);
    CHECK(*role.working == doctest::Approx(40.0 / 60));
    CHECK(role.outages == 1);
}

TEST_CASE("a role is available while one of its nodes could serve, and not known while nobody knows of the last one")
{
    const std::vector<NodeInfo> nodes{{"web1", "web", {}, {}}, {"web2", "web", {}, {}}, {"spare", "web", {}, {}, false}, {"db1", "postgres", {}, {}}};
    const auto changes = roleChanges(nodes, "web",
                                     {change(0, "db1", api::Verdict::Critical), change(0, "web1", api::Verdict::Ok), change(0, "web2", api::Verdict::Ok),
                                      change(10, "web1", api::Verdict::Critical), change(20, "web2", api::Verdict::Warning),
                                      change(30, "web2", api::Verdict::Critical), change(40, "web1", api::Verdict::Unknown), change(45, "web1", api::Verdict::Critical),
                                      change(50, "web2", api::Verdict::Ok), change(70, "web2", api::Verdict::Unknown), change(80, "web1", api::Verdict::Ok)});
    const auto shares = availabilityOf({{}, "web", {}, {}}, changes, {{noon, noon + minutes(60)}, {noon + minutes(65), noon + minutes(105)}});
    CHECK(shares.watchedSeconds == 6000);
    // Broken from 30 to 40 and 45 to 50, not known from 40 to 45 and 70 to 80.
    CHECK(*shares.working == doctest::Approx(70.0 / 100));
    CHECK(*shares.unknown == doctest::Approx(15.0 / 100));
    // What nobody knew in its middle did not end the outage.
    CHECK(shares.outages == 1);
    CHECK(*shares.meanRepairSeconds == 1200);
    // One of two that fails is no outage of both, and one that serves nobody takes nobody's place.
    CHECK(availabilityOf({{}, "web", {}, {}}, roleChanges(nodes, "web", {change(0, "web2", api::Verdict::Ok), change(10, "web1", api::Verdict::Critical)}), {{noon, noon + minutes(60)}}).outages == 0);
    // Nor is it one that the first look at one of them comes before that at the other.
    CHECK(availabilityOf({{}, "web", {}, {}}, roleChanges(nodes, "web", {change(0, "web2", api::Verdict::Critical), change(0, "web1", api::Verdict::Ok)}), {{noon, noon + minutes(60)}}).outages == 0);
    CHECK(roleChanges(nodes, "web", {change(10, "web1", api::Verdict::Critical), change(11, "web2", api::Verdict::Critical), change(12, "spare", api::Verdict::Ok)})
              .back().after == api::Verdict::Critical);
}
