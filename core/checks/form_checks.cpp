// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/base/utf8.h"
#include "core/checks/check_functions.h"
#include "core/pypi/constants.h"
#include "core/pypi/metadata_fields.h"
#include "core/pypi/names.h"
#include "core/pypi/package_type.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::checks {
namespace {

constexpr std::size_t sha256Digits = 64;
constexpr std::size_t blake2b256Digits = 64;
constexpr std::size_t blake2b512Digits = 128;
constexpr std::size_t maxPyversion = 200;
constexpr std::size_t maxComment = 2000;

// The wording for a field that the core metadata specification describes.
Refusal invalidMetadataField(std::string_view value, std::string_view field, std::string_view problem)
{
    return refuse(400, fmt::format("{} is an invalid value for {}. Error: {} See {} for more information.",
                                   quoteValue(value), field, problem, pypi::coreMetadataUrl));
}

Refusal invalidField(std::string_view field, std::string_view problem)
{
    return refuse(400, fmt::format("Invalid value for {}. Error: {}", field, problem));
}

// It goes into the journal and the pages as it is. Old tools send "3.11" or "any" for a wheel.
bool isPyversion(std::string_view text)
{
    return text.size() <= maxPyversion && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
           });
}

}  // namespace

std::string quoteValue(std::string_view value)
{
    constexpr std::size_t whole = 60;
    constexpr std::size_t half = 30;
    if (value.size() <= whole)
        return fmt::format("'{}'", value);
    return fmt::format("'{}...{}'", value.substr(0, half), value.substr(value.size() - half));
}

std::string seeHelp(const UploadFacts &facts, std::string_view topic)
{
    return fmt::format(" See {}#{} for more information.", facts.policies.helpUrl, topic);
}

std::string projectName(const UploadFacts &facts)
{
    return facts.project && !facts.project->name.empty() ? facts.project->name : facts.form.metadata.name;
}

Answer checkReadOnly(const UploadFacts &facts)
{
    if (!facts.readOnly)
        return std::nullopt;
    // Not 503, as the admin API says: twine sends the whole file five times over, at once, on any 5xx, passes
    // over Retry-After, and shows of a 4xx this line. 403 and the words before the colon are PyPI's.
    // Rounded up: who comes back at that minute is let in.
    const auto until = std::chrono::ceil<std::chrono::minutes>(facts.readOnly->until);
    const std::string time = formatRfc3339(until);
    std::string text = fmt::format("Read-only mode: Uploads are temporarily disabled until {} {} UTC.",
                                   time.substr(0, 10), time.substr(11, 5));
    if (!facts.readOnly->message.empty())
        text += " " + facts.readOnly->message;
    return refuse(403, text);
}

Answer checkUploadsDisabled(const UploadFacts &facts)
{
    if (!facts.policies.uploadsDisabled)
        return std::nullopt;
    return refuse(403, "New uploads are temporarily disabled." + seeHelp(facts, "uploads-disabled"));
}

Answer checkIdentity(const UploadFacts &facts)
{
    if (!facts.caller || facts.caller->authenticated || !facts.caller->tokenProblem.empty())
        return std::nullopt;
    return refuse(403, "Invalid or non-existent authentication information." + seeHelp(facts, "invalid-auth"));
}

Answer checkPasswordUploads(const UploadFacts &facts)
{
    if (!facts.caller || !facts.caller->byPassword || facts.policies.passwordUploads)
        return std::nullopt;
    return refuse(
        403, fmt::format("Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted "
                         "Publishers instead. See {0}#api-token and {0}#trusted-publishers",
                         facts.policies.helpUrl));
}

Answer checkTokenHolds(const UploadFacts &facts)
{
    if (!facts.caller || facts.caller->tokenProblem.empty())
        return std::nullopt;
    return refuse(403, (facts.caller->bySsh ? "Invalid ssh key: " : "Invalid API Token: ") + facts.caller->tokenProblem);
}

Answer checkFileParts(const UploadFacts &facts)
{
    if (facts.unexpectedFileFields.empty())
        return std::nullopt;
    return refuse(400, facts.unexpectedFileFields.front() + ": Should not be a tuple.");
}

Answer checkEncoding(const UploadFacts &facts)
{
    for (const pypi::SingleField &field : pypi::singleFields) {
        if (!isUtf8(facts.form.metadata.*field.member))
            return invalidField(field.form, "Use UTF-8.");
    }
    for (const pypi::RepeatedField &field : pypi::repeatedFields) {
        for (const std::string &value : facts.form.metadata.*field.member) {
            if (!isUtf8(value))
                return invalidField(field.form, "Use UTF-8.");
        }
    }
    if (!isUtf8(facts.form.comment))
        return invalidField("comment", "Use UTF-8.");
    if (facts.form.comment.size() > maxComment)
        return invalidField("comment", fmt::format("Use {} bytes or less.", maxComment));
    return std::nullopt;
}

Answer checkProtocolVersion(const UploadFacts &facts)
{
    if (facts.form.protocolVersion == "1")
        return std::nullopt;
    return refuse(400, "Unknown protocol version.");
}

Answer checkName(const UploadFacts &facts)
{
    const std::string &name = facts.form.metadata.name;
    if (name.empty())
        return invalidMetadataField(name, "Name", "This field is required.");
    if (name.size() > pypi::maxNameLength)
        return invalidMetadataField(name, "Name", fmt::format("Use {} characters or less.", pypi::maxNameLength));
    if (pypi::isValidName(name))
        return std::nullopt;
    return invalidMetadataField(
        name, "Name", "Start and end with a letter or numeral containing only ASCII numeric and '.', '_' and '-'.");
}

Answer checkVersionGiven(const UploadFacts &facts)
{
    const std::string &version = facts.form.metadata.version;
    if (version.empty())
        return invalidMetadataField(version, "Version", "This field is required.");
    if (version.size() <= pypi::maxVersionLength)
        return std::nullopt;
    return invalidMetadataField(version, "Version", fmt::format("Use {} characters or less.", pypi::maxVersionLength));
}

Answer checkBlake2Form(const UploadFacts &facts)
{
    const std::string &digest = facts.form.blake2Digest;
    if (digest.empty() || isHex(digest, blake2b256Digits) || isHex(digest, blake2b512Digits))
        return std::nullopt;
    return invalidField("blake2_256_digest", "Use a valid, hex-encoded, BLAKE2 message digest.");
}

Answer checkFiletype(const UploadFacts &facts)
{
    if (facts.form.filetype.empty())
        return invalidField("filetype", "This field is required.");
    if (pypi::packageTypeFromName(facts.form.filetype))
        return std::nullopt;
    return invalidField("filetype", "Use a known file type.");
}

Answer checkSha256Form(const UploadFacts &facts)
{
    if (facts.form.sha256Digest.empty() || isHex(facts.form.sha256Digest, sha256Digits))
        return std::nullopt;
    return invalidField("sha256_digest", "Use a valid, hex-encoded, SHA256 message digest.");
}

Answer checkPyversion(const UploadFacts &facts)
{
    const auto type = pypi::packageTypeFromName(facts.form.filetype);
    if (type == pypi::PackageType::BdistWheel && facts.form.pyversion.empty())
        return refuse(400, "Error: Python version is required for binary distribution uploads.");
    if (type == pypi::PackageType::Sdist && !facts.form.pyversion.empty() && facts.form.pyversion != "source")
        return refuse(400, "Error: Use 'source' as Python version for an sdist.");
    if (!isPyversion(facts.form.pyversion))
        return invalidField("pyversion", "Use the Python tag of the wheel, such as 'py3'.");
    return std::nullopt;
}

Answer checkAnyDigest(const UploadFacts &facts)
{
    if (!facts.form.md5Digest.empty() || !facts.form.sha256Digest.empty() || !facts.form.blake2Digest.empty())
        return std::nullopt;
    return refuse(400, "Error: Include at least one message digest.");
}

}  // namespace cm::checks
