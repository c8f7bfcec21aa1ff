// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/states.h"

#include <array>
#include <doctest/doctest.h>
#include <set>

using namespace cm::deprecation;

namespace {

constexpr std::array all{State::Proposed, State::Measuring, State::Announced,  State::Warning,    State::BrownOut,  State::Sunset,
                         State::Removed,  State::Closed,    State::Paused,     State::RolledBack, State::Cancelled, State::Frozen};

using Steps = std::set<std::pair<State, State>>;

// The table of the workflow, once more and by hand. Paused is from Warning here.
const Steps legal{
    {State::Proposed, State::Measuring},    {State::Proposed, State::Cancelled},    {State::Measuring, State::Announced},
    {State::Measuring, State::Cancelled},   {State::Measuring, State::Frozen},      {State::Announced, State::Warning},
    {State::Announced, State::Paused},      {State::Announced, State::Cancelled},   {State::Announced, State::Frozen},
    {State::Warning, State::BrownOut},      {State::Warning, State::Paused},        {State::Warning, State::Cancelled},
    {State::Warning, State::Frozen},        {State::BrownOut, State::BrownOut},     {State::BrownOut, State::Sunset},
    {State::BrownOut, State::Warning},      {State::BrownOut, State::Paused},       {State::BrownOut, State::Cancelled},
    {State::BrownOut, State::Frozen},       {State::Sunset, State::Removed},        {State::Sunset, State::RolledBack},
    {State::Removed, State::Closed},        {State::RolledBack, State::BrownOut},   {State::RolledBack, State::Paused},
    {State::RolledBack, State::Cancelled},  {State::RolledBack, State::Frozen},     {State::Paused, State::Warning},
    {State::Paused, State::Cancelled},      {State::Paused, State::Frozen},         {State::Frozen, State::Measuring}};

}  // namespace

TEST_CASE("of all steps between two stages those of the workflow may be taken, and no other")
{
    for (const State from : all) {
        for (const State to : all) {
            CAPTURE(stateName(from));
            CAPTURE(stateName(to));
            CHECK(mayGo(from, to, State::Warning) == legal.contains({from, to}));
        }
    }
}

TEST_CASE("a pause goes back to where it came from alone")
{
    for (const State from : {State::Announced, State::Warning, State::BrownOut, State::RolledBack}) {
        CHECK(mayGo(State::Paused, from, from));
        for (const State other : {State::Announced, State::Warning, State::BrownOut, State::RolledBack})
            CHECK(mayGo(State::Paused, other, from) == (other == from));
    }
}

TEST_CASE("only windows and tombstones refuse anybody")
{
    for (const State state : all) {
        CAPTURE(stateName(state));
        const bool refuses = effectOf(state) == Effect::Windows || effectOf(state) == Effect::Tombstone;
        CHECK(refuses == (state == State::BrownOut || state == State::Sunset || state == State::Removed || state == State::Closed));
    }
}

TEST_CASE("names go both ways")
{
    for (const State state : all)
        CHECK(stateNamed(stateName(state)) == state);
    CHECK_FALSE(stateNamed("retired"));
}
