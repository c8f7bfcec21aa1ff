// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of upstreams: what is taken, what is refused, what becomes of them.
#include "core/mirror/address.h"
#include "core/mirror/filters.h"
#include "core/mirror/page.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace cm;
using namespace cm::mirror;

namespace {

const std::string digest(64, 'a');
const std::string base = "https://up.example/pre/simple/demo/";

std::string file(const std::string &filename, const std::string &url, const std::string &more = "")
{
    return fmt::format(R"({{"filename":"{}","url":"{}","hashes":{{"sha256":"{}"}}{}}})", filename, url, digest, more);
}

std::string page(const std::string &files, const std::string &more = "")
{
    return fmt::format(R"({{"meta":{{"api-version":"1.4","_last-serial":7}},"name":"demo","files":[{}]{}}})", files, more);
}

ProjectPage read(const std::string &text)
{
    auto got = readProjectPage(text, "demo", base, "");
    REQUIRE_MESSAGE(got, (got ? std::string() : got.error().detail));
    return std::move(*got);
}

ErrorCode refusal(const std::string &text)
{
    const auto got = readProjectPage(text, "demo", base, "");
    REQUIRE(!got);
    return got.error().code;
}

}  // namespace

TEST_CASE("a file keeps the address that the upstream gives it, below packages/")
{
    CHECK(read(page(file("demo-1.0.tar.gz", "../../packages/ab/demo-1.0.tar.gz"))).files[0].path == "ab/demo-1.0.tar.gz");
    const auto elsewhere = read(page(file("demo-1.0.tar.gz", "https://files.example/packages/x/y/demo-1.0.tar.gz#sha256=1"))).files[0];
    CHECK(elsewhere.path == "x/y/demo-1.0.tar.gz");
    CHECK(elsewhere.source == "https://files.example/packages/x/y/demo-1.0.tar.gz");
    CHECK(read(page(file("a b.zip", "/packages/a%20b.zip"))).files[0].path == "a b.zip");
}

TEST_CASE("no two files of a page have paths that differ in case alone")
{
    const std::string one = file("Demo-1.0.tar.gz", "/packages/demo/Demo-1.0.tar.gz"), two = file("demo-1.0.tar.gz", "/packages/demo/demo-1.0.tar.gz");
    const auto both = read(page(one + "," + two)), turned = read(page(two + "," + one));
    CHECK(folded(both.files[0].path) != folded(both.files[1].path));
    CHECK(both.files[0].path == turned.files[1].path);
    CHECK(both.files[1].path == turned.files[0].path);
    CHECK(isSafePath(both.files[0].path, "Demo-1.0.tar.gz"));
    CHECK(read(page(one)).files[0].path == "demo/Demo-1.0.tar.gz");
}

TEST_CASE("an address without such a part, or that would leave the tree, becomes one made of the digest")
{
    const std::string own = "aa/aa/" + std::string(60, 'a') + "/demo-1.0.tar.gz";
    for (const char *url : {"/files/demo-1.0.tar.gz", "/packages/../../etc/demo-1.0.tar.gz", "/packages/x/other.tar.gz",
                            "/packages/%2e%2e/demo-1.0.tar.gz", "/packages/.hidden/demo-1.0.tar.gz", "/packages/a%2F..%2Fdemo-1.0.tar.gz",
                            "/packages/a//demo-1.0.tar.gz"})
        CHECK_MESSAGE(read(page(file("demo-1.0.tar.gz", url))).files[0].path == own, url);
}

TEST_CASE("what cannot be verified or would be no file of a tree is refused")
{
    CHECK(refusal("{") == ErrorCode::Corrupt);
    CHECK(refusal("[]") == ErrorCode::Corrupt);
    CHECK(refusal(page(file("../evil", "/x"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("..", "/x"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file(".hidden", "/x"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("demo.whl.metadata", "/x"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("a\\u0000b", "/x"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("demo-1.0.tar.gz", "ftp://up/demo"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("a.zip", "/packages/a.zip") + "," + file("a.zip", "/packages/b/a.zip"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(R"({"filename":"a.zip","url":"/a.zip","hashes":{"md5":"00"}})")) == ErrorCode::Corrupt);
    CHECK(refusal(page(R"({"filename":"a.zip","url":"/a.zip","hashes":{"sha256":"short"}})")) == ErrorCode::Corrupt);
    CHECK(refusal(R"({"meta":{"api-version":"2.0"},"name":"demo","files":[]})") == ErrorCode::Unsupported);
    CHECK(refusal(R"({"meta":{"api-version":"1.0"},"name":"other","files":[]})") == ErrorCode::Corrupt);
}

TEST_CASE("what nobody asks for takes no memory, wherever it stands, and is no fault")
{
    const std::string more = R"(,"more":[[{"filename":"x"}],{"a":{"b":[1,2.5,true,null,"c"]}}],"size":7,"url2":"y","deep":{"hashes":{"sha256":"no"}})";
    auto got = read(page(file("demo-1.0.tar.gz", "/packages/demo-1.0.tar.gz", more),
                         R"(,"other":{"files":[1,2],"meta":{"_last-serial":99}},"versions":["1.0",5,{"a":1},"2.0"],"list":[[],[{}]])"));
    REQUIRE(got.files.size() == 1);
    CHECK(got.files[0].size == 7);
    CHECK(got.files[0].file.sha256 == digest);
    CHECK(got.serial == 7);
    CHECK(got.versions == std::vector<std::string>{"1.0", "2.0"});
    // Also in the smallest pieces, and whatever order its parts have.
    const std::string text = R"({"files":[)" + file("demo-1.0.tar.gz", "../../packages/demo-1.0.tar.gz", more) + R"(],"name":"demo","x":[{}, "\u00e9"],)" +
                             R"("meta":{"_last-serial":"8","api-version":"1.1"}} )";
    PageReader reader("demo", base);
    for (const char c : text)
        REQUIRE(reader.write({&c, 1}));
    const auto pieces = reader.finish("");
    REQUIRE_MESSAGE(pieces, (pieces ? std::string() : pieces.error().detail));
    CHECK(pieces->files[0].path == "demo-1.0.tar.gz");
    CHECK(pieces->serial == 8);
    // What is cut off, or goes on behind its end, is none.
    for (std::size_t length = 0; length + 2 < text.size(); ++length)
        CHECK(refusal(text.substr(0, length)) == ErrorCode::Corrupt);
    CHECK(refusal(text + "{}") == ErrorCode::Corrupt);
}

TEST_CASE("a page has bounds")
{
    std::string many(2'000'000, ' ');
    for (std::size_t at = 0; at + 3 < many.size(); at += 3)
        many.replace(at, 3, "{},");
    many += "{}";
    CHECK(read(page("", R"(,"x":[)" + many + "]")).files.empty());
    CHECK(refusal(page(file("a.zip", "/a.zip", R"(,"core-metadata":{"x":[)" + many + "]}"))) == ErrorCode::Corrupt);
    CHECK(refusal(page(file("a.zip", "/" + std::string(3000, 'x') + "/a.zip"))) == ErrorCode::Corrupt);
    std::string versions = "\"1\"";
    for (int i = 0; i < 100'000; ++i)
        versions += ",\"1\"";
    CHECK(refusal(page("", R"(,"versions":[)" + versions + "]")) == ErrorCode::TooLarge);
}

TEST_CASE("the older of two serials counts")
{
    CHECK(readProjectPage(page(""), "demo", base, "5")->serial == 5);
    CHECK(readProjectPage(page(""), "demo", base, "9")->serial == 7);
    CHECK(readProjectPage(R"({"meta":{"api-version":"1.0"},"name":"demo","files":[]})", "demo", base, "")->serial == 0);
}

TEST_CASE("yanks, reasons and statuses survive, in all forms alike")
{
    auto got = read(page(file("demo-1.0-py3-none-any.whl", "/packages/demo-1.0-py3-none-any.whl",
                              R"(,"yanked":"broken <\"","size":5,"upload-time":"2026-01-02T03:04:05Z","requires-python":">=3.8",)"
                              R"("core-metadata":{"sha256":")" + std::string(64, 'b') + R"("})"),
                         R"(,"versions":["1.0"],"project-status":{"status":"archived","reason":"done"})"));
    got.files[0].file.size = 5;
    const Rendered out = renderProject(got, "Demo", {});
    const auto json = boost::json::parse(out.json).as_object();
    const auto &one = json.at("files").at(0).as_object();
    CHECK(one.at("url") == "../../packages/demo-1.0-py3-none-any.whl");
    CHECK(one.at("yanked") == "broken <\"");
    CHECK(one.at("upload-time") == "2026-01-02T03:04:05.000000Z");
    CHECK(json.at("project-status").at("reason") == "done");
    CHECK(out.html.find("data-yanked=\"broken &lt;&quot;\"") != std::string::npos);
    CHECK(out.html.find("href=\"../../packages/") != std::string::npos);
    const auto legacy = boost::json::parse(out.legacy).as_object();
    CHECK(legacy.at("last_serial") == 7);
    CHECK(legacy.at("info").at("name") == "Demo");
    CHECK(legacy.at("releases").at("1.0").at(0).at("url") == "/packages/demo-1.0-py3-none-any.whl");
    const auto based = boost::json::parse(renderProject(got, "Demo", {}, "https://far.example/copy").legacy).as_object();
    CHECK(based.at("urls").at(0).at("url") == "https://far.example/copy/packages/demo-1.0-py3-none-any.whl");
    CHECK(legacy.at("releases").at("1.0").at(0).at("yanked_reason") == "broken <\"");
}

TEST_CASE("what the upstream does not tell is not made up")
{
    const auto got = read(page(file("demo-1.0.tar.gz", "/packages/demo-1.0.tar.gz")));
    CHECK(renderProject(got, "demo", {}).json.find("upload-time") == std::string::npos);
}

TEST_CASE("the newest release is a final one that is not yanked")
{
    const auto got = read(page(file("demo-1.0.tar.gz", "/packages/1") + "," + file("demo-2.0a1.tar.gz", "/packages/2") + "," +
                               file("demo-3.0.tar.gz", "/packages/3", R"(,"yanked":true)")));
    CHECK(newestVersion(got) == "1.0");
}

TEST_CASE("filters choose projects by normalised names")
{
    Filters filters;
    CHECK(filters.wantsProject("anything"));
    filters.allow = {"Demo_*", "other"};
    filters.deny = {"demo-secret"};
    CHECK(filters.wantsProject("demo-one"));
    CHECK(filters.wantsProject("other"));
    CHECK(!filters.wantsProject("demo-secret"));
    CHECK(!filters.wantsProject("third"));
    CHECK(filters.fingerprint() != Filters().fingerprint());
}

TEST_CASE("filters leave releases and wheels that are wanted")
{
    const auto whole = read(page(file("demo-1.0.tar.gz", "/a/1") + "," + file("demo-2.0.tar.gz", "/a/2") + "," + file("demo-3.0rc1.tar.gz", "/a/3") + "," +
                                     file("demo-2.0-py3-none-any.whl", "/a/4") + "," + file("demo-2.0-cp311-cp311-win_amd64.whl", "/a/5") + "," +
                                     file("demo-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "/a/6"),
                                 R"(,"versions":["1.0","2.0","3.0rc1"])"));
    const auto left = [&](const Filters &filters) {
        ProjectPage page = whole;
        filters.apply(page);
        return std::pair(page.files.size(), page.versions);
    };
    Filters filters;
    CHECK(left(filters) == std::pair(std::size_t{6}, whole.versions));
    filters.prereleases = false;
    CHECK(left(filters) == std::pair(std::size_t{5}, std::vector<std::string>{"1.0", "2.0"}));
    filters.latest = 1;
    CHECK(left(filters) == std::pair(std::size_t{4}, std::vector<std::string>{"2.0"}));
    filters.platforms = {"manylinux*"};
    CHECK(left(filters).first == 3);
    filters.sdists = false;
    CHECK(left(filters).first == 2);
}

TEST_CASE("the newest releases are those that people install")
{
    const auto left = [&](const std::string &files, std::size_t latest) {
        ProjectPage page = read(::page(files));
        Filters filters;
        filters.latest = latest;
        filters.apply(page);
        std::vector<std::string> names;
        for (const PageFile &one : page.files)
            names.push_back(one.version);
        return names;
    };
    using Versions = std::vector<std::string>;
    const std::string files = file("demo-1.0.tar.gz", "/a/1") + "," + file("demo-2.0.tar.gz", "/a/2") + "," + file("demo-3.0a1.tar.gz", "/a/3") + "," +
                              file("demo-4.0.tar.gz", "/a/4", R"(,"yanked":"broken")");
    CHECK(left(files, 1) == Versions{"2.0"});
    CHECK(left(files, 2) == Versions{"1.0", "2.0"});
    CHECK(left(files, 3) == Versions{"1.0", "2.0", "3.0a1"});
    CHECK(left(files, 4).size() == 4);
    // Of a release that is yanked in part the rest counts.
    CHECK(left(files + "," + file("demo-4.0-py3-none-any.whl", "/a/5"), 1) == Versions{"4.0", "4.0"});
    CHECK(left(file("demo-4.0.tar.gz", "/a/4", R"(,"yanked":true)"), 1) == Versions{"4.0"});
}

TEST_CASE("what is neither a wheel nor a source distribution is a binary of unknown platform")
{
    const auto left = [&](const Filters &filters) {
        ProjectPage page = read(::page(file("demo-1.0-py2.7.egg", "/a/1") + "," + file("demo-1.0.win32.exe", "/a/2") + "," + file("demo-1.0.tar.gz", "/a/3")));
        filters.apply(page);
        return page.files.size();
    };
    Filters filters;
    filters.sdists = false;
    CHECK(left(filters) == 2);
    filters.platforms = {"manylinux*"};
    CHECK(left(filters) == 0);
    filters.sdists = true;
    CHECK(left(filters) == 1);
}

TEST_CASE("references are resolved as browsers do")
{
    const std::string at = "http://h:1/a/b/";
    const auto to = [&](const char *reference) { return resolveAddress(at, reference).value_or("none"); };
    CHECK(to("../../packages/x") == "http://h:1/packages/x");
    CHECK(to("../../../../x") == "http://h:1/x");
    CHECK(to("c?q=/../#f") == "http://h:1/a/b/c?q=/../");
    CHECK(to("/c/./d/..") == "http://h:1/c/");
    CHECK(to("//other/x") == "http://other/x");
    CHECK(to("https://other") == "https://other/");
    CHECK(to("ftp://other/x") == "none");
    CHECK(to("javascript:x") == "none");
    CHECK(to("") == "http://h:1/a/b/");
    CHECK(pathOfAddress("http://h/a%20b?c") == "/a b");
}
