// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/spool.h"
#include "core/metrics/intake/spool_reader.h"

#include <atomic>
#include <doctest/doctest.h>
#include <fstream>
#include <random>
#include <stdlib.h>

using namespace cm;
using namespace cm::metrics::intake;

namespace {

struct Folder {
    Folder()
    {
        char name[] = "/tmp/cheesemonger-spool-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    [[nodiscard]] std::vector<std::filesystem::path> files() const
    {
        std::vector<std::filesystem::path> found;
        for (const auto &entry : std::filesystem::directory_iterator(path)) {
            if (entry.path().extension() == ".spool")
                found.push_back(entry.path());
        }
        std::sort(found.begin(), found.end());
        return found;
    }
    std::filesystem::path path;
};

struct World {
    Folder folder;
    ManualClock clock{Time(std::chrono::seconds(1'800'000'000))};
    Log log{LogLevel::Error, "/dev/null"};
    SpoolOptions options;
    World() { options.folder = folder.path; }
    std::unique_ptr<Spool> open()
    {
        auto spool = Spool::open(options, clock, log);
        REQUIRE_MESSAGE(spool, spool.error().detail);
        return std::move(*spool);
    }
};

std::int64_t append(Spool &spool, std::uint32_t stream, const std::vector<std::string> &lines, bool tracked = true)
{
    BlockBuilder block;
    block.keepDigests(tracked);
    for (const std::string &line : lines)
        block.add(line);
    return spool.append(stream, block);
}

void waitFor(Spool &spool, std::int64_t place)
{
    while (!spool.waitBeyond(place - 1, std::chrono::steady_clock::now() + std::chrono::seconds(60), {}))
        REQUIRE(spool.figures().trouble.empty());
}

std::vector<std::string> readFrom(const Spool &spool, std::int64_t place)
{
    std::vector<std::string> lines;
    SpoolReader reader(spool);
    reader.seek(place);
    for (;;) {
        const auto block = reader.next();
        REQUIRE(block);
        if (!*block)
            return lines;
        Entries entries((*block)->payload);
        while (const auto entry = entries.next())
            lines.push_back((entry->refused ? "refused " : "") + std::string(entry->text));
    }
}

}  // namespace

TEST_CASE("what was appended is read again, with its arrival and what was refused, also by the next process")
{
    World world;
    std::int64_t middle = 0;
    std::string source;
    {
        const auto spool = world.open();
        source = spool->source();
        CHECK(source.size() == 38);
        const auto stream = spool->openStream("192.0.2.1", true);
        middle = append(*spool, stream, {"one", "", std::string("t\0o", 3)});
        BlockBuilder block;
        block.refuse("TooLong", 20'000);
        block.add("three");
        waitFor(*spool, spool->append(stream, block));
        CHECK(readFrom(*spool, 0) == std::vector<std::string>{"one", "", std::string("t\0o", 3), "refused TooLong 20000", "three"});
        CHECK(readFrom(*spool, middle) == std::vector<std::string>{"refused TooLong 20000", "three"});
        SpoolReader reader(*spool);
        CHECK((*reader.next())->arrival == world.clock.now());
    }
    const auto again = world.open();
    CHECK(again->source() == source);
    CHECK(readFrom(*again, middle) == std::vector<std::string>{"refused TooLong 20000", "three"});
    waitFor(*again, append(*again, 9, {"four"}));
    CHECK(readFrom(*again, middle) == std::vector<std::string>{"refused TooLong 20000", "three", "four"});
}

TEST_CASE("wherever the end of the file is torn, what is whole is kept and goes on from there")
{
    World world;
    std::vector<std::int64_t> ends;
    {
        const auto spool = world.open();
        const auto stream = spool->openStream("192.0.2.1", true);
        for (int i = 0; i < 4; ++i)
            ends.push_back(append(*spool, stream, {"line " + std::to_string(i), std::string(40, 'x')}));
        waitFor(*spool, ends.back());
    }
    REQUIRE(world.folder.files().size() == 1);
    const auto file = world.folder.files().front();
    std::ifstream in(file, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    std::mt19937 dice(5);
    for (std::size_t size = static_cast<std::size_t>(ends[0]); size <= whole.size(); ++size) {
        std::string torn = whole.substr(0, size);
        // Sometimes the size of the file came to disk before its bytes.
        if (dice() % 2 == 0)
            torn += std::string(dice() % 64, '\0');
        std::ofstream(file, std::ios::binary) << torn;
        const auto spool = world.open();
        std::size_t kept = 0;
        while (kept < ends.size() && static_cast<std::size_t>(ends[kept]) <= size)
            ++kept;
        CHECK(spool->durable() == ends[kept - 1]);
        CHECK(spool->figures().cut == torn.size() - static_cast<std::size_t>(ends[kept - 1]));
        waitFor(*spool, append(*spool, 5, {"after"}));
        const auto lines = readFrom(*spool, 0);
        CHECK(lines.size() == 2 * kept + 1);
        CHECK(lines.back() == "after");
    }
}

TEST_CASE("a file that was only begun, and a flipped bit, cost no more than what they hold")
{
    World world;
    world.options.segment = 4096;
    std::int64_t last = 0;
    {
        const auto spool = world.open();
        for (int i = 0; i < 50; ++i)
            last = append(*spool, 1, {std::string(500, 'a')});
        waitFor(*spool, last);
    }
    auto files = world.folder.files();
    REQUIRE(files.size() > 3);
    {
        std::ofstream(files.back(), std::ios::binary) << "cmsp";
        std::fstream flipped(files[1], std::ios::in | std::ios::out | std::ios::binary);
        flipped.seekp(1000);
        flipped.put('\x7f');
    }
    const auto spool = world.open();
    const std::size_t lines = readFrom(*spool, 0).size();
    CHECK(lines > 30);
    CHECK(lines < 50);
    SpoolReader reader(*spool);
    while (*reader.next()) {}
    CHECK(reader.damagedBytes() > 0);
    waitFor(*spool, append(*spool, 1, {"after"}));
    CHECK(readFrom(*spool, 0).back() == "after");
}

TEST_CASE("places only rise, also over files that are deleted and over restarts")
{
    World world;
    world.options.segment = 4096;
    std::int64_t place = 0;
    for (int round = 0; round < 5; ++round) {
        const auto spool = world.open();
        CHECK(spool->durable() >= place);
        for (int i = 0; i < 30; ++i) {
            const std::int64_t next = append(*spool, 1, {std::string(500, 'a')});
            CHECK(next > place);
            place = next;
        }
        waitFor(*spool, place);
        spool->release(place);
        CHECK(world.folder.files().size() <= 2);
        CHECK(readFrom(*spool, place).empty());
        CHECK(spool->figures().bytes < 10'000);
    }
}

TEST_CASE("a full spool takes nothing until what is counted was released")
{
    World world;
    world.options.limit = 64 << 10;
    const auto spool = world.open();
    std::atomic<int> rooms = 0;
    spool->listen({[] {}, [&] { ++rooms; }, [] {}});
    std::int64_t place = 0;
    while (spool->takes()) {
        place = append(*spool, 1, {std::string(1000, 'a')});
        waitFor(*spool, place);
    }
    CHECK(spool->figures().bytes >= world.options.limit);
    CHECK(spool->figures().bytes < world.options.limit + 10'000);
    spool->release(place / 2);
    CHECK(spool->takes());
    CHECK(rooms >= 1);
}

TEST_CASE("tails come back from what is on disk, also when the lines are in files that were deleted")
{
    World world;
    world.options.segment = 4096;
    world.options.window = 5;
    const auto digest = [](const std::string &line) { return digestOfLine(line, false); };
    std::int64_t place = 0;
    {
        const auto spool = world.open();
        const auto stream = spool->openStream("192.0.2.1", true);
        const auto closed = spool->openStream("192.0.2.1", true);
        append(*spool, closed, {"closed"});
        spool->closeStream(closed);
        for (int i = 0; i < 40; ++i)
            place = append(*spool, stream, {"line " + std::to_string(i) + std::string(300, ' ')});
        const auto other = spool->openStream("192.0.2.2", true);
        for (int i = 0; i < 40; ++i)
            place = append(*spool, other, {"other " + std::to_string(i) + std::string(300, ' ')});
        waitFor(*spool, place);
        spool->release(place);
    }
    {
        const auto spool = world.open();
        const auto found = spool->endedStreamsOf("192.0.2.1");
        REQUIRE(found.size() == 1);
        std::vector<std::uint64_t> expected;
        for (int i = 35; i < 40; ++i)
            expected.push_back(digest("line " + std::to_string(i) + std::string(300, ' ')));
        CHECK(*found.front().digests == expected);
        REQUIRE(spool->endedStreamsOf("192.0.2.2").size() == 1);
        // It comes again, sends the last two, and one more.
        const auto stream = spool->openStream("192.0.2.1", true);
        CHECK(stream > found.front().stream);
        CHECK(spool->resumeStream(stream, found.front().stream, 2));
        // It is one sender that comes again.
        CHECK_FALSE(spool->resumeStream(spool->openStream("192.0.2.1", true), found.front().stream, 2));
        waitFor(*spool, append(*spool, stream, {"new"}));
    }
    const auto spool = world.open();
    const auto found = spool->endedStreamsOf("192.0.2.1");
    REQUIRE(found.size() == 1);
    REQUIRE(found.front().digests->size() == 3);
    CHECK(found.front().digests->back() == digest("new"));
}

TEST_CASE("a store that has more than the spool is not given places that it has had")
{
    World world;
    {
        const auto spool = world.open();
        waitFor(*spool, append(*spool, 1, {"one"}));
        REQUIRE(spool->goOnFrom(1'000'000));
        waitFor(*spool, append(*spool, 1, {"two"}));
        CHECK(spool->durable() > 1'000'000);
        CHECK(readFrom(*spool, 0) == std::vector<std::string>{"one", "two"});
    }
    CHECK(readFrom(*world.open(), 1'000'000) == std::vector<std::string>{"two"});
}

TEST_CASE("a folder of something else is left alone")
{
    World world;
    std::ofstream(world.folder.path / "id") << "not an id\n";
    const auto spool = Spool::open(world.options, world.clock, world.log);
    REQUIRE_FALSE(spool);
    CHECK(spool.error().code == ErrorCode::Corrupt);
}
