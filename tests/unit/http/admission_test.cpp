// SPDX-License-Identifier: GPL-3.0-or-later
// Requests judged by their head before a body is read, and the words of what the server refuses itself.
#include "fixture.h"

using namespace cm;
using namespace cm::http;
using namespace cm::http::test;

namespace {

std::string post(std::size_t size, std::string_view lines = {})
{
    return "POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n" + std::string(lines) +
           "\r\n";
}

std::optional<Reply> admitted(const RequestHead &head)
{
    if (head.header("X-Who") == "friend")
        return std::nullopt;
    if (head.header("X-Who") == "defect")
        throw std::runtime_error("a defect");
    return Response::refusal(401, "Who are you?");
}

struct CollectingSink final : BodySink {
    std::string body;
    Result<void> write(std::span<const std::byte> bytes) override
    {
        body.append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return {};
    }
    Response finish() override { return Response::text(200, body); }
    void abort() override {}
};

struct AdmissionFixture : Fixture {
    AdmissionFixture()
    {
        application.decide = [this](const RequestHead &head) -> Dispatch {
            if (head.hasHeader("X-Upload"))
                return Upload{&executor, 0, {}, std::make_shared<CollectingSink>(), admitted};
            return Deferred{&executor, 100'000,
                            [](const RequestHead &, std::string body) { return Response::text(200, body); }, admitted};
        };
    }
};

}  // namespace

TEST_CASE_FIXTURE(AdmissionFixture, "a body that is not welcome is neither asked for nor waited for")
{
    start();
    for (const std::string kind : {"", "X-Upload: 1\r\n"}) {
        CAPTURE(kind);
        Client patient(port());
        patient.send(post(50'000, kind + "Expect: 100-continue\r\n"));
        CHECK(patient.receive().status == 401);
        Client stalled(port());
        stalled.send(post(50'000, kind) + "the beginning");
        const Answer answer = stalled.receive();
        CHECK(answer.status == 401);
        CHECK(answer.body == "Who are you?\n");
        CHECK(answer.headers.at("connection") == "close");
        Client chunked(port());
        chunked.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + kind + "\r\n5\r\n");
        CHECK(chunked.receive().status == 401);
    }
}

TEST_CASE_FIXTURE(AdmissionFixture, "a body that is welcome arrives whole, however it is sent")
{
    start();
    const std::string body(50'000, 'b');
    for (const std::string kind : {"X-Who: friend\r\n", "X-Who: friend\r\nX-Upload: 1\r\n"}) {
        CAPTURE(kind);
        Client client(port());
        client.send(post(body.size(), kind) + body);
        CHECK(client.receive().body == body);
        client.send(post(5, kind + "Expect: 100-continue\r\n"));
        CHECK(client.receive().status == 100);
        client.send("12345");
        CHECK(client.receive().body == "12345");
        client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + kind +
                    "\r\n3\r\nabc\r\n0\r\n\r\nPOST /next HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" + kind + "\r\nz");
        CHECK(client.receive().body == "abc");
        CHECK(client.receive().body == "z");
    }
}

TEST_CASE_FIXTURE(AdmissionFixture, "a refused body that came along does not end the connection")
{
    start();
    Client client(port());
    client.send(post(5) + "12345");
    CHECK(client.receive().status == 401);
    client.send(post(5, "X-Who: friend\r\n") + "67890");
    CHECK(client.receive().body == "67890");
}

TEST_CASE_FIXTURE(AdmissionFixture, "a request without a body is the handler's to judge, an admission that throws a 500")
{
    start();
    Client client(port());
    CHECK(client.get("/").status == 200);
    client.send(post(5, "X-Who: defect\r\n") + "12345");
    CHECK(client.receive().status == 500);
    CHECK(client.get("/").status == 200);
}

TEST_CASE_FIXTURE(AdmissionFixture, "what the server refuses itself is in the application's words")
{
    application.word = [](int status, std::string_view words) {
        return Response::json(status, "{\"words\":\"" + std::string(words) + "\"}");
    };
    start();
    Client large(port());
    large.send(post(200'000, "X-Who: friend\r\nExpect: 100-continue\r\n"));
    const Answer answer = large.receive();
    CHECK(answer.status == 413);
    CHECK(answer.headers.at("content-type") == "application/json");
    CHECK(answer.body == "{\"words\":\"The request body is larger than the 100000 bytes allowed here\"}");
    Client broken(port());
    broken.send("POST /c HTTP/1.1\r\nHost: a\r\nX-Who: friend\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
    CHECK(broken.receive().body.starts_with("{"));
}
