// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/check_functions.h"
#include "core/checks/upload_checks.h"
#include "core/pypi/constants.h"
#include "core/pypi/package_type.h"
#include "core/pypi/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::checks {
namespace {

const std::string *filename(const UploadFacts &facts)
{
    return facts.file && facts.file->present ? &facts.file->filename : nullptr;
}

std::optional<std::uint64_t> knownSize(const UploadFacts &facts)
{
    return facts.body ? facts.body->size : facts.size;
}

bool differs(const std::string &given, const std::string &computed)
{
    return !given.empty() && pypi::lowered(given) != computed;
}

}  // namespace

Answer checkFileGiven(const UploadFacts &facts)
{
    if (!facts.file || facts.file->present)
        return std::nullopt;
    return refuse(400, "Upload payload does not have a file.");
}

Answer checkFilenamePrintable(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr ||
        std::ranges::none_of(*name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
        return std::nullopt;
    return refuse(
        400, "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) "
             "in the name.");
}

Answer checkFilenameSlash(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr || name->find_first_of("/\\") == std::string::npos)
        return std::nullopt;
    return refuse(400, "Cannot upload a file with '/' or '\\' in the name.");
}

// Browsers and proxies that mistake the part for a picture have changed it; a part without any type
// is what flit and distutils send.
Answer checkContentType(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr || (!name->empty() && !pypi::lowered(facts.file->contentType).starts_with("image/")))
        return std::nullopt;
    return refuse(400, "Invalid distribution file.");
}

Answer checkExtensionOfType(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr)
        return std::nullopt;
    const auto type = pypi::packageTypeOfFile(*name);
    const auto wanted = pypi::packageTypeFromName(facts.form.filetype);
    if (!type || !wanted || *type == *wanted)
        return std::nullopt;
    const std::string_view extension = name->ends_with(".whl") ? ".whl" : name->ends_with(".zip") ? ".zip" : ".tar.gz";
    return refuse(
        400,
        fmt::format("Invalid file extension: Extension {} is invalid for filetype {}. See {} for more information.",
                    extension, facts.form.filetype, pypi::pep527Url));
}

Answer checkExtension(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr || pypi::packageTypeOfFile(*name))
        return std::nullopt;
    return refuse(
        400,
        fmt::format("Invalid file extension: Use .tar.gz, .whl or .zip extension. See {} and {} for more information",
                    pypi::pep527Url, pypi::pep715Url));
}

Answer checkFileSize(const UploadFacts &facts)
{
    const auto size = knownSize(facts);
    const std::uint64_t own = facts.project ? facts.project->fileLimit.value_or(0) : 0;
    const std::uint64_t limit = std::max(facts.policies.fileLimit, own);
    if (!size || *size <= limit)
        return std::nullopt;
    return refuse(400, fmt::format("File too large. Limit for project {} is {} MB.", quoteValue(projectName(facts)),
                                   limit >> 20) +
                           seeHelp(facts, "file-size-limit"));
}

Refusal tooLargeForAnyProject(const Policies &policies, std::uint64_t limit)
{
    UploadFacts facts;
    facts.policies = policies;
    return refuse(413, fmt::format("File too large. The largest limit of a project here is {} MB.", limit >> 20) +
                           seeHelp(facts, "file-size-limit"));
}

std::uint64_t projectLimit(const Policies &policies, const ProjectContext &project)
{
    return std::max(policies.projectLimit, project.projectLimit.value_or(0));
}

bool hasRoomFor(std::uint64_t bytes, const Policies &policies, const ProjectContext &project)
{
    const std::uint64_t limit = projectLimit(policies, project);
    return project.storedBytes <= limit && bytes <= limit - project.storedBytes;
}

Answer checkProjectSize(const UploadFacts &facts)
{
    const auto size = knownSize(facts);
    if (!size || !facts.project)
        return std::nullopt;
    if (hasRoomFor(*size, facts.policies, *facts.project))
        return std::nullopt;
    // A repeat adds nothing.
    if (isIdenticalRepeat(facts))
        return std::nullopt;
    return refuse(400, fmt::format("Project size too large. Limit for project {} total size is {} GB.",
                                   quoteValue(projectName(facts)), projectLimit(facts.policies, *facts.project) >> 30) +
                           seeHelp(facts, "project-size-limit"));
}

Answer checkDigests(const UploadFacts &facts)
{
    if (!facts.body)
        return std::nullopt;
    const pypi::UploadForm &form = facts.form;
    // 128 digits are BLAKE2b-512, which some distutils send under the name of the short one.
    const bool wide = form.blake2Digest.size() == 128;
    if (!differs(form.md5Digest, facts.body->md5) && !differs(form.sha256Digest, facts.body->sha256) &&
        !differs(form.blake2Digest, wide ? facts.body->blake2b512 : facts.body->blake2b256))
        return std::nullopt;
    return refuse(400, "The digest supplied does not match a digest calculated from the uploaded file.");
}

Answer checkFilenameLength(const UploadFacts &facts)
{
    const std::string *name = filename(facts);
    if (name == nullptr || name->size() <= pypi::maxFilenameLength)
        return std::nullopt;
    return refuse(400, fmt::format("Filename is too long: '{}'", *name));
}

Answer checkAlreadyExists(const UploadFacts &facts)
{
    if (!facts.stored || !facts.body || isIdenticalRepeat(facts))
        return std::nullopt;
    if (!facts.stored->sameName && !facts.stored->sameBytes)
        return std::nullopt;
    const std::string *name = filename(facts);
    return refuse(400, fmt::format("File already exists ('{}', with blake2_256 hash '{}').",
                                   name == nullptr ? "" : *name, facts.body->blake2b256) +
                           seeHelp(facts, "file-name-reuse"));
}

Answer checkFilenameReused(const UploadFacts &facts)
{
    if (!facts.stored || !facts.stored->filenameUsedBefore || isIdenticalRepeat(facts))
        return std::nullopt;
    return refuse(400,
                  "This filename was previously used by a file that has since been deleted. Use a different version." +
                      seeHelp(facts, "file-name-reuse"));
}

Answer checkWindow(const UploadFacts &facts)
{
    if (!facts.stored || !facts.stored->releaseCreated || !facts.policies.window || isIdenticalRepeat(facts))
        return std::nullopt;
    if (facts.now - *facts.stored->releaseCreated <= *facts.policies.window)
        return std::nullopt;
    return refuse(400, fmt::format("Uploading new files to releases older than {} days is not allowed.",
                                   facts.policies.window->count()));
}

Answer checkOneSdist(const UploadFacts &facts)
{
    if (!facts.stored || !facts.stored->sdistOfRelease || facts.form.filetype != "sdist" || isIdenticalRepeat(facts))
        return std::nullopt;
    return refuse(400, "Only one sdist may be uploaded per release.");
}

}  // namespace cm::checks
