// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_recorder.h"
#include "tests/unit/registry/registry_fixture.h"

#include <numeric>

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;

namespace {

struct UseFixture : RegistryFixture {
    std::vector<std::optional<Time>> notes;
    UseRecorder uses{*catalog, clock, "web1", [this](std::optional<Time> since, Time) { notes.push_back(since); }, 3};
    catalog::Id ada = person("ada").userId;

    catalog::UseRow refusal(std::chrono::milliseconds at, std::string client = "twine")
    {
        catalog::UseRow row;
        row.time = startTime() + at;
        row.channel = "https upload";
        row.client = std::move(client);
        row.userId = ada;
        row.credential = "token 1";
        row.status = 410;
        row.refusedBy = 1;
        return row;
    }
    std::vector<std::int64_t> written()
    {
        must(uses.flush());
        std::vector<std::int64_t> out;
        must(database->read([&](sql::Connection &connection) -> Result<void> {
            CM_TRY_ASSIGN(const auto rows, connection.query("SELECT uses FROM uses ORDER BY id"));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, rows->next());
                if (!more)
                    return {};
                out.push_back(rows->integer(0));
            }
        }));
        return out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(UseFixture, "A client that tries again and again is one row a second")
{
    using namespace std::chrono_literals;
    for (const auto at : {0ms, 10ms, 900ms, 1100ms})
        uses.add(refusal(at));
    CHECK(written() == std::vector<std::int64_t>{3, 1});
}

TEST_CASE_FIXTURE(UseFixture, "What does not fit is counted as lost")
{
    using namespace std::chrono_literals;
    for (const char *client : {"a", "b", "c", "d", "d", "a"})
        uses.add(refusal(0ms, client));
    CHECK(written() == std::vector<std::int64_t>{2, 1, 1});
    const auto gaps = must(catalog->read([](catalog::Reader &reader) { return reader.useGaps({}); }));
    REQUIRE(gaps.size() == 1);
    CHECK(gaps[0].node == "web1");
    CHECK(gaps[0].cause == "overflow");
    CHECK(gaps[0].uses == 2);
    CHECK(gaps[0].refusedBy == 1);
}

TEST_CASE_FIXTURE(UseFixture, "Strangers of any number of names are few rows, and each is counted")
{
    using namespace std::chrono_literals;
    for (int number = 0; number < 1'000; ++number) {
        catalog::UseRow use = refusal(0ms, "client " + std::to_string(number));
        use.userId.reset();
        uses.add(use);
    }
    const auto rows = written();
    CHECK(rows.size() == 200);
    CHECK(std::accumulate(rows.begin(), rows.end(), std::int64_t{0}) == 1'000);
    CHECK(must(catalog->read([](catalog::Reader &reader) { return reader.useGaps({}); })).empty());
}

TEST_CASE_FIXTURE(UseFixture, "Since when something is held is told until it is written")
{
    using namespace std::chrono_literals;
    const Time begun = clock.now();
    uses.add(refusal(0ms));
    REQUIRE(notes.size() == 1);
    CHECK(notes.back() == begun);
    clock.advance(400ms);
    uses.add(refusal(1500ms));
    CHECK(notes.size() == 1);
    written();
    CHECK_FALSE(notes.back());
    clock.advance(400ms);
    uses.add(refusal(3000ms));
    CHECK(notes.back() == clock.now());
}

TEST_CASE_FIXTURE(UseFixture, "What a process before this one may have lost is held from when it may have been lost on")
{
    using namespace std::chrono_literals;
    const Time lost = clock.now() - 1h;
    uses.add(refusal(0ms));
    uses.addGap({{}, lost, lost + 1min, "unclean_stop", {}, {}, std::nullopt, std::nullopt});
    CHECK(notes.back() == lost);
    uses.remind();
    CHECK(notes.back() == lost);
    written();
    CHECK_FALSE(notes.back());
}

TEST_CASE_FIXTURE(UseFixture, "Reads wait for some seconds, and go to the store with the last of it")
{
    using namespace std::chrono_literals;
    catalog::UseRow read;
    read.time = startTime();
    read.channel = "https read";
    read.endpoint = "project-json";
    read.status = 200;
    for (int number = 0; number < 10; ++number)
        uses.add(read);
    CHECK(written().empty());
    CHECK(notes.back());
    clock.advance(6s);
    CHECK(written() == std::vector<std::int64_t>{10});
    CHECK_FALSE(notes.back());
    uses.add(read);
    must(uses.flush(true));
    CHECK_FALSE(notes.back());
}

TEST_CASE_FIXTURE(UseFixture, "Uses are summed up by what they were, and no use is counted twice")
{
    using namespace std::chrono_literals;
    const catalog::Id bob = person("bob").userId;
    const auto accepted = [&](catalog::Id who, std::string project, std::chrono::hours at) {
        catalog::UseRow row = refusal(at);
        row.status = 200;
        row.refusedBy.reset();
        row.userId = who;
        row.project = std::move(project);
        must(catalog->write([&](catalog::Writer &writer) { return writer.addUse(row); }));
    };
    accepted(ada, "one", 0h);
    accepted(ada, "two", 1h);
    accepted(bob, "one", 30h);
    uses.add(refusal(2h));
    must(uses.flush());
    const auto sum = [&](std::int64_t most) { return must(catalog->write([&](catalog::Writer &writer) { return writer.sumUses(most); })); };
    // In parts, as after a million of an older program.
    CHECK(sum(3) == 3);
    CHECK(sum(3) == 1);
    CHECK(sum(3) == 0);
    const auto kinds = must(catalog->read([](catalog::Reader &reader) { return reader.useKinds(); }));
    REQUIRE(kinds.size() == 1);
    const catalog::UseFilter filter{{kinds[0].id}, 1};
    const auto totals = must(catalog->read([&](catalog::Reader &reader) { return reader.useTotals(filter, startTime()); }));
    CHECK(totals.accepted == 3);
    CHECK(totals.people == 2);
    CHECK(totals.projects == 2);
    CHECK(totals.refused == 1);
    const auto days = must(catalog->read([&](catalog::Reader &reader) { return reader.useDays(filter, startTime()); }));
    REQUIRE(days.size() == 2);
    CHECK(days[0].accepted == 2);
    CHECK(days[0].refused == 1);
    CHECK(days[0].people == 1);
    CHECK(days[1].people == 1);
    const auto people = must(catalog->read([&](catalog::Reader &reader) { return reader.usePeople(filter, startTime(), startTime() + 24h, 10); }));
    REQUIRE(people.size() == 2);
    CHECK(people[0].userId == bob);
    CHECK(people[0].recent == 1);
    CHECK(people[1].first == startTime());
    CHECK(people[1].last == startTime() + 2h);
    CHECK(people[1].accepted == 2);
    CHECK(people[1].refused == 1);
    // What is older than it may be goes, and with it what nothing is of any more.
    must(catalog->write([&](catalog::Writer &writer) { return writer.pruneUses(startTime() + 240h); }));
    CHECK(must(catalog->read([](catalog::Reader &reader) { return reader.useKinds(); })).empty());
}
