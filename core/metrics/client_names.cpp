// SPDX-License-Identifier: GPL-3.0-or-later
// Who is who: the classes of clients by their names, and those of which no record is kept. The README of this folder
// says why each is where it is.
#include "core/metrics/text_scan.h"
#include "core/metrics/user_agent_rules.h"

#include <algorithm>
#include <array>

namespace cm::metrics {
namespace {

using api::ClientClass;

struct Named {
    std::string_view name;  // lower case
    ClientClass clientClass;
    std::string_view spelled{};  // where it spells itself otherwise
};

// Interactive stands for installers: those in continuous integration say so themselves.
constexpr std::array<Named, 42> names{{{"pip", ClientClass::Interactive},
                                       {"uv", ClientClass::Interactive},
                                       {"setuptools", ClientClass::Interactive},
                                       {"distribute", ClientClass::Interactive},
                                       {"pex", ClientClass::Interactive},
                                       {"conda", ClientClass::Interactive},
                                       {"bazel", ClientClass::Interactive, "Bazel"},
                                       {"pdm", ClientClass::Interactive},
                                       {"poetry", ClientClass::Interactive},
                                       {"hatch", ClientClass::Interactive},
                                       {"pipenv", ClientClass::Interactive},
                                       {"rye", ClientClass::Interactive},
                                       {"pixi", ClientClass::Interactive},
                                       {"homebrew", ClientClass::Interactive, "Homebrew"},
                                       {"bandersnatch", ClientClass::Mirror},
                                       {"pep381client", ClientClass::Mirror},
                                       {"z3c.pypimirror", ClientClass::Mirror},
                                       {"devpi", ClientClass::Mirror},
                                       {"devpi-server", ClientClass::Mirror},
                                       {"artifactory", ClientClass::Mirror, "Artifactory"},
                                       {"nexus", ClientClass::Mirror, "Nexus"},
                                       {"pulp", ClientClass::Mirror},
                                       {"pulpcore", ClientClass::Mirror},
                                       {"proxpi", ClientClass::Mirror},
                                       {"pypiserver", ClientClass::Mirror},
                                       {"cheesemongerd", ClientClass::Mirror},
                                       {"browser", ClientClass::Browser, "Browser"},
                                       {"os", ClientClass::Browser, "OS"},
                                       {"requests", ClientClass::Browser},
                                       {"urllib3", ClientClass::Browser},
                                       {"httpx", ClientClass::Browser},
                                       {"aiohttp", ClientClass::Browser},
                                       {"axios", ClientClass::Browser},
                                       {"libwww-perl", ClientClass::Browser},
                                       {"twine", ClientClass::Tooling},
                                       {"maturin", ClientClass::Tooling},
                                       {"flit", ClientClass::Tooling},
                                       {"pypissh", ClientClass::Tooling},
                                       {"pip-audit", ClientClass::Tooling},
                                       {"dependabot-core", ClientClass::Tooling},
                                       {"renovate", ClientClass::Tooling},
                                       {"cheesemonger-desktop", ClientClass::Tooling}}};

// Takes one character from the front, of whatever bytes.
bool takeCharacter(std::string_view &rest)
{
    if (rest.empty())
        return false;
    rest.remove_prefix(1);
    while (!rest.empty() && (static_cast<unsigned char>(rest[0]) & 0xC0U) == 0x80U)
        rest.remove_prefix(1);
    return true;
}

bool take(std::string_view &rest, std::string_view text)
{
    if (!rest.starts_with(text))
        return false;
    rest.remove_prefix(text.size());
    return true;
}

// "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", the dots of the address any character.
bool isPingdom(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view version;
    if (!scan.literal("Pingdom.com_bot_version_") || !scan.dottedDigits(version, true) || !scan.literal("_(http"))
        return false;
    scan.literal("s");
    std::string_view rest = scan.rest();
    return take(rest, "://www") && takeCharacter(rest) && take(rest, "pingdom") && takeCharacter(rest) && rest == "com/)";
}

// "ltx71 - (http://ltx71.com/)", the dot any character.
bool isLtx(std::string_view userAgent)
{
    return take(userAgent, "ltx71 - (http://ltx71") && takeCharacter(userAgent) && userAgent.starts_with("com/)");
}

// "Go 1.1 package http"; in the strict mode a minor version of any length.
bool isOldGo(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version;
    return scan.literal("Go ") && scan.dottedDigits(version, mode == Mode::Strict) && scan.literal(" package http") && scan.atEnd();
}

}  // namespace

ClientClass classOfInstaller(std::string_view name, bool ci)
{
    const auto found = std::ranges::find_if(names, [name](const Named &named) {
        return named.name.size() == name.size() && foldedPrefix(name, named.name) == name.size();
    });
    if (found == names.end())
        return ClientClass::Unknown;
    return ci && found->clientClass == ClientClass::Interactive ? ClientClass::Ci : found->clientClass;
}

std::span<const std::string_view> installerNames()
{
    static constexpr auto spelled = [] {
        std::array<std::string_view, names.size()> out{};
        std::ranges::transform(names, out.begin(), [](const Named &named) { return named.spelled.empty() ? named.name : named.spelled; });
        return out;
    }();
    return spelled;
}

Client knownClient(std::string_view name, std::string_view version)
{
    Client client;
    client.match = Client::Match::Known;
    client.details.installer = Installer{std::string(name), std::string(version), {}};
    client.clientClass = classOfInstaller(name, false);
    return client;
}

bool isIgnored(std::string_view userAgent, Mode mode)
{
    constexpr std::array<std::string_view, 8> whole{"(null)", "Ruby", "Download Master", "GNU Guile",
                                                    "github-olee", "YisouSpider", "ansible-httpget", "NSIS_Inetc (Mozilla)"};
    constexpr std::array<std::string_view, 16> beginnings{
        "Datadog Agent/", "WordPress/", "Chef Client/", "Chef Knife/", "Slackbot-LinkExpanding", "TextualInlineMedia/",
        "WeeChat/", "Java/", "Go-http-client/", "Apache Ant/", "Salt/", "Scrapy/",
        "spectool/", "AWSBrewLinkChecker/", "Y!J-ASR/", "Debian uscan"};
    return std::ranges::find(whole, userAgent) != whole.end() ||
           std::ranges::any_of(beginnings, [&](std::string_view beginning) { return userAgent.starts_with(beginning); }) ||
           userAgent.find("Nutch") != std::string_view::npos || userAgent == "MauiBot (crawler.feedback+dc@gmail.com)" ||
           userAgent == "inspector.pypi.io" || isOldGo(userAgent, mode) || isLtx(userAgent) || isPingdom(userAgent);
}

}  // namespace cm::metrics
