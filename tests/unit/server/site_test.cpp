// SPDX-License-Identifier: GPL-3.0-or-later
// Small decisions of the public site: addresses, hosts, window sizes, pages for people.
#include "core/http/head_reader.h"
#include "core/server/caller.h"
#include "core/server/convert.h"
#include "core/server/home_page.h"
#include "core/server/public_headers.h"
#include "core/server/public_site.h"
#include "core/server/use_judge.h"

#include <doctest/doctest.h>
#include <random>
#include <set>

using namespace cm;
using namespace cm::server;

namespace {

struct Head {
    explicit Head(std::string request) : text(std::move(request)) { REQUIRE(http::HeadReader::read(text, head)); }
    std::string text;
    http::RequestHead head;
};

}  // namespace

TEST_CASE("links are made of the host a client names, and of nothing that is none")
{
    CHECK(addressedBase(Head("GET / HTTP/1.1\r\nHost: pkg.example:8427\r\n\r\n").head) == "http://pkg.example:8427");
    CHECK(addressedBase(Head("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").head) == "http://[::1]:80");
    CHECK(addressedBase(Head("GET / HTTP/1.1\r\nHost: a\"b<c>\r\n\r\n").head).empty());
}

TEST_CASE("a refusal speaks JSON only to who asks for it")
{
    const auto plain = refusalFor(Head("POST /legacy/ HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n").head, 400,
                                  "Use a known file type.");
    CHECK(plain.status == 400);
    CHECK(plain.reason == "Use a known file type.");
    CHECK(plain.body.find("Use a known file type.") != std::string::npos);
    CHECK(plain.header("Content-Type").starts_with("text/plain"));
    const auto json = refusalFor(Head("POST /legacy/ HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n").head,
                                 400, "Use a known file type.");
    CHECK(json.reason == "Use a known file type.");
    CHECK(json.header("Content-Type") == "application/problem+json");
    CHECK(json.body.find("\"detail\":\"Use a known file type.\"") != std::string::npos);
}

TEST_CASE("credentials are read from either scheme")
{
    using Kind = registry::Credentials::Kind;
    CHECK(credentialsOf(Head("GET / HTTP/1.1\r\nHost: x\r\n\r\n").head).kind == Kind::None);
    const auto basic =
        credentialsOf(Head("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic X190b2tlbl9fOnB5cGktYWJj\r\n\r\n").head);
    CHECK(basic.kind == Kind::Basic);
    CHECK(basic.user == "__token__");
    CHECK(basic.secret == "pypi-abc");
    const auto bearer = credentialsOf(Head("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer pypi-abc\r\n\r\n").head);
    CHECK(bearer.kind == Kind::Bearer);
    CHECK(bearer.secret == "pypi-abc");
    CHECK(credentialsOf(Head("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Digest abc\r\n\r\n").head).kind ==
          Kind::None);
}

TEST_CASE("a window is what can be shown")
{
    CHECK(windowOffset(-5) == 0);
    CHECK(windowLimit(0) == 1);
    CHECK(windowLimit(1'000'000) == 1'000);
}

TEST_CASE("public pages carry what caches and mirrors read")
{
    const auto page = publicPage("application/vnd.pypi.simple.v1+json", 12, pageCaching, "project/demo", "{}");
    CHECK(page.header("Content-Type") == "application/vnd.pypi.simple.v1+json");
    CHECK(page.header("X-PyPI-Last-Serial") == "12");
    CHECK(page.header("Cache-Control") == "max-age=600, public");
    CHECK(page.header("Access-Control-Allow-Origin") == "*");
    CHECK(page.header("Surrogate-Key") == "project/demo all");
    CHECK(etagOf("a") != etagOf("b"));
    CHECK(etagOf("a").front() == '"');
}

TEST_CASE("a registry's name cannot become markup")
{
    CHECK(homePage("<script>", "1.0").find("<script>") == std::string::npos);
    CHECK(uploadHelpPage("<script>").find("<script>") == std::string::npos);
}

TEST_CASE("roles travel both ways")
{
    for (const auto &[role, name] : api::EnumNames<api::Role>::values)
        CHECK(toApi(fromApi(role)) == role);
    for (const auto &[role, name] : api::EnumNames<api::ProjectRole>::values)
        CHECK(toApi(fromApi(role)) == role);
}

TEST_CASE("of strangers no names are remembered but those of known clients, however many they think up")
{
    CHECK(strangersClient("pip/24.0 {\"ci\":null}") == "pip");
    CHECK(strangersClient("Devpi-Server/6.1 (py3.11)") == "devpi-server");
    CHECK(strangersClient("twine") == "twine");
    CHECK(strangersClient("x9f2 devpi/1").empty());
    CHECK(strangersClient("mirror/1 bandersnatch/6").empty());
    CHECK(strangersClient("").empty());
    std::mt19937 random(1);
    std::set<std::pair<std::string, std::string>> kinds;
    for (int number = 0; number < 5'000; ++number) {
        const std::string some = std::to_string(random());
        for (const std::string &agent : {"x" + some + " devpi/1", "pip/" + some, "pip" + some + " {\"installer\":{\"name\":\"pip\"}}", "uv/1 " + some,
                                         "Python-urllib/3." + some, "Bazel/release" + some, "Homebrew/" + some, some})
            kinds.emplace(strangersClient(agent), classOf(agent));
    }
    CHECK(kinds.size() < 20);
}
