// SPDX-License-Identifier: GPL-3.0-or-later
// What senders say to have sent is held against what came from them.
#include "tests/contract/counts_fixture.h"

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

namespace {

struct Senders : CountsFixture {
    const Minute hour = floorTo(Tier::Hour, now) - 3 * minutesOfHour;

    void say(const std::string &sender, Minute minute, std::int64_t sent, std::optional<std::int64_t> heard, const std::string &source = "spool")
    {
        Batch said = batch({}, source);
        said.tallies.push_back({.minute = minute, .received = heard.value_or(0), .ignored = heard.value_or(0)});
        said.senders.push_back({floorTo(Tier::Hour, minute), sender, heard.value_or(0)});
        said.reports.push_back({sender, minute * 60, sent, heard});
        must(counts.add(said));
    }
    void hear(const std::string &sender, Minute minute, std::int64_t lines, const std::string &source = "spool")
    {
        Batch heard = batch({}, source);
        heard.tallies.push_back({.minute = minute, .received = lines, .ignored = lines});
        heard.senders.push_back({floorTo(Tier::Hour, minute), sender, lines});
        must(counts.add(heard));
    }
    api::DownloadCompleteness told(api::DownloadStep step = api::DownloadStep::Hour)
    {
        api::CompletenessQuery query;
        query.step = step;
        query.from = timeOf(hour);
        return must(reader.completeness(query));
    }
};

using Known = std::optional<std::int64_t>;

}  // namespace

TEST_CASE_FIXTURE(Senders, "lines that a sender sent and nobody has are told by the hour")
{
    say("cdn1", hour + 1, 5'000, std::nullopt);  // where it begins
    CHECK(told().sent == Known());
    say("cdn1", hour + 30, 5'600, 600);
    say("cdn1", hour + 90, 5'900, 200);
    const auto answer = told();
    CHECK(answer.sent == 900);
    CHECK(answer.told == 800);
    CHECK(answer.untold == 0);
    REQUIRE(answer.buckets.size() == 4);
    CHECK(answer.buckets[0].sent == 600);
    CHECK(answer.buckets[0].told == 600);
    CHECK(answer.buckets[1].sent == 300);
    CHECK(answer.buckets[1].told == 200);
    CHECK(answer.buckets[2].sent == Known());
    CHECK(answer.senders == std::vector<api::LineSender>{{"cdn1", 800, 900, 800}});
    // A minute is no stretch between two reports.
    for (const api::CompletenessBucket &bucket : told(api::DownloadStep::Minute).buckets)
        CHECK(bucket.sent == Known());
}

TEST_CASE_FIXTURE(Senders, "an hour in which more came than was sent is counted twice, whatever others lost")
{
    say("cdn1", hour + 1, 1'000, std::nullopt);
    say("cdn2", hour + 1, 1'000, std::nullopt);
    say("cdn1", hour + 30, 1'100, 200);
    say("cdn2", hour + 30, 1'100, 0);
    // What a report on its way is off by is nothing.
    say("cdn1", hour + 90, 1'200, 102);
    const auto answer = told();
    CHECK(answer.sent == 300);
    CHECK(answer.told == 302);
    CHECK(answer.doubled == 100);
    CHECK(answer.buckets[0].doubled == 100);
    CHECK(answer.buckets[1].doubled == 0);
    for (const api::LineSender &sender : answer.senders)
        CHECK(sender.doubled == (sender.name == "cdn1" ? 100 : 0));
    // By the day the hours are the same.
    CHECK(told(api::DownloadStep::Day).doubled == 100);
}

TEST_CASE_FIXTURE(Senders, "where no sender tells nothing is told, and a mix says so")
{
    hear("cdn2", hour + 5, 70);
    hear("", hour + 5, 3);
    auto answer = told();
    CHECK(answer.sent == Known());
    CHECK(answer.told == Known());
    CHECK(answer.untold == 73);
    say("cdn1", hour + 1, 10, std::nullopt);
    say("cdn1", hour + 2, 30, 20);
    answer = told();
    CHECK(answer.sent == 20);
    CHECK(answer.told == 20);
    CHECK(answer.untold == 73);
    CHECK(answer.senders == std::vector<api::LineSender>{{"cdn2", 70, {}, {}}, {"cdn1", 20, 20, 20}, {"", 3, {}, {}}});
}

TEST_CASE_FIXTURE(Senders, "a sender that starts anew counts from 0, and what it had not said is no loss")
{
    say("cdn1", hour + 1, 1'000, 0);
    say("cdn1", hour + 2, 1'100, 100);
    // Forty of its lines came before it ended, without a last word.
    say("cdn1", hour + 3, 5, 45);
    say("cdn1", hour + 4, 65, 50);
    const auto answer = told();
    CHECK(answer.sent == 100 + 45 + 60);
    CHECK(answer.told == 100 + 45 + 50);
}

TEST_CASE_FIXTURE(Senders, "a sender that goes to another ingester and comes back has lost nothing")
{
    say("cdn1", hour + 1, 1'000, std::nullopt);
    say("cdn1", hour + 2, 1'100, 100);
    // Twenty more to the first, the rest to the second, which hears of it for the first time.
    say("cdn1", hour + 3, 1'200, std::nullopt, "other");
    say("cdn1", hour + 4, 1'300, 100, "other");
    // Back: the first knows of its twenty and of ten new ones, and of none that the second had.
    say("cdn1", hour + 5, 1'330, 30);
    say("cdn1", hour + 6, 1'370, 40);
    auto answer = told();
    CHECK(answer.sent == 100 + 100 + 40);
    CHECK(answer.told == 100 + 100 + 40);
    // Away and back between two reports.
    hear("cdn1", hour + 6, 50, "other");
    say("cdn1", hour + 7, 1'430, 10);
    say("cdn1", hour + 8, 1'440, 8);
    answer = told();
    CHECK(answer.sent == 240 + 10);
    CHECK(answer.told == 240 + 8);
}

TEST_CASE_FIXTURE(Senders, "lines of an ingester that is behind are missed until they are stored")
{
    say("cdn1", hour + 1, 1'000, std::nullopt);
    // Sixty of a hundred went elsewhere, where they wait.
    say("cdn1", hour + 3, 1'100, 40);
    CHECK(told().sent == 100);
    CHECK(told().told == 40);
    const auto late = [&](std::int64_t lines) {
        Batch batch = this->batch({}, "other");
        batch.tallies.push_back({.minute = hour + 2, .received = lines, .ignored = lines});
        batch.senders.push_back({hour, "cdn1", lines, (hour + 2) * 60, (hour + 2) * 60 + 9});
        must(counts.add(batch));
    };
    late(25);
    CHECK(told().sent == 100);
    CHECK(told().told == 65);
    // The stretch that follows begins anew with the next report, and loses ten.
    say("cdn1", hour + 4, 1'150, 50);
    say("cdn1", hour + 5, 1'250, 90);
    CHECK(told().sent == 200);
    CHECK(told().told == 155);
    // As many as came in that hour, and never more than were sent.
    late(500);
    CHECK(told().sent == 200);
    CHECK(told().told == 200);
}

TEST_CASE_FIXTURE(Senders, "names that somebody makes up cost some rows of an hour, and those of senders stay")
{
    say("cdn1", hour + 1, 1'000, std::nullopt);
    for (int round = 0; round < 4; ++round) {
        Batch made = batch({}, "other");
        for (int i = 0; i < 200; ++i) {
            const std::string name = "host-" + std::to_string(round * 200 + i);
            made.senders.push_back({hour, name, 1});
            made.reports.push_back({name, (hour + 2) * 60, 5, 5});
        }
        must(counts.add(made));
    }
    say("cdn1", hour + 3, 1'010, 10);
    CHECK(rowsOf("download_sender_hours") == 257);
    CHECK(rowsOf("download_senders") == 256);
    const auto answer = told();
    CHECK(answer.sent == 10);
    CHECK(answer.untold == 800);
    CHECK(answer.senders.front() == api::LineSender{"", 800 - 255, {}, {}});
}

TEST_CASE_FIXTURE(Senders, "what senders said goes after its time")
{
    say("cdn1", hour + 1, 1'000, std::nullopt);
    say("cdn1", hour + 2, 1'010, 10);
    must(counts.forget());
    CHECK(told().sent == 10);
    countsClock.set(timeOf(now + minutesKept));
    must(counts.forget());
    CHECK(rowsOf("download_senders") == 0);
    CHECK(rowsOf("download_sender_hours") == 1);
    countsClock.set(timeOf(now + hoursKept + minutesOfDay));
    must(counts.forget());
    CHECK(rowsOf("download_sender_hours") == 0);
}

TEST_CASE_FIXTURE(Senders, "made up figures change no others and break nothing")
{
    say("cdn1", hour + 10, 1'000, std::nullopt);
    say("cdn1", hour + 9, 900, 50);                          // of earlier: somebody sends old lines
    say("cdn1", hour + 11, std::int64_t{1} << 50, 10);       // more than anybody can
    say("cdn1", hour + 12, 1'200, 10);                       // from here on as if it had started anew
    say("cdn1", hour + 13, 1'250, 50);
    const auto answer = told();
    CHECK(answer.told == 60);
    CHECK(answer.sent == 1'200 + 50);
    Batch wrong = batch({});
    wrong.reports.push_back({"cdn1", -5, 3, {}});
    CHECK(codeOf(counts.add(wrong)) == ErrorCode::InvalidInput);
    say(std::string("a\0b", 3) + std::string(5'000, 'x') + "\xff", hour + 20, 3, 0);
    CHECK(told().senders.size() == 2);
}
