// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/tails.h"

#include <doctest/doctest.h>
#include <random>

using namespace cm::metrics::intake;

namespace {

using Digests = std::vector<std::uint64_t>;

EndedStream ended(std::uint32_t stream, Digests digests)
{
    return {stream, std::make_shared<const Digests>(std::move(digests))};
}

// How many lines of the beginning of `next` were there already.
std::size_t repeated(const std::vector<EndedStream> &streams, const Digests &next)
{
    Repeats repeats(streams);
    for (const std::uint64_t digest : next) {
        if (!repeats.undecided() || !repeats.add(digest))
            break;
    }
    repeats.decide();
    return repeats.count();
}

// By trying all.
std::size_t longest(const Digests &old, const Digests &next)
{
    for (std::size_t length = std::min(old.size(), next.size()); length > 0; --length) {
        if (std::equal(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(length), old.end() - static_cast<std::ptrdiff_t>(length)))
            return length;
    }
    return 0;
}

}  // namespace

TEST_CASE("what a sender sends again is the end of what it sent before")
{
    const std::vector<EndedStream> streams{ended(1, {1, 2, 3, 4, 5})};
    CHECK(repeated(streams, {3, 4, 5, 6, 7}) == 3);
    CHECK(repeated(streams, {1, 2, 3, 4, 5, 6}) == 5);
    CHECK(repeated(streams, {5}) == 1);
    CHECK(repeated(streams, {6, 7}) == 0);
    CHECK(repeated(streams, {3, 4, 6}) == 0);  // not up to the end: it is something else
    CHECK(repeated(streams, {3, 4}) == 0);     // not yet up to the end
    CHECK(repeated(streams, {}) == 0);
    CHECK(repeated({}, {1, 2, 3}) == 0);
    CHECK(repeated({ended(1, {})}, {1, 2, 3}) == 0);
}

TEST_CASE("of several streams of one address the one that fits best is taken")
{
    Repeats repeats({ended(1, {9, 4, 5}), ended(2, {1, 2, 3, 4, 5}), ended(3, {5})});
    for (const std::uint64_t digest : Digests{2, 3, 4, 5, 6})
        repeats.add(digest);
    CHECK_FALSE(repeats.undecided());
    CHECK(repeats.from() == 2);
    CHECK(repeats.count() == 4);
    // Somebody else has gone on with it.
    repeats.passOver();
    CHECK(repeats.count() == 0);
    Repeats equal({ended(7, {1, 1, 1}), ended(6, {1, 1, 1})});
    for (const std::uint64_t digest : Digests{1, 1, 1, 2})
        equal.add(digest);
    CHECK(equal.from() == 7);
    equal.passOver();
    CHECK(equal.from() == 6);
    CHECK(equal.count() == 3);
}

TEST_CASE("among lines that are often the same the longest repetition is found, as by trying all")
{
    std::mt19937 dice(11);
    for (int round = 0; round < 3000; ++round) {
        const unsigned kinds = 1 + dice() % 3;
        Digests old, next;
        for (std::size_t i = dice() % 30; i > 0; --i)
            old.push_back(dice() % kinds);
        for (std::size_t i = dice() % 30; i > 0; --i)
            next.push_back(dice() % kinds);
        CHECK(repeated({ended(1, old)}, next) == longest(old, next));
    }
}

TEST_CASE("lines that are all the same, or nearly, are compared a bounded number of times each")
{
    constexpr std::size_t window = 4096;
    const Digests same(window, 1);
    Digests oneOff = same;
    oneOff.back() = 2;
    // The end of one is near what begins the other, over and over, and is never it.
    Digests half(window / 2, 1);
    half.insert(half.end(), window / 2, 3);
    for (const Digests &old : {same, oneOff, half}) {
        for (const Digests &next : {same, oneOff, half}) {
            std::vector<EndedStream> streams;
            for (std::uint32_t stream = 1; stream <= 16; ++stream)
                streams.push_back(ended(stream, old));
            Repeats repeats(streams);
            for (const std::uint64_t digest : next)
                repeats.add(digest);
            repeats.decide();
            CHECK(repeats.count() == longest(old, next));
            CHECK(repeats.comparisons() <= 4 * window * (streams.size() + 1));
        }
    }
}

TEST_CASE("only the window is remembered, of each address the last few streams, and nothing that was closed properly")
{
    Tails tails(3);
    tails.open(1, "192.0.2.1");
    tails.add(1, Digests{1, 2});
    for (std::uint64_t digest = 3; digest < 1000; ++digest)
        tails.add(1, Digests{digest});
    CHECK(tails.endedOf("192.0.2.1").empty());  // it lives
    tails.end(1);
    REQUIRE(tails.endedOf("192.0.2.1").size() == 1);
    CHECK(*tails.endedOf("192.0.2.1").front().digests == Digests{997, 998, 999});
    CHECK(tails.endedOf("192.0.2.2").empty());

    tails.open(2, "192.0.2.1");
    tails.resume(2, 1, 2);
    tails.add(2, Digests{1000});
    tails.end(2);
    REQUIRE(tails.endedOf("192.0.2.1").size() == 1);
    CHECK(*tails.endedOf("192.0.2.1").front().digests == Digests{998, 999, 1000});

    tails.open(3, "192.0.2.1");
    tails.add(3, Digests{1});
    tails.close(3);
    tails.end(3);
    tails.open(4, "192.0.2.1");
    tails.end(4);
    CHECK(tails.endedOf("192.0.2.1").size() == 1);

    for (std::uint32_t stream = 10; stream < 200; ++stream) {
        tails.open(stream, "192.0.2.1");
        tails.add(stream, Digests{stream});
        tails.end(stream);
    }
    const auto kept = tails.endedOf("192.0.2.1");
    CHECK(kept.size() == 128);
    CHECK(kept.front().stream == 199);
}

TEST_CASE("whoever breaks off many times pushes out nobody else's streams")
{
    Tails tails(3);
    std::uint32_t stream = 1;
    const auto breakOff = [&](const std::string &address, int times) {
        for (int i = 0; i < times; ++i, ++stream) {
            tails.open(stream, address);
            tails.add(stream, Digests{stream});
            tails.end(stream);
        }
    };
    breakOff("192.0.2.1", 3);
    for (int address = 10; address < 20; ++address)
        breakOff("192.0.2." + std::to_string(address), 100);
    CHECK(tails.endedOf("192.0.2.1").size() == 3);
    std::size_t others = 0;
    for (int address = 10; address < 20; ++address)
        others += tails.endedOf("192.0.2." + std::to_string(address)).size();
    CHECK(others == 509);
}

TEST_CASE("tails survive being written and read, whole or not at all")
{
    Tails tails(4);
    tails.open(1, "2001:db8::1");
    tails.add(1, Digests{1, 2, 3, 4, 5, 6});
    tails.open(2, "192.0.2.1");
    tails.add(2, Digests{7});
    tails.end(2);
    const std::string text = tails.snapshot(77);
    Tails again(4);
    std::uint32_t next = 0;
    REQUIRE(again.restore(text, next));
    CHECK(next == 77);
    again.endAll();
    CHECK(*again.endedOf("2001:db8::1").front().digests == Digests{3, 4, 5, 6});
    CHECK(*again.endedOf("192.0.2.1").front().digests == Digests{7});
    for (std::size_t length = 1; length < text.size(); ++length) {
        Tails partly(4);
        partly.restore(std::string_view(text).substr(0, length), next);
    }
}
