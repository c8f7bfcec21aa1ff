// SPDX-License-Identifier: GPL-3.0-or-later
// The request of the client of 2012: what is read of it, what it becomes, and what it is answered.
#include "core/base/hash.h"
#include "core/http/multipart.h"
#include "core/ssh/current_form.h"
#include "core/ssh/key_source.h"
#include "core/ssh/reply.h"

#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <map>
#include <sys/stat.h>
#include <thread>

using namespace cm;
using namespace cm::ssh;

namespace {

// A stream whose other end stays open when everything has been written, as ssh's does.
struct Stream {
    explicit Stream(std::string request) : text(std::move(request))
    {
        // Whoever refuses a request stops reading it.
        std::signal(SIGPIPE, SIG_IGN);
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        writer = std::thread([this] {
            for (std::size_t at = 0; at < text.size();) {
                const ssize_t written = ::write(ends[1], text.data() + at, std::min<std::size_t>(text.size() - at, 777));
                if (written <= 0)
                    return;
                at += static_cast<std::size_t>(written);
            }
        });
    }
    ~Stream()
    {
        ::close(ends[0]);
        writer.join();
        ::close(ends[1]);
    }
    Stream(const Stream &) = delete;
    std::string text;
    int ends[2] = {-1, -1};
    std::thread writer;
};

struct Folder {
    Folder() : path(::mkdtemp(name.data())) {}
    ~Folder() { std::filesystem::remove_all(path); }
    std::string name = (std::filesystem::temp_directory_path() / "cheesemonger-test-XXXXXX").string();
    std::filesystem::path path;
};

Result<OldRequest> readOf(const std::string &text, ReadLimits limits = {})
{
    Folder folder;
    Stream stream(text);
    limits.idle = std::chrono::seconds(20);
    return readOldRequest(stream.ends[0], limits, [&] { return Spool::open(folder.path, 2); });
}

std::string recorded(const std::string &name)
{
    std::ifstream in(std::filesystem::path(CHEESEMONGER_TEST_DATA) / "client-requests" / (name + ".req"), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string contentOf(const Spool &spool)
{
    std::string bytes(spool.size(), '\0');
    REQUIRE(::pread(spool.fd(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return bytes;
}

std::string formOf(const std::string &body, const std::string &more = {})
{
    return fmt::format("POST /pypi HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n{}Content-Length: {}\r\n\r\n{}", more, body.size(), body);
}

std::string part(const std::string &head, const std::string &value)
{
    return "--x\nContent-Disposition: form-data; " + head + "\n\n" + value + "\n";
}

ErrorCode codeOf(const Result<OldRequest> &request)
{
    REQUIRE_FALSE(request.has_value());
    return request.error().code;
}

struct Parts final : http::MultipartHandler {
    Result<void> partBegin(const http::PartHead &part) override
    {
        head = part;
        order.push_back(part.name);
        return {};
    }
    Result<void> partData(std::span<const std::byte> bytes) override
    {
        values[head.name].append(reinterpret_cast<const char *>(bytes.data()), bytes.size());
        return {};
    }
    Result<void> partEnd() override { return {}; }
    http::PartHead head;
    std::vector<std::string> order;
    std::map<std::string, std::string> values;
};

Parts partsOf(const http::ClientRequest &request, const OldRequest &old)
{
    std::string body = request.body;
    if (request.file)
        body += contentOf(*old.file);
    body += request.bodyEnd;
    Parts parts;
    http::MultipartReader reader(*http::MultipartReader::boundaryOf(request.headers.front().value), parts);
    REQUIRE(reader.feed(std::as_bytes(std::span(body))));
    REQUIRE(reader.finish());
    return parts;
}

}  // namespace

TEST_CASE("recorded uploads are read to their length and become current ones")
{
    for (const std::string name : {"pypissh-py26style-upload", "pypissh-py27-upload"}) {
        const auto old = readOf(recorded(name));
        REQUIRE_MESSAGE(old, name);
        CHECK(old->filename == "Old.Demo-0.1.tar.gz");
        const std::string bytes = contentOf(*old->file);
        CHECK(hashHex(HashKind::Sha256, bytes) == old->sha256);
        const Parts parts = partsOf(currentForm(*old), *old);
        CHECK(parts.order.front() == ":action");
        CHECK(parts.order.back() == "content");
        CHECK(parts.values.at("content") == bytes);
        CHECK(parts.values.at("md5_digest") == hashHex(HashKind::Md5, bytes));
        CHECK(parts.values.at("sha256_digest") == old->sha256);
        CHECK(parts.values.at("protocol_version") == "1");
        CHECK_FALSE(parts.values.contains("protcol_version"));
        CHECK(parts.values.at("pyversion") == "source");
        CHECK(parts.values.at("name") == "Old.Demo");
        CHECK(parts.head.contentType == "application/octet-stream");
        const Statement statement = statementFor(*old);
        CHECK(statement.action == "file_upload");
        CHECK(statement.project == "Old.Demo");
        CHECK(statement.version == "0.1");
        CHECK(statement.sha256 == old->sha256);
    }
    const auto registering = readOf(recorded("pypissh-py27-register"));
    REQUIRE(registering);
    CHECK_FALSE(registering->hasFile);
    CHECK(statementFor(*registering).action == "submit");
    CHECK(partsOf(currentForm(*registering), *registering).values.at(":action") == "submit");
}

TEST_CASE("what an old client sends besides is left out or kept")
{
    const auto old = readOf(formOf(part("name=\":action\"", "file_upload") + part("name=\"name\"", " demo\r") + part("name=\"pyversion\"", "2.7") +
                                   part("name=\"filetype\"", "bdist_wheel") + part("name=\"sha256_digest\"", "given") +
                                   part("name=\"gpg_signature\";filename=\"a.asc\"", "-----BEGIN") + part("name=\"classifiers\"", "A") +
                                   part("name=\"classifiers\"", "B") + part("name=\"content\";filename=\"a.whl\"", "bytes\n") + "--x--\n"));
    REQUIRE(old);
    const Parts parts = partsOf(currentForm(*old), *old);
    CHECK(parts.values.at("content") == "bytes\n");
    CHECK(parts.values.at("name") == "demo");
    CHECK(parts.values.at("pyversion") == "2.7");
    CHECK(parts.values.at("sha256_digest") == "given");
    CHECK(parts.values.at("classifiers") == "AB");
    CHECK_FALSE(parts.values.contains("gpg_signature"));
    CHECK(statementFor(*old).project == "demo");
}

TEST_CASE("questions have no body, and a second request is never read")
{
    CHECK(readOf("GET /pypi HTTP/1.1\r\nHost: x\r\n\r\n")->kind == OldRequest::Kind::Status);
    CHECK(readOf("GET / HTTP/1.0\n\nPOST /pypi HTTP/1.1\n\n")->kind == OldRequest::Kind::Status);
    const std::string one = formOf(part("name=\":action\"", "verify") + "--x--\n");
    CHECK(readOf(one + one)->fields.size() == 1);
}

TEST_CASE("what is no such request is refused in words")
{
    CHECK(codeOf(readOf("hello\n\n")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("SSH-2.0-x\r\n\r\n")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("GET /etc/passwd HTTP/1.1\r\n\r\n")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("PUT /pypi HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")) == ErrorCode::Unsupported);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) == ErrorCode::Unsupported);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\n\r\n")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\nContent-Length: -1\r\n\r\n")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nab")) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf("GET /pypi HTTP/1.1\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n")) == ErrorCode::TooLarge);
    CHECK(codeOf(readOf("POST /pypi HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 99999999999\r\n\r\n")) == ErrorCode::TooLarge);
    CHECK(codeOf(readOf(formOf(part("name=\"a\"", "b")))) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf(formOf(part("name=\"a b\"", "b") + "--x--\n"))) == ErrorCode::InvalidInput);
    CHECK(codeOf(readOf(formOf(part("name=\"name\";filename=\"x\"", "b") + "--x--\n"))) == ErrorCode::InvalidInput);
    for (const std::string name : {"", "a/b", "a\\\\b", "a\\\"b", "a\tb"})
        CHECK(codeOf(readOf(formOf(part("name=\"content\";filename=\"" + name + "\"", "b") + "--x--\n"))) == ErrorCode::InvalidInput);
    const std::string file = part("name=\"content\";filename=\"a\"", "b");
    CHECK(codeOf(readOf(formOf(file + file + "--x--\n"))) == ErrorCode::InvalidInput);
    ReadLimits small;
    small.fileBytes = 10;
    small.fieldBytes = 20;
    CHECK(codeOf(readOf(formOf(part("name=\"content\";filename=\"a\"", std::string(11, 'b')) + "--x--\n"), small)) == ErrorCode::TooLarge);
    CHECK(codeOf(readOf(formOf(part("name=\"a\"", std::string(15, 'b')) + part("name=\"b\"", std::string(15, 'b')) + "--x--\n"), small)) == ErrorCode::TooLarge);
}

TEST_CASE("who is silent is told so, and who goes is told nothing")
{
    Folder folder;
    const auto spool = [&] { return Spool::open(folder.path, 1); };
    ReadLimits limits;
    limits.idle = std::chrono::milliseconds(50);
    {
        Stream stream("POST /pypi HTTP/1.1\r\nContent-Le");
        CHECK(codeOf(readOldRequest(stream.ends[0], limits, spool)) == ErrorCode::Timeout);
    }
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    REQUIRE(::write(ends[1], "POST", 4) == 4);
    ::close(ends[1]);
    CHECK(codeOf(readOldRequest(ends[0], limits, spool)) == ErrorCode::Cancelled);
    ::close(ends[0]);
}

TEST_CASE("a spool has a number of places, and leaves nothing")
{
    Folder folder;
    {
        const auto one = Spool::open(folder.path, 2);
        const auto two = Spool::open(folder.path, 2);
        REQUIRE(one);
        REQUIRE(two);
        CHECK(Spool::open(folder.path, 2).error().code == ErrorCode::RateLimited);
        REQUIRE((*one)->append(std::as_bytes(std::span(std::string_view("bytes")))));
        CHECK((*one)->size() == 5);
        for (const auto &entry : std::filesystem::directory_iterator(folder.path))
            CHECK(entry.file_size() == 0);
    }
    CHECK(Spool::open(folder.path, 1));
    ::chmod(folder.path.c_str(), 0755);
    CHECK(Spool::open(folder.path, 1).error().code == ErrorCode::Unavailable);
}

TEST_CASE("an answer is one line of latin-1, whatever the words were")
{
    CHECK(replyOf(200, "") == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n");
    CHECK(replyOf(200, "open") == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nopen\n");
    const std::string refused = replyOf(400, "no\r\nSet-Cookie: x\n\n  démo \xe2\x82\xac \x1b[31m\x7f\xc2\x85 end");
    CHECK(refused.starts_with("HTTP/1.1 400 no Set-Cookie: x d\xe9mo ? ?[31m?? end\r\nContent-Type"));
    CHECK(replyOf(404, "").starts_with("HTTP/1.1 404 Not Found\r\n"));
    CHECK(oneLine(std::string(5'000, 'a'), 100).size() == 100);
    CHECK(oneLine("\xff\xc3") == "\xff\xc3");
    http::ClientAnswer answer;
    answer.status = 502;
    answer.headers = {{"Content-Type", "text/html"}, {"cheesemonger-notice", "ends\tsoon"}};
    answer.body = "<html>";
    CHECK(wordsOf(answer) == "Bad Gateway");
    CHECK(noticesOf(answer) == std::vector<std::string>{"ends soon"});
}

TEST_CASE("a key becomes a line that does one thing")
{
    CHECK(authorizedLine({7, "ssh-ed25519", "AAAA", {}}, "/opt/x ssh-gateway --key-id 7") ==
          "restrict,command=\"/opt/x ssh-gateway --key-id 7\" ssh-ed25519 AAAA\n");
    CHECK(authorizedLine({7, "ssh-ed25519", "AAAA", *parseRfc3339("2027-01-31T12:34:56Z")}, "x") ==
          "restrict,expiry-time=\"20270131123456Z\",command=\"x\" ssh-ed25519 AAAA\n");
}
