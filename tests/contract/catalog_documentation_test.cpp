// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <fmt/format.h>
#include <set>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

std::vector<DocumentationFileRow> pages(int count, const std::string &blobs = "b")
{
    std::vector<DocumentationFileRow> out;
    for (int i = 0; i < count; ++i)
        out.push_back({fmt::format("p/{}.html", i), 10, fmt::format("{}-digest-{}", blobs, i), fmt::format("aa/{}/{}", blobs, i)});
    return out;
}

class DocumentationFixture : public CatalogFixture {
public:
    DocumentationFixture()
    {
        project = publish("gouda");
        release = must(catalog().read([&](Reader &reader) { return reader.findRelease(project.id, "1.0"); }));
    }

    DocumentationRow put(const std::vector<DocumentationFileRow> &files, std::int64_t second = 1)
    {
        return must(catalog().write([&](Writer &writer) { return writer.createDocumentation(row(second), files); }));
    }
    DocumentationRow row(std::int64_t second = 1) const
    {
        DocumentationRow out;
        out.projectId = project.id;
        out.releaseId = release.id;
        out.archiveSize = 99;
        out.archiveSha256 = "digest";
        out.uploaded = at(second);
        out.uploadedBy = "ada";
        return out;
    }
    std::vector<DocumentationRow> present()
    {
        return must(catalog().read([&](Reader &reader) { return reader.documentationOfProject(project.id); }));
    }
    std::vector<DocumentationRow> removed()
    {
        return must(catalog().read([&](Reader &reader) { return reader.removedDocumentation(project.id); }));
    }
    std::vector<std::string> idle()
    {
        return must(catalog().read([](Reader &reader) { return reader.idleBlobs("", 1000); }));
    }
    std::set<std::string> named()
    {
        std::set<std::string> out;
        must(catalog().read([&](Reader &reader) {
            return reader.forEachBlob([&](const NamedBlob &blob) {
                if (blob.sha256.empty())
                    out.insert(blob.path);
                return true;
            });
        }));
        return out;
    }
    void purge(std::int64_t second)
    {
        must(catalog().write([&](Writer &writer) { return writer.purgeExpired(at(second)); }));
    }

    ProjectRow project;
    ReleaseRow release;
};

}  // namespace

TEST_CASE_FIXTURE(DocumentationFixture, "documentation comes with all its files, and a release has one")
{
    const DocumentationRow made = put(pages(357));
    CHECK(made.files == 357);
    CHECK(made.size == 3570);
    const auto list = present();
    REQUIRE(list.size() == 1);
    CHECK(list[0].id == made.id);
    CHECK(list[0].version == "1.0");
    CHECK(list[0].archiveSize == 99);
    CHECK(list[0].uploaded == at(1));
    CHECK_FALSE(list[0].deletion);
    const auto file = must(catalog().read([&](Reader &reader) { return reader.documentationFile(made.id, "p/356.html"); }));
    CHECK(file.blob == "aa/b/356");
    CHECK(codeOf(catalog().read([&](Reader &reader) { return reader.documentationFile(made.id, "P/356.html"); })) == ErrorCode::NotFound);
    // Bytes that no text of the engine can hold are in no row.
    CHECK(codeOf(catalog().read([&](Reader &reader) { return reader.documentationFile(made.id, "\xff\xfe"); })) == ErrorCode::NotFound);
    CHECK(must(catalog().read([&](Reader &reader) { return reader.documentationFiles(made.id); })).size() == 357);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createDocumentation(row(), pages(1)); })) == ErrorCode::Conflict);
    auto twice = pages(2);
    twice[1].path = twice[0].path;
    must(catalog().write([&](Writer &writer) { return writer.removeDocumentation(made.id, deletion(2), false); }));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createDocumentation(row(), twice); })) == ErrorCode::Conflict);
    CHECK(present().empty());
    CHECK(named().size() == 357);
}

TEST_CASE_FIXTURE(DocumentationFixture, "what was removed comes back, unless other has come meanwhile")
{
    const DocumentationRow first = put(pages(1, "first"));
    must(catalog().write([&](Writer &writer) { return writer.removeDocumentation(first.id, deletion(2), false); }));
    CHECK(present().empty());
    REQUIRE(removed().size() == 1);
    CHECK(removed()[0].deletion->reason == "spam");
    const auto things = must(catalog().read([](Reader &reader) { return reader.deletedThings(0, 10); }));
    REQUIRE(things.things.size() == 1);
    CHECK(things.things[0].kind == DeletedThing::Kind::Documentation);
    CHECK(things.things[0].version == "1.0");
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.removeDocumentation(first.id, deletion(3), false); })) == ErrorCode::NotFound);
    const DocumentationRow second = put(pages(1, "second"));
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreDocumentation(first.id); })) == ErrorCode::Conflict);
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.removeDocumentation(second.id, deletion(4), true));
        return writer.restoreDocumentation(first.id);
    }));
    CHECK(present()[0].id == first.id);
    CHECK(removed()[0].replaced);
    // What was replaced is no deletion of anybody's.
    CHECK(must(catalog().read([](Reader &reader) { return reader.deletedThings(0, 10); })).total == 0);
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.restoreDocumentation(first.id); })) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(DocumentationFixture, "documentation follows its release and its project")
{
    put(pages(2));
    must(catalog().write([&](Writer &writer) { return writer.chooseDocumentation(project.id, release.id); }));
    CHECK(must(catalog().read([&](Reader &reader) { return reader.chosenDocumentation(project.id); })) == release.id);
    must(catalog().write([&](Writer &writer) { return writer.deleteRelease(release.id, deletion(2)); }));
    CHECK(present().empty());
    CHECK(removed().empty());
    CHECK(codeOf(catalog().read([&](Reader &reader) { return reader.documentationOfRelease(release.id); })) == ErrorCode::NotFound);
    must(catalog().write([&](Writer &writer) { return writer.restoreRelease(release.id); }));
    CHECK(present().size() == 1);
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(project.id, deletion(3)); }));
    CHECK(present().empty());
    must(catalog().write([&](Writer &writer) { return writer.restoreProject(project.id); }));
    CHECK(present().size() == 1);
    must(catalog().write([&](Writer &writer) { return writer.chooseDocumentation(project.id, std::nullopt); }));
    CHECK_FALSE(must(catalog().read([&](Reader &reader) { return reader.chosenDocumentation(project.id); })));
    must(catalog().write([&](Writer &writer) { return writer.quarantineRelease(release.id, {at(1), "ada", "odd", {}}); }));
    CHECK(present()[0].releaseQuarantined);
}

TEST_CASE_FIXTURE(DocumentationFixture, "a purge makes blobs idle that no other row names")
{
    const DocumentationRow first = put(pages(3, "shared"));
    must(catalog().write([&](Writer &writer) { return writer.removeDocumentation(first.id, deletion(0), false); }));
    auto some = pages(2, "shared");
    const DocumentationRow second = put(some);
    purge(99);
    CHECK(removed().size() == 1);
    purge(100);
    CHECK(removed().empty());
    CHECK(idle() == std::vector<std::string>{"aa/shared/2"});
    CHECK(named().size() == 2);
    // Named again before it was removed: it is not idle any more.
    must(catalog().write([&](Writer &writer) { return writer.removeDocumentation(second.id, deletion(100), true); }));
    put(pages(3, "shared"));
    CHECK(idle().empty());
    purge(150);
    must(catalog().write([&](Writer &writer) { return writer.expireReplaced(release.id, at(160)); }));
    purge(160);
    CHECK(removed().empty());
    CHECK(idle().empty());
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(project.id, deletion(200)); }));
    purge(300);
    CHECK(idle().size() == 3);
    must(catalog().write([&](Writer &writer) { return writer.forgetIdleBlobs(std::vector<std::string>{"aa/shared/0", "aa/shared/1"}); }));
    CHECK(idle() == std::vector<std::string>{"aa/shared/2"});
    CHECK(must(catalog().read([](Reader &reader) { return reader.idleBlobs("aa/shared/2", 10); })).empty());
}
