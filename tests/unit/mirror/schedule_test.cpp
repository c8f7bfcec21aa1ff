// SPDX-License-Identifier: GPL-3.0-or-later
// When a mirror runs again.
#include "core/mirror/fetcher.h"
#include "core/mirror/schedule.h"

#include <doctest/doctest.h>
#include <set>

using namespace cm::mirror;
using namespace std::chrono;

namespace {

constexpr Schedule::Moment begin{hours(5)};

double secondsUntil(const std::optional<Schedule::Moment> &due, Schedule::Moment now)
{
    REQUIRE(due);
    return duration<double>(*due - now).count();
}

}  // namespace

TEST_CASE("a run that went well is followed by the next tick, and ticks that a long one missed are not made up for")
{
    Schedule schedule(seconds(60), begin, 1);
    CHECK(schedule.due(begin) == begin + seconds(60));
    schedule.ended(std::nullopt, begin + seconds(5));
    CHECK(schedule.due(begin + seconds(5)) == begin + seconds(60));
    // One that somebody wanted in between moves nothing.
    schedule.ended(std::nullopt, begin + seconds(20));
    CHECK(schedule.due(begin + seconds(20)) == begin + seconds(60));
    schedule.ended(std::nullopt, begin + seconds(60 * 7 + 1));
    CHECK(schedule.due(begin + seconds(60 * 7 + 1)) == begin + seconds(60 * 8));
}

TEST_CASE("a run that failed is tried again soon, with a pause that doubles to the interval")
{
    Schedule schedule(seconds(600), begin, 7);
    double expected = 2;
    for (std::int64_t before = 0; before < 8; ++before, expected *= 2) {
        schedule.ended(before, begin);
        const double pause = secondsUntil(schedule.due(begin), begin);
        CHECK(pause >= expected * 0.75);
        CHECK(pause <= expected * 1.25);
    }
    for (const std::int64_t before : {std::int64_t(20), std::int64_t(1) << 40}) {
        schedule.ended(before, begin);
        CHECK(secondsUntil(schedule.due(begin), begin) == 600);
    }
    // Never later than the tick that comes anyhow, and gone with a run that went well.
    schedule.ended(4, begin + seconds(590));
    CHECK(schedule.due(begin + seconds(590)) == begin + seconds(600));
    schedule.ended(0, begin + seconds(601));
    schedule.ended(std::nullopt, begin + seconds(602));
    CHECK(schedule.due(begin + seconds(602)) == begin + seconds(1200));
}

TEST_CASE("a moment that passed while the last run was told of is due at once")
{
    Schedule schedule(seconds(60), begin, 1);
    schedule.ended(0, begin);
    CHECK(secondsUntil(schedule.due(begin), begin) < 3);
    CHECK(schedule.due(begin + seconds(3)) == begin + seconds(3));
    CHECK(schedule.due(begin + seconds(61)) == begin + seconds(61));
}

TEST_CASE("many mirrors do not come back at one moment, and one that somebody else starts has none")
{
    std::set<Schedule::Moment> moments;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
        Schedule schedule(seconds(60), begin, seed);
        schedule.ended(3, begin);
        moments.insert(*schedule.due(begin));
    }
    CHECK(moments.size() > 15);
    Schedule alone(seconds(0), begin, 1);
    alone.ended(0, begin);
    CHECK_FALSE(alone.due(begin));
}

TEST_CASE("no run begins before the time that its upstream asked for")
{
    Schedule schedule(seconds(60), begin, 1);
    schedule.ended(0, begin + seconds(5), begin + seconds(90));
    CHECK(schedule.due(begin + seconds(5)) == begin + seconds(90));
    schedule.ended(std::nullopt, begin + seconds(91));
    CHECK(schedule.due(begin + seconds(91)) == begin + seconds(120));
}

TEST_CASE("how long a host is left alone is what it says, within reason")
{
    CHECK(timeToLeave("7") == seconds(7));
    CHECK(timeToLeave("0") == seconds(1));
    CHECK(timeToLeave("-5") == seconds(1));
    CHECK(timeToLeave("3600") == minutes(10));
    CHECK(timeToLeave("99999999999999999999999") == minutes(10));
    for (const char *other : {"", "soon", "7 s", "Fri, 27 Nov 2026 20:00:00 GMT"})
        CHECK(timeToLeave(other) == seconds(10));
}
