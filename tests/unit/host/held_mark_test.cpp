// SPDX-License-Identifier: GPL-3.0-or-later
// What a process that ended without a farewell has left of what it held.
#include "core/host/held_mark.h"

#include "tests/contract/temp_folder.h"

#include <doctest/doctest.h>
#include <fstream>

using namespace cm;
using namespace cm::host;
using namespace std::chrono_literals;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

struct Marked {
    test::TempFolder folder;
    std::filesystem::path file = std::filesystem::path(folder.path()) / "held";

    // As a process that was killed would have left it.
    void killed(std::optional<Time> since, Time seen, std::string boot = "boot")
    {
        HeldMark mark(file, std::move(boot));
        REQUIRE(mark.begin(noon));
        mark.note(noon, noon);
        mark.note(since, seen);
    }
    std::optional<HeldStretch> found(std::string boot = "boot")
    {
        HeldMark mark(file, std::move(boot));
        const auto left = mark.begin(noon + 1h);
        REQUIRE(left);
        return *left;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Marked, "the first start, and one after a proper end, find nothing")
{
    CHECK_FALSE(found());
    {
        HeldMark mark(file, "boot");
        REQUIRE(mark.begin(noon));
        mark.note(noon, noon);
        mark.end();
    }
    CHECK_FALSE(found());
}

TEST_CASE_FIXTURE(Marked, "a killed process that held nothing has lost nothing")
{
    killed(std::nullopt, noon + 5s);
    CHECK_FALSE(found());
}

TEST_CASE_FIXTURE(Marked, "one that held something may have lost it until half a second after it was last seen")
{
    killed(noon + 7s, noon + 9s);
    const auto left = found();
    REQUIRE(left);
    CHECK(left->from == noon + 7s);
    CHECK(left->to == noon + 9s + 500ms);
    // As long as nobody has stored it somewhere, it is told of again.
    const auto again = found();
    REQUIRE(again);
    CHECK(again->from == noon + 7s);
    killed(std::nullopt, noon + 2h);
    CHECK_FALSE(found());
}

TEST_CASE_FIXTURE(Marked, "of a machine that lost its power the mark may be old")
{
    killed(std::nullopt, noon + 5s);
    const auto left = found("another boot");
    REQUIRE(left);
    CHECK(left->from == noon + 5s);
    CHECK(left->to == noon + 20s);
}

TEST_CASE_FIXTURE(Marked, "what is no mark of ours is none")
{
    for (const char *text : {"", "x", "boot - -", "boot 1 2 3", "\n\n"}) {
        std::ofstream(file, std::ios::trunc) << text;
        CHECK_FALSE(found());
    }
}
