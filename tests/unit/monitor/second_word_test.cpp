// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/second_word.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
using namespace std::chrono_literals;

namespace {

api::ActionWish promote(const char *target)
{
    api::ActionWish wish;
    wish.action = api::ActionKind::Promote;
    wish.target = target;
    return wish;
}

const SecondWord::Instant begin{};

}  // namespace

TEST_CASE("a second person's word is another person's, of the same thing, on the same ground, in time, and counts once")
{
    SecondWord words;
    const auto ask = [&](std::int64_t id) { return words.ask({{id}, promote("pg1"), "pg1 waits", "ada", "pg2 burns", {}, begin + 5min}); };
    CHECK_FALSE(ask(1));
    CHECK_FALSE(words.agree(promote("pg1"), "pg1 waits", "ada", begin));
    CHECK_FALSE(words.agree(promote("pg2"), "pg1 waits", "ben", begin));
    CHECK_FALSE(words.agree(promote("pg1"), "pg2 is back", "ben", begin));
    CHECK_FALSE(words.agree(promote("pg1"), "pg1 waits", "ben", begin + 5min + 1s));
    CHECK(words.standing(promote("pg1"), "pg1 waits", begin + 5min));
    CHECK_FALSE(words.standing(promote("pg1"), "pg1 waits", begin + 5min + 1s));
    const auto first = words.agree(promote("pg1"), "pg1 waits", "ben", begin + 5min);
    REQUIRE(first);
    CHECK(first->by == "ada");
    CHECK(first->reason == "pg2 burns");
    CHECK_FALSE(words.agree(promote("pg1"), "pg1 waits", "ben", begin));
}

TEST_CASE("what lapses, is withdrawn or gives way is told once, by its action")
{
    SecondWord words;
    const auto ask = [&](std::int64_t id) { return words.ask({{id}, promote("pg1"), "pg1 waits", "ada", "pg2 burns", {}, begin + 5min}); };
    ask(1);
    CHECK_FALSE(words.lapsed(begin + 5min));
    CHECK(words.lapsed(begin + 5min + 1s)->action == api::Id{1});
    CHECK_FALSE(words.lapsed(begin + 1h));
    ask(2);
    CHECK(ask(3)->action == api::Id{2});
    CHECK_FALSE(words.withdraw({2}));
    CHECK(words.withdraw({3}));
    CHECK_FALSE(words.withdraw({3}));
}
