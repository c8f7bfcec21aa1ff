// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/user_agent.h"

#include "core/metrics/text_scan.h"
#include "core/metrics/user_agent_rules.h"
#include "core/pypi/version.h"

namespace cm::metrics {
namespace {

// "pip/20.1 {json}" from a version on; nothing where the text has another form or an older version.
std::optional<Client> jsonForm(std::string_view userAgent, std::string_view product, std::string_view since)
{
    TextScan scan(userAgent);
    std::string_view version;
    if (!scan.literal(product) || !scan.word(version))
        return std::nullopt;
    const auto known = pypi::Version::parse(version), least = pypi::Version::parse(since);
    // What a local version is compared by is its public part.
    const auto compared = known ? pypi::Version::parse(known->publicPart()) : known;
    if (!compared || *compared < *least || scan.blanks().empty() || scan.atEnd())
        return std::nullopt;
    const auto json = PythonJson::parse(scan.rest());
    return json ? std::optional(structureCompatible(*json)) : std::nullopt;
}

Client readCompatibleUserAgent(std::string_view userAgent)
{
    if (auto client = jsonForm(userAgent, "pip/", "6"))
        return *client;
    if (auto client = jsonForm(userAgent, "uv/", "0.1.22"))
        return *client;
    if (auto client = matchForms(userAgent, Mode::Compatible))
        return *client;
    Client client;
    client.match = isIgnored(userAgent, Mode::Compatible) ? Client::Match::Ignored : Client::Match::Unknown;
    return client;
}

}  // namespace

Client readUserAgent(std::string_view userAgent, Mode mode)
{
    return mode == Mode::Compatible ? readCompatibleUserAgent(userAgent) : readStrictUserAgent(userAgent);
}

}  // namespace cm::metrics
