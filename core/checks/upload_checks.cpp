// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/upload_checks.h"

#include "core/checks/check_functions.h"

#include <array>

namespace cm::checks {
namespace {

// The first check that an identical repeat of an upload does not come to any more.
constexpr std::string_view duplicateCheck = "file.exists";

// The order of the upload protocol. Remedies are keys of the desktop's words.
constexpr std::array list{
    Check{"registry.read-only", Stage::Access, "wait", checkReadOnly},
    Check{"registry.uploads-disabled", Stage::Form, "wait", checkUploadsDisabled},
    Check{"auth.missing", Stage::Form, "sign-in", checkIdentity},
    Check{"auth.token-invalid", Stage::Form, "new-token", checkTokenHolds},
    Check{"auth.password", Stage::Form, "new-token", checkPasswordUploads},
    Check{"form.file-part", Stage::Form, "update-client", checkFileParts},
    Check{"form.encoding", Stage::Form, "fix-metadata", checkEncoding},
    Check{"form.protocol-version", Stage::Form, "update-client", checkProtocolVersion},
    Check{"form.name", Stage::Form, "fix-metadata", checkName},
    Check{"form.version", Stage::Form, "fix-metadata", checkVersionGiven},
    Check{"form.blake2", Stage::Form, "update-client", checkBlake2Form},
    Check{"form.filetype", Stage::Form, "build-wheel-or-sdist", checkFiletype},
    Check{"form.sha256", Stage::Form, "update-client", checkSha256Form},
    Check{"form.pyversion", Stage::Form, "update-client", checkPyversion},
    Check{"form.digest-missing", Stage::Form, "update-client", checkAnyDigest},
    Check{"metadata.metadata-version", Stage::Form, "update-build-tool", checkMetadataVersion},
    Check{"metadata.version", Stage::Form, "fix-metadata", checkVersion},
    Check{"metadata.local-version", Stage::Form, "drop-local-version", checkLocalVersion},
    Check{"metadata.summary", Stage::Form, "fix-metadata", checkSummary},
    Check{"metadata.description-type", Stage::Form, "fix-metadata", checkDescriptionType},
    Check{"metadata.email", Stage::Form, "fix-metadata", checkEmails},
    Check{"metadata.url", Stage::Form, "fix-metadata", checkUrls},
    Check{"metadata.project-url", Stage::Form, "fix-metadata", checkProjectUrls},
    Check{"metadata.requires-python", Stage::Form, "fix-metadata", checkRequiresPython},
    Check{"metadata.requires-dist", Stage::Form, "fix-metadata", checkRequiresDist},
    Check{"metadata.direct-dependency", Stage::Form, "depend-on-release", checkDirectDependency},
    Check{"metadata.dynamic", Stage::Form, "fix-metadata", checkDynamic},
    Check{"metadata.license", Stage::Form, "fix-metadata", checkLicense},
    Check{"file.missing", Stage::Body, "update-client", checkFileGiven},
    Check{"project.registration-disabled", Stage::Access, "wait", checkNewProjects},
    Check{"project.over-ssh", Stage::Access, "upload-https", checkNewOverSsh},
    Check{"project.prohibited", Stage::Access, "choose-name", checkProhibitedName},
    Check{"project.similar", Stage::Access, "choose-name", checkSimilarName},
    Check{"project.stdlib", Stage::Access, "choose-name", checkStdlibName},
    Check{"project.too-many", Stage::Access, "wait", checkTooManyNew},
    Check{"access.token-scope", Stage::Access, "new-token", checkTokenScope},
    Check{"access.denied", Stage::Access, "ask-owner", checkMayUpload},
    Check{"project.status", Stage::Access, "ask-operator", checkProjectStatus},
    Check{"description.renders", Stage::Form, "fix-description", checkDescriptionRenders},
    Check{"file.name-unprintable", Stage::Body, "rename-file", checkFilenamePrintable},
    Check{"file.name-slash", Stage::Body, "rename-file", checkFilenameSlash},
    Check{"file.content-type", Stage::Body, "build-wheel-or-sdist", checkContentType},
    Check{"file.extension-of-type", Stage::Body, "build-wheel-or-sdist", checkExtensionOfType},
    Check{"file.extension", Stage::Body, "build-wheel-or-sdist", checkExtension},
    Check{"file.too-large", Stage::Body, "shrink-or-ask-limit", checkFileSize},
    Check{"project.too-large", Stage::Body, "delete-or-ask-limit", checkProjectSize},
    Check{"digest.mismatch", Stage::Body, "send-again", checkDigests},
    Check{duplicateCheck, Stage::Stored, "new-version", checkAlreadyExists},
    Check{"file.name-used", Stage::Stored, "new-version", checkFilenameReused},
    Check{"release.window", Stage::Stored, "new-version", checkWindow},
    Check{"release.one-sdist", Stage::Stored, "new-version", checkOneSdist},
    Check{"archive.invalid", Stage::Archive, "rebuild", checkArchive},
    Check{"archive.metadata", Stage::Archive, "rebuild", checkArchiveMetadata},
    Check{"archive.name", Stage::Archive, "rebuild", checkArchiveName},
    Check{"archive.version", Stage::Archive, "rebuild", checkArchiveVersion},
    Check{"sdist.name", Stage::Body, "rebuild", checkSdistName},
    Check{"sdist.project", Stage::Body, "rebuild", checkSdistProject},
    Check{"sdist.version", Stage::Body, "rebuild", checkSdistVersion},
    Check{"sdist.pep625", Stage::Body, "update-build-tool", checkPep625},
    Check{"wheel.name", Stage::Body, "rebuild", checkWheelName},
    Check{"wheel.platform", Stage::Body, "repair-wheel", checkPlatformTags},
    Check{"wheel.project", Stage::Body, "rebuild", checkWheelProject},
    Check{"wheel.spelling", Stage::Body, "update-build-tool", checkWheelSpelling},
    Check{"wheel.version", Stage::Body, "rebuild", checkWheelVersion},
    Check{"archive.license-file", Stage::Archive, "rebuild", checkLicenseFiles},
    Check{"wheel.record", Stage::Archive, "rebuild", checkRecord},
    Check{"wheel.entry-points", Stage::Archive, "fix-entry-points", checkEntryPoints},
    Check{"wheel.metadata", Stage::Archive, "rebuild", checkMetadataFile},
    Check{"file.name-length", Stage::Body, "rename-file", checkFilenameLength},
};

}  // namespace

std::span<const Check> uploadChecks()
{
    return list;
}

bool isIdenticalRepeat(const UploadFacts &facts)
{
    if (!facts.stored || !facts.stored->sameName || !facts.body || !facts.file)
        return false;
    const StoredFile &stored = *facts.stored->sameName;
    return stored.filename == facts.file->filename && stored.sha256 == facts.body->sha256 &&
           stored.blake2b256 == facts.body->blake2b256;
}

Outcome judge(const UploadFacts &facts, Stages stages)
{
    for (const Check &check : list) {
        if (check.id == duplicateCheck && stages.has(Stage::Stored) && isIdenticalRepeat(facts))
            return {Verdict::AlreadyStored, {}, {}};
        if (!stages.has(check.stage))
            continue;
        if (auto refusal = check.run(facts))
            return {Verdict::Refused, check.id, std::move(*refusal)};
    }
    return {};
}

std::optional<Refusal> firstRefusal(const UploadFacts &facts, Stages stages)
{
    Outcome outcome = judge(facts, stages);
    if (outcome.verdict != Verdict::Refused)
        return std::nullopt;
    return std::move(outcome.refusal);
}

std::vector<Finding> allFindings(const UploadFacts &facts, Stages stages)
{
    std::vector<Finding> findings;
    for (const Check &check : list) {
        if (!stages.has(check.stage))
            continue;
        if (auto refusal = check.run(facts))
            findings.push_back({check.id, check.remedy, std::move(*refusal)});
    }
    return findings;
}

}  // namespace cm::checks
