// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/count_ledger.h"
#include "core/metrics/intake/backfill.h"
#include "core/metrics/intake/counter.h"
#include "memory_store.h"

#include <doctest/doctest.h>
#include <fstream>
#include <stdlib.h>

using namespace cm;
using namespace cm::metrics;
using namespace cm::metrics::intake;

namespace {

using Next = MemoryStore::Next;

std::string line(const std::string &project)
{
    return "download|Thu, 26 Nov 2026 12:00:00 GMT|US|/packages/ba/c8/" + std::string(60, 'a') + "/" + project +
           "-1.0.tar.gz|TLSv1.3|TLS_AES_256_GCM_SHA384|" + project + "|1.0|sdist|pip/24.0 {\"installer\":{\"name\":\"pip\",\"version\":\"24.0\"}}";
}

struct World {
    World()
    {
        char name[] = "/tmp/cheesemonger-counter-XXXXXX";
        folder = ::mkdtemp(name);
        options.folder = folder / "spool";
        counting.batchAge = std::chrono::milliseconds(20);
        counting.retryFirst = counting.retryMost = std::chrono::milliseconds(1);
        reopen();
    }
    ~World()
    {
        counter.reset();
        spool.reset();
        std::filesystem::remove_all(folder);
    }
    void reopen()
    {
        counter.reset();
        spool.reset();
        auto opened = Spool::open(options, clock, log);
        REQUIRE(opened);
        spool = std::move(*opened);
        counter = std::make_unique<Counter>(*spool, ledger, counting, [this] { return HeardSpan{Time{}, clock.now() - sign}; }, clock, log);
    }
    void add(const std::string &project, int lines)
    {
        BlockBuilder block;
        for (int i = 0; i < lines; ++i)
            block.add(line(project));
        place = spool->append(1, block);
        while (!spool->waitBeyond(place - 1, std::chrono::steady_clock::now() + std::chrono::seconds(1), {})) {}
    }
    void waitStored()
    {
        while (counter->figures().storedThrough < place)
            spool->waitBeyond(place, std::chrono::steady_clock::now() + std::chrono::milliseconds(1), {});
    }

    std::filesystem::path folder;
    ManualClock clock{Time(std::chrono::seconds(1'795'694'400))};
    Log log{LogLevel::Error, "/dev/null"};
    std::chrono::seconds sign{0};  // how old the last sign of life of a sender is
    SpoolOptions options;
    CounterOptions counting;
    MemoryStore store;
    CountLedger ledger{store, Mode::Compatible};
    std::unique_ptr<Spool> spool;
    std::unique_ptr<Counter> counter;
    std::int64_t place = 0;
};

struct Files {
    Files()
    {
        char name[] = "/tmp/cheesemonger-files-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~Files() { std::filesystem::remove_all(folder); }
    std::string write(const std::string &name, const std::string &text) const
    {
        std::ofstream(folder / name, std::ios::binary) << text;
        return (folder / name).string();
    }
    std::filesystem::path folder;
};

std::string lines(const std::string &project, int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += line(project + std::to_string(i % 7)) + "\n";
    return text;
}

}  // namespace

TEST_CASE("each line is counted once, whatever the store answers")
{
    World world;
    world.store.then({Next::Unavailable, Next::TimeoutLost, Next::TimeoutDone, Next::Conflict, Next::Unavailable, Next::Fine, Next::TimeoutDone});
    world.counter->start();
    for (int round = 0; round < 10; ++round) {
        world.add("one", 100);
        if (round % 3 == 0)
            world.waitStored();
    }
    world.waitStored();
    CHECK(world.store.projects() == std::map<std::string, std::int64_t>{{"one", 1000}});
    CHECK(world.store.received() == 1000);
    CHECK(world.counter->figures().counted == 1000);
    CHECK(world.counter->figures().sums.downloads == 1000);
    CHECK(world.counter->figures().retries > 0);
    CHECK(world.counter->figures().problem.empty());
    CHECK(world.counter->figures().waitingBytes == 0);
}

TEST_CASE("whoever comes after a crash goes on where the store is")
{
    World world;
    for (int round = 0; round < 5; ++round) {
        world.counter->start();
        world.add("p" + std::to_string(round), 50);
        if (round % 2 == 0)
            world.waitStored();
        world.reopen();
    }
    world.counter->start();
    world.waitStored();
    CHECK(world.store.received() == 250);
    for (const auto &[project, count] : world.store.projects())
        CHECK_MESSAGE(count == 50, project);
}

TEST_CASE("a counter that is asked to end counts what was there, and one without a store leaves it")
{
    World world;
    world.counter->start();
    world.add("last", 10);
    CHECK(world.counter->drain(std::chrono::seconds(60)));
    CHECK(world.store.received() == 10);

    world.reopen();
    world.store.then({Next::Unavailable, Next::Unavailable, Next::Unavailable, Next::Unavailable, Next::Unavailable, Next::Unavailable});
    for (int i = 0; i < 100; ++i)
        world.store.then({Next::Unavailable});
    world.counter->start();
    world.add("held", 10);
    CHECK_FALSE(world.counter->drain(std::chrono::milliseconds(30)));
    CHECK(world.store.received() == 10);
}

TEST_CASE("what was refused is counted with its reason")
{
    World world;
    world.counter->start();
    BlockBuilder block;
    block.refuse("TooLong", 1'000'000);
    block.refuse("CutOff", 7);
    block.add(std::string("\0\0\xff", 3));
    world.place = world.spool->append(1, block);
    while (world.store.received() < 3)
        world.spool->waitBeyond(world.place, std::chrono::steady_clock::now() + std::chrono::milliseconds(1), {});
    CHECK(world.store.reasons().at("TooLong") == 1);
    CHECK(world.store.reasons().at("CutOff") == 1);
    CHECK(world.store.projects().empty());
}

TEST_CASE("what was lost on the way is counted as that, by its minute, and makes no minute known")
{
    World world;
    const std::int64_t begun = std::chrono::floor<std::chrono::minutes>(world.clock.now()).time_since_epoch().count();
    world.spool->noteLost(1, 7);
    world.spool->noteLost(1, 5);
    world.add("rest", 3);
    world.reopen();
    world.store.then({Next::Unavailable, Next::TimeoutDone});
    world.counter->start();
    world.waitStored();
    CHECK(world.store.reasons() == std::map<std::string, std::int64_t>{{"Lost", 12}});
    CHECK(world.store.received() == 3);
    CHECK(world.counter->figures().counted == 3);
    // Without any line beside it.
    world.clock.advance(std::chrono::minutes(1));
    world.spool->noteLost(1, 4);
    while (world.store.reasons()["Lost"] < 16)
        world.spool->waitBeyond(0, std::chrono::steady_clock::now() + std::chrono::milliseconds(5), {});
    CHECK(world.counter->drain(std::chrono::seconds(60)));
    CHECK(world.store.quiet().empty());
    CHECK(world.store.lostMinutes() == std::map<std::int64_t, std::int64_t>{{begun, 12}, {begun + 1, 4}});
}

TEST_CASE("what came again and was dropped is told by its minute, once, and is in no other count")
{
    World world;
    const auto stream = [&] { return world.spool->openStream("10.0.0.1", true); };
    const std::uint32_t first = stream();
    BlockBuilder block;
    block.keepDigests(true);
    for (int i = 0; i < 50; ++i)
        block.add(line("p" + std::to_string(i)));
    world.spool->append(first, block);
    world.spool->endStream(first);
    world.place = *world.spool->resumeStream(stream(), first, 40);
    while (!world.spool->waitBeyond(world.place - 1, std::chrono::steady_clock::now() + std::chrono::seconds(1), {})) {}
    world.store.then({Next::Unavailable, Next::TimeoutDone});
    world.counter->start();
    world.waitStored();
    CHECK(world.store.reasons() == std::map<std::string, std::int64_t>{{"Repeated", 40}});
    CHECK(world.store.received() == 50);
    CHECK(world.counter->figures().counted == 50);
    // Nor is it told again by who comes after us.
    world.reopen();
    world.counter->start();
    world.add("rest", 3);
    world.waitStored();
    CHECK(world.store.reasons().at("Repeated") == 40);
    CHECK(world.store.received() == 53);
}

TEST_CASE("each minute in which nothing came is told, once a sender has shown that it lived when it was over")
{
    World world;
    const std::int64_t begun = std::chrono::floor<std::chrono::minutes>(world.clock.now()).time_since_epoch().count();
    world.sign = std::chrono::seconds(30);
    world.counter->start();
    world.clock.advance(std::chrono::minutes(4));
    while (world.store.quiet().size() < 2)
        world.spool->waitBeyond(0, std::chrono::steady_clock::now() + std::chrono::milliseconds(5), {});
    // Asked to end it has nothing more to say: of the minute that has just ended nobody knows yet.
    CHECK(world.counter->drain(std::chrono::seconds(60)));
    CHECK(world.store.quiet() == std::vector<std::pair<std::int64_t, std::int64_t>>{{begun + 1, 0}, {begun + 2, 0}});
}

TEST_CASE("no minute is told as known while lines wait that may be of it")
{
    World world;
    world.counting.batchLines = 20;
    world.reopen();
    const std::int64_t begun = std::chrono::floor<std::chrono::minutes>(world.clock.now()).time_since_epoch().count();
    for (int block = 0; block < 10; ++block)
        world.add("waits", 20);
    world.clock.advance(std::chrono::minutes(3));
    world.counter->start();
    while (world.store.quiet().size() < 2)
        world.spool->waitBeyond(0, std::chrono::steady_clock::now() + std::chrono::milliseconds(5), {});
    CHECK(world.store.batches() >= 10);
    CHECK(world.store.quiet() == std::vector<std::pair<std::int64_t, std::int64_t>>{{begun + 1, 200}, {begun + 2, 200}});
}

TEST_CASE("files are counted once through a store that fails now and then")
{
    Files files;
    MemoryStore store;
    CountLedger ledger(store, Mode::Compatible);
    const ManualClock clock(Time(std::chrono::seconds(1'795'694'400)));
    BackfillOptions options;
    options.batchLines = 100;
    store.then({Next::Unavailable, Next::TimeoutDone, Next::Fine, Next::TimeoutLost, Next::Fine, Next::TimeoutDone});
    const std::string file = files.write("one.log", lines("p", 1000));
    const auto counted = backfill(file, ledger, clock, options);
    REQUIRE_MESSAGE(counted, counted.error().detail);
    CHECK(counted->lines == 1000);
    CHECK(store.received() == 1000);
    CHECK(backfill(file, ledger, clock, options)->lines == 0);
    CHECK(store.received() == 1000);
    CHECK(store.sources() == 1);

    // Somebody else has counted some of it meanwhile.
    const std::string other = files.write("two.log", lines("q", 1000));
    store.then({Next::Fine, Next::Fine, Next::Conflict});
    CHECK(backfill(other, ledger, clock, options).error().code == ErrorCode::Conflict);
    CHECK(backfill(other, ledger, clock, options)->lines == 800);
    CHECK(store.received() == 2000);
}

TEST_CASE("a file that grows is the same one, from its first lines on, and empty, endless and strange ones do no harm")
{
    Files files;
    MemoryStore store;
    CountLedger ledger(store, Mode::Compatible);
    const ManualClock clock(Time(std::chrono::seconds(1'795'694'400)));
    const BackfillOptions options;
    const std::string all = lines("p", 2000);
    std::size_t end = 0;
    std::int64_t expected = 0;
    for (int round = 0; round < 60; ++round) {
        // Up to the end of a line, and a part of the next one.
        for (int i = 0; i < round; ++i, ++expected)
            end = all.find('\n', end) + 1;
        const std::string file = files.write("grows-" + std::to_string(round % 3), all.substr(0, end + static_cast<std::size_t>(round)));
        const auto counted = backfill(file, ledger, clock, options);
        REQUIRE(counted);
        CHECK(store.received() == expected);
    }
    CHECK(store.sources() <= 60);  // a name for each length that it had within its first 64 KiB

    for (const std::string &strange : {std::string(), std::string("\n\n\n"), std::string("x"), std::string(100'000, '\0'), std::string(300'000, 'x') + "\n" + line("after") + "\n",
                                       std::string("\x1f\x8b\x08\0garbage", 11)}) {
        const auto counted = backfill(files.write("strange", strange), ledger, clock, options);
        if (!counted)
            CHECK(counted.error().code == ErrorCode::Corrupt);
    }
    CHECK(store.projects().at("after") == 1);
    CHECK(store.reasons().at("TooLong") == 1);
    CHECK(backfill((files.folder / "absent").string(), ledger, clock, options).error().code == ErrorCode::NotFound);
    CHECK(backfill(files.folder.string(), ledger, clock, options).error().code == ErrorCode::Unavailable);
}
