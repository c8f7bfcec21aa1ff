// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <atomic>
#include <fmt/format.h>
#include <future>
#include <stdexcept>
#include <thread>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

TEST_CASE_FIXTURE(CatalogFixture, "sixteen writers: serials rise without a lower one appearing after a higher one")
{
    constexpr int writers = 16;
    constexpr int each = 40;
    std::atomic<bool> finished = false;
    std::atomic<int> refused = 0;
    std::string problem;
    std::thread watcher([&] {
        Serial seen = 0;
        while (problem.empty() && (!finished || seen < writers * each)) {
            const bool last = finished;
            const auto rows = catalog().read([&](Reader &reader) { return reader.journalSince(seen, 10'000); });
            if (!rows)
                problem = rows.error().detail;
            else if (!rows->empty() && rows->front().serial != seen + 1)
                problem = fmt::format("after {} came {}", seen, rows->front().serial);
            else if (!rows->empty())
                seen = rows->back().serial;
            if (last && rows && rows->empty())
                break;
        }
        if (problem.empty() && seen != writers * each)
            problem = fmt::format("{} serials seen", seen);
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t) {
        threads.emplace_back([&, t] {
            Serial previous = 0;
            for (int i = 0; i < each; ++i) {
                const std::string name = fmt::format("p{}-{}", t, i);
                const auto serial = catalog().write([&](Writer &writer) -> Result<Serial> {
                    CM_TRY(writer.createProject(project(name)));
                    return writer.addJournal(journal(name, "create"));
                });
                if (!serial || *serial <= previous)
                    ++refused;
                else
                    previous = *serial;
                // A failing neighbour in the same group takes nobody along and leaves nothing.
                const auto failed = catalog().write([&](Writer &writer) -> Result<Serial> {
                    CM_TRY(writer.addJournal(journal(name, "never")));
                    return fail(ErrorCode::Forbidden, "no");
                });
                if (failed || failed.error().code != ErrorCode::Forbidden)
                    ++refused;
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    finished = true;
    watcher.join();
    CHECK(refused == 0);
    CHECK_MESSAGE(problem.empty(), problem);
    CHECK(must(catalog().read([](Reader &reader) { return reader.counters(at(0)); })).projects == writers * each);
}

TEST_CASE_FIXTURE(CatalogFixture, "a closure that throws fails alone, and the writer goes on")
{
    const auto thrown = catalog().write([](Writer &writer) -> Result<void> {
        CM_TRY(writer.createProject(project("half")));
        throw std::runtime_error("boom");
    });
    CHECK(codeOf(thrown) == ErrorCode::Internal);
    CHECK(codeOf(catalog().read([](Reader &reader) { return reader.findProject("half"); })) == ErrorCode::NotFound);
    publish("whole");
}

TEST_CASE_FIXTURE(CatalogFixture, "a second process may write meanwhile, and its writes are noticed")
{
    publish("ours");
    const auto before = must(catalog().dataVersion());
    CHECK(must(catalog().dataVersion()) == before);
    const auto theirs = openDatabase();
    const auto other = must(Catalog::open(*theirs, clock()));

    // Theirs holds the write lock while ours asks: ours waits for it instead of failing.
    std::promise<void> holding;
    std::promise<void> letGo;
    std::thread admin([&] {
        const auto done = other->write([&](Writer &writer) -> Result<void> {
            CM_TRY(writer.createProject(project("theirs")));
            holding.set_value();
            letGo.get_future().wait();
            return {};
        });
        CHECK(done.has_value());
    });
    holding.get_future().wait();
    CHECK(codeOf(catalog().read([](Reader &reader) { return reader.findProject("theirs"); })) == ErrorCode::NotFound);
    std::thread server([&] {
        const auto done = catalog().write([](Writer &writer) { return writer.createProject(project("after")); });
        CHECK(done.has_value());
    });
    letGo.set_value();
    admin.join();
    server.join();
    CHECK(must(catalog().dataVersion()) != before);
    CHECK(must(catalog().read([](Reader &reader) { return reader.findProject("theirs"); })).name == "theirs");
    CHECK(must(other->read([](Reader &reader) { return reader.findProject("after"); })).name == "after");
}

TEST_CASE_FIXTURE(CatalogFixture, "a read sees one moment however long it takes")
{
    publish("one");
    const auto counts = must(catalog().read([&](Reader &reader) -> Result<std::pair<Serial, Serial>> {
        CM_TRY_ASSIGN(const Serial first, reader.lastSerial());
        publish("two");
        CM_TRY_ASSIGN(const Serial second, reader.lastSerial());
        return std::pair(first, second);
    }));
    CHECK(counts.first == counts.second);
    CHECK(must(catalog().read([](Reader &reader) { return reader.lastSerial(); })) == counts.first + 1);
}

TEST_CASE_FIXTURE(CatalogFixture, "a store of a newer program, or with an altered schema text, is refused")
{
    std::string tampering;
    ErrorCode expected = ErrorCode::Unsupported;
    SUBCASE("newer")
    {
        tampering = "INSERT INTO schema_version (number, name, checksum, applied) VALUES (9999, 'later', 'x', 0)";
    }
    SUBCASE("altered")
    {
        tampering = "UPDATE schema_version SET checksum = 'x' WHERE number = 1";
        expected = ErrorCode::Corrupt;
    }
    must(database().write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute(tampering));
        return {};
    }));
    const auto theirs = openDatabase();
    CHECK(codeOf(Catalog::open(*theirs, clock())) == expected);
}
