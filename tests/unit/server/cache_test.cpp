// SPDX-License-Identifier: GPL-3.0-or-later
// Prepared pages and known files: kept, dropped with their project, never older than a change.
#include "core/base/hash.h"
#include "core/server/file_cache.h"
#include "core/server/page_cache.h"
#include "tests/contract/temp_folder.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::server;

namespace {

struct Printed {
    cm::test::TempFolder folder;
    PagePrinter printer{folder.path() + "/pages"};
    Printed() { REQUIRE(printer.open()); }
    Page operator()(const std::string &body) { return *printer.prepare(http::Response::html(200, body)); }
};

Page pageOf(const std::string &body)
{
    static Printed printed;
    return printed(body);
}

std::string textOf(const Page &page)
{
    const http::Reply reply = page->replyTo(http::RequestHead());
    return std::get<std::shared_ptr<const http::Baked>>(reply)->identity.body;
}

std::shared_ptr<const http::FileRange> fileOf(const std::string &path)
{
    return std::make_shared<http::FileRange>(http::FileRange{path, "\"tag\"", {}});
}

}  // namespace

TEST_CASE("a page is found by project and variant until the project changes")
{
    PageCache cache(64U << 20);
    CHECK_FALSE(cache.find("demo", "html"));
    CHECK(cache.put("demo", "html", pageOf("one"), 1, cache.ticket("demo")));
    CHECK(cache.put("demo", "json", pageOf("two"), 1, cache.ticket("demo")));
    REQUIRE(cache.find("demo", "html"));
    CHECK(textOf(cache.find("demo", "html")) == "one");
    CHECK(textOf(cache.find("demo", "json")) == "two");
    CHECK_FALSE(cache.find("demo", "v1+html"));
    cache.drop("demo");
    CHECK_FALSE(cache.find("demo", "html"));
    CHECK_FALSE(cache.find("demo", "json"));
    CHECK(cache.figures().bytes == 0);
}

TEST_CASE("a page read before a change is not kept after it")
{
    PageCache cache(64U << 20);
    const std::uint64_t ticket = cache.ticket("demo");
    cache.drop("demo");
    CHECK_FALSE(cache.put("demo", "html", pageOf("old"), 1, ticket));
    CHECK_FALSE(cache.find("demo", "html"));
    CHECK(cache.put("demo", "html", pageOf("new"), 1, cache.ticket("demo")));
    CHECK(textOf(cache.find("demo", "html")) == "new");
}

TEST_CASE("a serial that was shown is never gone back on")
{
    PageCache cache(64U << 20);
    const std::uint64_t ticket = cache.ticket("demo");
    CHECK(cache.put("demo", "html", pageOf("old html"), 7, ticket));
    // Another process commits; a second variant is read after it, before anybody is told.
    CHECK(cache.put("demo", "json", pageOf("new json"), 8, ticket));
    CHECK_FALSE(cache.find("demo", "html"));
    CHECK_FALSE(cache.put("demo", "html", pageOf("old html"), 7, ticket));
    CHECK(cache.put("demo", "html", pageOf("new html"), 8, ticket));
    CHECK(textOf(cache.find("demo", "json")) == "new json");
}

TEST_CASE("memory is bounded and what is asked for stays")
{
    PageCache cache(6'400'000);
    std::string body;
    // Not compressible, so that the weight is known.
    for (int i = 0; body.size() < 20'000; ++i)
        body += hashHex(HashKind::Sha256, std::to_string(i));
    CHECK(cache.put("wanted", "html", pageOf(body), 1, cache.ticket("wanted")));
    for (int i = 0; i < 2'000; ++i) {
        const std::string name = "other-" + std::to_string(i);
        cache.put(name, "html", pageOf(body), 1, cache.ticket(name));
        REQUIRE(cache.find("wanted", "html"));
    }
    CHECK(cache.figures().bytes <= 6'400'000);
    CHECK(cache.figures().projects > 150);
    cache.clear();
    CHECK(cache.figures().bytes == 0);
    PageCache small(10'000);
    CHECK_FALSE(small.put("large", "html", pageOf(body), 1, small.ticket("large")));
}

TEST_CASE("ever new variants of one project do not grow without end")
{
    PageCache cache(64U << 20);
    for (int i = 0; i < 1'000; ++i)
        cache.put("demo", "json http://host-" + std::to_string(i), pageOf("page"), 1, cache.ticket("demo"));
    CHECK(cache.find("demo", "json http://host-999"));
    CHECK_FALSE(cache.find("demo", "json http://host-0"));
}

TEST_CASE("a file is known until its project changes")
{
    FileCache cache(1'000);
    cache.put("ab/one.whl", "demo", fileOf("/one"), cache.ticket());
    cache.put("ab/two.whl", "other", fileOf("/two"), cache.ticket());
    REQUIRE(cache.find("ab/one.whl"));
    CHECK(cache.find("ab/one.whl")->path == "/one");
    const std::uint64_t before = cache.ticket();
    cache.drop("demo");
    CHECK_FALSE(cache.find("ab/one.whl"));
    CHECK(cache.find("ab/two.whl"));
    cache.put("ab/one.whl", "demo", fileOf("/one"), before);
    CHECK_FALSE(cache.find("ab/one.whl"));
}

TEST_CASE("known files are bounded")
{
    FileCache cache(320);
    for (int i = 0; i < 10'000; ++i)
        cache.put("file-" + std::to_string(i), "demo", fileOf("/x"), cache.ticket());
    int known = 0;
    for (int i = 0; i < 10'000; ++i)
        known += cache.find("file-" + std::to_string(i)) != nullptr;
    CHECK(known <= 320);
    CHECK(known > 0);
    cache.drop("demo");
    CHECK_FALSE(cache.find("file-9999"));
}

TEST_CASE("a long page is a file, kept like any other and gone with its last holder")
{
    Printed printed;
    PageCache cache(32U << 20);
    const std::string body(3'000'000, 'x');
    REQUIRE(cache.put("large", "html", printed(body), 1, cache.ticket("large")));
    CHECK(cache.figures().bytes < 100'000);
    http::FileRange file;
    {
        const Page page = cache.find("large", "html");
        REQUIRE(page);
        file = std::get<http::FileRange>(page->replyTo(http::RequestHead()));
    }
    cache.drop("large");
    // A request that was answered with it is about to open it.
    CHECK(std::filesystem::file_size(file.path) == body.size());
    file.keeper.reset();
    CHECK_FALSE(std::filesystem::exists(file.path));
    CHECK(std::filesystem::is_empty(printed.folder.path() + "/pages"));
}
