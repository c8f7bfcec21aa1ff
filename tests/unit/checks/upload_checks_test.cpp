// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/entry_points.h"
#include "core/checks/upload_checks.h"
#include "tests/unit/checks/good_upload.h"

#include <doctest/doctest.h>
#include <set>

using namespace cm;
using namespace cm::checks;

TEST_CASE("an upload that is right is accepted")
{
    CHECK(judge(goodWheel()).verdict == Verdict::Accepted);
    CHECK(judge(goodSdist()).verdict == Verdict::Accepted);
    CHECK(allFindings(goodWheel()).empty());
    // Without a type of its own, as flit sends the part; un-normalised names in the file.
    UploadFacts facts = goodSdist();
    facts.file->contentType.clear();
    facts.file->filename = "Demo.Pkg-1.0.0.zip";
    CHECK(judge(facts).verdict == Verdict::Accepted);
}

TEST_CASE("ids are unique and every check says what to do")
{
    std::set<std::string_view> ids;
    for (const Check &check : uploadChecks()) {
        CHECK_MESSAGE(ids.insert(check.id).second, std::string(check.id));
        CHECK_FALSE(check.remedy.empty());
    }
}

TEST_CASE("what is not known yet is passed over")
{
    UploadFacts facts = goodWheel();
    facts.body.reset();
    facts.stored.reset();
    facts.archive.reset();
    facts.file.reset();
    facts.project.reset();
    facts.caller.reset();
    CHECK(judge(facts).verdict == Verdict::Accepted);
    CHECK(firstRefusal(UploadFacts{}, Stage::Access | Stage::Body | Stage::Stored | Stage::Archive) == std::nullopt);
}

TEST_CASE("the first refusal is the one of the protocol's order")
{
    UploadFacts facts = goodWheel();
    facts.form.filetype = "egg";
    facts.form.blake2Digest = "x";
    facts.caller->mayUpload = false;
    CHECK(judge(facts).checkId == "form.blake2");
    CHECK(judge(facts, Stage::Access).checkId == "access.denied");
    const auto findings = allFindings(facts);
    REQUIRE(findings.size() >= 3);
    CHECK(findings[0].checkId == "form.blake2");
    CHECK(findings[1].checkId == "form.filetype");
    CHECK(findings[2].checkId == "access.denied");
}

TEST_CASE("an identical repeat is an outcome, but not for a stranger")
{
    UploadFacts facts = goodWheel();
    facts.stored->sameName = facts.stored->sameBytes = StoredFile{facts.file->filename, sha, blake};
    facts.stored->filenameUsedBefore = true;
    facts.policies.window = std::chrono::days(1);
    facts.stored->releaseCreated = facts.now - 400 * 24h;
    facts.project->storedBytes = 10ULL << 30;
    CHECK(judge(facts).verdict == Verdict::AlreadyStored);
    CHECK(allFindings(facts).empty());
    CHECK_FALSE(firstRefusal(facts));
    facts.caller->mayUpload = false;
    CHECK(judge(facts).checkId == "access.denied");
    facts.caller->mayUpload = true;
    facts.form.sha256Digest = std::string(64, '0');
    CHECK(judge(facts).checkId == "digest.mismatch");
}

TEST_CASE("limits: the most generous one counts")
{
    UploadFacts facts = goodWheel();
    facts.body->size = 200ULL << 20;
    facts.project->fileLimit = 300ULL << 20;
    CHECK(judge(facts).verdict == Verdict::Accepted);
    facts.project->fileLimit = 1;
    CHECK(judge(facts).checkId == "file.too-large");
    // Announced sizes count before the body is there.
    facts.body.reset();
    facts.size = 101ULL << 20;
    CHECK(judge(facts).checkId == "file.too-large");
}

TEST_CASE("every digest that is given is compared, the long BLAKE2b too")
{
    UploadFacts facts = goodWheel();
    facts.form.sha256Digest = std::string(64, 'A');
    facts.form.blake2Digest = std::string(128, 'e');
    facts.form.md5Digest = std::string(32, 'd');
    CHECK(judge(facts).verdict == Verdict::Accepted);
    facts.form.sha256Digest.clear();
    facts.form.blake2Digest.clear();
    CHECK(judge(facts).verdict == Verdict::Accepted);
}

TEST_CASE("refusals stay printable ASCII whatever they quote")
{
    CHECK(asciiLine("caf\xc3\xa9\r\nX: y\xff\xf0\x9f\x98\x80") == "caf\\u00e9\\x0d\\x0aX: y\\xff\\U0001f600");
    CHECK(asciiLine(std::string(5000, 'a')).size() < 1100);
    UploadFacts facts = goodWheel();
    facts.form.metadata.name = "a\r\nSet-Cookie: x\xc3\xa9";
    const auto refusal = firstRefusal(facts);
    REQUIRE(refusal);
    for (const char c : refusal->text)
        CHECK((c >= 0x20 && c < 0x7f));
}

TEST_CASE("values that real projects have pass")
{
    UploadFacts facts = goodWheel();
    pypi::Metadata &metadata = facts.form.metadata;
    metadata.authorEmail = "\"Lovelace, Ada\" <ada@example.org>, bob@example.org";
    metadata.homePage = "https://example.org/x?y=1#z";
    metadata.projectUrls = {"Bug Tracker, https://example.org/bugs"};
    metadata.requiresDist = {"demo-dep (>=1)", "demo-extra ; extra == 'x'"};
    metadata.requiresPython = ">=3.6";
    metadata.dynamic = {"license-file", "Requires-Dist"};
    metadata.descriptionContentType = "text/markdown; charset=UTF-8; variant=GFM";
    std::string summary;
    for (int i = 0; i < 512; ++i)
        summary += "\xc3\xa9";
    metadata.summary = summary;
    CHECK(judge(facts).verdict == Verdict::Accepted);
}

TEST_CASE("entry points are read as the specification has them")
{
    CHECK(areValidEntryPoints(""));
    CHECK(areValidEntryPoints(
        "# c\n[console_scripts]\npip = pip._internal.cli.main:main\npip3.11 = pip:main [x]\n\n[other.group]\na b=c\n"));
    for (const char *text :
         {"a = b:c\n", "[g]\nno equals\n", "[g]\na = \n", "[g]\na = 1x:y\n", "[g]\na = b:\n", "[g]\na = b\na = c\n",
          "[]\n", "[gui_scripts]\na/b = c:d\n", "[g]\na = b-c\n", "[g]\na = b:c [x\n", "\xff"})
        CHECK_FALSE_MESSAGE(areValidEntryPoints(text), text);
}

TEST_CASE("the metadata of the archive may come read already")
{
    UploadFacts facts = goodWheel();
    facts.archive->metadata = "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n";
    facts.archiveMetadata = readArchiveMetadata(facts);
    REQUIRE(facts.archiveMetadata != nullptr);
    CHECK((*facts.archiveMetadata)->name == "other");
    CHECK(judge(facts).checkId == "archive.name");
    facts.archive->metadata.reset();
    CHECK(readArchiveMetadata(facts) == nullptr);
}

TEST_CASE("many licence files and many members are compared once, not each with each")
{
    constexpr int count = 200'000;
    UploadFacts facts = goodWheel();
    std::string text = "Metadata-Version: 2.4\nName: demo-pkg\nVersion: 1.0\n";
    for (int i = 0; i < count; ++i) {
        const std::string name = "licence-" + std::to_string(i);
        text += "License-File: " + name + "\n";
        facts.archive->members.push_back({facts.archive->infoDirectory + "/licenses/" + name, 1});
    }
    // 4 * 10^10 comparisons would take minutes: this returns at all.
    facts.archive->metadata = text;
    CHECK(judge(facts).verdict == Verdict::Accepted);
    facts.archive->members.pop_back();
    CHECK(judge(facts).checkId == "archive.license-file");
}
