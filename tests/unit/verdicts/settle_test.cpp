// SPDX-License-Identifier: GPL-3.0-or-later
// What was believed before a monitor was started anew, and how it is believed again.
#include "core/monitor/verdicts/settle.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
using std::chrono::seconds;

namespace {

namespace code = api::finding;
const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

// One that takes a minute to be believed.
RawFinding lagging(int second, Verdict weight = Verdict::Critical)
{
    return {"db2", std::string(code::lagging), weight, "db2 lags", noon + seconds(second), 60, 2, {}};
}

struct Settling {
    Debouncer debouncer;
    int second = 0;

    // A look at db2, after which what is believed is answered.
    std::vector<Believed> look(bool found, Verdict weight = Verdict::Critical)
    {
        ++second;
        const Time now = noon + seconds(second);
        return debouncer.settle(found ? RawFindings{lagging(second, weight)} : RawFindings{}, {{"db2", now}}, now);
    }
};

}  // namespace

TEST_CASE("what was believed before is believed at its first sight, with its age")
{
    Settling settling;
    settling.debouncer.remember({{"db2", std::string(code::lagging), Verdict::Critical, noon - seconds(900)}});
    CHECK(settling.debouncer.awaited() == std::set<std::string>{"db2"});
    // A look that has not been taken says nothing.
    CHECK(settling.debouncer.settle({}, {{"db2", Time{}}}, noon).empty());
    CHECK(settling.debouncer.settle({}, {{"db2", Time{}}}, noon + seconds(9)).empty());
    const auto again = settling.look(true);
    REQUIRE(again.size() == 1);
    CHECK(again[0].since == noon - seconds(900));
    CHECK(again[0].found.verdict == Verdict::Critical);
}

TEST_CASE("what was remembered is forgotten after a few looks, and whoever finds it later finds something new")
{
    Settling settling;
    settling.debouncer.remember({{"db2", std::string(code::lagging), Verdict::Critical, noon}});
    for (int i = 0; i < Debouncer::looksToRecall; ++i) {
        CHECK_FALSE(settling.debouncer.awaited().empty());
        CHECK(settling.look(false).empty());
    }
    CHECK(settling.debouncer.awaited().empty());
    CHECK(settling.look(true).empty());
}

TEST_CASE("nothing is remembered to be heavier than it was, nor than it is")
{
    Settling heavier;
    heavier.debouncer.remember({{"db2", std::string(code::lagging), Verdict::Warning, noon}});
    CHECK(heavier.look(true)[0].found.verdict == Verdict::Warning);
    for (int i = 0; i < 58; ++i)
        CHECK(heavier.look(true)[0].found.verdict == Verdict::Warning);
    CHECK(heavier.look(true)[0].found.verdict == Verdict::Critical);
    Settling lighter;
    lighter.debouncer.remember({{"db2", std::string(code::lagging), Verdict::Critical, noon}});
    CHECK(lighter.look(true, Verdict::Warning)[0].found.verdict == Verdict::Warning);
    Settling other;
    other.debouncer.remember({{"db2", std::string(code::stalled), Verdict::Critical, noon}, {"db1", std::string(code::lagging), Verdict::Critical, noon}});
    CHECK(other.look(true).empty());
}
