// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/checks/preflight.h"
#include "core/checks/upload_checks.h"
#include "tests/support/make_archive.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm;
using namespace cm::checks;
using namespace cm::test;

namespace {

std::string field(const pypi::FormFields &fields, std::string_view name)
{
    const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
    return found == fields.end() ? "(absent)" : found->second;
}

}  // namespace

TEST_CASE("a wheel becomes the form that twine would send")
{
    const TempFolder folder;
    const std::string bytes =
        makeWheel("demo", "1.0", "Summary: A demo\nClassifier: A\nClassifier: B\nKeywords: x,y\n");
    const auto path = folder.write("demo-1.0-py2.py3-none-any.whl", bytes);
    auto candidate = inspectForUpload(path);
    REQUIRE(candidate);
    CHECK(candidate->type == pypi::PackageType::BdistWheel);
    CHECK(candidate->size == bytes.size());
    std::uint64_t done = 0;
    REQUIRE(digestCandidate(*candidate, [&](std::uint64_t now, std::uint64_t) { done = now; }));
    CHECK(done == bytes.size());
    const auto fields = uploadFields(*candidate);
    CHECK(field(fields, ":action") == "file_upload");
    CHECK(field(fields, "protocol_version") == "1");
    CHECK(field(fields, "metadata_version") == "2.1");
    CHECK(field(fields, "name") == "demo");
    CHECK(field(fields, "version") == "1.0");
    CHECK(field(fields, "summary") == "A demo");
    CHECK(field(fields, "keywords") == "x,y");
    CHECK(field(fields, "filetype") == "bdist_wheel");
    CHECK(field(fields, "pyversion") == "py2.py3");
    CHECK(field(fields, "sha256_digest") == hashHex(HashKind::Sha256, bytes));
    CHECK(field(fields, "blake2_256_digest") == hashHex(HashKind::Blake2b256, bytes));
    CHECK(field(fields, "md5_digest") == hashHex(HashKind::Md5, bytes));
    CHECK(field(fields, "download_url") == "(absent)");
    CHECK(std::ranges::count(fields, "classifiers", &std::pair<std::string, std::string>::first) == 2);
    CHECK(allFindings(factsOf(*candidate)).empty());
}

TEST_CASE("an sdist becomes a form too")
{
    const TempFolder folder;
    const auto candidate = inspectForUpload(folder.write("demo-1.0.tar.gz", makeSdist("demo", "1.0")));
    REQUIRE(candidate);
    CHECK(field(uploadFields(*candidate), "filetype") == "sdist");
    CHECK(field(uploadFields(*candidate), "pyversion") == "source");
    CHECK(allFindings(factsOf(*candidate)).empty());
}

TEST_CASE("the wheels of the system pass every check")
{
    for (const auto &path : systemWheels()) {
        INFO(path.string());
        auto candidate = inspectForUpload(path);
        REQUIRE(candidate);
        REQUIRE(digestCandidate(*candidate));
        for (const Finding &finding : allFindings(factsOf(*candidate)))
            FAIL_CHECK(finding.refusal.text);
    }
}

TEST_CASE("a damaged file is a candidate with findings, all of them")
{
    const TempFolder folder;
    const std::string wheel = makeWheel("demo", "1.0");
    const auto truncated =
        inspectForUpload(folder.write("demo-1.0-py3-none-any.whl", wheel.substr(0, wheel.size() / 2)));
    REQUIRE(truncated);
    CHECK(truncated->metadata.name == "demo");
    const auto refusal = firstRefusal(factsOf(*truncated), Stage::Archive);
    REQUIRE(refusal);
    CHECK(refusal->text == "Invalid distribution file. File is not a zipfile");
    // Another name than the archive has inside, and a newer version.
    const auto renamed = inspectForUpload(folder.write("other-2.0-py3-none-any.whl", wheel));
    REQUIRE(renamed);
    CHECK(firstRefusal(factsOf(*renamed), Stage::Archive)->text ==
          "Invalid distribution file. WHEEL not found at other-2.0.dist-info/WHEEL");
    CHECK(inspectForUpload(folder.write("empty-1.0.tar.gz", "")));
}

TEST_CASE("what is no distribution is no candidate")
{
    const TempFolder folder;
    CHECK(inspectForUpload(folder.write("notes.txt", "x")).error().code == ErrorCode::InvalidInput);
    CHECK(inspectForUpload(folder.path() / "none-1.0.tar.gz").error().code == ErrorCode::NotFound);
    std::filesystem::create_directory(folder.path() / "folder-1.0.tar.gz");
    CHECK(inspectForUpload(folder.path() / "folder-1.0.tar.gz").error().code == ErrorCode::InvalidInput);
}

TEST_CASE("digesting stops when asked and notices a changed file")
{
    const TempFolder folder;
    const auto path = folder.write("demo-1.0.tar.gz", makeSdist("demo", "1.0"));
    auto candidate = inspectForUpload(path);
    REQUIRE(candidate);
    std::stop_source stop;
    stop.request_stop();
    CHECK(digestCandidate(*candidate, {}, stop.get_token()).error().code == ErrorCode::Cancelled);
    CHECK_FALSE(candidate->digests);
    folder.write("demo-1.0.tar.gz", "shorter");
    CHECK(digestCandidate(*candidate).error().code == ErrorCode::Unavailable);
}
