// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/steadiness.h"

#include <doctest/doctest.h>
#include <string_view>

using namespace cm;
using namespace cm::monitor;

namespace {

constexpr Time noon{std::chrono::hours(24 * 365 * 50)};

// A look a second, '.' for an answer and 'x' for none.
class Watching {
public:
    bool is(std::string_view looks)
    {
        for (const char look : looks) {
            m_time += std::chrono::seconds(1);
            m_steadiness.note(m_time, look == 'x');
        }
        return m_steadiness.judge("pg1").has_value();
    }

    Steadiness m_steadiness;
    Time m_time = noon;
};

}  // namespace

TEST_CASE("what falls silent again and again is unsteady, though it answers in between")
{
    Watching pg1;
    CHECK_FALSE(pg1.is("....x..x."));
    REQUIRE(pg1.is("x"));
    const auto found = pg1.m_steadiness.judge("pg1");
    CHECK(found->verdict == Verdict::Warning);
    CHECK(found->statement == "pg1 answers now and then: 3 of the last 10 looks brought nothing");
    CHECK(found->raiseAfter == 1);
    // Not over with the first quiet seconds.
    CHECK(pg1.is("........."));
    CHECK_FALSE(pg1.is("..........."));
}

TEST_CASE("one that is away, or was restarted, is not unsteady")
{
    CHECK_FALSE(Watching().is("....xxxxxxxxxxxxxxxxxxxxxxxx"));
    CHECK_FALSE(Watching().is("....xxxx......xxxx.........."));
    CHECK_FALSE(Watching().is("xxxx....xxx....xxx"));
}

TEST_CASE("a look that is told again counts once, and what a blind monitor saw not at all")
{
    Watching pg1;
    pg1.is(".x.");
    for (int again = 0; again < 10; ++again) {
        pg1.m_steadiness.note(pg1.m_time, true);
        pg1.m_steadiness.note(pg1.m_time - std::chrono::seconds(1), false);
    }
    CHECK_FALSE(pg1.is("x"));
    pg1.m_steadiness.forget();
    CHECK_FALSE(pg1.is(".x.x"));
}
