// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/distribution_name.h"

#include <algorithm>
#include <array>

namespace cm::metrics {
namespace {

struct Ending {
    std::string_view text;
    std::string_view type;
};

constexpr std::array<Ending, 13> endings{{{".whl", "bdist_wheel"},
                                          {".tar.gz", "sdist"},
                                          {".zip", "sdist"},
                                          {".tar.bz2", "sdist"},
                                          {".tgz", "sdist"},
                                          {".tar.xz", "sdist"},
                                          {".tar.Z", "sdist"},
                                          {".egg", "bdist_egg"},
                                          {".exe", "bdist_wininst"},
                                          {".msi", "bdist_msi"},
                                          {".rpm", "bdist_rpm"},
                                          {".dmg", "bdist_dmg"},
                                          {".deb", "bdist_dumb"}}};

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// "linux-x86_64", "win32", "macosx-10.9-x86_64": what distutils wrote behind a version.
std::size_t platformAt(std::string_view text)
{
    std::size_t first = std::string_view::npos;
    for (const std::string_view word : {".linux", ".win", ".macosx"})
        first = std::min(first, text.find(word));
    return first;
}

// "name-version-…", where neither has a "-".
std::optional<DistributionName> dashed(std::string_view stem, std::string_view type)
{
    const std::size_t first = stem.find('-');
    if (first == 0 || first == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = stem.substr(first + 1);
    const std::string_view version = rest.substr(0, rest.find('-'));
    // A "-" in the name of a wheel is written as "_"; where it is not, what follows it is no version.
    const std::string_view number = version.starts_with('v') ? version.substr(1) : version;
    if (number.empty() || (type == "bdist_wheel" && !isDigit(number[0])))
        return std::nullopt;
    return DistributionName{stem.substr(0, first), version, type};
}

// "na-me-version": at the last "-" behind which a version may begin.
std::optional<DistributionName> atLastVersion(std::string_view stem, std::string_view type)
{
    for (std::size_t dash = stem.rfind('-'); dash != std::string_view::npos && dash > 0; dash = stem.rfind('-', dash - 1)) {
        const std::string_view version = stem.substr(dash + 1);
        const std::string_view number = version.starts_with('v') ? version.substr(1) : version;
        if (!number.empty() && isDigit(number[0]))
            return DistributionName{stem.substr(0, dash), version, type};
    }
    return std::nullopt;
}

}  // namespace

std::optional<DistributionName> readDistributionName(std::string_view filename)
{
    const auto ending = std::ranges::find_if(endings, [&](const Ending &each) { return filename.ends_with(each.text); });
    if (ending == endings.end())
        return std::nullopt;
    const std::string_view stem = filename.substr(0, filename.size() - ending->text.size());
    if (ending->type == "bdist_wheel" || ending->type == "bdist_egg")
        return dashed(stem, ending->type);
    if (ending->type == "bdist_rpm") {
        // "name-version-release.architecture"
        const std::size_t release = stem.rfind('-');
        return release == std::string_view::npos ? std::nullopt : atLastVersion(stem.substr(0, release), ending->type);
    }
    // A name may hold such a word as well: "my.windows.tool-1.0".
    if (const std::size_t platform = platformAt(stem); platform != std::string_view::npos) {
        if (const auto before = atLastVersion(stem.substr(0, platform), ending->type == "sdist" ? "bdist_dumb" : ending->type))
            return before;
    }
    return atLastVersion(stem, ending->type);
}

std::span<const std::string_view> fileTypeNames()
{
    static constexpr std::array<std::string_view, 8> types{"sdist",     "bdist_wheel", "bdist_dmg", "bdist_dumb",
                                                           "bdist_egg", "bdist_msi",   "bdist_rpm", "bdist_wininst"};
    return types;
}

bool isFileType(std::string_view type)
{
    const auto types = fileTypeNames();
    return std::ranges::find(types, type) != types.end();
}

bool isSidecar(std::string_view filename)
{
    constexpr std::array<std::string_view, 8> sidecars{".metadata", ".asc", ".sig", ".provenance", ".sha256", ".md5", ".sha512", ".attestation"};
    return std::ranges::any_of(sidecars, [&](std::string_view ending) { return filename.ends_with(ending); });
}

}  // namespace cm::metrics
