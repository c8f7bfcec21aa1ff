// SPDX-License-Identifier: GPL-3.0-or-later
// Servers that die, come back, or are behind.
#include "core/sql/postgres/answering_hosts.h"
#include "tests/contract/postgres/nodes.h"
#include "tests/support/silent_port.h"

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

TEST_CASE("a server that is silent holds up nobody whom another can serve")
{
    Nodes nodes;
    const SilentPort silent;
    const std::string both = fmt::format("host=127.0.0.1,127.0.0.1 port={},{} user=postgres dbname={} connect_timeout=60", silent.port(),
                                         sharedPostgres().port(), nodes.name());
    const auto begun = std::chrono::steady_clock::now();
    SUBCASE("it takes writes")
    {
        Node node = nodes.node({.url = both});
        must(addProject(*node.catalog, "there"));
    }
    SUBCASE("it takes writes after a while, as one that is promoted")
    {
        const std::string how = fmt::format("ALTER DATABASE \"{}\" ", nodes.name());
        must(addProject(*nodes.node().catalog, "before"));
        sharedPostgres().ask(how + "SET default_transaction_read_only = on");
        std::thread promotion([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(700));
            sharedPostgres().ask(how + "RESET default_transaction_read_only");
        });
        auto opened = sql::PostgresDatabase::open({.url = both, .patience = std::chrono::seconds(50)});
        promotion.join();
        must(std::move(opened));
    }
    // The silent one is first, and would be waited for that long.
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(60));
}

TEST_CASE("an address keeps all else when it names only the servers that answer")
{
    const SilentPort silent;
    const int port = sharedPostgres().port();
    const auto answering = [](const std::string &url) { return sql::pg::AnsweringHosts(url).now().value_or("nobody"); };
    CHECK(answering(fmt::format("postgresql://user:it%27s@127.0.0.1:{},127.0.0.1:{}/name?target_session_attrs=prefer-standby&connect_timeout=2", silent.port(), port))
          == fmt::format("host='127.0.0.1' port='{}' user='user' password='it\\'s' connect_timeout='2' dbname='name' target_session_attrs='prefer-standby'", port));
    CHECK(answering(fmt::format("hostaddr=127.0.0.1,127.0.0.1 host=a,b port={},{}", port, silent.port())) == fmt::format("host='a' hostaddr='127.0.0.1' port='{}'", port));
    for (const std::string &own : {fmt::format("host=127.0.0.1 port={}", silent.port()), std::string("host=/run/a,/run/b"), std::string("host=a,b port=1,2,3"), std::string("=")})
        CHECK(answering(own) == own);
}

TEST_CASE("of several servers that are all away each is told of")
{
    const SilentPort silent;
    const auto opened = sql::PostgresDatabase::open({.url = fmt::format("host=127.0.0.1,127.0.0.1 port={},1 user=postgres connect_timeout=2", silent.port()),
                                                     .patience = std::chrono::milliseconds(0)});
    CHECK(codeOf(opened) == ErrorCode::Unavailable);
    CHECK_MESSAGE(opened.error().detail.find(fmt::format("127.0.0.1:{} no answer, 127.0.0.1:1 Connection refused", silent.port())) != std::string::npos,
                  opened.error().detail);
}
