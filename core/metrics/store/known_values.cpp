// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/known_values.h"

#include "core/metrics/distribution_name.h"
#include "core/metrics/user_agent.h"

#include <algorithm>

namespace cm::metrics {
namespace {

// What platform.system() answers, and what clients that are no Python call themselves.
constexpr std::array<std::string_view, 24> systems{"Linux",  "Darwin",    "Windows", "Java",    "FreeBSD", "OpenBSD",      "NetBSD",  "DragonFly",
                                                   "SunOS",  "AIX",       "HP-UX",   "Haiku",   "Android", "iOS",          "iPadOS",  "OS X",
                                                   "macOS",  "GNU",       "OS400",   "QNX",     "Minix",   "GNU/kFreeBSD", "Emscripten", "WASI"};

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

// "2.7", "3.13"
bool isPython(std::string_view text)
{
    if (text.size() < 3 || text.size() > 4 || text[0] < '1' || text[0] > '4' || text[1] != '.')
        return false;
    return text.size() == 3 ? isDigit(text[2]) : text[2] != '0' && isDigit(text[2]) && isDigit(text[3]);
}

bool isCountry(std::string_view text)
{
    return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::span<const std::string_view> knownNames(Dimension dimension)
{
    switch (dimension) {
    case Dimension::Installer:
        return installerNames();
    case Dimension::System:
        return systems;
    case Dimension::FileType:
        return fileTypeNames();
    case Dimension::Python:
    case Dimension::Country:
    case Dimension::Version:
    case Dimension::Total:
        break;
    }
    return {};
}

bool isKnownValue(Dimension dimension, std::string_view value)
{
    if (dimension == Dimension::Python)
        return isPython(value);
    if (dimension == Dimension::Country)
        return isCountry(value);
    const auto names = knownNames(dimension);
    return std::ranges::find(names, value) != names.end();
}

}  // namespace cm::metrics
