// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/database_url.h"
#include "core/sql/postgres/endpoint.h"
#include "tests/contract/postgres/nodes.h"
#include "tests/support/cutting_proxy.h"

#include <atomic>
#include <fmt/format.h>
#include <future>
#include <set>
#include <thread>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

TEST_CASE("two nodes write at once: no serial is seen after a higher one, none is missing")
{
    Nodes nodes;
    Node first = nodes.node();
    Node second = nodes.node();
    constexpr int writers = 4;
    constexpr int each = 40;
    std::atomic<int> failures{0};
    std::string problem;
    std::atomic<bool> finished{false};
    std::thread watcher([&] {
        Node third = nodes.node();
        Serial seen = 0;
        while (problem.empty() && seen < 2 * writers * each) {
            const bool last = finished;
            const auto rows = third.catalog->read([&](Reader &reader) { return reader.journalSince(seen, 10'000); });
            if (!rows)
                problem = rows.error().detail;
            else if (!rows->empty() && rows->front().serial != seen + 1)
                problem = fmt::format("after {} came {}", seen, rows->front().serial);
            else if (!rows->empty())
                seen = rows->back().serial;
            else if (last)
                problem = fmt::format("only {} serials", seen);
        }
    });
    std::vector<std::thread> threads;
    for (int t = 0; t < 2 * writers; ++t) {
        threads.emplace_back([&, t] {
            Catalog &catalog = t % 2 ? *first.catalog : *second.catalog;
            for (int i = 0; i < each; ++i) {
                const auto written = addProject(catalog, fmt::format("p{}-{}", t, i));
                failures += written ? 0 : 1;
                // A serial that was taken and given back leaves no gap.
                const auto undone = catalog.write([&](Writer &writer) -> Result<void> {
                    CM_TRY(writer.addJournal({0, "x", "x", std::nullopt, "never", "ada", Time()}));
                    return fail(ErrorCode::Forbidden, "no");
                });
                failures += undone || undone.error().code != ErrorCode::Forbidden ? 1 : 0;
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    finished = true;
    watcher.join();
    CHECK(failures == 0);
    CHECK_MESSAGE(problem.empty(), problem);
    CHECK(first.catalog->read([](Reader &reader) { return reader.verifyAudit(); }).has_value());
}

TEST_CASE("what one node has committed, the next read of another sees, and its data version differs")
{
    Nodes nodes;
    Node first = nodes.node();
    Node second = nodes.node();
    const auto before = must(second.catalog->dataVersion());
    CHECK(must(second.catalog->dataVersion()) == before);
    must(addProject(*first.catalog, "shared"));
    CHECK(must(second.catalog->dataVersion()) != before);
    CHECK(must(second.catalog->read([](Reader &reader) { return reader.findProject("shared"); })).name == "shared");
}

TEST_CASE("the answer to a commit is lost: it is found out what became of it")
{
    Nodes nodes;
    CuttingProxy proxy(sharedPostgres().port());
    Node node = nodes.node({.url = nodes.url(proxy.port()), .patience = std::chrono::milliseconds(300)});
    SUBCASE("it was stored")
    {
        proxy.cutNext(CuttingProxy::Cut::Answer);
        CHECK(addProject(*node.catalog, "lost").has_value());
        CHECK(must(node.catalog->read([](Reader &reader) { return reader.findProject("lost"); })).lastSerial == 1);
    }
    SUBCASE("it was not")
    {
        proxy.cutNext(CuttingProxy::Cut::Question);
        CHECK(codeOf(addProject(*node.catalog, "lost")) == ErrorCode::Unavailable);
        CHECK(codeOf(node.catalog->read([](Reader &reader) { return reader.findProject("lost"); }))
              == ErrorCode::NotFound);
    }
    SUBCASE("nobody can be asked")
    {
        proxy.cutNext(CuttingProxy::Cut::Answer, true);
        CHECK(codeOf(addProject(*node.catalog, "lost")) == ErrorCode::Timeout);
        proxy.open();
        CHECK(must(node.catalog->read([](Reader &reader) { return reader.findProject("lost"); })).lastSerial == 1);
    }
    must(addProject(*node.catalog, "after"));
}

TEST_CASE("a transaction that failed inside is not taken for stored")
{
    Nodes nodes;
    Node node = nodes.node();
    const auto swallowed = node.database->write([](sql::Connection &connection) -> Result<void> {
        (void)connection.execute("INSERT INTO counters (name, value) VALUES ('a', 1)");
        (void)connection.execute("INSERT INTO counters (name, value) VALUES ('a', 2)");
        return {};
    });
    CHECK_FALSE(swallowed.has_value());
    CHECK(must(node.catalog->read([](Reader &reader) { return reader.counters(Time()); })).projects == 0);
    must(addProject(*node.catalog, "after"));
}

TEST_CASE("a text that no column can hold is found nowhere and stored nowhere")
{
    Nodes nodes;
    Node node = nodes.node();
    for (const std::string &text : {std::string("a\0b", 3), std::string("\xff\xfe")}) {
        CHECK(codeOf(node.catalog->read([&](Reader &reader) { return reader.findUser(text); })) == ErrorCode::NotFound);
        CHECK(must(node.catalog->read([&](Reader &reader) { return reader.users({.search = text}); })).users.empty());
        CHECK(codeOf(addProject(*node.catalog, text)) == ErrorCode::InvalidInput);
    }
    must(addProject(*node.catalog, "after"));
}

TEST_CASE("many rows come in lots, each once, and a walk may end early")
{
    Nodes nodes;
    Node node = nodes.node();
    must(node.database->write([](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("INSERT INTO counters (name, value) SELECT 'c' || g || repeat('x', g % 900), g"
                                  " FROM generate_series(1, 20000) AS g"));
        return {};
    }));
    must(node.database->read([](sql::Connection &connection) -> Result<void> {
        std::int64_t sum = 0;
        {
            CM_TRY_ASSIGN(const auto rows, connection.stream("SELECT value FROM counters WHERE value > $1", {10}));
            CM_TRY_ASSIGN(const auto others, connection.stream("SELECT value FROM counters"));
            CM_TRY(others->next());
            for (;;) {
                CM_TRY_ASSIGN(const bool more, rows->next());
                if (!more)
                    break;
                sum += rows->integer(0);
            }
            CM_TRY_ASSIGN(const bool again, rows->next());
            CHECK_FALSE(again);
        }
        CHECK(sum == 20000LL * 20001 / 2 - 55);
        CM_TRY_ASSIGN(const auto count, connection.query("SELECT count(*) FROM pg_cursors WHERE name LIKE 'walk%'"));
        CM_TRY(count->next());
        CHECK(count->integer(0) == 0);
        return {};
    }));
}

TEST_CASE("a database that sorts otherwise is refused, with the remedy")
{
    const std::string name = sharedPostgres().makeDatabase("ENCODING 'SQL_ASCII' LOCALE 'C'");
    const auto opened = sql::PostgresDatabase::open({.url = sharedPostgres().url(name)});
    CHECK(codeOf(opened) == ErrorCode::Unsupported);
    CHECK(opened.error().detail.find("CREATE DATABASE") != std::string::npos);
}

TEST_CASE("an older copy of the database is neither shown nor written to")
{
    Nodes nodes;
    Node node = nodes.node();
    for (const char *name : {"a", "b", "c"})
        must(addProject(*node.catalog, name));
    sharedPostgres().ask("DELETE FROM cheesemonger_commits WHERE number >= (SELECT max(number) FROM cheesemonger_commits)",
                         nodes.name());
    CHECK(codeOf(node.catalog->read([](Reader &reader) { return reader.lastSerial(); })) == ErrorCode::Unavailable);
    CHECK(codeOf(addProject(*node.catalog, "d")) == ErrorCode::Unavailable);
    // Another node, or this one started anew, knows of nothing newer.
    Node fresh = nodes.node();
    CHECK(must(fresh.catalog->read([](Reader &reader) { return reader.lastSerial(); })) == 3);
}

TEST_CASE("addresses get what they lack, and passwords are found to be hidden")
{
    using sql::pg::withDefault;
    CHECK(withDefault("host=a", "connect_timeout", "3") == "host=a connect_timeout=3");
    CHECK(withDefault("host=a connect_timeout=9", "connect_timeout", "3") == "host=a connect_timeout=9");
    CHECK(withDefault("postgresql://a/b", "x", "1") == "postgresql://a/b?x=1");
    CHECK(withDefault("postgresql://a/b?y=2", "x", "1") == "postgresql://a/b?y=2&x=1");
    CHECK(withDefault("postgresql://a/b?x=2", "x", "1") == "postgresql://a/b?x=2");
    CHECK(passwordOf("postgresql://me:s3cr3t@a,b/c") == "s3cr3t");
    CHECK(passwordOf("postgresql://me@a:5432/c").empty());
    CHECK(passwordOf("postgresql://a/c?password=s3cr3t&x=1") == "s3cr3t");
    CHECK(passwordOf("host=a password=s3cr3t user=b") == "s3cr3t");
    CHECK(passwordOf("host=a password='s3 cr3t' user=b") == "s3 cr3t");
    const auto opened = sql::PostgresDatabase::open(
        {.url = "postgresql://me:s3cr3t@127.0.0.1:1/s3cr3t?bad s3cr3t", .patience = std::chrono::milliseconds(0)});
    CHECK(codeOf(opened) == ErrorCode::Unavailable);
    CHECK(opened.error().detail.find("s3cr3t") == std::string::npos);
}
