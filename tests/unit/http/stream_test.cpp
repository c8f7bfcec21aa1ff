// SPDX-License-Identifier: GPL-3.0-or-later
// Files, TLS, event streams and draining.
#include "fixture.h"

#include <future>
#include <thread>
#include <vector>

using namespace cm;
using namespace cm::http;
using namespace cm::http::test;

namespace {

struct TlsFixture : Fixture {
    TlsFixture()
    {
        writeCertificate(folder.file("cert.pem"), folder.file("key.pem"), "localhost");
        options.listeners = {{"127.0.0.1:0", folder.file("cert.pem"), folder.file("key.pem")}};
    }
};

// By the I/O thread, or by a reader.
void serveFile(Fixture &fixture, const std::string &path, Executor *reader = nullptr)
{
    fixture.application.decide = [path, reader](const RequestHead &) -> Dispatch {
        return FileRange{path, "\"f\"", {{"Content-Type", "application/octet-stream"}}, {}, reader};
    };
}

std::string numbers(std::size_t size)
{
    std::string text;
    while (text.size() < size)
        text += std::to_string(text.size()) + ",";
    text.resize(size);
    return text;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a file is sent whole, in parts, and not when it is known")
{
    const std::string content = numbers(3'000'000);
    const std::string path = folder.write("f", content);
    SUBCASE("by the I/O thread") { serveFile(*this, path, nullptr); }
    SUBCASE("by a reader") { serveFile(*this, path, &executor); }
    start();
    Client client(port());
    Answer answer = client.get("/");
    CHECK(answer.body == content);
    CHECK(answer.headers.at("accept-ranges") == "bytes");
    const auto range = [&](const char *value, const char *more = "") {
        return client.get("/", "Range: " + std::string(value) + "\r\n" + more);
    };
    answer = range("bytes=10-19");
    CHECK(answer.status == 206);
    CHECK(answer.body == content.substr(10, 10));
    CHECK(answer.headers.at("content-range") == "bytes 10-19/3000000");
    CHECK(range("bytes=2999990-").body == content.substr(2'999'990));
    CHECK(range("bytes=-5").body == content.substr(2'999'995));
    CHECK(range("bytes=0-99999999").body == content);
    answer = range("bytes=3000000-");
    CHECK(answer.status == 416);
    CHECK(answer.headers.at("content-range") == "bytes */3000000");
    CHECK(range("bytes=-0").status == 416);
    for (const char *odd : {"bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "bytes=", "bytes=99999999999999999999-"}) {
        CAPTURE(odd);
        answer = range(odd);
        CHECK(answer.status == 200);
        CHECK(answer.body.size() == content.size());
    }
    CHECK(range("bytes=0-1", "If-Range: \"f\"\r\n").status == 206);
    CHECK(range("bytes=0-1", "If-Range: \"old\"\r\n").status == 200);
    CHECK(client.get("/", "If-None-Match: \"f\"\r\n").status == 304);
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\n\r\n");
    answer = client.receive(true);
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("content-length") == "3000000");
    CHECK(client.get("/", "Connection: close\r\n").complete);
}

TEST_CASE_FIXTURE(Fixture, "a missing file, a folder and an empty file")
{
    const std::string empty = folder.write("empty", "");
    Executor *reader = nullptr;
    SUBCASE("by the I/O thread") {}
    SUBCASE("by a reader") { reader = &executor; }
    application.decide = [&](const RequestHead &head) -> Dispatch {
        if (head.path() == "/empty")
            return FileRange{empty, {}, {}, {}, reader};
        return FileRange{head.path() == "/folder" ? folder.file("") : folder.file("missing"), {}, {}, {}, reader};
    };
    start();
    Client client(port());
    // Another server may have it: 404 would be the last word.
    const Answer missing = client.get("/missing");
    CHECK(missing.status == 503);
    CHECK(missing.headers.at("retry-after") == "10");
    CHECK(missing.headers.at("cache-control") == "no-store");
    CHECK(client.get("/folder").status == 503);
    CHECK(server->statistics().filesMissing == 2);
    const Answer answer = client.get("/empty");
    CHECK(answer.status == 200);
    CHECK(answer.headers.at("content-length") == "0");
    CHECK(client.get("/empty", "Range: bytes=0-\r\n").status == 416);
}

TEST_CASE_FIXTURE(Fixture, "a disk that is silent holds up nobody but those who wait for its files")
{
    const std::string content = numbers(1'000'000);
    const std::string path = folder.write("f", content);
    application.decide = [&](const RequestHead &head) -> Dispatch {
        if (head.path() == "/page")
            return Response::text(200, "page");
        return FileRange{path, "\"f\"", {}, {}, &executor};
    };
    start();
    // Both readers wait, as they do for a volume one of whose servers has just gone.
    std::promise<void> back;
    const std::shared_future<void> disk = back.get_future().share();
    for (int i = 0; i < 2; ++i)
        REQUIRE(executor.post([disk] { disk.wait(); }));
    std::vector<std::unique_ptr<Client>> waiting;
    for (int i = 0; i < 6; ++i) {  // on each I/O thread some
        waiting.push_back(std::make_unique<Client>(port()));
        waiting.back()->send("GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /page HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    waiting.pop_back();  // one gives up
    for (int i = 0; i < 4; ++i)
        CHECK(Client(port()).get("/page").body == "page");
    CHECK_FALSE(waiting.front()->isReadableWithin(50));
    back.set_value();
    for (const auto &client : waiting) {
        CHECK(client->receive().body == content);
        CHECK(client->receive().body == "page");
    }
}

TEST_CASE_FIXTURE(Fixture, "a file that ends before its length, and one for which there is no reader left, are told as such")
{
    const std::string path = folder.write("f", numbers(1'000'000));
    application.decide = [&](const RequestHead &head) -> Dispatch {
        if (head.path() == "/cut")
            std::filesystem::resize_file(path, 500'000);
        return FileRange{path, {}, {}, {}, &executor};
    };
    start();
    Client client(port());
    CHECK(client.get("/").body.size() == 1'000'000);
    const Answer cut = client.get("/cut");  // this thread knows the descriptor, and with it the length
    CHECK_FALSE(cut.complete);
    CHECK(cut.body.size() == 500'000);
    executor.stop();
    application.decide = [&](const RequestHead &) -> Dispatch { return FileRange{folder.write("g", "bytes"), {}, {}, {}, &executor}; };
    const Answer busy = Client(port()).get("/");
    CHECK(busy.status == 503);
    CHECK(busy.headers.at("retry-after") == "1");
}

TEST_CASE_FIXTURE(TlsFixture, "pages, files and uploads work over TLS")
{
    const std::string content = numbers(5'000'000);
    const std::string path = folder.write("f", content);
    Executor *reader = nullptr;
    SUBCASE("files by the I/O thread") {}
    SUBCASE("files by a reader") { reader = &executor; }
    application.decide = [&](const RequestHead &head) -> Dispatch {
        CHECK(head.isTls());
        if (head.path() == "/file")
            return FileRange{path, "\"f\"", {}, {}, reader};
        if (head.path() == "/page")
            return bake(Response::text(200, content.substr(0, 200'000)), "\"p\"");
        return Deferred{&executor, 10'000'000, [](const RequestHead &, std::string body) -> Reply {
                            return Response::text(200, std::move(body));
                        }};
    };
    start();
    Client client(port(), true);
    REQUIRE(client.isConnected());
    CHECK(client.get("/page").body == content.substr(0, 200'000));
    CHECK(client.get("/file").body == content);
    CHECK(client.get("/file", "Range: bytes=70000-200000\r\n").body == content.substr(70'000, 130'001));
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + content.substr(0, 1'000'000));
    CHECK(client.receive().body == content.substr(0, 1'000'000));
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
    CHECK(client.send(std::string(20'000'000, 'x')));
    CHECK(client.receive().status == 413);
}

TEST_CASE_FIXTURE(TlsFixture, "garbage on a TLS port harms nobody, plain HTTP is told")
{
    start();
    for (const std::string &garbage : {std::string("\x16\x03\x01\xff\xff garbage"), std::string(3'000, '\xff'), std::string(1, '\0')}) {
        Client client(port());
        client.send(garbage);
        client.finishSending();
        client.receiveAll();
    }
    Client plain(port());
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(plain.receive().reason == "This port speaks HTTPS");
    Client client(port(), true);
    REQUIRE(client.isConnected());
    CHECK(client.get("/fine").body == "/fine");
    CHECK(server->statistics().tlsFailures >= 3);
}

TEST_CASE_FIXTURE(TlsFixture, "certificates are replaced while running, bad ones are not taken")
{
    start();
    Client before(port(), true);
    REQUIRE(before.isConnected());
    folder.write("cert.pem", "nonsense");
    const auto failed = server->reloadTls();
    REQUIRE_FALSE(failed.has_value());
    CHECK(failed.error().code == ErrorCode::InvalidInput);
    CHECK(Client(port(), true).get("/").status == 200);
    writeCertificate(folder.file("cert.pem"), folder.file("key.pem"), "other");
    CHECK(server->reloadTls().has_value());
    CHECK(Client(port(), true).get("/").status == 200);
    CHECK(before.get("/").status == 200);
}

TEST_CASE_FIXTURE(Fixture, "events reach an open client until the channel is closed")
{
    const auto channel = std::make_shared<EventChannel>();
    std::atomic<int> closed{0};
    channel->onClosed([&] { ++closed; });
    channel->send(formatEvent("1", "project.added", "{}\nsecond"));
    application.decide = [&](const RequestHead &) -> Dispatch { return EventStream{channel, {{"X-Extra", "1"}}}; };
    start();
    Client client(port());
    const Answer answer = client.get("/");
    CHECK(answer.headers.at("content-type") == "text/event-stream");
    CHECK(answer.headers.at("x-extra") == "1");
    std::string text = client.receiveSome();
    CHECK(text == "id: 1\nevent: project.added\ndata: {}\ndata: second\n\n");
    std::thread sender([&] {
        for (int i = 0; i < 1000; ++i)
            channel->send("data: " + std::to_string(i) + "\n\n");
        channel->close();
    });
    text = client.receiveAll();
    sender.join();
    CHECK(text.starts_with("data: 0\n\ndata: 1\n\n"));
    CHECK(text.ends_with("data: 999\n\n"));
    while (closed == 0)
        std::this_thread::yield();
    CHECK(closed == 1);
    CHECK_FALSE(channel->send("data: late\n\n"));
}

TEST_CASE_FIXTURE(Fixture, "an event stream shows life, notices a client that has gone, and ends on drain")
{
    options.limits.eventKeepAlive = std::chrono::milliseconds(50);
    std::atomic<int> closed{0};
    application.decide = [&](const RequestHead &) -> Dispatch {
        auto channel = std::make_shared<EventChannel>();
        channel->onClosed([&] { ++closed; });
        return EventStream{channel, {}};
    };
    start();
    {
        Client client(port());
        client.get("/");
        CHECK(client.receiveSome() == ":\n\n");
    }
    while (closed == 0)
        std::this_thread::yield();
    Client staying(port());
    CHECK(staying.get("/").status == 200);
    CHECK(server->drain(std::chrono::seconds(10)));
    staying.receiveAll();
    CHECK(closed == 2);
    CHECK(server->statistics().eventStreamsOpen == 0);
}

TEST_CASE_FIXTURE(Fixture, "a client that does not take its events is closed, and memory stays bounded")
{
    const auto channel = std::make_shared<EventChannel>(64 * 1024);
    application.decide = [&](const RequestHead &) -> Dispatch { return EventStream{channel, {}}; };
    start();
    Client client(port());
    CHECK(client.get("/").status == 200);
    const std::string event = "data: " + std::string(10'000, 'x') + "\n\n";
    int sent = 0;
    while (sent < 100'000 && channel->send(event))
        ++sent;
    CHECK(sent < 100'000);
    CHECK(channel->isClosed());
}

TEST_CASE_FIXTURE(Fixture, "clients that talk into their event streams keep nobody waiting")
{
    application.decide = [](const RequestHead &head) -> Dispatch {
        if (head.path() == "/events")
            return EventStream{std::make_shared<EventChannel>(), {}};
        return Response::text(200, head.path());
    };
    start();
    std::vector<std::unique_ptr<Client>> talkers;
    for (int i = 0; i < 4; ++i) {
        talkers.push_back(std::make_unique<Client>(port()));
        CHECK(talkers.back()->get("/events").status == 200);
    }
    std::atomic<bool> enough{false};
    std::vector<std::jthread> threads;
    for (const auto &talker : talkers) {
        threads.emplace_back([&talker, &enough] {
            const std::string words(1'000'000, 'x');
            while (!enough && talker->send(words)) {
            }
        });
    }
    // As many as make sure that each I/O thread has some.
    for (int i = 0; i < 16; ++i) {
        Client other(port());
        CHECK(other.get("/other").body == "/other");
    }
    CHECK(server->statistics().eventStreamsOpen == 4);
    enough = true;
    threads.clear();
    talkers.clear();
    while (server->statistics().eventStreamsOpen > 0)
        std::this_thread::yield();
}

TEST_CASE_FIXTURE(Fixture, "draining finishes what runs, ends what idles and refuses what is new")
{
    const std::string content = numbers(30'000'000);
    serveFile(*this, folder.write("f", content));
    start();
    Client idle(port());
    CHECK(idle.get("/", "Range: bytes=0-1\r\n").status == 206);
    Client busy(port());
    busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    std::string begun = busy.receiveSome();
    std::atomic<bool> drained{false};
    std::thread drainer([&] { drained = server->drain(std::chrono::seconds(20)); });
    CHECK(idle.peerCloses());
    const std::string rest = busy.receiveAll();
    drainer.join();
    CHECK(drained);
    CHECK((begun + rest).ends_with(content));
    CHECK_FALSE(Client(port()).isConnected());
    CHECK(application.brokenCount == 0);
}

TEST_CASE_FIXTURE(Fixture, "a drain that takes too long is cut off and says so")
{
    serveFile(*this, folder.write("f", numbers(30'000'000)));
    start();
    Client stuck(port());
    stuck.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(stuck.receiveSome().empty());
    CHECK_FALSE(server->drain(std::chrono::milliseconds(50)));
    CHECK(application.brokenCount == 1);
}
