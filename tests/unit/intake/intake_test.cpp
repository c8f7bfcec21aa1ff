// SPDX-License-Identifier: GPL-3.0-or-later
// The intake at work over loopback: senders beside each other, and what each is told.
#include "core/metrics/count_ledger.h"
#include "core/metrics/intake/counter.h"
#include "core/metrics/intake/held_lines.h"
#include "core/metrics/intake/intake.h"
#include "core/metrics/intake/status.h"
#include "memory_store.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace cm;
using namespace cm::metrics;
using namespace cm::metrics::intake;

namespace {

std::string line(const std::string &project, int number)
{
    return "download|Thu, 26 Nov 2026 12:00:00 GMT|US|/packages/ba/c8/" + std::string(52, 'a') + std::to_string(10'000'000 + number) + "/" + project +
           "-1.0.tar.gz|TLSv1.3|TLS_AES_256_GCM_SHA384|" + project + "|1.0|sdist|pip/24.0 {\"installer\":{\"name\":\"pip\",\"version\":\"24.0\"}}";
}

class Client {
public:
    explicit Client(const std::string &address, int kind = SOCK_STREAM) : m_socket(::socket(AF_INET, kind | SOCK_CLOEXEC, 0))
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(m_socket, reinterpret_cast<sockaddr *>(&to), sizeof to) == 0);
    }
    ~Client() { close(); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    void close()
    {
        if (m_socket >= 0)
            ::close(std::exchange(m_socket, -1));
    }
    bool send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool relp(const std::string &command, const std::string &data)
    {
        ++m_number;
        return send(std::to_string(m_number) + " " + command + " " + std::to_string(data.size()) + (data.empty() ? "" : " ") + data + "\n");
    }
    void open()
    {
        relp("open", "relp_version=0\nrelp_software=test\ncommands=syslog");
        REQUIRE(waitFor("commands=syslog\n"));
    }
    // Until this has come; false when the other side closed first.
    bool waitFor(const std::string &text)
    {
        while (m_received.find(text) == std::string::npos) {
            char bytes[4096];
            const ssize_t got = ::recv(m_socket, bytes, sizeof bytes, 0);
            if (got <= 0)
                return false;
            m_received.append(bytes, static_cast<std::size_t>(got));
        }
        return true;
    }
    bool acknowledged() { return waitFor("\n" + std::to_string(m_number) + " rsp 6 200 OK\n"); }
    bool closed()
    {
        char byte = 0;
        ssize_t got = 0;
        while ((got = ::recv(m_socket, &byte, 1, 0)) > 0) {}
        return true;
    }

private:
    int m_socket;
    int m_number = 0;
    std::string m_received = "\n";
};

struct World {
    explicit World(std::uint64_t limit = 1 << 30, std::size_t maxConnections = 100, std::size_t maxOfAddress = 100)
    {
        char name[] = "/tmp/cheesemonger-intake-XXXXXX";
        folder = ::mkdtemp(name);
        SpoolOptions options;
        options.folder = folder;
        options.limit = limit;
        auto opened = Spool::open(options, clock, log);
        REQUIRE(opened);
        spool = std::move(*opened);
        IntakeOptions listening;
        listening.relp = listening.tcp = listening.udp = "127.0.0.1:0";
        listening.maxConnections = maxConnections;
        listening.maxConnectionsOfAddress = maxOfAddress;
        intake = std::make_unique<Intake>(listening, *spool, clock, log);
        CounterOptions counting;
        counting.batchAge = std::chrono::milliseconds(20);
        counter = std::make_unique<Counter>(*spool, ledger, counting, [this] { return intake->figures()->heard; }, clock, log);
        REQUIRE(intake->start());
    }
    ~World()
    {
        spool->stop();
        counter.reset();
        intake.reset();
        spool.reset();
        std::filesystem::remove_all(folder);
    }
    [[nodiscard]] std::string address(const std::string &transport) const { return feed(transport).address; }
    template <class Holds>
    void until(Holds holds)
    {
        while (!holds())
            spool->waitBeyond(spool->durable(), std::chrono::steady_clock::now() + std::chrono::milliseconds(5), {});
    }
    // Long enough for a connection that is given up to be known as that.
    void pause()
    {
        const Time now = clock.now();
        until([&] { return clock.now() > now + std::chrono::milliseconds(400); });
    }
    [[nodiscard]] FeedFigures feed(const std::string &transport) const
    {
        const auto figures = intake->figures();
        for (const FeedFigures &feed : figures->feeds) {
            if (feed.transport == transport)
                return feed;
        }
        return {};
    }

    std::filesystem::path folder;
    SystemClock clock;
    Log log{LogLevel::Error, "/dev/null"};
    MemoryStore store;
    CountLedger ledger{store, Mode::Compatible};
    std::unique_ptr<Spool> spool;
    std::unique_ptr<Intake> intake;
    std::unique_ptr<Counter> counter;
};

}  // namespace

TEST_CASE("senders of every kind beside each other, broken off and come back, are counted to the line")
{
    World world;
    world.counter->start();
    static constexpr int lines = 2000;
    std::vector<std::thread> senders;
    for (int sender = 0; sender < 3; ++sender) {
        senders.emplace_back([&world, sender] {
            const std::string project = "relp-" + std::to_string(sender);
            auto client = std::make_unique<Client>(world.address("relp"));
            client->open();
            int acknowledged = 0;
            for (int sent = 0; sent < lines;) {
                for (int end = std::min(sent + 50, lines); sent < end; ++sent)
                    client->relp("syslog", line(project, sent));
                if (sent % 400 == 0) {
                    // The answers to these are lost, whether they came or not.
                    client = std::make_unique<Client>(world.address("relp"));
                    client->open();
                    for (int again = acknowledged; again < sent; ++again)
                        client->relp("syslog", line(project, again));
                }
                REQUIRE(client->acknowledged());
                acknowledged = sent;
            }
        });
    }
    senders.emplace_back([&world] {
        Client client(world.address("tcp"));
        for (int sent = 0; sent < lines; ++sent) {
            const std::string text = line("tcp", sent);
            client.send(sent % 2 == 0 ? text + "\n" : std::to_string(text.size()) + " " + text);
        }
    });
    senders.emplace_back([&world] {
        for (int i = 0; i < 20; ++i) {
            Client garbage(world.address(i % 2 == 0 ? "relp" : "tcp"));
            garbage.send(std::string(300'000, static_cast<char>('A' + i)));
        }
    });
    for (std::thread &sender : senders)
        sender.join();
    world.until([&] { return world.store.projects()["tcp"] == lines; });
    world.until([&] { return world.store.reasons()["TooLong"] + world.store.reasons()["CutOff"] == 10; });
    for (int sender = 0; sender < 3; ++sender) {
        const std::string project = "relp-" + std::to_string(sender);
        world.until([&] { return world.store.projects()[project] >= lines; });
        CHECK(world.store.projects()[project] == lines);
    }
    world.until([&] { return world.feed("relp").protocolErrors == 10; });
    world.until([&] { return world.feed("relp").received >= 3 * lines; });
    CHECK(world.feed("relp").received == 3 * lines);
    CHECK(world.store.received() == 4 * lines + 10);
}

TEST_CASE("what is sent again is written once, however often its sending pauses or breaks off, and whatever a link brings late")
{
    World world;
    world.counter->start();
    const auto send = [](Client &client, int from, int end) {
        for (int i = from; i < end; ++i)
            client.relp("syslog", line("once", i));
    };
    {
        Client first(world.address("relp"));
        first.open();
        send(first, 0, 100);
        REQUIRE(first.acknowledged());
    }
    world.until([&] { return world.feed("relp").connections == 0; });
    {
        Client second(world.address("relp"));
        second.open();
        send(second, 0, 30);
        // The rest is late: nobody waits for it with the answers.
        REQUIRE(second.acknowledged());
    }
    world.until([&] { return world.feed("relp").connections == 0; });
    CHECK(world.feed("relp").duplicates == 30);
    // Its sender goes away from this one, and nobody says so.
    Client third(world.address("relp"));
    third.open();
    send(third, 30, 60);
    REQUIRE(third.acknowledged());
    Client fourth(world.address("relp"));
    fourth.open();
    send(fourth, 60, 80);
    REQUIRE(fourth.acknowledged());
    // Now the link gives out what it had swallowed.
    send(third, 60, 110);
    CHECK(third.closed());
    send(fourth, 80, 110);
    REQUIRE(fourth.acknowledged());
    world.pause();
    // The same where the one that is given up is past all that came before.
    Client fifth(world.address("relp"));
    fifth.open();
    send(fifth, 105, 120);
    REQUIRE(fifth.acknowledged());
    CHECK(fourth.closed());
    world.until([&] { return world.store.projects()["once"] >= 120; });
    CHECK(world.store.projects()["once"] == 120);
    world.until([&] { return world.feed("relp").received >= 120 && world.feed("relp").duplicates >= 105; });
    CHECK(world.feed("relp").duplicates == 105);
    world.until([&] { return world.store.reasons()["Repeated"] >= 105; });
    CHECK(world.store.reasons()["Repeated"] == 105);
}

TEST_CASE("lines that could be a repetition and are none are written, and nobody waits for the answers")
{
    World world;
    world.counter->start();
    {
        Client first(world.address("relp"));
        first.open();
        for (int i = 0; i < 10; ++i)
            first.relp("syslog", line("held", i));
        REQUIRE(first.acknowledged());
    }
    world.until([&] { return world.feed("relp").connections == 0; });
    Client again(world.address("relp"));
    again.open();
    // As the fourth and fifth of the ten.
    again.relp("syslog", line("held", 3));
    again.relp("syslog", line("held", 4));
    REQUIRE(again.acknowledged());
    again.relp("syslog", line("held", 11));
    REQUIRE(again.acknowledged());
    world.until([&] { return world.store.received() == 13; });
    CHECK(world.feed("relp").duplicates == 0);
    again.close();
    world.until([&] { return world.feed("relp").connections == 0; });
    // By its farewell a sender says that this was all.
    Client leaving(world.address("relp"));
    leaving.open();
    leaving.relp("syslog", line("held", 7));
    leaving.relp("close", "");
    REQUIRE(leaving.waitFor("0 serverclose 0\n"));
    world.until([&] { return world.store.received() == 14; });
    CHECK(world.feed("relp").unanswered == 0);
}

TEST_CASE("many who begin with lines that may be repetitions fill no memory, and hold up nobody else")
{
    World world;
    world.counter->start();
    const std::string padding(1800, ' ');
    {
        Client first(world.address("relp"));
        first.open();
        for (int i = 0; i < 4096; ++i)
            first.relp("syslog", line("held", i) + padding);
        REQUIRE(first.acknowledged());
    }
    world.until([&] { return world.feed("relp").connections == 0; });
    Client good(world.address("relp"));
    good.open();
    std::vector<std::unique_ptr<Client>> many;
    for (int i = 0; i < 16; ++i) {
        many.push_back(std::make_unique<Client>(world.address("relp")));
        many.back()->open();
        // Not the line with which another one begins: that would be the same sender.
        for (int sent = 0; sent < 3000; ++sent)
            many.back()->relp("syslog", line("held", 1000 - i + sent) + padding);
        good.relp("syslog", line("good", i));
        REQUIRE(good.acknowledged());
        CHECK(world.intake->figures()->held <= HeldLines::most + (1 << 20));
    }
    for (const auto &client : many) {
        client->relp("close", "");
        CHECK(client->waitFor("0 serverclose 0\n"));
    }
    world.until([&] { return world.store.projects()["good"] == 16 && world.store.projects()["held"] == 4096 + 16 * 3000; });
    world.until([&] { return world.intake->figures()->held == 0; });
}

TEST_CASE("a full spool is not read into, and whoever waits is taken up again")
{
    World world(64 << 10);
    Client client(world.address("relp"));
    client.open();
    std::thread sender([&client] {
        for (int i = 0; i < 3000; ++i)
            client.relp("syslog", line("full", i));
    });
    world.until([&] { return world.intake->figures()->paused; });
    const auto received = world.feed("relp").received;
    CHECK(received < 3000);
    world.counter->start();
    sender.join();
    REQUIRE(client.acknowledged());
    world.until([&] { return world.store.projects()["full"] == 3000; });
}

TEST_CASE("one connection more than there may be is turned away, and the farewell reaches the others")
{
    World world(1 << 30, 2);
    world.counter->start();
    Client one(world.address("relp")), two(world.address("tcp"));
    one.open();
    one.relp("syslog", line("last", 1));
    two.send(line("last", 2) + "\n");
    REQUIRE(one.acknowledged());
    world.until([&] { return world.feed("tcp").received == 1; });
    CHECK(world.intake->figures()->problem.empty());
    Client three(world.address("tcp"));
    CHECK(three.closed());
    world.until([&] { return world.feed("tcp").turnedAway == 1 && !world.intake->figures()->problem.empty(); });
    CHECK(world.intake->figures()->problem.find("127.0.0.1") != std::string::npos);
    world.intake->drain(std::chrono::seconds(60));
    CHECK(one.waitFor("0 serverclose 0\n"));
    CHECK(two.closed());
    world.spool->stop();
    CHECK(world.counter->drain(std::chrono::seconds(60)));
    CHECK(world.store.projects()["last"] == 2);
}

TEST_CASE("whoever has brought no line gives way to a new sender, on any transport, and whoever has stays")
{
    for (const auto &[all, ofAddress] : {std::pair<std::size_t, std::size_t>{5, 100}, {100, 5}}) {
        World world(1 << 30, all, ofAddress);
        world.counter->start();
        Client good(world.address("tcp"));
        good.send(line("good", 0) + "\n");
        world.until([&] { return world.feed("tcp").received == 1; });
        std::vector<std::unique_ptr<Client>> empty;
        for (int i = 0; i < 12; ++i) {
            empty.push_back(std::make_unique<Client>(world.address(i % 2 == 0 ? "tcp" : "relp")));
            if (i % 2 == 0)
                empty.back()->send("\n");
            else
                empty.back()->open();
        }
        Client sender(world.address("relp"));
        sender.open();
        sender.relp("syslog", line("good", 1));
        REQUIRE(sender.acknowledged());
        good.send(line("good", 2) + "\n");
        world.until([&] { return world.store.projects()["good"] == 3; });
        CHECK(empty.front()->closed());
        world.until([&] { return world.feed("tcp").turnedAway + world.feed("relp").turnedAway == 9; });
        CHECK_FALSE(world.intake->figures()->problem.empty());
    }
}

TEST_CASE("only who has brought a line is heard, from when it opened its session to what it said last")
{
    World world;
    Client silent(world.address("tcp")), empty(world.address("tcp")), unopened(world.address("relp")), opened(world.address("relp"));
    unopened.send("1 op");
    empty.send("\n\n");
    opened.open();
    Client garbage(world.address("udp"), SOCK_DGRAM);
    garbage.send("x");
    world.until([&] { return world.feed("relp").bytes > 4 && world.feed("udp").received == 1 && world.feed("tcp").bytes == 2; });
    const auto seen = world.intake->figures()->sampled;
    world.until([&] { return world.intake->figures()->sampled > seen; });
    CHECK_FALSE(world.intake->figures()->heard);

    const Time before = world.clock.now();
    Client sender(world.address("relp"));
    sender.open();
    sender.relp("syslog", line("heard", 1));
    REQUIRE(sender.acknowledged());
    const Time said = world.clock.now();
    world.until([&] { return world.intake->figures()->heard.has_value(); });
    CHECK(world.intake->figures()->heard->from >= before);
    // Its machine may well answer for it: that is not its own life.
    world.pause();
    CHECK(world.intake->figures()->heard->through <= said);
    sender.relp("syslog", line("heard", 2));
    REQUIRE(sender.acknowledged());
    world.until([&] { return world.intake->figures()->heard->through > said; });
    const Time again = world.clock.now();
    world.pause();
    sender.relp("close", "");
    REQUIRE(sender.waitFor("0 serverclose 0\n"));
    const Time left = world.clock.now();
    world.until([&] { return world.intake->figures()->sampled > left + std::chrono::milliseconds(500); });
    CHECK(world.intake->figures()->heard->through > again);
    CHECK(world.intake->figures()->heard->through <= left);
}

TEST_CASE("datagrams are lines, as long as they may be")
{
    World world;
    world.counter->start();
    Client client(world.address("udp"), SOCK_DGRAM);
    client.send(line("udp", 1));
    client.send(line("udp", 2) + "\n");
    client.send(std::string(20'000, 'x'));
    world.until([&] { return world.store.received() == 3; });
    CHECK(world.store.projects()["udp"] == 2);
    CHECK(world.store.reasons()["TooLong"] == 1);
}

TEST_CASE("a status never says 0 for what is not known")
{
    Status status;
    status.now = Time(std::chrono::seconds(1'800'000'010));
    status.started = Time(std::chrono::seconds(1'800'000'000));
    auto figures = std::make_shared<IntakeFigures>();
    figures->feeds.push_back({});
    status.intake = figures;
    const std::string text = statusJson(status);
    for (const char *part : {R"("last_line":null)", R"("newest_line_time":null)", R"("oldest":null)", R"("last_arrival":null)"})
        CHECK_MESSAGE(text.find(part) != std::string::npos, part);
    CHECK(metricsText(status).find("newest_line") == std::string::npos);
}
