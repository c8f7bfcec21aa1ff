// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of what waits to be healed, as gluster 10.3 tells them, and walks over it that take long.
#include "core/agent/heal_crawl.h"
#include "core/agent/volume.h"

#include <atomic>
#include <doctest/doctest.h>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

using namespace cm;
using namespace cm::agent;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view told = R"(Gathering count of entries to be healed on volume p has been successful 

Brick 192.0.2.1:/b1/p
Number of entries: 3001

Brick 192.0.2.2:/b2/p
Status: Brick is not connected
No gathered input for this brick

Brick 192.0.2.1:/b3/p
Number of entries: 0
)";

std::string data(const char *name)
{
    std::ifstream file(std::string(CHEESEMONGER_TEST_DATA) + "/gluster/" + name + ".xml");
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("counts of each brick, absent where nobody counts, and a refusal")
{
    const auto counts = readHealCounts(told);
    REQUIRE(counts);
    CHECK(*counts == HealCounts{{"192.0.2.1:/b1/p", 3001}, {"192.0.2.2:/b2/p", std::nullopt}, {"192.0.2.1:/b3/p", 0}});
    const auto refused = readHealCounts("Gathering count of entries to be healed on volume v has been unsuccessful:\nSelf-heal-daemon is disabled.\n");
    CHECK(refused.error().code == ErrorCode::Unavailable);
    CHECK(refused.error().detail.find("disabled") != std::string::npos);
    CHECK_FALSE((*readHealCounts("Brick a:/b\nNumber of entries: -\nNumber of entries: 1x\nNumber of entries: -5\n"))[0].second);
    CHECK_FALSE(readHealCounts(""));
}

TEST_CASE("a count of now wins over a walk of before, and who has two versions is as it was")
{
    const std::string info = data("info"), status = data("status"), pool = data("pool"), heal = data("heal_split");
    const auto volume = readVolume({info, status, pool, heal, {}, {{"192.0.2.1:/b1/p", 77}, {"192.0.2.1:/nowhere", 5}}});
    REQUIRE(volume);
    CHECK(volume->bricks[0].unhealed == 77);
    CHECK(volume->bricks[0].splitBrain == 1);
    // Without any walk.
    const auto counted = readVolume({info, status, pool, {}, {}, {{"192.0.2.1:/b1/p", 77}}});
    CHECK(counted->bricks[0].unhealed == 77);
    CHECK_FALSE(counted->bricks[0].splitBrain);
    // Of one that is away nobody knows.
    const std::string down = data("status_down");
    CHECK_FALSE(readVolume({info, down, pool, {}, {}, {{"192.0.2.2:/b2/p", 77}}})->bricks[1].unhealed);
}

TEST_CASE("a walk that takes long holds nobody up: the last one is there meanwhile")
{
    std::promise<void> first, second;
    std::atomic<int> walks = 0;
    HealCrawl crawl([&]() -> Result<HealFound> {
        const int number = ++walks;
        (number == 1 ? first : second).get_future().wait();
        return HealFound{"walk " + std::to_string(number), {}};
    });
    const HealCounts none{{"a:/b", 0}}, many{{"a:/b", 3001}};
    CHECK_FALSE(crawl.last(none, milliseconds(0)));
    std::thread walker([&] {
        while (walks < 2)
            (void)crawl.step();
    });
    first.set_value();
    const auto found = crawl.last(none, seconds(60));
    REQUIRE(found);
    CHECK(found->found->summary == "walk 1");
    CHECK(found->isOfNow);
    // Something has changed, and the walk over it goes on.
    const auto meanwhile = crawl.last(many, milliseconds(1));
    REQUIRE(meanwhile);
    CHECK(meanwhile->found->summary == "walk 1");
    CHECK_FALSE(meanwhile->isOfNow);
    second.set_value();
    const auto later = crawl.last(many, seconds(60));
    CHECK(later->found->summary == "walk 2");
    CHECK(later->isOfNow);
    walker.join();
    // Nothing has changed: no walk.
    CHECK_FALSE(*crawl.step());
    CHECK(walks == 2);
}

TEST_CASE("what was found without a brick is not waited with when it is back")
{
    HealCrawl crawl([]() -> Result<HealFound> {
        std::this_thread::sleep_for(seconds(1));  // by which it pauses longer than a step waits
        return HealFound{};
    });
    const auto asked = [&](const HealCounts &counts) { (void)crawl.last(counts, milliseconds(0)); };
    asked({{"a:/b", 3}, {"c:/b", std::nullopt}});
    CHECK(*crawl.step());
    asked({{"a:/b", 4}, {"c:/b", std::nullopt}});
    CHECK_FALSE(*crawl.step());
    asked({{"a:/b", 4}, {"c:/b", 5}});
    CHECK(*crawl.step());
    asked({{"a:/b", 3}, {"c:/b", 5}});
    CHECK_FALSE(*crawl.step());
}
