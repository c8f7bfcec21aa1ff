// SPDX-License-Identifier: GPL-3.0-or-later
// Core metadata 1.0 to 2.5 of a distribution: from METADATA or PKG-INFO, from the fields of an upload
// form, and as the JSON text in which the catalog keeps it. Empty means absent. A value; any thread.
#pragma once

#include "core/base/result.h"

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::pypi {

// The fields of a form in the order in which they came.
using FormFields = std::vector<std::pair<std::string, std::string>>;

struct Metadata {
    std::string metadataVersion;
    std::string name;
    std::string version;
    std::string summary;
    std::string description;
    std::string descriptionContentType;
    std::string author;
    std::string authorEmail;
    std::string maintainer;
    std::string maintainerEmail;
    std::string license;
    std::string licenseExpression;
    std::string homePage;
    std::string downloadUrl;
    std::string requiresPython;
    std::string keywords;  // as written: separated by ",", ", " or blanks, see splitKeywords()
    std::vector<std::string> platforms;
    std::vector<std::string> supportedPlatforms;
    std::vector<std::string> classifiers;
    std::vector<std::string> requiresDist;
    std::vector<std::string> providesDist;
    std::vector<std::string> obsoletesDist;
    std::vector<std::string> requiresLegacy;   // Requires of PEP 314
    std::vector<std::string> providesLegacy;   // Provides
    std::vector<std::string> obsoletesLegacy;  // Obsoletes
    std::vector<std::string> requiresExternal;
    std::vector<std::string> projectUrls;  // "Label, URL"
    std::vector<std::string> providesExtra;
    std::vector<std::string> dynamic;
    std::vector<std::string> licenseFiles;
    std::vector<std::string> importNames;
    std::vector<std::string> importNamespaces;

    friend bool operator==(const Metadata &, const Metadata &) = default;
};

// InvalidInput for bytes that are not UTF-8, a NUL, no header at all, or a repeated Metadata-Version,
// Name or Version. Of other repeated single fields the first counts. A line that is no header begins
// the description, as it does for mail parsers.
[[nodiscard]] Result<Metadata> parseMetadata(std::string_view bytes);
// What an upload form says; spellings of every known client: empty, "UNKNOWN" and "None" are absent,
// provides_extras is provides_extra, license_files is license_file.
[[nodiscard]] Metadata metadataFromForm(const FormFields &fields);
// The fields an upload form carries for `metadata`, the other way round.
void appendFormFields(FormFields &out, const Metadata &metadata);

[[nodiscard]] std::vector<std::string> splitKeywords(std::string_view keywords);
// "Label, URL" as its two halves, stripped; the URL is empty when there is no comma.
[[nodiscard]] std::pair<std::string, std::string> splitProjectUrl(std::string_view projectUrl);

// Only what is set is written. Corrupt when the text is not what metadataToJson() writes.
[[nodiscard]] boost::json::value metadataToJson(const Metadata &metadata);
[[nodiscard]] std::string metadataToJsonText(const Metadata &metadata);
[[nodiscard]] Result<Metadata> metadataFromJson(const boost::json::value &json);
[[nodiscard]] Result<Metadata> metadataFromJsonText(std::string_view text);

}  // namespace cm::pypi
