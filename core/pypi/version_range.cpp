// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/version_range.h"

#include "core/pypi/text.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cm::pypi {

namespace {

tl::unexpected<Error> noRange(std::string_view text)
{
    return fail(ErrorCode::InvalidInput, "\"" + std::string(text) + "\" is no version specifier");
}

// The numbers of a release: "1.4" of "1.4rc1". Behind an epoch, which is left out with what follows them.
std::vector<std::string> numbersOf(std::string_view version)
{
    std::vector<std::string> out;
    if (const auto epoch = version.find('!'); epoch != std::string_view::npos)
        version.remove_prefix(epoch + 1);
    std::string number;
    for (const char c : version) {
        if (c >= '0' && c <= '9') {
            number += c;
        } else if (c == '.' && !number.empty()) {
            out.push_back(std::exchange(number, {}));
        } else {
            break;
        }
    }
    if (!number.empty())
        out.push_back(number);
    return out;
}

bool within(std::string_view prefix, std::string_view version)
{
    const auto wanted = numbersOf(prefix);
    auto numbers = numbersOf(version);
    numbers.resize(std::max(numbers.size(), wanted.size()), "0");
    return std::equal(wanted.begin(), wanted.end(), numbers.begin());
}

}  // namespace

Result<VersionRange> VersionRange::parse(std::string_view text)
{
    VersionRange range;
    for (std::string_view rest = stripped(text); !rest.empty();) {
        const auto comma = rest.find(',');
        CM_TRY_ASSIGN(Bound bound, parseBound(stripped(rest.substr(0, comma))));
        range.m_bounds.push_back(std::move(bound));
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (range.m_bounds.empty())
        return noRange(text);
    return range;
}

Result<VersionRange::Bound> VersionRange::parseBound(std::string_view text)
{
    // Longer ones before those that they begin with.
    constexpr std::array operators{
        std::pair{std::string_view("<="), Operator::AtMost},     std::pair{std::string_view(">="), Operator::AtLeast},
        std::pair{std::string_view("=="), Operator::Equal},      std::pair{std::string_view("!="), Operator::Unequal},
        std::pair{std::string_view("~="), Operator::Compatible}, std::pair{std::string_view("<"), Operator::Below},
        std::pair{std::string_view(">"), Operator::Above}};
    for (const auto &[sign, comparison] : operators) {
        if (!text.starts_with(sign))
            continue;
        std::string_view version = stripped(text.substr(sign.size()));
        const bool prefix = version.ends_with(".*");
        if (prefix)
            version.remove_suffix(2);
        // Of "~=2.2" the last number may rise: there have to be two.
        if (!isValidVersion(version) || (comparison == Operator::Compatible && numbersOf(version).size() < 2))
            return noRange(text);
        if (!prefix)
            return Bound{comparison, std::string(version)};
        if (comparison == Operator::Equal)
            return Bound{Operator::Within, std::string(version)};
        if (comparison == Operator::Unequal)
            return Bound{Operator::NotWithin, std::string(version)};
        return noRange(text);
    }
    return noRange(text);
}

bool VersionRange::holds(const Bound &bound, std::string_view version)
{
    const auto order = compareVersions(version, bound.version);
    switch (bound.comparison) {
    case Operator::Below:
        return order < 0;
    case Operator::AtMost:
        return order <= 0;
    case Operator::Above:
        return order > 0;
    case Operator::AtLeast:
        return order >= 0;
    case Operator::Equal:
        return order == 0;
    case Operator::Unequal:
        return order != 0;
    case Operator::Within:
        return within(bound.version, version);
    case Operator::NotWithin:
        return !within(bound.version, version);
    case Operator::Compatible: {
        auto numbers = numbersOf(bound.version);
        numbers.pop_back();
        std::string prefix;
        for (const std::string &number : numbers)
            prefix += (prefix.empty() ? "" : ".") + number;
        return order >= 0 && within(prefix, version);
    }
    }
    return false;
}

bool VersionRange::contains(std::string_view version) const
{
    return isValidVersion(version) &&
           std::all_of(m_bounds.begin(), m_bounds.end(), [&](const Bound &bound) { return holds(bound, version); });
}

std::string VersionRange::example() const
{
    std::vector<std::string> candidates{"0", "1.0", "2.1", "99999"};
    for (const Bound &bound : m_bounds) {
        candidates.push_back(bound.version);
        candidates.push_back(bound.version + ".dev0");
        candidates.push_back(bound.version + ".0.1");
    }
    for (const std::string &candidate : candidates) {
        if (contains(candidate))
            return candidate;
    }
    return {};
}

}  // namespace cm::pypi
