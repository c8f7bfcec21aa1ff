// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/json_api.h"
#include "core/pypi/simple_render.h"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace cm::pypi;
namespace json = boost::json;

namespace {

SimpleProjectPage samplePage()
{
    SimpleProjectPage page;
    page.name = "demo";
    page.serial = 120;
    page.versions = {"1.0", "1.1"};
    SimpleFile plain;
    plain.filename = "demo-1.0.tar.gz";
    plain.url = "/packages/ab/cd/ef/demo-1.0.tar.gz";
    plain.sha256 = "aa11";
    plain.size = 123;
    plain.uploadTime = *cm::parseRfc3339("2026-08-21T10:00:00.123456Z");
    SimpleFile rich = plain;
    rich.filename = "demo-1.1-py3-none-any.whl";
    rich.requiresPython = ">=3.10,<4";
    rich.yanked = true;
    rich.yankedReason = "say \"no\" & <go>";
    rich.metadataSha256 = "bb22";
    rich.provenanceUrl = "https://example.org/p?a=1&b=2";
    page.files = {plain, rich};
    return page;
}

std::string projectJson(const SimpleProjectPage &page)
{
    std::string out;
    appendProjectJson(out, page);
    return out;
}

std::string projectHtml(const SimpleProjectPage &page)
{
    std::string out;
    appendProjectHtml(out, page);
    return out;
}

}  // namespace

TEST_CASE("a project page in JSON has the members of api-version 1.4")
{
    const json::value root = json::parse(projectJson(samplePage()));
    CHECK(root.at("meta") == json::value{{"api-version", "1.4"}, {"_last-serial", 120}});
    CHECK(root.at("name") == "demo");
    CHECK(root.at("project-status") == json::value{{"status", "active"}});
    CHECK(root.at("versions") == json::value(json::array{"1.0", "1.1"}));
    const json::value &plain = root.at("files").at(0);
    CHECK(plain.at("hashes") == json::value{{"sha256", "aa11"}});
    CHECK(plain.at("requires-python").is_null());
    CHECK(plain.at("size") == 123);
    CHECK(plain.at("upload-time") == "2026-08-21T10:00:00.123456Z");
    CHECK(plain.at("yanked") == false);
    CHECK(plain.at("core-metadata") == false);
    CHECK(plain.at("provenance").is_null());
    const json::value &rich = root.at("files").at(1);
    CHECK(rich.at("yanked") == "say \"no\" & <go>");
    CHECK(rich.at("core-metadata") == json::value{{"sha256", "bb22"}});
    CHECK(rich.at("data-dist-info-metadata") == rich.at("core-metadata"));
    // pip 23.0 falls over the bare key.
    CHECK(rich.as_object().if_contains("dist-info-metadata") == nullptr);
}

TEST_CASE("a yank without a reason is true in JSON and an empty attribute in HTML")
{
    SimpleProjectPage page = samplePage();
    page.files[1].yankedReason.clear();
    CHECK(json::parse(projectJson(page)).at("files").at(1).at("yanked") == true);
    CHECK(projectHtml(page).find(" data-yanked=\"\"") != std::string::npos);
}

TEST_CASE("a quarantined project has a page without files")
{
    SimpleProjectPage page = samplePage();
    page.status = ProjectStatus::Quarantined;
    page.statusReason = "under <review>";
    const json::value root = json::parse(projectJson(page));
    CHECK(root.at("files") == json::value(json::array{}));
    CHECK(root.at("versions") == json::value(json::array{}));
    CHECK(root.at("project-status") == json::value{{"status", "quarantined"}, {"reason", "under <review>"}});
    const std::string html = projectHtml(page);
    CHECK(html.find("<a ") == std::string::npos);
    CHECK(html.find("<meta name=\"pypi:project-status\" content=\"quarantined\">") != std::string::npos);
    CHECK(html.find("<meta name=\"pypi:project-status-reason\" content=\"under &lt;review&gt;\">") !=
          std::string::npos);
}

TEST_CASE("a project page in HTML is escaped and ends with its serial")
{
    const std::string html = projectHtml(samplePage());
    CHECK(html.find("<meta name=\"pypi:repository-version\" content=\"1.4\">") != std::string::npos);
    CHECK(html.find("<a href=\"/packages/ab/cd/ef/demo-1.0.tar.gz#sha256=aa11\">demo-1.0.tar.gz</a><br />") !=
          std::string::npos);
    CHECK(html.find("data-requires-python=\"&gt;=3.10,&lt;4\" data-yanked=\"say &quot;no&quot; &amp; &lt;go&gt;\" "
                    "data-core-metadata=\"sha256=bb22\" data-dist-info-metadata=\"sha256=bb22\" "
                    "data-provenance=\"https://example.org/p?a=1&amp;b=2\">") != std::string::npos);
    CHECK(html.ends_with("<!--SERIAL 120-->"));
}

TEST_CASE("the index names each project with its serial")
{
    const SimpleIndexEntry entries[] = {{"Demo.Pkg", 7}, {"other", 12}};
    std::string text;
    appendIndexJson(text, entries, 12);
    CHECK(text == R"({"meta":{"api-version":"1.4","_last-serial":12},"projects":[{"name":"Demo.Pkg","_last-serial":7},)"
                  R"({"name":"other","_last-serial":12}]})");
    std::string html;
    appendIndexHtml(html, entries, 12);
    CHECK(html.find("<a href=\"/simple/demo-pkg/\">Demo.Pkg</a>\n") != std::string::npos);
    CHECK(html.ends_with("<!--SERIAL 12-->"));
    std::string empty;
    appendIndexJson(empty, {}, 0);
    CHECK(json::parse(empty).at("projects") == json::value(json::array{}));
}

TEST_CASE("negotiation follows the Accept header")
{
    struct Row {
        const char *accept;
        SimpleFormat format;
    };
    static constexpr Row rows[] = {
        {"", SimpleFormat::Html},
        {"*/*", SimpleFormat::Html},
        {"text/html", SimpleFormat::Html},
        {"image/png", SimpleFormat::Html},
        {"application/vnd.pypi.simple.v1+json", SimpleFormat::V1Json},
        {"application/vnd.pypi.simple.latest+json", SimpleFormat::V1Json},
        {"application/vnd.pypi.simple.latest+html", SimpleFormat::V1Html},
        {"application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01",
         SimpleFormat::V1Json},
        {"application/vnd.pypi.simple.v1+html;q=0.2, application/vnd.pypi.simple.v1+json, text/html;q=0.01",
         SimpleFormat::V1Json},
        {"application/vnd.pypi.simple.v1+json;q=0.1, text/html", SimpleFormat::Html},
        {"application/vnd.pypi.simple.v1+json;q=0, */*;q=0.5", SimpleFormat::Html},
        {"text/html;q=0, application/*;q=0.5", SimpleFormat::V1Html},
        {"APPLICATION/VND.PYPI.SIMPLE.V1+JSON;Q=1.0", SimpleFormat::V1Json},
        {"application/vnd.pypi.simple.v1+json;q=nonsense", SimpleFormat::Html},
        {",,;q=1,;;", SimpleFormat::Html},
    };
    for (const Row &row : rows)
        CHECK_MESSAGE(negotiateSimple(row.accept) == row.format, row.accept);
    CHECK(negotiateSimple("text/html", "application/vnd.pypi.simple.v1+json") == SimpleFormat::V1Json);
    CHECK(negotiateSimple("text/html", "something") == SimpleFormat::Html);
    // devpi compares the whole value, so there is no charset parameter.
    CHECK(simpleContentType(SimpleFormat::V1Json) == "application/vnd.pypi.simple.v1+json");
}

TEST_CASE("the JSON API has strings where clients need strings")
{
    JsonProject project;
    project.name = "Demo";
    project.version = "1.0";
    project.serial = 9;
    JsonFile file;
    file.filename = "demo-1.0.tar.gz";
    file.type = PackageType::Sdist;
    file.uploadTime = *cm::parseRfc3339("2026-08-21T10:00:00.5Z");
    file.blake2b256 = "cc";
    project.urls = {file};
    project.releases = {{"1.0", {file}}, {"2.0", {}}};
    project.roles = {{"Owner", "ada"}};
    project.info.projectUrls = {"Docs, https://example.org/d"};
    const json::value root = json::parse(renderJsonApi(project, true));
    for (const char *key : {"description", "license", "summary", "home_page", "author", "author_email"})
        CHECK_MESSAGE(root.at("info").at(key) == "", key);
    CHECK(root.at("info").at("project_urls") == json::value{{"Docs", "https://example.org/d"}});
    CHECK(root.at("last_serial") == 9);
    CHECK(root.at("releases").as_object().size() == 2);
    const json::value &first = root.at("releases").at("1.0").at(0);
    CHECK(first.at("python_version") == "source");
    CHECK(first.at("packagetype") == "sdist");
    CHECK(first.at("upload_time") == "2026-08-21T10:00:00");
    CHECK(first.at("upload_time_iso_8601") == "2026-08-21T10:00:00.500000Z");
    CHECK(first.at("core-metadata") == false);
    CHECK(root.at("ownership").at("roles").at(0).at("user") == "ada");
    CHECK(json::parse(renderJsonApi(project, false)).as_object().if_contains("releases") == nullptr);
}
