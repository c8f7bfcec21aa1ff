// SPDX-License-Identifier: GPL-3.0-or-later
// Request bodies: collected, streamed, refused early, broken off.
#include "fixture.h"

#include "core/base/hash.h"

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace cm;
using namespace cm::http;
using namespace cm::http::test;

namespace {

// Opens once; whoever waits goes on then.
class Gate {
public:
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_open = true;
        m_changed.notify_all();
    }
    bool wait()
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(20), [this] { return m_open; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_open = false;
};

struct SinkLog {
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<int> writes{0};
    std::atomic<int> finished{0};
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    Gate aborted;
    Hasher hasher{HashKind::Sha256};
    std::uint64_t refuseAfter = UINT64_MAX;
    Gate *hold = nullptr;
};

class CountingSink final : public BodySink {
public:
    explicit CountingSink(SinkLog &log) : m_log(log) {}

    Result<void> write(std::span<const std::byte> bytes) override
    {
        if (m_log.inside++ != 0)
            m_log.overlapped = true;
        ++m_log.writes;
        m_log.bytes += bytes.size();
        m_log.hasher.update(bytes);
        if (m_log.hold != nullptr)
            m_log.hold->wait();
        --m_log.inside;
        if (m_log.bytes > m_log.refuseAfter)
            return fail(ErrorCode::Forbidden, "enough");
        return {};
    }
    Response finish() override
    {
        ++m_log.finished;
        if (m_log.bytes > m_log.refuseAfter)
            return Response::refusal(403, "You may not upload this");
        return Response::text(200, m_log.hasher.finishHex());
    }
    void abort() override { m_log.aborted.open(); }

private:
    SinkLog &m_log;
};

// Reads the head at every call, as a sink may, and waits at a gate in between.
class HeadReadingSink final : public BodySink {
public:
    struct Seen {
        Gate inside;
        Gate go;
        Gate over;
        std::string path;
        std::string agent;
        std::string address;
        std::string requestId;
    };
    HeadReadingSink(const RequestHead &head, Seen &seen) : m_head(head), m_seen(seen) {}

    Result<void> write(std::span<const std::byte>) override
    {
        m_seen.inside.open();
        m_seen.go.wait();
        read();
        return {};
    }
    Response finish() override { return Response::text(200, "done"); }
    void abort() override
    {
        read();
        m_seen.over.open();
    }

private:
    void read()
    {
        m_seen.path = m_head.path();
        m_seen.agent = m_head.header("User-Agent");
        m_seen.address = m_head.remoteAddress();
        m_seen.requestId = m_head.requestId();
    }

    const RequestHead &m_head;
    Seen &m_seen;
};

std::string pattern(std::size_t size)
{
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(i * 31 + i / 4096);
    return text;
}

struct UploadFixture : Fixture {
    UploadFixture()
    {
        application.decide = [this](const RequestHead &) -> Dispatch {
            return Upload{&executor, maxBody, "The file is too large", std::make_shared<CountingSink>(sink)};
        };
    }
    ~UploadFixture()
    {
        // The last call into the sink has returned before the log that it writes to goes.
        server.reset();
        executor.stop();
    }
    std::uint64_t maxBody = 0;
    SinkLog sink;
};

std::string post(std::size_t length, std::string_view lines = {})
{
    return "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n" + std::string(lines) + "\r\n";
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a collected body reaches its handler, with the head still there")
{
    application.decide = [this](const RequestHead &) -> Dispatch {
        return Deferred{&executor, 200'000, [](const RequestHead &head, std::string body) -> Reply {
                            return Response::text(201, std::string(head.path()) + std::string(head.header("X-A")) + body);
                        }};
    };
    start();
    Client client(port());
    for (const std::size_t size : {0UL, 1UL, 5'000UL, 200'000UL}) {
        const std::string body(size, 'b');
        client.send(post(size, "X-A: 1\r\n") + body);
        const Answer answer = client.receive();
        CHECK(answer.status == 201);
        CHECK(answer.body == "/up1" + body);
    }
    client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1");
    client.send("0\r\n0123456789abcdef\r\n0\r\nTrailer: x\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(client.receive().body == "/cabc0123456789abcdef");
    CHECK(client.receive().body == "/next");
    Client broken(port());
    broken.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n");
    CHECK(broken.receive().status == 400);
}

TEST_CASE_FIXTURE(Fixture, "a body over the limit is answered in a way that a client which sends first can read")
{
    application.decide = [this](const RequestHead &) -> Dispatch {
        return Deferred{&executor, 1'000, [](const RequestHead &, std::string) { return Response::text(200, "no"); }};
    };
    start();
    const std::string body(30'000'000, 'x');
    Client client(port());
    CHECK(client.send(post(body.size()) + body));
    Answer answer = client.receive();
    CHECK(answer.status == 413);
    CHECK(answer.body.find("1000 bytes") != std::string::npos);
    Client chunked(port());
    CHECK(chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"));
    for (int i = 0; i < 100; ++i)
        CHECK(chunked.send("10000\r\n" + std::string(0x10000, 'y') + "\r\n"));
    CHECK(chunked.receive().status == 413);
}

TEST_CASE_FIXTURE(Fixture, "a body that nobody asked for does not hide the answer")
{
    start();
    const std::string body(20'000'000, 'x');
    Client client(port());
    CHECK(client.send(post(body.size()) + body));
    CHECK(client.receive().body == "/up");
    CHECK(client.peerCloses());
    Client small(port());
    small.send(post(5) + "12345");
    CHECK(small.receive().body == "/up");
    CHECK(small.get("/after").body == "/after");
}

TEST_CASE_FIXTURE(Fixture, "a full executor is a 503 that says when to come back")
{
    Gate gate;
    Executor narrow("narrow", 1, 1);
    application.decide = [&](const RequestHead &) -> Dispatch {
        return Deferred{&narrow, 0, [&](const RequestHead &, std::string) {
                            gate.wait();
                            return Response::text(200, "done");
                        }};
    };
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 6; ++i) {
        clients.push_back(std::make_unique<Client>(port()));
        clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    // One runs, one waits, and at least the other four are told; which is up to the scheduler.
    while (server->statistics().responsesByClass[5] < 4)
        std::this_thread::yield();
    gate.open();
    int busy = 0;
    for (const auto &client : clients) {
        const Answer answer = client->receive();
        busy += answer.status == 503 && answer.headers.at("retry-after") == "1";
    }
    CHECK(busy >= 4);
    CHECK(busy < 6);
    server.reset();
}

TEST_CASE_FIXTURE(UploadFixture, "an upload arrives whole, in order and one call at a time")
{
    start();
    Client client(port());
    for (const std::size_t size : {0UL, 10UL, 65'536UL, 262'144UL, 262'145UL, 20'000'000UL}) {
        CAPTURE(size);
        const std::string body = pattern(size);
        sink.hasher = Hasher(HashKind::Sha256);
        client.send(post(size));
        client.send(body);
        const Answer answer = client.receive();
        CHECK(answer.status == 200);
        CHECK(answer.body == hashHex(HashKind::Sha256, body));
    }
    CHECK_FALSE(sink.overlapped);
    CHECK(sink.finished == 6);
}

TEST_CASE_FIXTURE(UploadFixture, "a small upload is one call")
{
    start();
    Client client(port());
    client.send(post(60'000) + pattern(60'000));
    CHECK(client.receive().status == 200);
    CHECK(sink.writes == 1);
}

TEST_CASE_FIXTURE(UploadFixture, "a chunked upload arrives whole")
{
    start();
    Client client(port());
    const std::string body = pattern(3'000'000);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 50'000)
        client.send("C350\r\n" + body.substr(at, 50'000) + "\r\n");
    client.send("0\r\n\r\n");
    CHECK(client.receive().body == hashHex(HashKind::Sha256, body));
}

TEST_CASE_FIXTURE(UploadFixture, "a sink that is behind holds the client back")
{
    Gate gate;
    sink.hold = &gate;
    start();
    Client client(port());
    const std::string body = pattern(64 * 1024 * 1024);
    client.send(post(body.size()));
    std::atomic<std::uint64_t> sent{0};
    std::thread sender([&] {
        for (std::size_t at = 0; at < body.size(); at += 65'536) {
            client.send(std::string_view(body).substr(at, 65'536));
            sent += 65'536;
        }
    });
    // A machine that is busy may take its time to begin.
    while (sink.writes == 0)
        std::this_thread::yield();
    // While the first write is held, the server may take four buffers and no more from the socket.
    std::uint64_t received = 0;
    for (int stable = 0; stable < 200'000; ++stable) {
        const auto now = server->statistics().bytesReceived;
        if (now != received)
            stable = 0;
        received = now;
        std::this_thread::yield();
    }
    CHECK(received <= 6 * 262'144 + post(body.size()).size());
    CHECK(sink.writes == 1);
    gate.open();
    sender.join();
    CHECK(client.receive().body == hashHex(HashKind::Sha256, body));
}

TEST_CASE_FIXTURE(UploadFixture, "an early refusal is readable and ends the writing")
{
    sink.refuseAfter = 100'000;
    start();
    const std::string body = pattern(30'000'000);
    Client client(port());
    CHECK(client.send(post(body.size()) + body));
    const Answer answer = client.receive();
    CHECK(answer.status == 403);
    CHECK(answer.reason == "You may not upload this");
    CHECK(sink.writes == 1);
    CHECK(sink.finished == 1);
    Client small(port());
    sink.bytes = 0;
    sink.refuseAfter = 5;
    small.send(post(10) + "0123456789");
    CHECK(small.receive().status == 403);
    CHECK(small.get("/up").status == 403);
}

TEST_CASE_FIXTURE(UploadFixture, "an upload over the limit is refused in its own words and aborted")
{
    maxBody = 1'000;
    start();
    Client client(port());
    CHECK(client.send(post(5'000'000) + std::string(5'000'000, 'x')));
    CHECK(client.receive().reason == "The file is too large");
    CHECK(sink.aborted.wait());
    CHECK(sink.writes == 0);
}

TEST_CASE_FIXTURE(UploadFixture, "a client that waits for 100 gets it, or the refusal instead")
{
    maxBody = 1'000'000;
    start();
    Client client(port());
    client.send(post(500, "Expect: 100-continue\r\n"));
    CHECK(client.receive().status == 100);
    client.send(std::string(500, 'x'));
    CHECK(client.receive().status == 200);
    client.send(post(5'000'000, "Expect: 100-continue\r\n"));
    CHECK(client.receive().status == 413);
}

TEST_CASE_FIXTURE(UploadFixture, "a client that goes away in the middle aborts the sink")
{
    start();
    {
        Client client(port());
        client.send(post(5'000'000) + std::string(1'000'000, 'x'));
    }
    CHECK(sink.aborted.wait());
    CHECK(sink.finished == 0);
}

TEST_CASE_FIXTURE(UploadFixture, "a server that stops aborts the sink, even while it writes")
{
    Gate gate;
    sink.hold = &gate;
    start();
    Client client(port());
    client.send(post(5'000'000) + std::string(1'000'000, 'x'));
    while (sink.writes == 0)
        std::this_thread::yield();
    CHECK_FALSE(server->drain(std::chrono::milliseconds(10)));
    server.reset();
    gate.open();
    CHECK(sink.aborted.wait());
    CHECK(sink.finished == 0);
}

TEST_CASE_FIXTURE(UploadFixture, "a sink that hangs is given up when somebody says so, and its client is told at once")
{
    Gate gate;
    sink.hold = &gate;
    std::atomic<bool> away = false;
    application.decide = [&](const RequestHead &) -> Dispatch {
        return Upload{&executor, 0, {}, std::make_shared<CountingSink>(sink), {}, [&] { return away ? std::string("The disk is away") : std::string(); }};
    };
    std::size_t sent = 5;
    SUBCASE("while it writes the last of it") {}
    SUBCASE("with more to come") { sent = 4; }
    start();
    Client client(port());
    client.send(post(5) + std::string(sent, 'x'));
    while (sent == 5 && sink.writes == 0)
        std::this_thread::yield();
    away = true;
    const Answer answer = client.receive();
    CHECK(answer.status == 503);
    CHECK(answer.body.find("The disk is away") != std::string::npos);
    CHECK(answer.headers.at("retry-after") == "10");
    gate.open();
    if (sent == 4)
        CHECK(sink.aborted.wait());
}

TEST_CASE_FIXTURE(Fixture, "the head stays with a sink that is at work when its client has gone")
{
    // Reset, too large and server gone: three ends that do not wait for the sink.
    for (const std::string_view end : {"reset", "too large", "stopped"}) {
        CAPTURE(end);
        HeadReadingSink::Seen seen;
        application.decide = [&](const RequestHead &head) -> Dispatch {
            return Upload{&executor, 600'000, {}, std::make_shared<HeadReadingSink>(head, seen)};
        };
        options.limits.drainTime = std::chrono::milliseconds(50);
        start();
        auto client = std::make_unique<Client>(port());
        const std::string agent(2'000, 'a');
        client->send("POST /some/path HTTP/1.1\r\nHost: a\r\nUser-Agent: " + agent +
                     "\r\nTransfer-Encoding: chunked\r\n\r\n40000\r\n" + pattern(0x40000) + "\r\n40000\r\n" +
                     pattern(0x40000) + "\r\n");
        REQUIRE(seen.inside.wait());
        if (end == "too large") {
            client->send("40000\r\n" + pattern(0x40000) + "\r\n");
            CHECK(client->receive().status == 413);
        }
        if (end != "stopped") {
            client.reset();
            while (server->statistics().connectionsOpen > 0)
                std::this_thread::yield();
        }
        server.reset();
        seen.go.open();
        CHECK(seen.over.wait());
        CHECK(seen.path == "/some/path");
        CHECK(seen.agent == agent);
        CHECK(seen.address == "127.0.0.1");
        CHECK(seen.requestId.size() == 16);
    }
}
