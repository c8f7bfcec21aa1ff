// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/guards.h"
#include "core/deprecation/trend.h"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <functional>

using namespace cm::deprecation;
using namespace std::chrono_literals;
using cm::Time;

namespace {

// A Tuesday.
const Time now = *cm::parseRfc3339("2026-03-24T08:00:00Z");

// Everything holds.
Situation sound(State state)
{
    Situation at;
    at.now = now;
    at.state = state;
    at.since = now - std::chrono::days(40);
    at.revision = 9;
    at.owner = "sam";
    at.ownerKnown = true;
    at.hasReplacement = true;
    at.hasLink = true;
    at.hasClientProject = true;
    at.deprecated = now - std::chrono::days(40);
    at.sunset = now + std::chrono::days(60);
    at.removal = now + std::chrono::days(90);
    at.recordedSince = now - std::chrono::days(100);
    at.people = 3;
    at.reachable = 3;
    at.told = 3;
    at.mentions = 0;
    at.nodes = {{"web1", now, 9, true, {}}, {"web2", now - 5s, 9, true, {}}};
    at.windows = {{1, now - std::chrono::days(7), now - std::chrono::days(7) + 10min, false}};
    at.window = PlannedWindow{now + 1h, now + 1h + 10min, "dana", true, 20};
    at.alerts = {Alerts::Source::Told, 0};
    if (state == State::BrownOut || state == State::Sunset)
        at.sunset = now - 1h;
    if (state == State::Sunset)
        at.removal = now - 1h;
    return at;
}

Standing standing(State to, const Situation &at, std::string_view name, bool overriding = false)
{
    const auto guards = guardsOf(to, at, overriding);
    const auto found = std::find_if(guards.begin(), guards.end(), [&](const Guard &guard) { return guard.name == name; });
    REQUIRE_MESSAGE(found != guards.end(), name);
    return found->standing;
}

struct Row {
    State from;
    State to;
    const char *guard;
    Standing becomes;
    bool overridable;
    std::function<void(Situation &)> spoil;
};

}  // namespace

TEST_CASE("each guard that is not met keeps its step from being taken")
{
    const std::array rows{
        Row{State::Proposed, State::Measuring, "owner", Standing::Unmet, false, [](Situation &at) { at.owner.clear(); }},
        Row{State::Proposed, State::Measuring, "owner", Standing::Unmet, false, [](Situation &at) { at.ownerKnown = false; }},
        Row{State::Measuring, State::Announced, "owner", Standing::Unmet, false, [](Situation &at) { at.ownerKnown = false; }},
        Row{State::Measuring, State::Announced, "replacement", Standing::Unmet, false, [](Situation &at) { at.hasReplacement = false; }},
        Row{State::Measuring, State::Announced, "link", Standing::Unmet, false, [](Situation &at) { at.hasLink = false; }},
        Row{State::Measuring, State::Announced, "dates", Standing::Unmet, false, [](Situation &at) { at.sunset.reset(); }},
        Row{State::Measuring, State::Announced, "dates", Standing::Unmet, false, [](Situation &at) { at.deprecated = *at.sunset + 1s; }},
        Row{State::Measuring, State::Announced, "dates", Standing::Unmet, false, [](Situation &at) { at.sunset = now; }},
        Row{State::Measuring, State::Announced, "measured", Standing::Unknown, true, [](Situation &at) { at.recordedSince.reset(); }},
        Row{State::Measuring, State::Announced, "measured", Standing::Unmet, true, [](Situation &at) { at.recordedSince = now - std::chrono::days(10); }},
        Row{State::Measuring, State::Announced, "measured", Standing::Unmet, true, [](Situation &at) { at.since = now - std::chrono::days(16); }},
        Row{State::Measuring, State::Announced, "complete", Standing::Unmet, true, [](Situation &at) { at.lost = 1; }},
        Row{State::Measuring, State::Announced, "complete", Standing::Unmet, true, [](Situation &at) { at.unknownGaps = 1; }},
        Row{State::Measuring, State::Announced, "indirect", Standing::Unmet, true,
            [](Situation &at) { at.isRead = true, at.behindCaches = true, at.hasClientProject = false; }},
        Row{State::Announced, State::Warning, "told", Standing::Unmet, true, [](Situation &at) { at.told = 2; }},
        Row{State::Announced, State::Warning, "tombstone", Standing::Unknown, false, [](Situation &at) { at.nodes[1].revision = 8; }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false, [](Situation &at) { at.window.reset(); }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false, [](Situation &at) { at.window->starts = now - 1s; }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false, [](Situation &at) { at.window->ends = at.window->starts; }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false, [](Situation &at) { at.window->ends = at.window->starts + 24h + 1s; }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false, [](Situation &at) { at.sunset = at.window->ends - 1s; }},
        Row{State::Warning, State::BrownOut, "window", Standing::Unmet, false,
            [](Situation &at) { at.windows.push_back({2, at.window->ends - 1s, at.window->ends + 1h, false}); }},
        Row{State::Warning, State::BrownOut, "weekday", Standing::Unmet, true,
            [](Situation &at) { at.window->starts += std::chrono::days(4), at.window->ends += std::chrono::days(4); }},
        Row{State::Warning, State::BrownOut, "ramp", Standing::Unmet, true, [](Situation &at) { at.window->ends = at.window->starts + 121min; }},
        Row{State::Warning, State::BrownOut, "ramp", Standing::Unmet, true,
            [](Situation &at) { at.windows.clear(), at.window->ends = at.window->starts + 61min; }},
        Row{State::Warning, State::BrownOut, "on-call", Standing::Unmet, false, [](Situation &at) { at.window->onCall.clear(); }},
        Row{State::Warning, State::BrownOut, "on-call", Standing::Unmet, false, [](Situation &at) { at.window->onCallKnown = false; }},
        Row{State::Warning, State::BrownOut, "tombstone", Standing::Unmet, false, [](Situation &at) { at.nodes[0].right = false; }},
        Row{State::Warning, State::BrownOut, "tombstone", Standing::Unknown, false, [](Situation &at) { at.nodes[0].seen = now - 31s; }},
        Row{State::Warning, State::BrownOut, "tombstone", Standing::Unknown, false, [](Situation &at) { at.nodes.clear(); }},
        Row{State::Warning, State::BrownOut, "alerts", Standing::Unmet, true, [](Situation &at) { at.alerts.critical = 1; }},
        Row{State::Warning, State::BrownOut, "alerts", Standing::Unknown, true, [](Situation &at) { at.alerts.source = Alerts::Source::Silent; }},
        Row{State::Warning, State::BrownOut, "second-person", Standing::Unmet, false, [](Situation &at) { at.secondPerson = true; }},
        Row{State::Warning, State::BrownOut, "second-person", Standing::Unmet, false,
            [](Situation &at) { at.secondPerson = true, at.actor = "sam", at.confirmedBy = "sam"; }},
        Row{State::Warning, State::BrownOut, "second-person", Standing::Unmet, false,
            [](Situation &at) { at.secondPerson = true, at.actor = "sam", at.agreedDiffers = "the window"; }},
        Row{State::BrownOut, State::Sunset, "tombstone", Standing::Unmet, false, [](Situation &at) { at.nodes[0].right = false; }},
        Row{State::BrownOut, State::Sunset, "no-window", Standing::Unmet, false,
            [](Situation &at) { at.windows.push_back({2, now + 1h, now + 2h, false}); }},
        Row{State::BrownOut, State::Sunset, "brown-outs", Standing::Unmet, true, [](Situation &at) { at.windows[0].endedEarly = true; }},
        Row{State::BrownOut, State::Sunset, "quiet", Standing::Unmet, true, [](Situation &at) { at.quietUses = 1; }},
        Row{State::BrownOut, State::Sunset, "quiet", Standing::Unknown, true, [](Situation &at) { at.usesWait = true; }},
        Row{State::BrownOut, State::Sunset, "quiet", Standing::Unknown, true,
            [](Situation &at) { at.recordedSince = now - std::chrono::days(6); }},
        Row{State::BrownOut, State::Sunset, "quiet", Standing::Unknown, true, [](Situation &at) { at.recordedSince.reset(); }},
        Row{State::BrownOut, State::Sunset, "sunset-date", Standing::Unmet, true, [](Situation &at) { at.sunset = now + 1s; }},
        Row{State::BrownOut, State::Sunset, "alerts", Standing::Unmet, true, [](Situation &at) { at.alerts.critical = 2; }},
        Row{State::Sunset, State::Removed, "residual", Standing::Unmet, true, [](Situation &at) { at.since = now - std::chrono::days(29); }},
        Row{State::Sunset, State::Removed, "mentions", Standing::Unmet, true, [](Situation &at) { at.mentions = 2; }},
        Row{State::Sunset, State::Removed, "mentions", Standing::Unknown, true, [](Situation &at) { at.mentions.reset(); }},
        Row{State::Sunset, State::Removed, "removal-date", Standing::Unmet, true, [](Situation &at) { at.removal.reset(); }},
    };
    for (const Row &row : rows) {
        CAPTURE(stateName(row.from));
        CAPTURE(stateName(row.to));
        CAPTURE(row.guard);
        Situation at = sound(row.from);
        if (row.to == State::BrownOut)
            at.sunset = now + std::chrono::days(60);
        CHECK(allows(guardsOf(row.to, at, false), false));
        row.spoil(at);
        CHECK(standing(row.to, at, row.guard) == row.becomes);
        CHECK_FALSE(allows(guardsOf(row.to, at, false), false));
        at.confirmedBy = "lee";
        at.actor = "sam";
        if (std::string_view(row.guard) == "second-person")
            continue;
        CHECK(allows(guardsOf(row.to, at, true), true) == row.overridable);
    }
}

TEST_CASE("an override needs somebody else's word, whatever the record says")
{
    Situation at = sound(State::BrownOut);
    at.quietUses = 5;
    at.actor = "sam";
    CHECK_FALSE(allows(guardsOf(State::Sunset, at, true), true));
    at.confirmedBy = "sam";
    CHECK_FALSE(allows(guardsOf(State::Sunset, at, true), true));
    at.confirmedBy = "lee";
    CHECK(allows(guardsOf(State::Sunset, at, true), true));
}

TEST_CASE("what makes nothing worse asks for nothing")
{
    Situation at;
    at.secondPerson = true;
    for (const State to : {State::Paused, State::RolledBack, State::Cancelled, State::Frozen, State::Closed})
        CHECK(allows(guardsOf(to, at, false), false));
}

TEST_CASE("advice blocks nothing")
{
    Situation at = sound(State::Warning);
    at.window->abortAt = 0;
    at.alerts.source = Alerts::Source::None;
    CHECK(standing(State::BrownOut, at, "abort") == Standing::Advice);
    CHECK(standing(State::BrownOut, at, "alerts") == Standing::Advice);
    CHECK(allows(guardsOf(State::BrownOut, at, false), false));
    at = sound(State::Measuring);
    at.reachable = 2;
    CHECK(standing(State::Announced, at, "reachable") == Standing::Advice);
}

TEST_CASE("a node that has been gone for a day is no node any more")
{
    Situation at = sound(State::Warning);
    at.nodes.push_back({"web3", now - 25h, 3, false, "gone"});
    CHECK(standing(State::BrownOut, at, "tombstone") == Standing::Met);
}

TEST_CASE("a trend tells where a falling count meets zero, and nothing of one that rises")
{
    const std::array<std::int64_t, 10> falling{20, 18, 16, 14, 12, 10, 8, 6, 4, 2};
    const auto trend = trendOf(falling);
    REQUIRE(trend);
    CHECK(trend->slope == doctest::Approx(-2));
    CHECK(trend->aDay == doctest::Approx(2));
    REQUIRE(trend->zeroIn);
    CHECK(*trend->zeroIn == doctest::Approx(1));
    const std::array<std::int64_t, 7> rising{1, 2, 3, 4, 5, 6, 7};
    REQUIRE(trendOf(rising));
    CHECK_FALSE(trendOf(rising)->zeroIn);
    const std::array<std::int64_t, 6> few{6, 5, 4, 3, 2, 1};
    CHECK_FALSE(trendOf(few));
}
