// SPDX-License-Identifier: GPL-3.0-or-later
// The small grammars of HTTP that need no socket.
#include "core/base/http_status.h"
#include "core/http/credentials.h"
#include "core/http/head_reader.h"
#include "core/http/header.h"
#include "core/http/response.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::http;

TEST_CASE("credentials of every spelling are read")
{
    const auto basic = parseAuthorization("Basic YWRhOnA6c3M=");
    REQUIRE(basic);
    CHECK(basic->user == "ada");
    CHECK(basic->secret == "p:ss");
    CHECK(parseAuthorization("basic  YWRhOg")->secret.empty());
    CHECK(parseAuthorization("Bearer abc")->secret == "abc");
    CHECK(parseAuthorization("TOKEN abc")->scheme == CredentialScheme::Bearer);
    for (const char *bad : {"", "Basic", "Basic !!!!", "Basic YWRh", "Digest x", "Bearer ", "Basic A"}) {
        CAPTURE(bad);
        CHECK_FALSE(parseAuthorization(bad));
    }
    const auto latin = parseAuthorization("Basic YWRhOnDkc3M=");
    REQUIRE(latin);
    CHECK(latin->secret == "p\xE4ss");
    CHECK(latin1ToUtf8(latin->secret) == "p\xC3\xA4ss");
}

TEST_CASE("a head is taken apart")
{
    RequestHead head;
    const std::string text = "GET http://pypi.test/simple/a%2Fb/?x=1+2&y=%41&x=3&z HTTP/1.1\r\nHost: pypi.test\r\n"
                             "Accept: a\r\naccept: b\r\nX-Empty:\r\n\r\n";
    REQUIRE(HeadReader::read(text, head).has_value());
    CHECK(head.method() == Method::Get);
    CHECK(head.path() == "/simple/a/b/");
    CHECK(head.rawPath() == "/simple/a%2Fb/");
    CHECK(head.queryParameter("x") == "1 2");
    CHECK(head.queryParameter("y") == "A");
    CHECK(head.queryParameter("z") == "");
    CHECK_FALSE(head.queryParameter("w"));
    CHECK(head.queryParameters().size() == 4);
    CHECK(head.header("ACCEPT") == "a");
    CHECK(head.headers("Accept") == std::vector<std::string_view>{"a", "b"});
    CHECK(head.hasHeader("x-empty"));
    CHECK_FALSE(head.hasHeader("x"));
    CHECK(head.contentLength() == 0);
    const std::string next = "POST /plain HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    REQUIRE(HeadReader::read(next, head).has_value());
    CHECK(head.path() == "/plain");
    CHECK_FALSE(head.contentLength());
    CHECK(head.hasBody());
    CHECK_FALSE(HeadReader::read("GET / HTTP/1.1\r\nHost: a\r\n", head).has_value());
}

TEST_CASE("percent-encoding goes both ways")
{
    CHECK(percentEncode("a b/\xC3\xA9", "/") == "a%20b/%C3%A9");
    CHECK(*percentDecode("a%20b+c") == "a b+c");
    CHECK(*percentDecode("a+b", true) == "a b");
    for (const char *bad : {"%", "%4", "%zz", "a%2"}) {
        CAPTURE(bad);
        CHECK_FALSE(percentDecode(bad).has_value());
    }
}

TEST_CASE("accept-encoding is weighed")
{
    CHECK(acceptsGzip("gzip, deflate"));
    CHECK(acceptsGzip("*"));
    CHECK(acceptsGzip("br;q=1.0, GZIP;q=0.001"));
    CHECK_FALSE(acceptsGzip("identity"));
    CHECK_FALSE(acceptsGzip("gzip;q=0, *"));
    CHECK_FALSE(acceptsGzip("gzip; q=0.000"));
    CHECK_FALSE(acceptsGzip(""));
    for (const char *none : {"gzip;Q=0", "gzip; q = 0", "gzip;q=0.", "gzip ;\tQ=0.00 ", "gzip;level=9;q=0", "*;Q=0"}) {
        CAPTURE(none);
        CHECK_FALSE(acceptsGzip(none));
    }
    for (const char *wanted : {"gzip;xq=0", "gzip;q=0.01", "gzip;Q=1", "gzip;q=", "gzip;q", "gzip;xq=0;q=1", "gzip;"}) {
        CAPTURE(wanted);
        CHECK(acceptsGzip(wanted));
    }
}

TEST_CASE("every error code has a status that leads back to it")
{
    for (const ErrorCode code : {ErrorCode::NotFound, ErrorCode::Conflict, ErrorCode::InvalidInput, ErrorCode::Unauthorized,
                                 ErrorCode::Forbidden, ErrorCode::Unavailable, ErrorCode::Timeout, ErrorCode::Cancelled,
                                 ErrorCode::Unsupported, ErrorCode::Internal, ErrorCode::Gone, ErrorCode::TooLarge,
                                 ErrorCode::RateLimited, ErrorCode::GuardFailed}) {
        CHECK(errorCodeOfHttpStatus(httpStatusOf(code)) == code);
        CHECK(httpReason(httpStatusOf(code)) != "Unknown");
    }
    CHECK(httpStatusOf(ErrorCode::Corrupt) == 500);
    CHECK(errorCodeOfHttpStatus(418) == ErrorCode::InvalidInput);
    CHECK(errorCodeOfHttpStatus(200) == ErrorCode::Internal);
}

TEST_CASE("a refusal says the same in reason and body")
{
    const Response response = Response::refusal(400, "File already exists");
    std::string head;
    appendHead(head, response);
    CHECK(head.starts_with("HTTP/1.1 400 File already exists\r\n"));
    CHECK(response.body == "File already exists\n");
    Response unchanged;
    unchanged.status = 304;
    head.clear();
    appendHead(head, unchanged);
    CHECK(head.find("Content-Length") == std::string::npos);
}
