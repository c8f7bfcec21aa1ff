// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/check_functions.h"
#include "core/pypi/filenames.h"
#include "core/pypi/names.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::checks {
namespace {

bool isUploadOf(const UploadFacts &facts, pypi::PackageType type)
{
    return facts.file && facts.file->present && pypi::packageTypeFromName(facts.form.filetype) == type;
}

std::string underscored(std::string_view name)
{
    std::string out = pypi::normalizeName(name);
    std::ranges::replace(out, '-', '_');
    return out;
}

Answer checkProject(const UploadFacts &facts, std::string_view nameInFile)
{
    const std::string name = projectName(facts);
    if (pypi::normalizeName(nameInFile) == pypi::normalizeName(name))
        return std::nullopt;
    return refuse(400, fmt::format("Start filename for {} with {}.", quoteValue(name), quoteValue(underscored(name))));
}

Answer checkVersionIn(const UploadFacts &facts, std::string_view versionInFile)
{
    const std::string &version = facts.form.metadata.version;
    if (pypi::canonicalVersion(versionInFile) == pypi::canonicalVersion(version))
        return std::nullopt;
    return refuse(
        400, fmt::format("Version in filename should be {} not {}.", quoteValue(version), quoteValue(versionInFile)));
}

// The name taken apart, when the file is of that type and its name can be.
Result<pypi::SdistName> sdistName(const UploadFacts &facts)
{
    if (!isUploadOf(facts, pypi::PackageType::Sdist))
        return fail(ErrorCode::NotFound, "no sdist");
    return pypi::parseSdistName(facts.file->filename);
}

Result<pypi::WheelName> wheelName(const UploadFacts &facts)
{
    if (!isUploadOf(facts, pypi::PackageType::BdistWheel))
        return fail(ErrorCode::NotFound, "no wheel");
    return pypi::parseWheelName(facts.file->filename);
}

}  // namespace

Answer checkSdistName(const UploadFacts &facts)
{
    const auto name = sdistName(facts);
    if (name || name.error().code == ErrorCode::NotFound)
        return std::nullopt;
    return refuse(400, "Invalid source distribution filename: " + facts.file->filename);
}

Answer checkSdistProject(const UploadFacts &facts)
{
    const auto name = sdistName(facts);
    return name ? checkProject(facts, name->name) : std::nullopt;
}

Answer checkSdistVersion(const UploadFacts &facts)
{
    const auto name = sdistName(facts);
    return name ? checkVersionIn(facts, name->version) : std::nullopt;
}

Answer checkPep625(const UploadFacts &facts)
{
    if (facts.policies.sdistNames != SdistNames::Pep625 || !isUploadOf(facts, pypi::PackageType::Sdist))
        return std::nullopt;
    const std::string wanted = pypi::pep625Name(projectName(facts), facts.form.metadata.version);
    if (facts.file->filename == wanted)
        return std::nullopt;
    return refuse(400, fmt::format("Filename '{}' is invalid, should be '{}'.", facts.file->filename, wanted));
}

Answer checkWheelName(const UploadFacts &facts)
{
    const auto name = wheelName(facts);
    if (name || name.error().code == ErrorCode::NotFound)
        return std::nullopt;
    return refuse(400, name.error().detail);
}

Answer checkPlatformTags(const UploadFacts &facts)
{
    const auto name = wheelName(facts);
    if (!name)
        return std::nullopt;
    for (const std::string &tag : name->platformTags) {
        if (!pypi::isAllowedPlatformTag(tag, {.plainLinux = facts.policies.plainLinuxWheels}))
            return refuse(
                400, fmt::format("Binary wheel '{}' has an unsupported platform tag '{}'.", facts.file->filename, tag));
    }
    return std::nullopt;
}

Answer checkWheelProject(const UploadFacts &facts)
{
    const auto name = wheelName(facts);
    return name ? checkProject(facts, name->name) : std::nullopt;
}

Answer checkWheelSpelling(const UploadFacts &facts)
{
    const auto name = wheelName(facts);
    if (!name || facts.policies.sdistNames != SdistNames::Pep625)
        return std::nullopt;
    const std::string wanted = underscored(projectName(facts));
    if (name->name == wanted)
        return std::nullopt;
    return refuse(400, fmt::format("Filename '{}' should contain the normalized project name '{}', not '{}'.",
                                   facts.file->filename, wanted, name->name));
}

Answer checkWheelVersion(const UploadFacts &facts)
{
    const auto name = wheelName(facts);
    return name ? checkVersionIn(facts, name->version) : std::nullopt;
}

}  // namespace cm::checks
