// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <atomic>
#include <thread>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

// The same store as a second node has it, with a clock of its own.
struct TwoNodes : CatalogFixture {
    ManualClock otherClock{epoch};
    std::unique_ptr<sql::Database> otherDatabase = openDatabase();
    std::unique_ptr<Catalog> other = must(Catalog::open(*otherDatabase, otherClock));

    Result<void> order(Catalog &node, std::int64_t until, const std::string &message = {})
    {
        return node.writeAlways([&](Writer &writer) {
            return writer.setReadOnly({epoch, at(until), "ada", "new disks", message});
        });
    }
    Result<Serial> change(Catalog &node)
    {
        return node.write([](Writer &writer) { return writer.addJournal(journal("brie", "create")); });
    }
    Serial lastSerial() { return must(catalog().read([](Reader &reader) { return reader.lastSerial(); })); }
};

}  // namespace

TEST_CASE_FIXTURE(TwoNodes, "A read-only catalog refuses changes on every node, says for how long, and asks no closure")
{
    must(order(catalog(), 600));
    for (Catalog *node : {&catalog(), other.get()}) {
        bool asked = false;
        const auto refused = node->write([&](Writer &) -> Result<void> {
            asked = true;
            return {};
        });
        REQUIRE_FALSE(refused);
        CHECK_FALSE(asked);
        CHECK(isReadOnly(refused.error()));
        CHECK(refused.error().code == ErrorCode::Unavailable);
        CHECK(refused.error().retryAfter == std::chrono::seconds(600));
        CHECK(refused.error().detail.find("by order of ada: new disks") != std::string::npos);
    }
    CHECK(must(other->read([](Reader &reader) { return reader.readOnly(epoch); }))->reason == "new disks");
    must(other->writeAlways([](Writer &writer) { return writer.addAudit(audit("session.start", "ada")); }));
    must(other->writeAlways([](Writer &writer) { return writer.clearReadOnly(); }));
    CHECK(must(change(catalog())) == 1);
}

TEST_CASE_FIXTURE(TwoNodes, "It ends by itself, to the microsecond, whoever has ordered it")
{
    must(order(catalog(), 60));
    otherClock.set(at(60) - std::chrono::microseconds(1));
    const auto refused = change(*other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().retryAfter == std::chrono::seconds(1));
    otherClock.set(at(60));
    CHECK(must(change(*other)) == 1);
    CHECK_FALSE(must(other->read([&](Reader &reader) { return reader.readOnly(at(60)); })));
    // What is over is no obstacle to the next one.
    must(order(*other, 120, "back at noon"));
    CHECK_FALSE(change(*other));
    CHECK(must(other->read([&](Reader &reader) { return reader.readOnly(at(60)); }))->message == "back at noon");
}

TEST_CASE_FIXTURE(TwoNodes, "An order takes the place of the one before it")
{
    must(order(catalog(), 60));
    must(order(*other, 30));
    otherClock.set(at(31));
    CHECK(must(change(*other)) == 1);
}

TEST_CASE_FIXTURE(TwoNodes, "Other failures are no read-only mode")
{
    CHECK_FALSE(isReadOnly({ErrorCode::Unavailable, "busy", {}, std::chrono::seconds(1)}));
    const auto failed = catalog().write([](Writer &) -> Result<void> { return fail(ErrorCode::Conflict, "no"); });
    REQUIRE_FALSE(failed);
    CHECK_FALSE(isReadOnly(failed.error()));
}

TEST_CASE_FIXTURE(TwoNodes, "Sixteen writers on two nodes: once the order is acknowledged nothing is committed any more")
{
    constexpr int rounds = 5;
    for (int round = 0; round < rounds; ++round) {
        const Serial before = lastSerial();
        std::atomic<Serial> newest = before;
        std::atomic<int> odd = 0;
        std::vector<std::thread> writers;
        for (int number = 0; number < 16; ++number) {
            writers.emplace_back([&, number] {
                // Past the first refusal, so that a write let through later would be seen.
                for (int refusals = 0; refusals < 10;) {
                    const auto done = change(number % 2 ? catalog() : *other);
                    if (!done && isReadOnly(done.error()))
                        ++refusals;
                    else if (!done)
                        ++odd;
                    else if (*done > newest)
                        newest = *done;
                    if (odd > 100)
                        return;
                }
            });
        }
        while (newest < before + 50 && odd == 0)
            std::this_thread::yield();
        const auto ordered = order(round % 2 ? catalog() : *other, 600);
        const Serial acknowledged = lastSerial();
        for (std::thread &writer : writers)
            writer.join();
        must(ordered);
        CHECK(odd == 0);
        CHECK(acknowledged >= before + 50);
        CHECK(lastSerial() == acknowledged);
        must(catalog().writeAlways([](Writer &writer) { return writer.clearReadOnly(); }));
    }
}
