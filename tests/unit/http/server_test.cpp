// SPDX-License-Identifier: GPL-3.0-or-later
// Requests, answers, refusals and the framing guard, over loopback.
#include "fixture.h"

#include "core/http/problem.h"

#include <chrono>
#include <latch>
#include <thread>

using namespace cm;
using namespace cm::http;
using namespace cm::http::test;

namespace {

std::shared_ptr<const Baked> page()
{
    Response response = Response::html(200, "<p>cheese</p>");
    response.set("X-PyPI-Last-Serial", "7");
    response.set("Cache-Control", "max-age=600");
    return bake(response, "\"tag\"", gzipCompress("<p>cheese</p>"));
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "several requests share a connection and each has its own id")
{
    start();
    Client client(port());
    const Answer first = client.get("/one%20two?q=1");
    CHECK(first.status == 200);
    CHECK(first.body == "/one two");
    CHECK(first.headers.contains("date"));
    CHECK_FALSE(first.headers.contains("connection"));
    const Answer second = client.get("/b");
    CHECK(second.body == "/b");
    CHECK(first.headers.at("x-request-id").size() == 16);
    CHECK(first.headers.at("x-request-id") != second.headers.at("x-request-id"));
    // An answer is counted after it has left, which the client may see sooner.
    server->drain(std::chrono::seconds(5));
    CHECK(server->statistics().requests == 2);
    CHECK(server->statistics().connectionsAccepted == 1);
    CHECK(server->statistics().responsesByClass[2] == 2);
}

TEST_CASE_FIXTURE(Fixture, "pipelined requests are answered in order, in whatever pieces they come")
{
    start();
    Client client(port());
    std::string all;
    for (int i = 0; i < 500; ++i)
        all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    std::thread sender([&] {
        for (std::size_t at = 0; at < all.size(); at += 777)
            client.send(std::string_view(all).substr(at, 777));
    });
    for (int i = 0; i < 500; ++i)
        REQUIRE(client.receive().body == "/" + std::to_string(i));
    sender.join();
}

TEST_CASE_FIXTURE(Fixture, "a request may arrive byte by byte")
{
    start();
    Client client(port());
    for (const char c : std::string("\r\nGET /slow HTTP/1.1\r\nHost: a\r\n\r\n"))
        client.send({&c, 1});
    CHECK(client.receive().body == "/slow");
}

TEST_CASE_FIXTURE(Fixture, "HTTP/1.0 ends the connection unless asked to keep it")
{
    start();
    Client client(port());
    client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(client.receive().headers.at("connection") == "keep-alive");
    client.send("GET /b HTTP/1.0\r\n\r\n");
    CHECK(client.receive().headers.at("connection") == "close");
    CHECK(client.peerCloses());
    Client other(port());
    CHECK(other.get("/", "Connection: close\r\n").headers.at("connection") == "close");
    CHECK(other.peerCloses());
}

TEST_CASE_FIXTURE(Fixture, "a prepared page knows HEAD, 304 and gzip")
{
    const auto baked = page();
    application.decide = [&](const RequestHead &) -> Dispatch { return baked; };
    start();
    Client client(port());
    Answer answer = client.get("/");
    CHECK(answer.body == "<p>cheese</p>");
    CHECK(answer.headers.at("etag") == "\"tag\"");
    CHECK(answer.headers.at("vary") == "Accept-Encoding");
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = client.receive(true);
    CHECK(answer.headers.at("content-length") == "13");
    for (const char *tags : {"\"tag\"", "\"x\", W/\"tag\"", "*"}) {
        CAPTURE(tags);
        answer = client.get("/", "If-None-Match: " + std::string(tags) + "\r\n");
        CHECK(answer.status == 304);
        CHECK(answer.headers.at("x-pypi-last-serial") == "7");
        CHECK(answer.headers.at("cache-control") == "max-age=600");
        CHECK_FALSE(answer.headers.contains("content-type"));
    }
    CHECK(client.get("/", "If-None-Match: \"other\"\r\n").status == 200);
    answer = client.get("/", "Accept-Encoding: br, gzip;q=0.5\r\n");
    CHECK(answer.headers.at("content-encoding") == "gzip");
    CHECK(answer.headers.at("etag") == "\"tag-gz\"");
    CHECK(answer.body.starts_with("\x1f\x8b"));
    CHECK(client.get("/", "Accept-Encoding: gzip;q=0\r\n").body == "<p>cheese</p>");
    CHECK(client.get("/", "Accept-Encoding: gzip\r\nIf-None-Match: \"tag-gz\"\r\n").status == 304);
}

TEST_CASE_FIXTURE(Fixture, "a large page reaches a client that reads late")
{
    const auto baked = bake(Response::text(200, std::string(20'000'000, 'x')), "\"big\"");
    application.decide = [&](const RequestHead &) -> Dispatch { return baked; };
    start();
    Client client(port());
    for (int i = 0; i < 2; ++i) {
        const Answer answer = client.get("/");
        CHECK(answer.complete);
        CHECK(answer.body.size() == 20'000'000);
    }
}

TEST_CASE_FIXTURE(Fixture, "requests that two readers could understand differently are refused and explained")
{
    start();
    const std::pair<const char *, int> probes[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", 501},
        {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400},
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\nabc", 400},
        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 501},
        {"GET example.org HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 400},
        {"complete nonsense\r\n", 400},
        {"\x16\x03\x01\x02", 400},
    };
    for (const auto &[request, status] : probes) {
        CAPTURE(request);
        Client client(port());
        client.send(request);
        const Answer answer = client.receive();
        CHECK(answer.status == status);
        CHECK(answer.reason.size() > 10);
        CHECK(answer.body == answer.reason + "\n");
        CHECK(answer.headers.at("content-type") == "text/plain; charset=utf-8");
        CHECK(answer.headers.at("connection") == "close");
        CHECK(answer.headers.contains("x-request-id"));
        CHECK(client.peerCloses());
    }
    CHECK(application.finishedCount == 0);
    CHECK(Client(port()).get("/fine").status == 200);
}

TEST_CASE_FIXTURE(Fixture, "heads beyond 16 KiB are refused")
{
    start();
    Client fits(port());
    CHECK(fits.get("/", "X: " + std::string(15'000, 'x') + "\r\n").status == 200);
    CHECK(fits.get("/again").status == 200);
    Client large(port());
    CHECK(large.get("/", "X: " + std::string(17'000, 'x') + "\r\n").status == 431);
    Client endless(port());
    endless.send("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(100'000, 'x'));
    CHECK(endless.receive().status == 431);
    std::string many;
    for (int i = 0; i < 200; ++i)
        many += "X: y\r\n";
    Client fields(port());
    CHECK(fields.get("/", many).status == 431);
}

TEST_CASE_FIXTURE(Fixture, "slow and idle clients are ended, with a reason where a request was begun")
{
    options.limits.headerTimeout = std::chrono::milliseconds(200);
    options.limits.idleTimeout = std::chrono::milliseconds(200);
    options.limits.bodyTimeout = std::chrono::milliseconds(200);
    application.decide = [this](const RequestHead &head) -> Dispatch {
        if (!head.hasBody())
            return Response::text(200, "ok");
        return Deferred{&executor, 1000, [](const RequestHead &, std::string) { return Response::text(200, "ok"); }};
    };
    start();
    Client slow(port());
    slow.send("GET / HTTP/1.1\r\nHost:");
    const Answer answer = slow.receive();
    CHECK(answer.status == 408);
    CHECK(answer.reason == "The request head did not arrive in time");
    Client silent(port());
    CHECK(silent.peerCloses());
    Client idle(port());
    CHECK(idle.get("/").status == 200);
    CHECK(idle.peerCloses());
    Client stalled(port());
    stalled.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
    CHECK(stalled.receive().status == 408);
    CHECK(stalled.peerCloses());
    CHECK(server->statistics().timeouts == 2);
}

TEST_CASE_FIXTURE(Fixture, "empty lines before a request do not put its end off")
{
    const auto dripUntilClosed = [](Client &client) {
        // Far fewer than are refused for their number, over ten times the allowed time.
        for (int drop = 0; drop < 50; ++drop) {
            client.send("\n");
            if (client.isReadableWithin(60))
                return client.peerCloses();
        }
        return false;
    };
    options.limits.headerTimeout = std::chrono::milliseconds(300);
    options.limits.idleTimeout = std::chrono::seconds(60);
    writeCertificate(folder.file("cert.pem"), folder.file("key.pem"), "localhost");
    options.listeners = {{"127.0.0.1:0", {}, {}}, {"127.0.0.1:0", folder.file("cert.pem"), folder.file("key.pem")}};
    start();
    Client first(port());
    CHECK(dripUntilClosed(first));
    Client later(port());
    CHECK(later.get("/").status == 200);
    CHECK(dripUntilClosed(later));
    Client encrypted(server->port(1), true);
    CHECK(encrypted.get("/").status == 200);
    CHECK(dripUntilClosed(encrypted));
    CHECK(server->statistics().timeouts == 3);
}

TEST_CASE_FIXTURE(Fixture, "a few empty lines before a request are skipped, many are refused")
{
    start();
    Client few(port());
    few.send("\r\n\r\n");
    CHECK(few.get("/a").body == "/a");
    few.send("\r\n");
    CHECK(few.get("/b").body == "/b");
    Client many(port());
    for (int line = 0; line < 33; ++line)
        many.send("\r\n");
    CHECK(many.receive().status == 400);
    CHECK(many.peerCloses());
}

TEST_CASE_FIXTURE(Fixture, "connections are capped in total and by address")
{
    options.limits.maxConnections = 3;
    start();
    Client a(port()), b(port()), c(port());
    CHECK(a.get("/").status == 200);
    CHECK(b.get("/").status == 200);
    CHECK(c.get("/").status == 200);
    Client d(port());
    const Answer answer = d.receive();
    CHECK(answer.status == 503);
    CHECK(answer.headers.at("retry-after") == "1");
    CHECK(answer.body == "Too many connections\n");
}

TEST_CASE_FIXTURE(Fixture, "loopback counts by address only when asked to")
{
    options.limits.maxConnectionsPerAddress = 1;
    options.limits.capLoopback = true;
    start();
    {
        Client a(port());
        CHECK(a.get("/").status == 200);
        CHECK(Client(port()).receive().status == 503);
        CHECK(a.get("/", "Connection: close\r\n").status == 200);
        CHECK(a.peerCloses());
    }
    // The place is free once the server has let go of it, a moment after it has said so.
    int status = 0;
    for (int tries = 0; status != 200 && tries < 10'000; ++tries)
        status = Client(port()).get("/").status;
    CHECK(status == 200);
}

TEST_CASE_FIXTURE(Fixture, "nothing that was stored breaks out of a header line")
{
    application.decide = [](const RequestHead &) -> Dispatch {
        Response response = Response::refusal(400, "two\r\nlines: and \xC3\xA9");
        CHECK_FALSE(response.set("X-Name", "a\r\nSet-Cookie: b"));
        CHECK_FALSE(response.add("X Name", "a"));
        response.headers.push_back({"X-Evil", "a\nb: c"});
        return response;
    };
    start();
    Client client(port());
    const Answer answer = client.get("/");
    CHECK(answer.reason == "two  lines: and ??");
    CHECK_FALSE(answer.headers.contains("x-evil"));
    CHECK_FALSE(answer.headers.contains("b"));
    CHECK_FALSE(answer.headers.contains("lines"));
}

TEST_CASE_FIXTURE(Fixture, "a program that throws answers 500 and the server lives on")
{
    application.decide = [this](const RequestHead &head) -> Dispatch {
        if (head.path() == "/now")
            throw std::runtime_error("defect");
        return Deferred{&executor, 0, [](const RequestHead &, std::string) -> Reply { throw std::runtime_error("defect"); }};
    };
    start();
    Client client(port());
    CHECK(client.get("/now").status == 500);
    CHECK(client.get("/later").status == 500);
    CHECK(client.get("/now").status == 500);
}

TEST_CASE_FIXTURE(Fixture, "IPv6 is served, a port in use is a conflict")
{
    options.listeners = {{"127.0.0.1:0", {}, {}}, {"[::1]:0", {}, {}}};
    application.decide = [](const RequestHead &head) -> Dispatch { return Response::text(200, head.remoteAddress()); };
    start();
    REQUIRE(server->addresses().size() == 2);
    CHECK(server->addresses()[1] == "[::1]:" + std::to_string(server->port(1)));
    Client v6(server->port(1), false, true);
    CHECK(v6.get("/").body == "::1");
    CHECK(Client(server->port(0)).get("/").body == "127.0.0.1");

    ServerOptions same;
    same.listeners = {{server->addresses()[0], {}, {}}};
    Server second(same, application, clock, log);
    const auto started = second.start();
    REQUIRE_FALSE(started.has_value());
    CHECK(started.error().code == ErrorCode::Conflict);
    for (const char *address : {"", "nowhere", "127.0.0.1:", "127.0.0.1:http", ":80", "[::1:80"}) {
        CAPTURE(address);
        ServerOptions wrong;
        wrong.listeners = {{address, {}, {}}};
        Server never(wrong, application, clock, log);
        CHECK(never.start().error().code == ErrorCode::InvalidInput);
    }
}

TEST_CASE_FIXTURE(Fixture, "a server ends although its sweep is due at that very moment")
{
    std::latch inside(1);
    std::latch go(1);
    application.decide = [&](const RequestHead &) -> Dispatch {
        inside.count_down();
        go.wait();
        return Response::text(200, "late");
    };
    // Swept often, so that a sweep falls due while its thread is held up.
    options.limits.headerTimeout = std::chrono::milliseconds(100);
    start();
    Client client(port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    inside.wait();
    std::thread closer([this] { server.reset(); });
    const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'200);
    while (std::chrono::steady_clock::now() < due)
        std::this_thread::yield();
    go.count_down();
    closer.join();
    CHECK_FALSE(server);
}

TEST_CASE("an error becomes a problem document")
{
    Error error{ErrorCode::RateLimited, "too \"fast\"", {{"name", "taken\n"}}, std::chrono::seconds(9)};
    const Response response = problem(error, "id1");
    CHECK(response.status == 429);
    CHECK(response.header("Retry-After") == "9");
    CHECK(response.header("content-type") == "application/problem+json");
    CHECK(response.body == "{\"type\":\"about:blank\",\"status\":429,\"title\":\"Too Many Requests\",\"code\":\"rate-limited\","
                           "\"detail\":\"too \\\"fast\\\"\",\"instance\":\"id1\",\"fields\":[{\"field\":\"name\","
                           "\"problem\":\"taken\\u000a\"}],\"retryAfter\":9}");
}
