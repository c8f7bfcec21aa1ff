// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/api/binding.h"
#include "core/api/monitor_endpoints.h"
#include "core/api/openapi.h"

#include <doctest/doctest.h>
#include <set>

using namespace cm;
using namespace cm::api;

namespace {

Time at(const char *text)
{
    return *parseRfc3339(text);
}

}  // namespace

TEST_CASE("a token travels as snake_case JSON and comes back equal")
{
    const Token token{Id{9007199254740993}, "mira", "laptop", {"geoflux"}, at("2026-11-22T09:44:19Z"),
                      std::nullopt, at("2026-11-22T10:00:00.5Z")};
    const std::string text = toJsonText(token);
    CHECK(text == R"({"id":"9007199254740993","user":"mira","description":"laptop","projects":["geoflux"],)"
                  R"("created":"2026-11-22T09:44:19.000000Z","last_used":"2026-11-22T10:00:00.500000Z"})");
    const auto back = fromJsonText<Token>(text);
    REQUIRE(back);
    CHECK(*back == token);
}

TEST_CASE("a page of projects survives the journey")
{
    Page<ProjectSummary> page;
    page.total = 1000000;
    page.items.push_back({"Jinja2", "jinja2", ProjectStatus::Quarantined, "\xe2\x9c\x93 <b>", "3.1.2", 4, 8, 1 << 30,
                          at("2026-01-01T00:00:00Z"), at("2026-01-02T00:00:00Z"), 31407922});
    const auto back = fromJsonText<Page<ProjectSummary>>(toJsonText(page));
    REQUIRE(back);
    CHECK(*back == page);
}

TEST_CASE("every problem of a request is named by its path")
{
    const auto wrong = fromJsonText<CreateToken>(R"({"description":1,"projects":["a",2],"expires_days":"x","nope":0})",
                                                 UnknownMembers::Refuse);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == ErrorCode::InvalidInput);
    std::set<std::string> fields;
    for (const auto &problem : wrong.error().fields)
        fields.insert(problem.field);
    CHECK(fields == std::set<std::string>{"description", "projects[1]", "expires_days", "nope"});
}

TEST_CASE("a client of a newer server ignores what it does not know")
{
    CHECK(fromJsonText<Change>(R"({"serial":3,"audit":"7","mood":"good"})"));
}

TEST_CASE("hostile JSON is refused, not followed")
{
    CHECK_FALSE(fromJsonText<Change>(std::string(100000, '[')));
    CHECK_FALSE(fromJsonText<Change>("{\"serial\":1e999}"));
    CHECK_FALSE(fromJsonText<Change>("{\"audit\":\"12x\"}"));
    CHECK_FALSE(fromJsonText<Change>("[]"));
    CHECK_FALSE(fromJsonText<Change>(""));
}

TEST_CASE("path members are encoded, the rest of a GET goes to the query")
{
    const auto yank = bindRequest(endpoints::yankRelease, {"a b/c", "1.0+x", "broken"});
    CHECK(yank.target == "/admin/v1/projects/a%20b%2Fc/releases/1.0%2Bx/yank");
    CHECK(yank.body == R"({"reason":"broken"})");

    ListProjects list;
    list.query = "req&x";
    list.status = ProjectStatus::Quarantined;
    const auto bound = bindRequest(endpoints::listProjects, list);
    CHECK(bound.body.empty());
    CHECK(bound.target.find("query=req%26x") != std::string::npos);
    CHECK(bound.target.find("status=quarantined") != std::string::npos);
}

TEST_CASE("what a client binds, the server reads back")
{
    const auto values = matchPath(endpoints::yankRelease.path, "/admin/v1/projects/a%20b%2Fc/releases/1.0%2Bx/yank");
    REQUIRE(values);
    const auto request = readRequest(endpoints::yankRelease, *values, {}, R"({"reason":"broken","project":"other"})");
    REQUIRE(request);
    CHECK(request->project == "a b/c");
    CHECK(request->version == "1.0+x");
    CHECK(request->reason == "broken");
    const auto list = readRequest(endpoints::listProjects, {}, {{"limit", "10"}, {"mine", "true"}, {"sort", "size"}}, {});
    REQUIRE(list);
    CHECK(list->limit == 10);
    CHECK(list->mine);
    CHECK(list->sort == ProjectSort::Size);
    CHECK_FALSE(readRequest(endpoints::listProjects, {}, {{"limit", "ten"}}, {}));
    CHECK_FALSE(readRequest(endpoints::listProjects, {}, {{"unheard", "1"}}, {}));
}

TEST_CASE("paths match whole segments only")
{
    CHECK_FALSE(matchPath("/admin/v1/projects/{project}", "/admin/v1/projects/"));
    CHECK_FALSE(matchPath("/admin/v1/projects/{project}", "/admin/v1/projects/a/b"));
    CHECK_FALSE(matchPath("/admin/v1/projects/{project}", "/admin/v1/projects/%zz"));
    CHECK_FALSE(matchPath("/admin/v1/projects/{project}", "/admin/v1/projects/a%00b"));
    CHECK_FALSE(matchPath("/admin/v1/me", "/admin/v1/me/"));
}

TEST_CASE("no two endpoints share a name, or a method with a path")
{
    std::set<std::string> names;
    std::set<std::string> places;
    // A verb that registry and monitor both answer is the same constant in both lists.
    std::size_t count = 0;
    const auto visit = [&](const EndpointInfo &endpoint) {
        ++count;
        names.insert(std::string(endpoint.name));
        places.insert(std::string(nameOf(endpoint.method)) + " " + std::string(endpoint.path));
        CHECK(endpoint.path.starts_with("/admin/v1/"));
        CHECK_FALSE(endpoint.summary.empty());
    };
    std::apply([&](const auto &...endpoint) { (visit(endpoint), ...); }, endpoints::all);
    CHECK(names.size() == count);
    CHECK(places.size() == count);
    const std::set<std::string> shared = names;
    std::set<std::string> seen;
    const auto visitOwn = [&](const EndpointInfo &endpoint) {
        CHECK(seen.insert(std::string(endpoint.name)).second);
        if (!shared.contains(std::string(endpoint.name)))
            visit(endpoint);
    };
    std::apply([&](const auto &...endpoint) { (visitOwn(endpoint), ...); }, endpoints::ofMonitor);
    CHECK(names.size() == count);
    CHECK(places.size() == count);
}

TEST_CASE("an observer may call nothing that changes something")
{
    const auto visit = [&](const EndpointInfo &endpoint) {
        CAPTURE(endpoint.name);
        if (endpoint.changes())
            CHECK_FALSE(endpoint.access.allows(Role::Observer));
    };
    std::apply([&](const auto &...endpoint) { (visit(endpoint), ...); }, endpoints::all);
    std::apply([&](const auto &...endpoint) { (visit(endpoint), ...); }, endpoints::ofMonitor);
}

TEST_CASE("OpenAPI describes every endpoint with its members")
{
    const Json document = openApiDocument("0.1.0");
    const auto &yank =
        document.at("paths").at("/admin/v1/projects/{project}/releases/{version}/yank").at("post").as_object();
    CHECK(yank.at("operationId") == "yank-release");
    CHECK(yank.at("parameters").as_array().size() == 2);
    CHECK(yank.at("requestBody").at("content").at("application/json").at("schema").at("properties").as_object().contains(
        "reason"));
}
