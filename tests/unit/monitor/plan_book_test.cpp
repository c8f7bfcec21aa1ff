// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/plan_book.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;

namespace {

const PlanBook::Instant begin{};

api::ActionPlan fence(const std::string &target)
{
    api::ActionPlan plan;
    plan.wish.action = api::ActionKind::Fence;
    plan.wish.target = target;
    plan.basis = target + " standby";
    return plan;
}

}  // namespace

TEST_CASE("a plan is good for one action")
{
    PlanBook book;
    const std::string one = book.add(fence("pg1"), begin), two = book.add(fence("pg2"), begin);
    CHECK(one != two);
    const auto made = book.find(two, begin);
    REQUIRE(made);
    CHECK(made->wish == fence("pg2").wish);
    CHECK(made->basis == "pg2 standby");
    // A press that was refused has used nothing up.
    CHECK(book.find(two, begin));
    book.use(two);
    CHECK_FALSE(book.find(two, begin));
    CHECK(book.find(one, begin));
    CHECK_FALSE(book.find("", begin));
}

TEST_CASE("a plan is good for a few minutes")
{
    PlanBook book;
    const std::string id = book.add(fence("pg1"), begin);
    CHECK(book.find(id, begin + PlanBook::validFor));
    CHECK_FALSE(book.find(id, begin + PlanBook::validFor + std::chrono::milliseconds(1)));
}

TEST_CASE("of too many plans the oldest go")
{
    PlanBook book;
    const std::string first = book.add(fence("pg1"), begin), second = book.add(fence("pg1"), begin);
    for (std::size_t i = 2; i <= PlanBook::most; ++i)
        book.add(fence("pg2"), begin);
    CHECK_FALSE(book.find(first, begin));
    CHECK(book.find(second, begin));
}
