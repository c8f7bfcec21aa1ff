// SPDX-License-Identifier: GPL-3.0-or-later
// Variables that somebody believes to be settings.
#include "core/config/ingest_config.h"
#include "core/config/mirror_config.h"

#include <algorithm>
#include <array>
#include <fmt/core.h>
#include <numeric>
#include <utility>

namespace cm::config {

namespace {

constexpr std::string_view prefix = "CHEESEMONGER_";
// Of the build and of the tests, which the programs they start inherit.
constexpr std::array ours{"BIN", "SANITIZED", "KILLS", "MIRROR_KILLS", "SKIP_SETUP", "DEPS_PREFIX", "OS_RELEASE"};

// How many letters have to change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> strayVariables(const std::vector<std::string> &names)
{
    std::vector<std::string> settings;
    for (const std::string_view key : serveKeys())
        settings.push_back(environmentName(key));
    for (const std::string_view key : mirrorKeys())
        settings.push_back(environmentName("mirror." + std::string(key)));
    for (const std::string_view key : ingestKeys())
        settings.push_back(environmentName("ingest." + std::string(key)));
    std::vector<std::string> told;
    for (const std::string &name : names) {
        if (!name.starts_with(prefix) || name.size() > 200 ||
            std::find(settings.begin(), settings.end(), name) != settings.end() ||
            std::find(ours.begin(), ours.end(), std::string_view(name).substr(prefix.size())) != ours.end())
            continue;
        const auto nearest = std::min_element(settings.begin(), settings.end(), [&](const auto &a, const auto &b) {
            return distance(name, a) < distance(name, b);
        });
        told.push_back(fmt::format("{} is no setting and has no effect; the nearest one is {}", name, *nearest));
    }
    return told;
}

}  // namespace cm::config
