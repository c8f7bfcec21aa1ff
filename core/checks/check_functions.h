// SPDX-License-Identifier: GPL-3.0-or-later
// The upload checks themselves, one small function each; upload_checks.cpp puts them in order. Pure,
// any thread.
#pragma once

#include "core/checks/facts.h"
#include "core/checks/refusal.h"

#include <optional>
#include <string>
#include <string_view>

namespace cm::checks {

using Answer = std::optional<Refusal>;

// 'value', the middle of a long one left out as the protocol does it.
[[nodiscard]] std::string quoteValue(std::string_view value);
// " See <help>#topic for more information."
[[nodiscard]] std::string seeHelp(const UploadFacts &facts, std::string_view topic);
// The project's name as stored, or as the form writes it.
[[nodiscard]] std::string projectName(const UploadFacts &facts);

// form_checks.cpp
Answer checkReadOnly(const UploadFacts &facts);
Answer checkUploadsDisabled(const UploadFacts &facts);
Answer checkIdentity(const UploadFacts &facts);
Answer checkPasswordUploads(const UploadFacts &facts);
Answer checkTokenHolds(const UploadFacts &facts);
Answer checkFileParts(const UploadFacts &facts);
Answer checkEncoding(const UploadFacts &facts);
Answer checkProtocolVersion(const UploadFacts &facts);
Answer checkName(const UploadFacts &facts);
Answer checkVersionGiven(const UploadFacts &facts);
Answer checkBlake2Form(const UploadFacts &facts);
Answer checkFiletype(const UploadFacts &facts);
Answer checkSha256Form(const UploadFacts &facts);
Answer checkPyversion(const UploadFacts &facts);
Answer checkAnyDigest(const UploadFacts &facts);
// metadata_checks.cpp
Answer checkMetadataVersion(const UploadFacts &facts);
Answer checkVersion(const UploadFacts &facts);
Answer checkLocalVersion(const UploadFacts &facts);
Answer checkSummary(const UploadFacts &facts);
Answer checkDescriptionType(const UploadFacts &facts);
Answer checkEmails(const UploadFacts &facts);
Answer checkUrls(const UploadFacts &facts);
Answer checkProjectUrls(const UploadFacts &facts);
Answer checkRequiresPython(const UploadFacts &facts);
Answer checkRequiresDist(const UploadFacts &facts);
Answer checkDirectDependency(const UploadFacts &facts);
Answer checkDynamic(const UploadFacts &facts);
Answer checkLicense(const UploadFacts &facts);
Answer checkDescriptionRenders(const UploadFacts &facts);
// access_checks.cpp
Answer checkNewProjects(const UploadFacts &facts);
Answer checkNewOverSsh(const UploadFacts &facts);
Answer checkProhibitedName(const UploadFacts &facts);
Answer checkSimilarName(const UploadFacts &facts);
Answer checkStdlibName(const UploadFacts &facts);
Answer checkTooManyNew(const UploadFacts &facts);
Answer checkTokenScope(const UploadFacts &facts);
Answer checkMayUpload(const UploadFacts &facts);
Answer checkProjectStatus(const UploadFacts &facts);
// file_checks.cpp
Answer checkFileGiven(const UploadFacts &facts);
Answer checkFilenamePrintable(const UploadFacts &facts);
Answer checkFilenameSlash(const UploadFacts &facts);
Answer checkContentType(const UploadFacts &facts);
Answer checkExtensionOfType(const UploadFacts &facts);
Answer checkExtension(const UploadFacts &facts);
Answer checkFileSize(const UploadFacts &facts);
Answer checkProjectSize(const UploadFacts &facts);
Answer checkDigests(const UploadFacts &facts);
Answer checkFilenameLength(const UploadFacts &facts);
Answer checkAlreadyExists(const UploadFacts &facts);
Answer checkFilenameReused(const UploadFacts &facts);
Answer checkWindow(const UploadFacts &facts);
Answer checkOneSdist(const UploadFacts &facts);
// archive_checks.cpp
Answer checkArchive(const UploadFacts &facts);
Answer checkArchiveMetadata(const UploadFacts &facts);
Answer checkArchiveName(const UploadFacts &facts);
Answer checkArchiveVersion(const UploadFacts &facts);
Answer checkLicenseFiles(const UploadFacts &facts);
Answer checkRecord(const UploadFacts &facts);
Answer checkEntryPoints(const UploadFacts &facts);
Answer checkMetadataFile(const UploadFacts &facts);
// filename_checks.cpp
Answer checkSdistName(const UploadFacts &facts);
Answer checkSdistProject(const UploadFacts &facts);
Answer checkSdistVersion(const UploadFacts &facts);
Answer checkPep625(const UploadFacts &facts);
Answer checkWheelName(const UploadFacts &facts);
Answer checkPlatformTags(const UploadFacts &facts);
Answer checkWheelProject(const UploadFacts &facts);
Answer checkWheelSpelling(const UploadFacts &facts);
Answer checkWheelVersion(const UploadFacts &facts);

}  // namespace cm::checks
