// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/check_functions.h"
#include "core/pypi/constants.h"
#include "core/pypi/description.h"
#include "core/pypi/metadata_fields.h"
#include "core/pypi/specifier.h"
#include "core/pypi/text.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cm::checks {
namespace {

constexpr std::array<std::string_view, 8> metadataVersions{"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"};
constexpr std::size_t maxUrlLabel = 32;

Refusal metadataError(std::string_view error)
{
    return refuse(400, fmt::format("{}. See {} for more information.", error, pypi::coreMetadataUrl));
}

bool isWebUrl(std::string_view url)
{
    const std::string small = pypi::lowered(url);
    const std::size_t scheme = small.starts_with("https://") ? 8 : small.starts_with("http://") ? 7 : 0;
    return scheme != 0 && small.size() > scheme && small[scheme] != '/' &&
           std::ranges::none_of(small, [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

// "ada@example.org" or "Ada <ada@example.org>".
bool isMailbox(std::string_view text)
{
    std::string_view address = pypi::stripped(text);
    if (const std::size_t open = address.rfind('<'); open != std::string_view::npos) {
        if (!address.ends_with('>'))
            return false;
        address = address.substr(open + 1, address.size() - open - 2);
    }
    const std::size_t at = address.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
           address.find_first_of(" \t<>,") == std::string_view::npos;
}

// A list of mailboxes; commas inside quotes belong to a name.
bool isMailboxList(std::string_view text)
{
    bool inQuotes = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '"')
            inQuotes = !inQuotes;
        if (i < text.size() && (text[i] != ',' || inQuotes))
            continue;
        if (!isMailbox(text.substr(begin, i - begin)))
            return false;
        begin = i + 1;
    }
    return !inQuotes;
}

}  // namespace

Answer checkMetadataVersion(const UploadFacts &facts)
{
    const std::string &version = facts.form.metadata.metadataVersion;
    if (std::ranges::find(metadataVersions, version) != metadataVersions.end())
        return std::nullopt;
    return metadataError(quoteValue(version) + " is not a valid metadata version");
}

Answer checkVersion(const UploadFacts &facts)
{
    const std::string &version = facts.form.metadata.version;
    if (version.empty() || pypi::isValidVersion(version))
        return std::nullopt;
    return metadataError(quoteValue(version) + " is invalid for 'version'");
}

Answer checkLocalVersion(const UploadFacts &facts)
{
    const auto version = pypi::Version::parse(facts.form.metadata.version);
    if (!version || !version->hasLocal())
        return std::nullopt;
    return metadataError("The use of local versions in " + quoteValue(facts.form.metadata.version) + " is not allowed");
}

Answer checkSummary(const UploadFacts &facts)
{
    const std::string &summary = facts.form.metadata.summary;
    if (summary.find('\n') != std::string::npos)
        return metadataError("'summary' must be a single line");
    // The limit counts characters, not bytes.
    const auto length =
        std::ranges::count_if(summary, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    if (static_cast<std::size_t>(length) > pypi::maxSummaryLength)
        return metadataError(fmt::format("'summary' field must be {} characters or less", pypi::maxSummaryLength));
    return std::nullopt;
}

Answer checkDescriptionType(const UploadFacts &facts)
{
    const std::string &type = facts.form.metadata.descriptionContentType;
    const auto format = pypi::descriptionFormat(type);
    if (format)
        return std::nullopt;
    return metadataError(fmt::format("{} is invalid for 'description-content-type': {}", quoteValue(type),
                                     format.error().detail));
}

// Markdown always renders. PyPI, too, takes a description without a type for reStructuredText.
Answer checkDescriptionRenders(const UploadFacts &facts)
{
    const pypi::Metadata &metadata = facts.form.metadata;
    const auto format = pypi::descriptionFormat(metadata.descriptionContentType);
    if (!format || *format != pypi::DescriptionFormat::Rst)
        return std::nullopt;
    const auto problem = pypi::firstRstProblem(metadata.description);
    if (!problem)
        return std::nullopt;
    const std::string what = metadata.descriptionContentType.empty()
        ? "The description failed to render in the default format of reStructuredText."
        : fmt::format("The description failed to render for {}.", quoteValue(metadata.descriptionContentType));
    return refuse(400, what + seeHelp(facts, "description-content-type"),
                  fmt::format("Line {} of the description: {}", problem->line, problem->what));
}

Answer checkEmails(const UploadFacts &facts)
{
    const pypi::Metadata &metadata = facts.form.metadata;
    if (!metadata.authorEmail.empty() && !isMailboxList(metadata.authorEmail))
        return metadataError(quoteValue(metadata.authorEmail) + " is invalid for 'author-email'");
    if (!metadata.maintainerEmail.empty() && !isMailboxList(metadata.maintainerEmail))
        return metadataError(quoteValue(metadata.maintainerEmail) + " is invalid for 'maintainer-email'");
    return std::nullopt;
}

Answer checkUrls(const UploadFacts &facts)
{
    const pypi::Metadata &metadata = facts.form.metadata;
    if (!metadata.homePage.empty() && !isWebUrl(metadata.homePage))
        return metadataError(quoteValue(metadata.homePage) + " is not a valid url for 'home-page'");
    if (!metadata.downloadUrl.empty() && !isWebUrl(metadata.downloadUrl))
        return metadataError(quoteValue(metadata.downloadUrl) + " is not a valid url for 'download-url'");
    return std::nullopt;
}

Answer checkProjectUrls(const UploadFacts &facts)
{
    for (const std::string &entry : facts.form.metadata.projectUrls) {
        const auto [label, url] = pypi::splitProjectUrl(entry);
        if (label.empty() || label.size() > maxUrlLabel)
            return metadataError(fmt::format("the label of 'project-url' {} must be 1 to {} characters",
                                             quoteValue(entry), maxUrlLabel));
        if (!isWebUrl(url))
            return metadataError(quoteValue(entry) + " is not a valid url for 'project-url'");
    }
    return std::nullopt;
}

Answer checkRequiresPython(const UploadFacts &facts)
{
    const std::string &python = facts.form.metadata.requiresPython;
    if (python.size() <= pypi::maxRequiresPythonLength && pypi::isValidSpecifierSet(python))
        return std::nullopt;
    return metadataError(quoteValue(python) + " is invalid for 'requires-python'");
}

Answer checkRequiresDist(const UploadFacts &facts)
{
    for (const std::string &entry : facts.form.metadata.requiresDist) {
        if (const auto requirement = pypi::parseRequirement(entry); !requirement)
            return metadataError(quoteValue(entry) + " is invalid for 'requires-dist': " + requirement.error().detail);
    }
    return std::nullopt;
}

Answer checkDirectDependency(const UploadFacts &facts)
{
    const pypi::Metadata &metadata = facts.form.metadata;
    for (const auto *list : {&metadata.requiresDist, &metadata.providesDist, &metadata.obsoletesDist}) {
        for (const std::string &entry : *list) {
            const auto requirement = pypi::parseRequirement(entry);
            if (requirement && !requirement->url.empty())
                return metadataError("Can't have direct dependency: " + entry);
        }
    }
    return std::nullopt;
}

Answer checkDynamic(const UploadFacts &facts)
{
    for (const std::string &entry : facts.form.metadata.dynamic) {
        const std::string field = pypi::lowered(entry);
        if (field == "name" || field == "version" || field == "metadata-version")
            return metadataError(quoteValue(entry) + " is not allowed as a dynamic field");
        const auto named = [&](const auto &known) { return known.header == field; };
        if (std::ranges::none_of(pypi::singleFields, named) && std::ranges::none_of(pypi::repeatedFields, named))
            return metadataError(quoteValue(entry) + " is not a valid dynamic field");
    }
    return std::nullopt;
}

Answer checkLicense(const UploadFacts &facts)
{
    const pypi::Metadata &metadata = facts.form.metadata;
    if (metadata.license.empty() || metadata.licenseExpression.empty())
        return std::nullopt;
    return metadataError(
        "License is deprecated when License-Expression is present. Only License-Expression should be present");
}

}  // namespace cm::checks
