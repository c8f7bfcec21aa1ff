// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/check_functions.h"
#include "core/checks/entry_points.h"
#include "core/checks/upload_checks.h"
#include "core/pypi/metadata.h"
#include "core/pypi/names.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

namespace cm::checks {
namespace {

bool isWheel(const UploadFacts &facts)
{
    return facts.form.filetype == "bdist_wheel";
}

std::string filename(const UploadFacts &facts)
{
    return facts.file ? facts.file->filename : std::string();
}

bool hasFile(const archive::Facts &archive, std::string_view path)
{
    return std::ranges::any_of(archive.members, [&](const archive::Member &member) {
        return member.kind == archive::MemberKind::File && member.path == path;
    });
}

// What the archive says of itself; null when it says nothing that can be read.
std::shared_ptr<const pypi::Metadata> archiveMetadata(const UploadFacts &facts)
{
    auto metadata = facts.archiveMetadata ? facts.archiveMetadata : readArchiveMetadata(facts);
    return metadata && *metadata ? std::shared_ptr<const pypi::Metadata>(metadata, &**metadata) : nullptr;
}

}  // namespace

std::shared_ptr<const Result<pypi::Metadata>> readArchiveMetadata(const UploadFacts &facts)
{
    if (!facts.archive || !facts.archive->metadata)
        return nullptr;
    return std::make_shared<const Result<pypi::Metadata>>(pypi::parseMetadata(*facts.archive->metadata));
}

Answer checkArchive(const UploadFacts &facts)
{
    if (!facts.archive || facts.archive->problems.empty())
        return std::nullopt;
    const archive::Problem &problem = facts.archive->problems.front();
    const std::string see = seeHelp(facts, "archives");
    switch (problem.kind) {
    case archive::ProblemKind::Distribution:
        return refuse(400, "Invalid distribution file. " + problem.message);
    case archive::ProblemKind::ZipStructure:
        return refuse(400, fmt::format("Invalid distribution file. ZIP archive not accepted: {}.{}", problem.message,
                                       see.substr(0, see.size() - 1)));
    case archive::ProblemKind::TarStructure:
        return refuse(400, fmt::format("Invalid distribution file. tar archive not accepted: {}.{}", problem.message,
                                       see.substr(0, see.size() - 1)));
    }
    return std::nullopt;
}

Answer checkArchiveMetadata(const UploadFacts &facts)
{
    if (!facts.archive || !facts.archive->metadata)
        return std::nullopt;
    const auto metadata = facts.archiveMetadata ? facts.archiveMetadata : readArchiveMetadata(facts);
    if (*metadata)
        return std::nullopt;
    return refuse(400, fmt::format("Invalid distribution file. Cannot read {}: {}", facts.archive->metadataPath,
                                   metadata->error().detail));
}

Answer checkArchiveName(const UploadFacts &facts)
{
    const auto metadata = archiveMetadata(facts);
    const std::string &name = facts.form.metadata.name;
    if (!metadata || pypi::normalizeName(metadata->name) == pypi::normalizeName(name))
        return std::nullopt;
    return refuse(400, fmt::format("Invalid distribution file. Name in {} should be {} not {}.",
                                   facts.archive->metadataPath, quoteValue(name), quoteValue(metadata->name)));
}

Answer checkArchiveVersion(const UploadFacts &facts)
{
    const auto metadata = archiveMetadata(facts);
    const std::string &version = facts.form.metadata.version;
    if (!metadata || pypi::canonicalVersion(metadata->version) == pypi::canonicalVersion(version))
        return std::nullopt;
    return refuse(400, fmt::format("Invalid distribution file. Version in {} should be {} not {}.",
                                   facts.archive->metadataPath, quoteValue(version), quoteValue(metadata->version)));
}

// Metadata 2.4 made License-File binding (PEP 639); before, tools wrote it their own way.
Answer checkLicenseFiles(const UploadFacts &facts)
{
    const auto metadata = archiveMetadata(facts);
    if (!metadata || metadata->licenseFiles.empty() ||
        pypi::compareVersions(metadata->metadataVersion, "2.4") < 0)
        return std::nullopt;
    const std::string folder = facts.archive->infoDirectory + (isWheel(facts) ? "/licenses/" : "/");
    // Both lists are the uploader's and may be long: never one times the other.
    std::unordered_set<std::string_view> files;
    for (const archive::Member &member : facts.archive->members) {
        if (member.kind == archive::MemberKind::File)
            files.insert(member.path);
    }
    for (const std::string &file : metadata->licenseFiles) {
        if (!files.contains(folder + file))
            return refuse(400, fmt::format("License-File {} does not exist in distribution file {} at {}", file,
                                           filename(facts), folder + file));
    }
    return std::nullopt;
}

Answer checkRecord(const UploadFacts &facts)
{
    if (!facts.archive || !isWheel(facts) || facts.archive->recordPath.empty() ||
        hasFile(*facts.archive, facts.archive->recordPath))
        return std::nullopt;
    return refuse(400, fmt::format("Wheel '{}' does not contain the required RECORD file: {}", filename(facts),
                                   facts.archive->recordPath));
}

Answer checkEntryPoints(const UploadFacts &facts)
{
    if (!facts.archive || !facts.archive->entryPoints || areValidEntryPoints(*facts.archive->entryPoints))
        return std::nullopt;
    return refuse(
        400, fmt::format("Wheel '{}' has invalid entry points defined in the entry_points.txt file", filename(facts)));
}

Answer checkMetadataFile(const UploadFacts &facts)
{
    if (!facts.archive || !isWheel(facts) || facts.archive->metadataPath.empty() ||
        hasFile(*facts.archive, facts.archive->metadataPath))
        return std::nullopt;
    return refuse(400, fmt::format("Wheel '{}' does not contain the required METADATA file: {}", filename(facts),
                                   facts.archive->metadataPath));
}

}  // namespace cm::checks
