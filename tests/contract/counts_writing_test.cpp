// SPDX-License-Identifier: GPL-3.0-or-later
// Each batch once and as a whole, whoever else is writing and whenever somebody dies.
#include "tests/contract/counts_fixture.h"

#include <atomic>
#include <cstdlib>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>

using namespace cm;
using namespace cm::metrics;
using namespace cm::test;

extern char **environ;

namespace {

constexpr const char *victimStore = "CHEESEMONGER_TEST_VICTIM";

// Of a batch 10 downloads of each of 20 projects.
std::vector<Cell> manyCells(Minute now)
{
    std::vector<Cell> cells;
    for (int i = 0; i < 20; ++i)
        cells.push_back(CountsFixture::cell(now - 1, fmt::format("p{}", i), 10));
    return cells;
}

}  // namespace

TEST_CASE_FIXTURE(CountsFixture, "a batch is added once: from another place than where its source stands it is a conflict")
{
    CHECK(must(counts.position("spool")) == 0);
    const Batch first = batch({cell(now, "brie")});
    must(counts.add(first));
    CHECK(must(counts.position("spool")) == 100);
    CHECK(codeOf(counts.add(first)) == ErrorCode::Conflict);
    Batch ahead = batch({cell(now, "brie")});
    ahead.from += 1;
    CHECK(codeOf(counts.add(ahead)) == ErrorCode::Conflict);
    CHECK(downloads() == 1);
    must(counts.add(batch({cell(now, "brie")}, "another")));
    CHECK(must(counts.position("spool")) == 100);
    CHECK(downloads() == 2);
    // Lines of which nothing is to be counted move the source as well.
    must(counts.add(batch({})));
    CHECK(must(counts.position("spool")) == 200);
}

TEST_CASE_FIXTURE(CountsFixture, "a batch that cannot be is refused as a whole")
{
    const auto refused = [&](auto &&change) {
        Batch wrong = batch({cell(now, "brie"), cell(now, "gouda")});
        change(wrong);
        return codeOf(counts.add(wrong)) == ErrorCode::InvalidInput;
    };
    CHECK(refused([](Batch &wrong) { wrong.cells[1].minute = -1; }));
    CHECK(refused([](Batch &wrong) { wrong.cells[1].minute = std::numeric_limits<std::int64_t>::max(); }));
    CHECK(refused([](Batch &wrong) { wrong.cells[1].count = -5; }));
    CHECK(refused([](Batch &wrong) { wrong.tallies[0].minute = -1; }));
    CHECK(refused([](Batch &wrong) { wrong.until = wrong.from - 1; }));
    CHECK(refused([](Batch &wrong) { wrong.source.clear(); }));
    CHECK(downloads() == 0);
    CHECK(must(counts.position("spool")) == 0);
}

TEST_CASE_FIXTURE(CountsFixture, "several count into one store at the same time, and nothing is lost or doubled")
{
    constexpr int writers = 4;
    constexpr int each = 15;
    std::atomic<int> conflicts{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t) {
        threads.emplace_back([&, t] {
            const auto own = openDatabase();
            CountDatabase mine(*own, countsClock);
            for (int i = 0; i < each; ++i) {
                Batch one;
                one.source = fmt::format("spool-{}", t);
                one.from = i;
                one.until = i + 1;
                one.cells = manyCells(now);
                one.tallies = {{.minute = now - 1, .received = 200, .downloads = 200}};
                // By two at once: one of them adds it.
                std::thread rival([&] {
                    if (!mine.add(one))
                        ++conflicts;
                });
                if (!mine.add(one))
                    ++conflicts;
                rival.join();
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    CHECK(conflicts == writers * each);
    CHECK(downloads() == writers * each * 200);
    CHECK(downloads("p7") == writers * each * 10);
    const auto answer = must(reader.completeness({}));
    CHECK(answer.total.downloads == writers * each * 200);
    CHECK(answer.total.stored == answer.total.downloads);
}

// Ends with kill -9 by the case below, in the middle of whatever it does.
TEST_CASE("an adder for another case to kill" * doctest::skip())  // run by that case alone
{
    const char *place = std::getenv(victimStore);
    REQUIRE(place);
    const std::string url = place;
    const auto database = onPostgres() ? std::unique_ptr<sql::Database>(must(sql::PostgresDatabase::open({.url = url})))
                                       : std::unique_ptr<sql::Database>(must(sql::SqliteDatabase::open(url)));
    const ManualClock clock(epoch);
    CountDatabase counts(*database, clock);
    const Minute now = minuteOf(epoch);
    for (std::int64_t from = must(counts.position("spool"));; ++from) {
        Batch one;
        one.source = "spool";
        one.from = from;
        one.until = from + 1;
        one.cells = manyCells(now);
        one.tallies = {{.minute = now - 1, .received = 200, .downloads = 200}};
        must(counts.add(one));
    }
}

TEST_CASE_FIXTURE(CountsFixture, "kill -9 in the middle of adding: what is counted is what the position says")
{
    const std::string name = std::string(victimStore) + "=" + place();
    std::vector<char *> environment{const_cast<char *>(name.c_str())};
    for (char **variable = environ; *variable; ++variable)
        environment.push_back(*variable);
    environment.push_back(nullptr);
    const char *arguments[] = {"victim", "--no-skip", "--test-case=an adder for another case to kill", nullptr};
    std::int64_t before = 0;
    for (int kills = 0; kills < 6; ++kills) {
        pid_t pid = 0;
        REQUIRE(::posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, const_cast<char **>(arguments), environment.data()) == 0);
        std::int64_t position = before;
        while (position < before + 3 + kills)
            position = must(counts.position("spool"));
        ::kill(pid, SIGKILL);
        int status = 0;
        ::waitpid(pid, &status, 0);
        CHECK(WIFSIGNALED(status));
        before = must(counts.position("spool"));
        CHECK(downloads() == before * 200);
        CHECK(downloads("p3") == before * 10);
        CHECK(must(reader.completeness({})).total.stored == before * 200);
    }
}
