// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/backlog.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::edge;
using namespace std::chrono_literals;

namespace {

const Time noon{12h};
const Backlog::Moment start{};

Change change(std::int64_t serial, std::string project, bool removes = false)
{
    return {serial, std::move(project), removes, noon + std::chrono::seconds(serial)};
}

std::vector<std::string> keysOf(const std::optional<Batch> &batch)
{
    return batch ? batch->keys : std::vector<std::string>();
}

}  // namespace

TEST_CASE("what removes goes first and hard, and a key goes once")
{
    Backlog backlog(10);
    backlog.add(change(11, "a"));
    backlog.add(change(12, "b"));
    backlog.add(change(13, "bad", true));
    backlog.add(change(14, "a"));
    backlog.readTo(15);
    CHECK(backlog.pending() == 4);
    CHECK(backlog.pendingSince() == noon + 11s);
    const auto hard = backlog.take(256, 10'000, start);
    REQUIRE(hard);
    CHECK_FALSE(hard->soft);
    CHECK(hard->keys == std::vector<std::string>{"simple-index", "project/bad"});
    CHECK(backlog.purged() == 10);
    backlog.done(start);
    const auto soft = backlog.take(256, 10'000, start);
    REQUIRE(soft);
    CHECK(soft->soft);
    CHECK(soft->keys == std::vector<std::string>{"project/a", "project/b"});
    backlog.done(start);
    CHECK(backlog.pending() == 0);
    CHECK(backlog.purged() == 15);
}

TEST_CASE("batches are no larger than a cache takes")
{
    Backlog backlog(0);
    for (int number = 1; number <= 600; ++number)
        backlog.add(change(number, "project-" + std::to_string(number)));
    std::size_t sent = 0;
    while (const auto batch = backlog.take(256, 10'000, start)) {
        CHECK(batch->keys.size() <= 256);
        sent += batch->keys.size();
        backlog.done(start);
    }
    CHECK(sent == 601);
    Backlog bytes(0);
    bytes.add(change(1, std::string(100, 'x')));
    bytes.add(change(2, std::string(100, 'y')));
    CHECK(keysOf(bytes.take(256, 130, start)).size() == 2);  // with simple-index
    bytes.done(start);
    CHECK(keysOf(bytes.take(256, 10, start)).size() == 1);  // one always
}

TEST_CASE("everything is said again, what removes once more")
{
    Backlog backlog(0);
    backlog.add(change(1, "bad", true));
    backlog.order({"project/good"}, true, noon);
    while (backlog.take(256, 10'000, start))
        backlog.done(start);
    CHECK(backlog.settled() == 0);
    int hard = 0;
    int soft = 0;
    Backlog::Moment now = start;
    while (const auto again = backlog.nextRepetition()) {
        CHECK(*again > now);
        now = *again;
        while (const auto batch = backlog.take(256, 10'000, now)) {
            (batch->soft ? soft : hard) += 1;
            backlog.done(now);
        }
        CHECK(backlog.pending() == 0);
    }
    CHECK(hard == 3);
    CHECK(soft == 2);
    CHECK(backlog.settled() == 1);
    CHECK(now <= start + 60s);
}

TEST_CASE("a hard order empties a cache once and soon, or not at all; what was withdrawn stays hard")
{
    Backlog backlog(0);
    backlog.order({"all"}, false, noon);
    CHECK_FALSE(backlog.take(256, 10'000, start)->soft);
    backlog.done(start);
    CHECK(backlog.take(256, 10'000, start + 1s)->soft);
    backlog.done(start + 1s);
    Backlog late(0);
    late.order({"all"}, false, noon);
    late.order({"gone"}, false, noon, true);
    late.add(change(1, "bad", true));
    late.soften(noon);
    CHECK(late.take(256, 10'000, start)->keys.size() == 4);
    late.failed();
    late.soften(noon + 1h);
    const auto hard = late.take(256, 10'000, start);
    CHECK_FALSE(hard->soft);
    CHECK(hard->keys.size() == 3);
    late.done(start);
    CHECK(keysOf(late.take(256, 10'000, start)) == std::vector<std::string>{"all"});
}

TEST_CASE("what failed comes again, in its place")
{
    Backlog backlog(0);
    backlog.add(change(1, "first"));
    const auto batch = backlog.take(1, 10'000, start);
    CHECK(keysOf(batch) == std::vector<std::string>{"project/first"});
    // Changed once more while it was on its way.
    backlog.add(change(2, "first"));
    backlog.add(change(3, "second"));
    backlog.failed();
    CHECK(backlog.pendingSince() == noon + 1s);
    CHECK(backlog.pending() == 3);
    CHECK(keysOf(backlog.take(256, 10'000, start)).size() == 3);
    backlog.done(start);
    CHECK(backlog.purged() == 3);
}

TEST_CASE("a restart loses neither changes nor orders")
{
    Backlog backlog(7);
    backlog.add(change(8, "a"));
    backlog.order({"project/x", "project/y"}, true, noon);
    backlog.order({"all"}, false, noon);
    CHECK(keysOf(backlog.take(1, 10'000, start)) == std::vector<std::string>{"all"});
    const std::string text = backlog.text();
    const auto again = Backlog::parse(text, noon);
    REQUIRE(again);
    CHECK(again->read() == 7);
    CHECK(again->pending() == 3);
    backlog.done(start);
    // They are still to be repeated.
    const auto after = Backlog::parse(backlog.text(), noon);
    REQUIRE(after);
    CHECK(after->read() == 7);
    CHECK(after->pending() == 3);
}

TEST_CASE("a file that is none is refused")
{
    for (const char *text : {"", "serial", "serial x\n", "serial -1\n", "serial 1\nneither x\n", "serial 99999999999999999999\n"})
        CHECK_FALSE(Backlog::parse(text, noon));
}
