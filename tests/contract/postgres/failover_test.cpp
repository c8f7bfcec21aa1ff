// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that die, come back, or are behind.
#include "tests/contract/postgres/nodes.h"

#include <atomic>
#include <fmt/format.h>
#include <future>
#include <set>
#include <thread>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

TEST_CASE("kill -9 of the server among writes: what was acknowledged is there once, and writing goes on")
{
    PostgresServer server;
    Nodes nodes(server);
    Node node = nodes.node({.url = nodes.url(), .patience = std::chrono::seconds(60)});
    constexpr int writers = 4;
    constexpr int each = 60;
    std::atomic<int> written{0};
    std::mutex mutex;
    std::set<std::string> acknowledged;
    std::set<std::string> refused;
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < each; ++i) {
                const std::string name = fmt::format("p{}-{}", t, i);
                const auto done = addProject(*node.catalog, name);
                const std::lock_guard lock(mutex);
                (done ? acknowledged : refused).insert(name);
                ++written;
            }
        });
    }
    for (int kills = 1; kills <= 3; ++kills) {
        while (written < kills * writers * each / 5)
            std::this_thread::yield();
        server.kill();
        server.start();
    }
    for (std::thread &thread : threads)
        thread.join();
    CHECK(acknowledged.size() > refused.size());
    std::set<std::string> found;
    must(node.catalog->read([&](Reader &reader) {
        return reader.forEachProject([&](const ProjectIndexEntry &entry) {
            CHECK_MESSAGE(found.insert(entry.normalizedName).second, entry.normalizedName);
            return true;
        });
    }));
    for (const std::string &name : acknowledged)
        CHECK_MESSAGE(found.contains(name), name);
    // What was refused was not stored: here every outcome could be found out.
    for (const std::string &name : refused)
        CHECK_MESSAGE(!found.contains(name), name);
    CHECK(must(node.catalog->read([](Reader &reader) { return reader.lastSerial(); }))
          == static_cast<Serial>(acknowledged.size()));
    CHECK(node.catalog->read([](Reader &reader) { return reader.verifyAudit(); }).has_value());
}

TEST_CASE("a standby that is behind never answers for what was shown; the primary does, or nobody")
{
    PostgresServer primary;
    Nodes nodes(primary);
    PostgresServer standby(primary);
    const auto options = [&](std::chrono::milliseconds patience) {
        return sql::PostgresOptions{.url = nodes.url(), .readUrl = standby.url(nodes.name()), .patience = patience};
    };
    Node writing = nodes.node({.url = nodes.url()});
    Node node = nodes.node(options(std::chrono::milliseconds(200)));
    must(addProject(*writing.catalog, "one"));
    CHECK(must(node.catalog->dataVersion()) > 0);
    const auto serial = [&] { return node.catalog->read([](Reader &reader) { return reader.lastSerial(); }); };
    const auto server = [&] {
        std::string where;
        must(node.database->read([&](sql::Connection &connection) -> Result<void> {
            CM_TRY_ASSIGN(const auto row, connection.query("SELECT pg_is_in_recovery()"));
            CM_TRY(row->next());
            where = row->boolean(0) ? "standby" : "primary";
            return {};
        }));
        return where;
    };
    CHECK(must(serial()) == 1);

    standby.ask("SELECT pg_wal_replay_pause()");
    must(addProject(*writing.catalog, "two"));
    // Known to this node by its poll: the standby does not know it yet.
    must(node.catalog->dataVersion());
    CHECK(must(serial()) == 2);
    CHECK(server() == "primary");
    // A write of its own is seen by its next read, wherever that goes.
    must(addProject(*node.catalog, "three"));
    CHECK(must(serial()) == 3);

    primary.kill();
    CHECK(codeOf(serial()) == ErrorCode::Unavailable);
    standby.ask("SELECT pg_wal_replay_resume()");
    // The standby has all of it in its own log: it alone answers now.
    Result<Serial> answer = serial();
    for (int i = 0; i < 2000 && !answer; ++i)
        answer = serial();
    CHECK(must(std::move(answer)) == 3);
    CHECK(server() == "standby");
    CHECK(codeOf(addProject(*node.catalog, "four")) == ErrorCode::Unavailable);
    primary.start();
    must(addProject(*node.catalog, "four"));
    CHECK(must(serial()) == 4);
}
