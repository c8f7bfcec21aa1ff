// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/unit/checks/good_upload.h"

#include <doctest/doctest.h>
#include <functional>
#include <set>

using namespace cm;
using namespace cm::checks;

namespace {

struct Row {
    const char *id;
    std::function<void(UploadFacts &)> bend;
    int status;
    std::string text;
    bool sdist = false;
};

// Each row bends one thing; the check of that id must be the first to refuse, with this very text.
void checkRows(const std::vector<Row> &rows, std::set<std::string_view> &seen)
{
    for (const Row &row : rows) {
        INFO(row.id);
        UploadFacts facts = row.sdist ? goodSdist() : goodWheel();
        row.bend(facts);
        const Outcome outcome = judge(facts);
        CHECK(outcome.verdict == Verdict::Refused);
        CHECK(outcome.checkId == row.id);
        CHECK(outcome.refusal.status == row.status);
        CHECK(outcome.refusal.text == row.text);
        seen.insert(row.id);
    }
}

const std::string coreMetadata = " See https://packaging.python.org/specifications/core-metadata for more information.";

std::vector<Row> formRows()
{
    return {
        {"registry.read-only",
         [](auto &f) {
             f.readOnly = ReadOnlyOrder{Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + std::chrono::seconds(50641), {}};
         },
         403, "Read-only mode: Uploads are temporarily disabled until 2026-11-22 14:05 UTC."},
        {"registry.uploads-disabled", [](auto &f) { f.policies.uploadsDisabled = true; }, 403,
         "New uploads are temporarily disabled. See /help/uploads#uploads-disabled for more information."},
        {"auth.missing", [](auto &f) { f.caller = Caller{}; }, 403,
         "Invalid or non-existent authentication information. See /help/uploads#invalid-auth for more information."},
        {"auth.token-invalid", [](auto &f) { f.caller->tokenProblem = "token is expired"; }, 403,
         "Invalid API Token: token is expired"},
        {"auth.password",
         [](auto &f) {
             f.caller->byPassword = true;
             f.policies.passwordUploads = false;
         },
         403,
         "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted Publishers "
         "instead. See "
         "/help/uploads#api-token and /help/uploads#trusted-publishers"},
        {"form.file-part", [](auto &f) { f.unexpectedFileFields = {"name"}; }, 400, "name: Should not be a tuple."},
        {"form.encoding", [](auto &f) { f.form.metadata.summary = "caf\xe9"; }, 400,
         "Invalid value for summary. Error: Use UTF-8."},
        {"form.protocol-version", [](auto &f) { f.form.protocolVersion = "2"; }, 400, "Unknown protocol version."},
        {"form.name", [](auto &f) { f.form.metadata.name = "-x"; }, 400,
         "'-x' is an invalid value for Name. Error: Start and end with a letter or numeral containing only ASCII "
         "numeric and '.', '_' "
         "and '-'." +
             coreMetadata},
        {"form.name", [](auto &f) { f.form.metadata.name.clear(); }, 400,
         "'' is an invalid value for Name. Error: This field is required." + coreMetadata},
        {"form.name", [](auto &f) { f.form.metadata.name = "-" + std::string(40, 'a') + std::string(40, 'b'); }, 400,
         "'-" + std::string(29, 'a') + "..." + std::string(30, 'b') +
             "' is an invalid value for Name. Error: Start and end with a letter or numeral containing only ASCII "
             "numeric and '.', '_' "
             "and '-'." +
             coreMetadata},
        {"form.version", [](auto &f) { f.form.metadata.version.clear(); }, 400,
         "'' is an invalid value for Version. Error: This field is required." + coreMetadata},
        {"form.version", [](auto &f) { f.form.metadata.version = "1." + std::string(199, '0'); }, 400,
         "'1." + std::string(28, '0') + "..." + std::string(30, '0') +
             "' is an invalid value for Version. Error: Use 200 characters or less." + coreMetadata},
        {"form.name", [](auto &f) { f.form.metadata.name = "a" + std::string(199, '-') + "b"; }, 400,
         "'a" + std::string(29, '-') + "..." + std::string(29, '-') +
             "b' is an invalid value for Name. Error: Use 200 characters or less." + coreMetadata},
        {"form.blake2", [](auto &f) { f.form.blake2Digest = "abc"; }, 400,
         "Invalid value for blake2_256_digest. Error: Use a valid, hex-encoded, BLAKE2 message digest."},
        {"form.filetype", [](auto &f) { f.form.filetype = "bdist_egg"; }, 400,
         "Invalid value for filetype. Error: Use a known file type."},
        {"form.sha256", [](auto &f) { f.form.sha256Digest = std::string(64, 'x'); }, 400,
         "Invalid value for sha256_digest. Error: Use a valid, hex-encoded, SHA256 message digest."},
        {"form.pyversion", [](auto &f) { f.form.pyversion.clear(); }, 400,
         "Error: Python version is required for binary distribution uploads."},
        {"form.pyversion", [](auto &f) { f.form.pyversion = "3.9"; }, 400,
         "Error: Use 'source' as Python version for an sdist.", true},
        {"form.pyversion", [](auto &f) { f.form.pyversion = "py3\xff"; }, 400,
         "Invalid value for pyversion. Error: Use the Python tag of the wheel, such as 'py3'."},
        {"form.digest-missing", [](auto &f) { f.form.sha256Digest.clear(); }, 400,
         "Error: Include at least one message digest."},
    };
}

std::vector<Row> metadataRows()
{
    const auto error = [](const std::string &text) { return text + "." + coreMetadata; };
    return {
        {"metadata.metadata-version", [](auto &f) { f.form.metadata.metadataVersion = "9.9"; }, 400,
         error("'9.9' is not a valid metadata version")},
        {"metadata.version", [](auto &f) { f.form.metadata.version = "one"; }, 400,
         error("'one' is invalid for 'version'")},
        {"metadata.local-version", [](auto &f) { f.form.metadata.version = "1.0+x"; }, 400,
         error("The use of local versions in '1.0+x' is not allowed")},
        {"metadata.summary", [](auto &f) { f.form.metadata.summary = "a\nb"; }, 400,
         error("'summary' must be a single line")},
        {"metadata.summary", [](auto &f) { f.form.metadata.summary = std::string(513, 'a'); }, 400,
         error("'summary' field must be 512 characters or less")},
        {"metadata.description-type", [](auto &f) { f.form.metadata.descriptionContentType = "text/html"; }, 400,
         error("'text/html' is invalid for 'description-content-type': the type must be text/plain, text/x-rst or "
               "text/markdown")},
        {"metadata.email", [](auto &f) { f.form.metadata.authorEmail = "ada at home"; }, 400,
         error("'ada at home' is invalid for 'author-email'")},
        {"metadata.url", [](auto &f) { f.form.metadata.homePage = "javascript:alert(1)"; }, 400,
         error("'javascript:alert(1)' is not a valid url for 'home-page'")},
        {"metadata.project-url", [](auto &f) { f.form.metadata.projectUrls = {"Docs, ftp://x"}; }, 400,
         error("'Docs, ftp://x' is not a valid url for 'project-url'")},
        {"metadata.project-url", [](auto &f) { f.form.metadata.projectUrls = {std::string(33, 'a') + ", https://x"}; },
         400, error("the label of 'project-url' '" + std::string(33, 'a') + ", https://x' must be 1 to 32 characters")},
        {"metadata.requires-python", [](auto &f) { f.form.metadata.requiresPython = "3"; }, 400,
         error("'3' is invalid for 'requires-python'")},
        {"metadata.requires-dist", [](auto &f) { f.form.metadata.requiresDist = {"a b"}; }, 400,
         error("'a b' is invalid for 'requires-dist': expected version specifiers, found 'b'")},
        {"metadata.direct-dependency", [](auto &f) { f.form.metadata.requiresDist = {"a @ https://x/a.whl"}; }, 400,
         error("Can't have direct dependency: a @ https://x/a.whl")},
        {"metadata.dynamic", [](auto &f) { f.form.metadata.dynamic = {"Name"}; }, 400,
         error("'Name' is not allowed as a dynamic field")},
        {"metadata.dynamic", [](auto &f) { f.form.metadata.dynamic = {"Color"}; }, 400,
         error("'Color' is not a valid dynamic field")},
        {"metadata.license",
         [](auto &f) {
             f.form.metadata.license = "MIT";
             f.form.metadata.licenseExpression = "MIT";
         },
         400,
         error("License is deprecated when License-Expression is present. Only License-Expression should be present")},
    };
}

std::vector<Row> accessRows()
{
    const auto isNew = [](auto &f) { f.project = ProjectContext{}; };
    return {
        {"file.missing", [](auto &f) { f.file->present = false; }, 400, "Upload payload does not have a file."},
        {"project.registration-disabled",
         [=](auto &f) {
             isNew(f);
             f.policies.newProjectsDisabled = true;
         },
         403,
         "New project registration temporarily disabled. See /help/uploads#new-projects-disabled for more "
         "information."},
        {"project.over-ssh",
         [=](auto &f) {
             isNew(f);
             f.project->noneOverSsh = true;
         },
         403,
         "The project 'Demo.Pkg' does not exist, and uploads over ssh create none: send its first file over https. See "
         "/help/uploads#new-projects-disabled for more information."},
        {"project.prohibited",
         [=](auto &f) {
             isNew(f);
             f.project->nameProhibited = true;
         },
         400, "The name 'Demo.Pkg' isn't allowed. See /help/uploads#project-name for more information."},
        {"project.similar",
         [=](auto &f) {
             isNew(f);
             f.project->similarName = "demo-p1kg";
         },
         400,
         "The name 'Demo.Pkg' is too similar to an existing project. See /help/uploads#project-name for more "
         "information."},
        {"project.stdlib",
         [=](auto &f) {
             isNew(f);
             f.form.metadata.name = "Json";
         },
         400,
         "The name 'Json' isn't allowed (conflict with Python Standard Library module name). See "
         "/help/uploads#project-name for more "
         "information."},
        {"project.too-many",
         [=](auto &f) {
             isNew(f);
             f.project->tooManyNew = true;
         },
         429, "Too many new projects created"},
        {"access.token-scope", [](auto &f) { f.caller->tokenCovers = false; }, 403,
         "The given token isn't allowed to upload to project 'Demo.Pkg'. See /help/uploads#project-name for more "
         "information."},
        {"access.denied", [](auto &f) { f.caller->mayUpload = false; }, 403,
         "The user 'ada' isn't allowed to upload to project 'Demo.Pkg'. See /help/uploads#project-name for more "
         "information."},
        {"project.status", [](auto &f) { f.project->status = pypi::ProjectStatus::Archived; }, 403,
         "The project 'Demo.Pkg' is archived and takes no uploads. See /help/uploads#project-status for more "
         "information."},
        {"project.status", [](auto &f) { f.project->status = pypi::ProjectStatus::Quarantined; }, 403,
         "The project 'Demo.Pkg' is quarantined and takes no uploads. See /help/uploads#project-status for more "
         "information."},
    };
}

std::vector<Row> fileRows()
{
    return {
        {"description.renders", [](auto &f) { f.form.metadata.description = "A long title\n====\n"; }, 400,
         "The description failed to render in the default format of reStructuredText. See "
         "/help/uploads#description-content-type for more information."},
        {"description.renders",
         [](auto &f) {
             f.form.metadata.descriptionContentType = "text/x-rst";
             f.form.metadata.description = "x\n\n.. toctree::\n";
         },
         400,
         "The description failed to render for 'text/x-rst'. See /help/uploads#description-content-type for more "
         "information."},
        {"file.name-unprintable", [](auto &f) { f.file->filename = "a\nb.whl"; }, 400,
         "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in the "
         "name."},
        {"file.name-slash", [](auto &f) { f.file->filename = "../a.whl"; }, 400,
         "Cannot upload a file with '/' or '\\' in the name."},
        {"file.content-type", [](auto &f) { f.file->contentType = "image/png"; }, 400, "Invalid distribution file."},
        {"file.content-type", [](auto &f) { f.file->filename.clear(); }, 400, "Invalid distribution file."},
        {"file.extension-of-type", [](auto &f) { f.file->filename = "demo_pkg-1.0.zip"; }, 400,
         "Invalid file extension: Extension .zip is invalid for filetype bdist_wheel. See "
         "https://www.python.org/dev/peps/pep-0527 for "
         "more information."},
        {"file.extension", [](auto &f) { f.file->filename = "demo_pkg-1.0.exe"; }, 400,
         "Invalid file extension: Use .tar.gz, .whl or .zip extension. See https://www.python.org/dev/peps/pep-0527 "
         "and "
         "https://peps.python.org/pep-0715/ for more information"},
        {"file.too-large", [](auto &f) { f.body->size = (100ULL << 20) + 1; }, 400,
         "File too large. Limit for project 'Demo.Pkg' is 100 MB. See /help/uploads#file-size-limit for more "
         "information."},
        {"project.too-large", [](auto &f) { f.project->storedBytes = 10ULL << 30; }, 400,
         "Project size too large. Limit for project 'Demo.Pkg' total size is 10 GB. See "
         "/help/uploads#project-size-limit for more "
         "information."},
        {"digest.mismatch", [](auto &f) { f.form.md5Digest = std::string(32, '0'); }, 400,
         "The digest supplied does not match a digest calculated from the uploaded file."},
        {"digest.mismatch", [](auto &f) { f.form.blake2Digest = std::string(128, '0'); }, 400,
         "The digest supplied does not match a digest calculated from the uploaded file."},
        {"file.exists",
         [](auto &f) {
             f.stored->sameName = StoredFile{"demo_pkg-1.0-py3-none-any.whl", "other", "other"};
         },
         400,
         "File already exists ('demo_pkg-1.0-py3-none-any.whl', with blake2_256 hash '" + blake +
             "'). See /help/uploads#file-name-reuse for more information."},
        {"file.exists",
         [](auto &f) {
             f.stored->sameBytes = StoredFile{"other.whl", sha, blake};
         },
         400,
         "File already exists ('demo_pkg-1.0-py3-none-any.whl', with blake2_256 hash '" + blake +
             "'). See /help/uploads#file-name-reuse for more information."},
        {"file.name-used", [](auto &f) { f.stored->filenameUsedBefore = true; }, 400,
         "This filename was previously used by a file that has since been deleted. Use a different version. See "
         "/help/uploads#file-name-reuse for more information."},
        {"release.window",
         [](auto &f) {
             f.policies.window = std::chrono::days(14);
             f.stored->releaseCreated = f.now - 15 * 24h;
         },
         400, "Uploading new files to releases older than 14 days is not allowed."},
        {"release.one-sdist", [](auto &f) { f.stored->sdistOfRelease = "demo-pkg-1.0.tar.gz"; }, 400,
         "Only one sdist may be uploaded per release.", true},
        {"file.name-length",
         [](auto &f) { f.file->filename = "demo_pkg-1.0-1" + std::string(250, 'a') + "-py3-none-any.whl"; }, 400,
         "Filename is too long: 'demo_pkg-1.0-1" + std::string(250, 'a') + "-py3-none-any.whl'"},
    };
}

std::vector<Row> archiveRows()
{
    using archive::ProblemKind;
    return {
        {"archive.invalid",
         [](auto &f) {
             f.archive->problems = {{ProblemKind::Distribution, "File is not a zipfile"}};
         },
         400, "Invalid distribution file. File is not a zipfile"},
        {"archive.invalid",
         [](auto &f) {
             f.archive->problems = {{ProblemKind::ZipStructure, "Trailing data"}};
         },
         400,
         "Invalid distribution file. ZIP archive not accepted: Trailing data. See /help/uploads#archives for more "
         "information"},
        {"archive.invalid",
         [](auto &f) {
             f.archive->problems = {{ProblemKind::TarStructure, "Sparse members are not allowed"}};
         },
         400,
         "Invalid distribution file. tar archive not accepted: Sparse members are not allowed. See "
         "/help/uploads#archives for more "
         "information",
         true},
        {"archive.metadata", [](auto &f) { f.archive->metadata = "Name: \xff\n"; }, 400,
         "Invalid distribution file. Cannot read demo_pkg-1.0.dist-info/METADATA: the metadata is not UTF-8"},
        {"archive.name", [](auto &f) { f.archive->metadata = "Name: other\nVersion: 1.0\n"; }, 400,
         "Invalid distribution file. Name in demo_pkg-1.0.dist-info/METADATA should be 'Demo.Pkg' not 'other'."},
        {"archive.version", [](auto &f) { f.archive->metadata = "Name: demo.pkg\nVersion: 2\n"; }, 400,
         "Invalid distribution file. Version in demo_pkg-1.0/PKG-INFO should be '1.0' not '2'.", true},
        {"archive.license-file",
         [](auto &f) {
             f.archive->metadata = "Metadata-Version: 2.4\nName: demo-pkg\nVersion: 1\nLicense-File: LICENSE\n";
         },
         400,
         "License-File LICENSE does not exist in distribution file demo_pkg-1.0-py3-none-any.whl at "
         "demo_pkg-1.0.dist-info/licenses/LICENSE"},
        {"wheel.record", [](auto &f) { f.archive->members.pop_back(); }, 400,
         "Wheel 'demo_pkg-1.0-py3-none-any.whl' does not contain the required RECORD file: "
         "demo_pkg-1.0.dist-info/RECORD"},
        {"wheel.entry-points", [](auto &f) { f.archive->entryPoints = "[console_scripts]\n../evil = a:b\n"; }, 400,
         "Wheel 'demo_pkg-1.0-py3-none-any.whl' has invalid entry points defined in the entry_points.txt file"},
        {"wheel.metadata",
         [](auto &f) {
             f.archive->members.erase(f.archive->members.begin());
             f.archive->metadata.reset();
         },
         400,
         "Wheel 'demo_pkg-1.0-py3-none-any.whl' does not contain the required METADATA file: "
         "demo_pkg-1.0.dist-info/METADATA"},
    };
}

std::vector<Row> nameRows()
{
    return {
        {"sdist.name", [](auto &f) { f.file->filename = "demo_pkg.tar.gz"; }, 400,
         "Invalid source distribution filename: demo_pkg.tar.gz", true},
        {"sdist.project", [](auto &f) { f.file->filename = "other-1.0.tar.gz"; }, 400,
         "Start filename for 'Demo.Pkg' with 'demo_pkg'.", true},
        {"sdist.version", [](auto &f) { f.file->filename = "demo_pkg-2.tar.gz"; }, 400,
         "Version in filename should be '1.0' not '2'.", true},
        {"sdist.pep625",
         [](auto &f) {
             f.file->filename = "Demo.Pkg-1.0.tar.gz";
             f.policies.sdistNames = SdistNames::Pep625;
         },
         400, "Filename 'Demo.Pkg-1.0.tar.gz' is invalid, should be 'demo_pkg-1.0.tar.gz'.", true},
        {"wheel.name", [](auto &f) { f.file->filename = "demo_pkg-1.0.whl"; }, 400,
         "Invalid wheel filename (wrong number of parts): 'demo_pkg-1.0.whl'"},
        {"wheel.platform",
         [](auto &f) {
             f.file->filename = "demo_pkg-1.0-cp311-cp311-linux_x86_64.whl";
             f.policies.plainLinuxWheels = false;
         },
         400,
         "Binary wheel 'demo_pkg-1.0-cp311-cp311-linux_x86_64.whl' has an unsupported platform tag 'linux_x86_64'."},
        {"wheel.project", [](auto &f) { f.file->filename = "other-1.0-py3-none-any.whl"; }, 400,
         "Start filename for 'Demo.Pkg' with 'demo_pkg'."},
        {"wheel.spelling",
         [](auto &f) {
             f.file->filename = "Demo.Pkg-1.0-py3-none-any.whl";
             f.policies.sdistNames = SdistNames::Pep625;
         },
         400,
         "Filename 'Demo.Pkg-1.0-py3-none-any.whl' should contain the normalized project name 'demo_pkg', not "
         "'Demo.Pkg'."},
        {"wheel.version", [](auto &f) { f.file->filename = "demo_pkg-1.1-py3-none-any.whl"; }, 400,
         "Version in filename should be '1.0' not '1.1'."},
    };
}

}  // namespace

TEST_CASE("each check refuses in the words of the protocol")
{
    std::set<std::string_view> seen;
    for (const auto &rows : {formRows(), metadataRows(), accessRows(), fileRows(), archiveRows(), nameRows()})
        checkRows(rows, seen);
    for (const Check &check : uploadChecks())
        CHECK_MESSAGE(seen.contains(check.id), std::string(check.id) << " has no row");
}
