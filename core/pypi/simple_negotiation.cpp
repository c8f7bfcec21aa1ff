// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/constants.h"
#include "core/pypi/simple_render.h"
#include "core/pypi/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace cm::pypi {
namespace {

struct Offer {
    std::string_view type;
    SimpleFormat format;
};

// Earlier wins a tie. "latest" is an alias of the one version there is (PEP 691).
constexpr std::array offers{
    Offer{"text/html", SimpleFormat::Html},
    Offer{"application/vnd.pypi.simple.v1+html", SimpleFormat::V1Html},
    Offer{"application/vnd.pypi.simple.latest+html", SimpleFormat::V1Html},
    Offer{"application/vnd.pypi.simple.v1+json", SimpleFormat::V1Json},
    Offer{"application/vnd.pypi.simple.latest+json", SimpleFormat::V1Json},
};

struct Range {
    std::string type;    // lower case
    int quality = 1000;  // thousandths
};

// RFC 9110 qvalue in thousandths; what is none counts as 0.
int parseQuality(std::string_view text)
{
    if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5)
        return 0;
    int value = (text[0] - '0') * 1000;
    if (text.size() > 1 && text[1] != '.')
        return 0;
    int unit = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9')
            return 0;
        value += (c - '0') * unit;
        unit /= 10;
    }
    return std::min(value, 1000);
}

Range parseRange(std::string_view text)
{
    Range range;
    std::size_t end = std::min(text.find(';'), text.size());
    range.type = lowered(stripped(text.substr(0, end)));
    while (end < text.size()) {
        text.remove_prefix(end + 1);
        end = std::min(text.find(';'), text.size());
        const std::string_view parameter = stripped(text.substr(0, end));
        if (parameter.size() >= 2 && (parameter[0] == 'q' || parameter[0] == 'Q') && parameter[1] == '=')
            range.quality = parseQuality(stripped(parameter.substr(2)));
    }
    return range;
}

// How closely `range` names `type`: 0 not at all, 1 */*, 2 major/*, 3 the very type.
int closeness(std::string_view range, std::string_view type)
{
    if (range == type)
        return 3;
    if (range == "*/*" || range == "*")
        return 1;
    return range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

std::string_view simpleContentType(SimpleFormat format) noexcept
{
    switch (format) {
    case SimpleFormat::Html:
        return contentTypeHtml;
    case SimpleFormat::V1Html:
        return contentTypeSimpleV1Html;
    case SimpleFormat::V1Json:
        return contentTypeSimpleV1Json;
    }
    return contentTypeHtml;
}

SimpleFormat negotiateSimple(std::string_view accept, std::string_view formatParameter)
{
    const std::string wanted = lowered(stripped(formatParameter));
    for (const Offer &offer : offers) {
        if (offer.type == wanted)
            return offer.format;
    }
    std::array<int, offers.size()> closest{};
    std::array<int, offers.size()> quality{};
    while (!accept.empty()) {
        const std::size_t comma = std::min(accept.find(','), accept.size());
        const Range range = parseRange(accept.substr(0, comma));
        accept.remove_prefix(std::min(comma + 1, accept.size()));
        for (std::size_t i = 0; i < offers.size(); ++i) {
            const int match = closeness(range.type, offers[i].type);
            if (match == 0 || match < closest[i])
                continue;
            quality[i] = match > closest[i] ? range.quality : std::max(quality[i], range.quality);
            closest[i] = match;
        }
    }
    const auto best = std::ranges::max_element(quality);
    return *best == 0 ? SimpleFormat::Html : offers[static_cast<std::size_t>(best - quality.begin())].format;
}

}  // namespace cm::pypi
