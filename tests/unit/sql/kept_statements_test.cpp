// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/kept_statements.h"

#include <doctest/doctest.h>

using namespace cm::sql;

TEST_CASE("of statements those stay that are used, and never more than so many")
{
    KeptStatements<int> kept;
    for (int number = 0; number < 1'000; ++number) {
        if (kept.isFull())
            kept.takeOldest();
        kept.add("statement " + std::to_string(number), number);
        REQUIRE(kept.find("statement 0"));
    }
    CHECK(*kept.find("statement 0") == 0);
    CHECK_FALSE(kept.find("statement 1"));
    CHECK_FALSE(kept.find("statement 800"));
    REQUIRE(kept.find("statement 801"));
    std::size_t left = 0;
    while (kept.takeOldest())
        ++left;
    CHECK(left == KeptStatements<int>::most);
    CHECK_FALSE(kept.find("statement 0"));
    CHECK(kept.isKept("SELECT 1"));
    CHECK_FALSE(kept.isKept(std::string(100'000, 'x')));
}
