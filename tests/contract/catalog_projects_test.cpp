// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <fmt/format.h>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

std::vector<std::string> names(const ProjectPage &page)
{
    std::vector<std::string> out;
    for (const ProjectRow &row : page.projects)
        out.push_back(row.normalizedName);
    return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(CatalogFixture, "a project reads back as it was written, with its counts")
{
    publish("cheddar");
    const ProjectRow row = must(catalog().read([](Reader &reader) { return reader.findProject("cheddar"); }));
    CHECK(row.name == "cheddar");
    CHECK(row.status == "active");
    CHECK(row.releaseCount == 1);
    CHECK(row.fileCount == 2);
    CHECK(row.totalSize == 30);
    CHECK(row.lastSerial == 1);
    CHECK_FALSE(row.fileLimit);
    const auto files = must(catalog().read([&](Reader &reader) { return reader.filesOfProject(row.id); }));
    REQUIRE(files.size() == 2);
    CHECK(files[0].file.filename == "cheddar-1.0.tar.gz");
    CHECK(files[0].version == "1.0");
    CHECK_FALSE(files[0].file.metadataSha256);
    CHECK_FALSE(files[0].file.md5);
    CHECK(files[1].file.metadataSha256 == std::string(64, 'c'));
    const auto byPath = catalog().read([](Reader &reader) { return reader.findFileByPath("aa/bb/cc/cheddar-1.0.tar.gz"); });
    CHECK(must(byPath).id == files[0].file.id);
    CHECK(codeOf(catalog().read([](Reader &reader) { return reader.findFileByPath("zz/bb/cc/cheddar-1.0.tar.gz"); }))
          == ErrorCode::NotFound);
    CHECK(must(catalog().read([](Reader &reader) { return reader.findFileByBlake2("b-cheddar-1.0.tar.gz"); })).size == 10);
}

TEST_CASE_FIXTURE(CatalogFixture, "texts of releases survive whatever they hold")
{
    const std::string hostile = std::string("'; DROP TABLE projects; -- \xc3\xa9\n$1 {{identity}} ") + std::string(1 << 20, 'x');
    const ReleaseRow row = must(catalog().write([&](Writer &writer) -> Result<ReleaseRow> {
        CM_TRY_ASSIGN(const auto project, writer.createProject(CatalogFixture::project("brie")));
        ReleaseRow release = CatalogFixture::release(project.id, "1.0");
        release.description = hostile;
        release.summary = hostile;
        return writer.createRelease(release);
    }));
    const ReleaseRow read = must(catalog().read([&](Reader &reader) { return reader.findRelease(row.projectId, "1.0"); }));
    CHECK(read.description == hostile);
    CHECK(read.summary == hostile);
    const auto listed = must(catalog().read([&](Reader &reader) { return reader.releases(row.projectId); }));
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].description.empty());
}

TEST_CASE_FIXTURE(CatalogFixture, "names, versions and file names are given once")
{
    const ProjectRow row = publish("edam");
    CHECK(codeOf(catalog().write([](Writer &writer) { return writer.createProject(project("edam")); })) == ErrorCode::Conflict);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createRelease(release(row.id, "1.0")); }))
          == ErrorCode::Conflict);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createRelease(release(row.id + 99, "1.0")); }))
          == ErrorCode::Conflict);
    const auto again = catalog().write([&](Writer &writer) -> Result<FileRow> {
        CM_TRY_ASSIGN(const auto found, writer.findRelease(row.id, "1.0"));
        return writer.createFile(file(found, "edam-1.0.tar.gz", 1));
    });
    CHECK(codeOf(again) == ErrorCode::Conflict);
    CHECK(must(catalog().read([](Reader &reader) { return reader.findProject("edam"); })).totalSize == 30);
}

TEST_CASE_FIXTURE(CatalogFixture, "quarantine keeps who, when and why, and lifting returns to the status before")
{
    const ProjectRow row = publish("feta");
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.setProjectStatus(row.id, "deprecated", "use halloumi"));
        return writer.quarantineProject(row.id, {at(5), "mod", "malware", {}});
    }));
    const ProjectRow held = must(catalog().read([](Reader &reader) { return reader.findProject("feta"); }));
    CHECK(held.status == "quarantined");
    REQUIRE(held.quarantine);
    CHECK(held.quarantine->by == "mod");
    CHECK(held.quarantine->since == at(5));
    CHECK(held.quarantine->previousStatus == "deprecated");
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.quarantineProject(row.id, {at(6), "mod", "again", {}}); }))
          == ErrorCode::Conflict);
    CHECK(must(catalog().read([](Reader &reader) { return reader.counters(at(0)); })).quarantined == 1);
    must(catalog().write([&](Writer &writer) { return writer.liftProjectQuarantine(row.id); }));
    const ProjectRow lifted = must(catalog().read([](Reader &reader) { return reader.findProject("feta"); }));
    CHECK(lifted.status == "deprecated");
    CHECK(lifted.statusReason == "use halloumi");
    CHECK_FALSE(lifted.quarantine);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.liftProjectQuarantine(row.id); })) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(CatalogFixture, "the list sorts, filters, searches and pages, with the right total")
{
    must(catalog().write([](Writer &writer) -> Result<void> {
        for (int i = 0; i < 300; ++i) {
            CM_TRY_ASSIGN(const auto added, writer.createProject(project(fmt::format("pkg-{:03}", i), 1000 - i)));
            CM_TRY_ASSIGN(const auto first, writer.createRelease(release(added.id, "1.0")));
            CM_TRY(writer.createFile(file(first, fmt::format("pkg-{:03}.zip", i), (i * 7) % 300)));
            if (i % 100 == 50)
                CM_TRY(writer.setProjectStatus(added.id, "archived", ""));
        }
        return {};
    }));
    const auto list = [this](const ProjectQuery &query) {
        return must(catalog().read([&](Reader &reader) { return reader.listProjects(query); }));
    };
    CHECK(names(list({"", std::nullopt, ProjectSort::Name, false, 298, 10})) == Names{"pkg-298", "pkg-299"});
    CHECK(names(list({"", std::nullopt, ProjectSort::Name, true, 0, 2})) == Names{"pkg-299", "pkg-298"});
    CHECK(names(list({"", std::nullopt, ProjectSort::Created, false, 0, 2})) == Names{"pkg-299", "pkg-298"});
    CHECK(names(list({"", std::nullopt, ProjectSort::TotalSize, true, 0, 1})) == Names{"pkg-257"});
    CHECK(list({"", std::nullopt, ProjectSort::Name, false, 0, 5}).total == 300);
    const ProjectPage archived = list({"", "archived", ProjectSort::Created, false, 0, 10});
    CHECK(archived.total == 3);
    CHECK(names(archived) == Names{"pkg-250", "pkg-150", "pkg-050"});
    CHECK(list({"", "active", ProjectSort::FileCount, true, 290, 100}).projects.size() == 7);
    CHECK(list({"", "quarantined", ProjectSort::Name, false, 0, 10}).total == 0);
    CHECK(names(list({"g-29", std::nullopt, ProjectSort::Name, true, 8, 10})) == Names{"pkg-291", "pkg-290"});
    CHECK(list({"g-05", "archived", ProjectSort::LastActivity, false, 0, 10}).total == 1);
    CHECK(list({"-99", std::nullopt, ProjectSort::Name, false, 0, 10}).total == 0);
    CHECK(list({"299", std::nullopt, ProjectSort::Name, false, 0, 10}).total == 1);
    // One or two letters find what begins with them.
    CHECK(list({"pk", std::nullopt, ProjectSort::Name, false, 0, 10}).total == 300);
    CHECK(list({"p", "archived", ProjectSort::Name, false, 0, 10}).total == 3);
    CHECK(list({"99", std::nullopt, ProjectSort::Name, false, 0, 10}).total == 0);
    CHECK(list({"pk-", std::nullopt, ProjectSort::Name, false, 0, 10}).total == 0);
    for (const char *text : {"%", "_", "\"", "\"\"\"", "' OR 1", "pkg*", "p\xff", "AND", "\xc3\xa9\xc3\xa9\xc3\xa9"})
        CHECK(list({text, std::nullopt, ProjectSort::Name, false, 0, 10}).total == 0);
    // Every window of every sort, put together, is each project once.
    for (const ProjectSort sort : {ProjectSort::Name, ProjectSort::LastActivity, ProjectSort::FileCount,
                                   ProjectSort::TotalSize, ProjectSort::Created}) {
        std::vector<std::string> seen;
        for (std::int64_t offset = 0; offset < 300; offset += 37) {
            for (const std::string &name : names(list({"", std::nullopt, sort, true, offset, 37})))
                seen.push_back(name);
        }
        if (sort == ProjectSort::Name)
            CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
        std::sort(seen.begin(), seen.end());
        CHECK(std::unique(seen.begin(), seen.end()) == seen.end());
        CHECK(seen.size() == 300);
    }
}

TEST_CASE_FIXTURE(CatalogFixture, "the index streams every live project by name and stops when told")
{
    publish("b");
    publish("a");
    const ProjectRow gone = publish("c");
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(gone.id, deletion(1)); }));
    Names seen;
    must(catalog().read([&](Reader &reader) {
        return reader.forEachProject([&](const ProjectIndexEntry &entry) {
            seen.push_back(fmt::format("{} {}", entry.normalizedName, entry.lastSerial));
            return true;
        });
    }));
    CHECK(seen == Names{"a 2", "b 1"});
    int visited = 0;
    must(catalog().read([&](Reader &reader) {
        return reader.forEachProject([&](const ProjectIndexEntry &) { return ++visited < 1; });
    }));
    CHECK(visited == 1);
}
