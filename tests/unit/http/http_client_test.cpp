// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/client/http_client.h"
#include "fixture.h"

#include <atomic>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <thread>
#include <unistd.h>

using namespace cm;
using namespace cm::http;
using cm::http::test::Fixture;
using cm::http::test::writeCertificate;

namespace {

ClientOptions to(std::uint16_t port)
{
    ClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    options.connectTimeout = options.totalTimeout = std::chrono::seconds(10);
    return options;
}

// Takes connections and never answers.
struct Mute {
    Mute()
    {
        socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0);
        REQUIRE(::listen(socket, 8) == 0);
        socklen_t size = sizeof address;
        ::getsockname(socket, reinterpret_cast<sockaddr *>(&address), &size);
        port = ntohs(address.sin_port);
    }
    ~Mute() { ::close(socket); }
    Mute(const Mute &) = delete;
    int socket;
    std::uint16_t port;
};

}  // namespace

TEST_CASE("a request is answered, on one connection and again after it was closed")
{
    Fixture fixture;
    fixture.application.decide = [](const RequestHead &head) -> Dispatch {
        Response response = Response::text(head.path() == "/no" ? 404 : 200, head.path());
        response.set("X-Host", head.host());
        response.close = head.path() == "/close";
        return response;
    };
    fixture.start();
    HttpClient client(to(fixture.port()));
    for (const char *path : {"/a", "/close", "/b", "/no"}) {
        const auto answer = client.send({"GET", path, {}, {}});
        REQUIRE(answer);
        CHECK(answer->body == path);
        CHECK(answer->status == (std::string_view(path) == "/no" ? 404 : 200));
        CHECK(answer->header("x-host") == "127.0.0.1:" + std::to_string(fixture.port()));
    }
    const auto head = client.send({"HEAD", "/a", {}, {}});
    REQUIRE(head);
    CHECK(head->body.empty());
    CHECK_FALSE(client.certificate());
}

TEST_CASE("refused, silent and stopped are told apart")
{
    std::uint16_t gone = 0;
    {
        const Mute once;
        gone = once.port;
    }
    HttpClient refused(to(gone));
    const auto answer = refused.send({});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ErrorCode::Unavailable);
    CHECK(answer.error().detail.find("refused") != std::string::npos);

    const Mute mute;
    ClientOptions hasty = to(mute.port);
    hasty.totalTimeout = std::chrono::milliseconds(50);
    HttpClient silent(hasty);
    CHECK(silent.send({}).error().code == ErrorCode::Timeout);

    HttpClient stopped(to(mute.port));
    std::stop_source source;
    std::thread stopper([&] { source.request_stop(); });
    CHECK(stopped.send({}, source.get_token()).error().code == ErrorCode::Cancelled);
    stopper.join();
}

TEST_CASE("an answer that goes on and on has its time, and who was stopped may ask again")
{
    const Mute dripping;
    std::atomic<bool> whole = false;
    std::thread peer([&] {
        for (int accepted = ::accept(dripping.socket, nullptr, nullptr); accepted >= 0; accepted = ::accept(dripping.socket, nullptr, nullptr)) {
            char request[1000];
            if (::recv(accepted, request, sizeof request, 0) <= 0) {
                ::close(accepted);
                continue;
            }
            const std::string_view text = whole ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" : "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";
            for (ssize_t sent = ::send(accepted, text.data(), text.size(), MSG_NOSIGNAL); sent > 0 && !whole; sent = ::send(accepted, ".", 1, MSG_NOSIGNAL)) {
            }
            ::close(accepted);
        }
    });
    ClientOptions hasty = to(dripping.port);
    hasty.totalTimeout = std::chrono::milliseconds(20);
    hasty.maxBody = 1U << 31;
    CHECK(HttpClient(hasty).send({}).error().code == ErrorCode::Timeout);
    hasty.totalTimeout = std::chrono::seconds(10);
    HttpClient client(hasty);
    std::stop_source source;
    std::thread stopper([&] { source.request_stop(); });
    CHECK(client.send({}, source.get_token()).error().code == ErrorCode::Cancelled);
    stopper.join();
    whole = true;
    const auto answer = client.send({});
    ::shutdown(dripping.socket, SHUT_RDWR);
    peer.join();
    REQUIRE(answer);
    CHECK(answer->body == "ok");
}

TEST_CASE("a certificate is seen as presented, and held to a root only when asked")
{
    Fixture fixture;
    const std::string certificate = fixture.folder.file("cert.pem");
    const std::string key = fixture.folder.file("key.pem");
    writeCertificate(certificate, key, "first");
    fixture.options.listeners.push_back({"127.0.0.1:0", certificate, key});
    fixture.start();
    ClientOptions options = to(fixture.port());
    options.tls = true;
    HttpClient client(options);
    REQUIRE(client.send({"GET", "/x", {}, {}}));
    REQUIRE(client.certificate());
    const auto onDisk = readCertificate(certificate);
    REQUIRE(onDisk);
    CHECK(client.certificate()->fingerprint == onDisk->fingerprint);
    CHECK(onDisk->subject == "CN=first");
    CHECK(onDisk->notAfter > onDisk->notBefore);

    writeCertificate(certificate, key, "second");
    HttpClient again(options);
    REQUIRE(again.connect());
    CHECK(again.certificate()->fingerprint != readCertificate(certificate)->fingerprint);

    options.verify = true;
    HttpClient strict(options);
    CHECK(strict.send({}).error().code == ErrorCode::Unauthorized);
    CHECK(readCertificate(fixture.folder.file("none")).error().code == ErrorCode::NotFound);
    CHECK(readCertificate(fixture.folder.write("junk", "junk")).error().code == ErrorCode::InvalidInput);
}

TEST_CASE("an answer that is none, or too large")
{
    Fixture fixture;
    fixture.application.decide = [](const RequestHead &) -> Dispatch { return Response::text(200, std::string(100'000, 'x')); };
    fixture.start();
    ClientOptions options = to(fixture.port());
    options.maxBody = 1000;
    HttpClient client(options);
    CHECK(client.send({}).error().code == ErrorCode::TooLarge);
}

TEST_CASE("addresses are read strictly")
{
    CHECK(parseHttpUrl("https://a.example/x?y=1")->port == 443);
    CHECK(parseHttpUrl("https://a.example/x?y=1")->target == "/x?y=1");
    CHECK(parseHttpUrl("http://[::1]:80")->host == "::1");
    CHECK(parseHttpUrl("http://127.0.0.1:8080")->target == "/");
    for (const char *text : {"", "a", "ftp://a/", "http://", "http://user:secret@a/", "//a/b"})
        CHECK_FALSE(parseHttpUrl(text));
}

TEST_CASE("a body of any length goes into a sink, and one that is cut off is no answer")
{
    Fixture fixture;
    const std::string large(3'000'000, 'x');
    fixture.application.decide = [&](const RequestHead &head) -> Dispatch {
        return Response::text(head.path() == "/no" ? 404 : 200, large);
    };
    fixture.start();
    ClientOptions options = to(fixture.port());
    options.maxBody = 4'000'000;
    HttpClient client(options);
    std::string taken;
    const AnswerSink sink = [&](std::string_view piece) -> Result<void> {
        taken += piece;
        return {};
    };
    for (int again = 0; again < 2; ++again) {
        taken.clear();
        const auto answer = client.send({"GET", "/a", {}, {}}, sink);
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->body.empty());
        CHECK(taken == large);
    }
    // What is no success is for whoever asked, not for the sink.
    taken.clear();
    const auto missing = client.send({"GET", "/no", {}, {}}, sink);
    REQUIRE(missing);
    CHECK(missing->body == large);
    CHECK(taken.empty());
    const auto refused = client.send({"GET", "/a", {}, {}}, [](std::string_view) -> Result<void> { return fail(ErrorCode::TooLarge, "enough"); });
    REQUIRE(!refused);
    CHECK(refused.error().detail == "enough");
    CHECK(client.send({"GET", "/a", {}, {}}, sink));
}
