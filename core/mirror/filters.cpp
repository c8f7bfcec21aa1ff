// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mirror/filters.h"

#include "core/pypi/filenames.h"
#include "core/pypi/text.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>
#include <functional>
#include <map>
#include <set>

namespace cm::mirror {
namespace {

// As normalised names are spelled, the signs of patterns left alone.
std::string spelled(std::string_view pattern)
{
    std::string out = pypi::lowered(pattern);
    std::ranges::replace(out, '_', '-');
    std::ranges::replace(out, '.', '-');
    return out;
}

bool matchesAny(const std::vector<std::string> &patterns, const std::string &text)
{
    return std::ranges::any_of(patterns, [&](const std::string &pattern) { return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0; });
}

bool matchesName(const std::vector<std::string> &patterns, const std::string &name)
{
    return std::ranges::any_of(patterns,
                               [&](const std::string &pattern) { return ::fnmatch(spelled(pattern).c_str(), name.c_str(), 0) == 0; });
}

struct Newer {
    bool operator()(const std::string &a, const std::string &b) const { return pypi::compareVersions(a, b) > 0; }
};

}  // namespace

bool Filters::wantsProject(std::string_view normalizedName) const
{
    const std::string name(normalizedName);
    return !matchesName(deny, name) && (allow.empty() || matchesName(allow, name));
}

void Filters::apply(ProjectPage &page) const
{
    if (prereleases && latest == 0 && platforms.empty() && sdists)
        return;
    std::erase_if(page.files, [this](const PageFile &file) {
        const bool isSdist = pypi::parseSdistName(file.file.filename).has_value();
        if (isSdist && !sdists)
            return true;
        // Eggs and installers, which are neither, tell no platform.
        const auto wheel = pypi::parseWheelName(file.file.filename);
        if (!isSdist && !platforms.empty() && (!wheel || std::ranges::none_of(wheel->platformTags, [this](const std::string &tag) {
                return tag == "any" || matchesAny(platforms, tag);
            })))
            return true;
        const auto version = pypi::Version::parse(file.version);
        return !prereleases && version && version->isPrerelease();
    });
    // What people mean by the newest counts first: prereleases and what is yanked make up the number where there is no more of that.
    std::map<std::string, int, Newer> ranks;
    for (const PageFile &file : page.files) {
        int &rank = ranks[file.version];
        rank = std::max(rank, rankOf(file));
    }
    std::vector<std::pair<std::string, int>> ranked(ranks.begin(), ranks.end());
    std::ranges::stable_sort(ranked, std::greater(), &std::pair<std::string, int>::second);
    if (latest > 0 && ranked.size() > latest)
        ranked.resize(latest);
    std::set<std::string, Newer> versions;
    for (const auto &[version, rank] : ranked)
        versions.insert(version);
    std::erase_if(page.files, [&](const PageFile &file) { return !versions.contains(file.version); });
    std::erase_if(page.versions, [&](const std::string &version) { return !versions.contains(version); });
}

std::string Filters::fingerprint() const
{
    std::string out = fmt::format("{}{}{}", prereleases ? "" : "no prereleases;", latest > 0 ? fmt::format("newest {};", latest) : "",
                                  sdists ? "" : "without sdists;");
    for (const auto &[word, patterns] : {std::pair("allow", &allow), std::pair("deny", &deny), std::pair("wheels for", &platforms)}) {
        std::set<std::string> sorted(patterns->begin(), patterns->end());
        for (const std::string &pattern : sorted)
            out += fmt::format("{} {};", word, pattern);
    }
    return out;
}

}  // namespace cm::mirror
