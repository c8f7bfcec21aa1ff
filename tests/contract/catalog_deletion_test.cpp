// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <algorithm>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

bool sees(Catalog &catalog, const std::string &filename)
{
    return catalog.read([&](Reader &reader) { return reader.findFile(filename); }).has_value();
}

Counters countersOf(Catalog &catalog)
{
    return must(catalog.read([](Reader &reader) { return reader.counters(at(0)); }));
}

}  // namespace

TEST_CASE_FIXTURE(CatalogFixture, "a deleted project vanishes from every read and comes back whole")
{
    const ProjectRow row = publish("gouda");
    publish("other");
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(row.id, deletion(10)); }));
    CHECK(codeOf(catalog().read([](Reader &reader) { return reader.findProject("gouda"); })) == ErrorCode::NotFound);
    CHECK_FALSE(sees(catalog(), "gouda-1.0.tar.gz"));
    CHECK(must(catalog().read([&](Reader &reader) { return reader.releases(row.id); })).empty());
    CHECK(must(catalog().read([&](Reader &reader) { return reader.filesOfProject(row.id); })).empty());
    CHECK(must(catalog().read([&](Reader &reader) { return reader.deletedFiles(row.id); })).empty());
    for (const char *search : {"", "gouda", "go"})
        CHECK(must(catalog().read([&](Reader &reader) { return reader.listProjects({search}); })).total == (*search ? 0 : 1));
    CHECK(countersOf(catalog()).projects == 1);
    CHECK(countersOf(catalog()).bytes == 30);
    const ProjectRow deleted = must(catalog().read([](Reader &reader) { return reader.findDeletedProject("gouda"); }));
    REQUIRE(deleted.deletion);
    CHECK(deleted.deletion->reason == "spam");
    CHECK(deleted.deletion->purgeAfter == at(110));
    // Its name is not free.
    CHECK(codeOf(catalog().write([](Writer &writer) { return writer.createProject(project("gouda")); })) == ErrorCode::Conflict);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.deleteProject(row.id, deletion(11)); })) == ErrorCode::NotFound);

    must(catalog().write([&](Writer &writer) { return writer.restoreProject(row.id); }));
    CHECK(sees(catalog(), "gouda-1.0.tar.gz"));
    const ProjectRow back = must(catalog().read([](Reader &reader) { return reader.findProject("gouda"); }));
    CHECK(back.fileCount == 2);
    CHECK(back.totalSize == 30);
    CHECK(countersOf(catalog()).projects == 2);
    CHECK(countersOf(catalog()).files == 4);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreProject(row.id); })) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(CatalogFixture, "what was deleted before its parent stays deleted when the parent returns")
{
    const ProjectRow row = publish("havarti");
    const FileRow sdist = must(catalog().read([](Reader &reader) { return reader.findFile("havarti-1.0.tar.gz"); }));
    must(catalog().write([&](Writer &writer) { return writer.deleteFile(sdist.id, deletion(1)); }));
    CHECK(must(catalog().read([](Reader &reader) { return reader.findProject("havarti"); })).totalSize == 20);
    must(catalog().write([&](Writer &writer) { return writer.deleteRelease(sdist.releaseId, deletion(2)); }));
    CHECK_FALSE(sees(catalog(), "havarti-1.0-py3-none-any.whl"));
    CHECK(must(catalog().read([](Reader &reader) { return reader.findProject("havarti"); })).releaseCount == 0);
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(row.id, deletion(3)); }));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreRelease(sdist.releaseId); })) == ErrorCode::NotFound);
    must(catalog().write([&](Writer &writer) { return writer.restoreProject(row.id); }));
    CHECK_FALSE(sees(catalog(), "havarti-1.0-py3-none-any.whl"));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreFile(sdist.id); })) == ErrorCode::Conflict);
    must(catalog().write([&](Writer &writer) { return writer.restoreRelease(sdist.releaseId); }));
    CHECK(sees(catalog(), "havarti-1.0-py3-none-any.whl"));
    CHECK_FALSE(sees(catalog(), "havarti-1.0.tar.gz"));
    must(catalog().write([&](Writer &writer) { return writer.restoreFile(sdist.id); }));
    const ProjectRow back = must(catalog().read([](Reader &reader) { return reader.findProject("havarti"); }));
    CHECK(back.fileCount == 2);
    CHECK(back.totalSize == 30);
    CHECK(countersOf(catalog()).bytes == 30);
}

TEST_CASE_FIXTURE(CatalogFixture, "the version of a deleted release may be made anew, then the old one cannot return")
{
    const ProjectRow row = publish("jarlsberg");
    const ReleaseRow old = must(catalog().read([&](Reader &reader) { return reader.findRelease(row.id, "1.0"); }));
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.deleteRelease(old.id, deletion(1)));
        CM_TRY(writer.createRelease(release(row.id, "1.0", 2)));
        return {};
    }));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreRelease(old.id); })) == ErrorCode::Conflict);
    CHECK_FALSE(sees(catalog(), "jarlsberg-1.0.tar.gz"));
    CHECK(must(catalog().read([](Reader &reader) { return reader.findProject("jarlsberg"); })).releaseCount == 1);
}

TEST_CASE_FIXTURE(CatalogFixture, "file names stay reserved after deletion and purge, and the purge names the blobs")
{
    const ProjectRow row = publish("kefir");
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(row.id, deletion(0)); }));
    const auto used = [this] {
        return must(catalog().read([](Reader &reader) { return reader.filenameUsed("kefir-1.0.tar.gz"); }));
    };
    CHECK(used());
    CHECK(must(catalog().write([](Writer &writer) { return writer.purgeExpired(at(99)); })).empty());
    auto paths = must(catalog().write([](Writer &writer) { return writer.purgeExpired(at(100)); }));
    std::sort(paths.begin(), paths.end());
    CHECK(paths == std::vector<std::string>{"aa/bb/cc/kefir-1.0-py3-none-any.whl", "aa/bb/cc/kefir-1.0-py3-none-any.whl.metadata",
                                            "aa/bb/cc/kefir-1.0.tar.gz"});
    CHECK(used());
    CHECK_FALSE(must(catalog().read([](Reader &reader) { return reader.filenameUsed("kefir-2.0.tar.gz"); })));
    const auto anew = catalog().write([](Writer &writer) -> Result<FileRow> {
        CM_TRY_ASSIGN(const auto added, writer.createProject(project("kefir")));
        CM_TRY_ASSIGN(const auto first, writer.createRelease(release(added.id, "1.0")));
        return writer.createFile(file(first, "kefir-1.0.tar.gz", 1));
    });
    CHECK(codeOf(anew) == ErrorCode::Conflict);
    CHECK(countersOf(catalog()).projects == 0);
    CHECK(must(catalog().read([](Reader &reader) { return reader.listProjects({"kefir"}); })).total == 0);
}

TEST_CASE_FIXTURE(CatalogFixture, "single files and releases are purged when their time comes")
{
    const ProjectRow row = publish("limburger");
    const FileRow sdist = must(catalog().read([](Reader &reader) { return reader.findFile("limburger-1.0.tar.gz"); }));
    must(catalog().write([&](Writer &writer) { return writer.deleteFile(sdist.id, deletion(0)); }));
    CHECK(must(catalog().write([](Writer &writer) { return writer.purgeExpired(at(100)); }))
          == std::vector<std::string>{"aa/bb/cc/limburger-1.0.tar.gz"});
    must(catalog().write([&](Writer &writer) { return writer.deleteRelease(sdist.releaseId, deletion(200)); }));
    CHECK(must(catalog().write([](Writer &writer) { return writer.purgeExpired(at(300)); })).size() == 2);
    CHECK(must(catalog().read([&](Reader &reader) { return reader.deletedReleases(row.id); })).empty());
    std::vector<std::string> named;
    must(catalog().read([&](Reader &reader) {
        return reader.forEachBlob([&](const NamedBlob &blob) {
            named.emplace_back(blob.path);
            return true;
        });
    }));
    CHECK(named.empty());
}
