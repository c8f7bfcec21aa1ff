// SPDX-License-Identifier: GPL-3.0-or-later
// The forms of user agents without JSON.
#include "core/metrics/text_scan.h"
#include "core/metrics/user_agent_rules.h"
#include "core/pypi/version.h"

#include <algorithm>
#include <array>

namespace cm::metrics {
namespace {

using Found = std::optional<Client>;
using api::ClientClass;

bool isUnknown(std::string_view text)
{
    return foldedPrefix(text, "unknown") == text.size() && !text.empty();
}

bool isCPython(std::string_view text)
{
    return foldedPrefix(text, "cpython") == text.size() && !text.empty();
}

// "name/version" and nothing else.
Found bare(std::string_view userAgent, std::string_view product, std::string_view name)
{
    TextScan scan(userAgent);
    std::string_view version;
    return scan.literal(product) && scan.word(version) && scan.atEnd() ? Found(knownClient(name, version)) : std::nullopt;
}

// "name/version" and perhaps a blank and more.
Found tailed(std::string_view userAgent, std::string_view product, std::string_view name)
{
    TextScan scan(userAgent);
    std::string_view version;
    return scan.literal(product) && scan.word(version) && scan.tail() ? Found(knownClient(name, version)) : std::nullopt;
}

// What stands behind the last blank.
std::string_view lastWord(std::string_view text)
{
    TextScan scan(text);
    std::string_view word;
    while (!scan.atEnd()) {
        scan.blanks();
        scan.word(word);
    }
    return word;
}

// " (…)" up to the end.
bool inBrackets(std::string_view rest)
{
    return rest.size() >= 4 && rest.starts_with(" (") && rest.ends_with(')');
}

void setImplementation(Client &client, std::string_view name, std::string_view version, Mode mode)
{
    client.details.implementation = NameAndVersion{std::string(name), std::string(version)};
    if (mode == Mode::Strict && isCPython(name))
        client.details.python = version;
}

// pip 1.4 to 5: "pip/1.5 CPython/2.7.5 Linux/3.2.0".
Found oldPip(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version, first, second, name, implementation, system, release;
    if (!scan.literal("pip/") || !scan.word(version) || !scan.literal(" ") || !scan.word(first) || !scan.literal(" ") ||
        !scan.word(second) || !scan.atEnd() || !splitAtSlash(first, name, implementation) || !splitAtSlash(second, system, release))
        return std::nullopt;
    if (mode == Mode::Compatible) {
        const auto known = pypi::Version::parse(version), least = pypi::Version::parse("1.4"), end = pypi::Version::parse("6.dev0");
        if (!known || *pypi::Version::parse(known->publicPart()) < *least || *known >= *end)
            return std::nullopt;
    }
    Client client = knownClient("pip", version);
    const auto told = [](std::string_view text) { return isUnknown(text) ? Text() : Text(text); };
    if (!isUnknown(name) || !isUnknown(implementation))
        client.details.implementation = NameAndVersion{told(name), told(implementation)};
    if (!isUnknown(system) || !isUnknown(release))
        client.details.system = System{told(system), told(release)};
    // Compatible: also where the version is "Unknown".
    if (isCPython(name) && (mode == Mode::Compatible || !isUnknown(implementation)))
        client.details.python = implementation;
    return client;
}

// "Python-urllib/2.7", alone, or with distribute or setuptools. PyPI's parser knows one digit of a minor version.
Found urllib(std::string_view userAgent, Mode mode)
{
    const bool many = mode == Mode::Strict;
    TextScan scan(userAgent);
    std::string_view python, version, name;
    if (scan.literal("setuptools/")) {
        if (!scan.word(version) || !scan.literal(" Python-urllib/") || !scan.dottedDigits(python, many) || !scan.atEnd())
            return std::nullopt;
        name = "setuptools";
    } else {
        if (!scan.literal("Python-urllib/") || !scan.dottedDigits(python, many))
            return std::nullopt;
        if (!scan.atEnd()) {
            name = scan.literal(" distribute/") ? "distribute" : scan.literal(" setuptools/") ? "setuptools" : "";
            if (name.empty() || !scan.word(version) || !scan.atEnd())
                return std::nullopt;
        }
    }
    Client client;
    if (name.empty()) {
        client.match = Client::Match::Known;
        client.clientClass = ClientClass::Browser;
    } else {
        client = knownClient(name, version);
    }
    client.details.python = python;
    return client;
}

Found bazel(std::string_view userAgent)
{
    TextScan scan(userAgent);
    if (!scan.literal("Bazel/") || scan.atEnd())
        return std::nullopt;
    const std::string_view all = scan.rest();
    if (!scan.literal("release"))
        return knownClient("Bazel", all);
    const std::string_view blanks = scan.blanks();
    if (blanks.empty())
        return knownClient("Bazel", all);
    if (!scan.atEnd())
        return knownClient("Bazel", scan.rest());
    // Nothing but blanks follows: the last of them is the version, or the word itself where there is one alone.
    std::size_t last = blanks.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(blanks[last]) & 0xC0U) == 0x80U)
        --last;
    return knownClient("Bazel", last == 0 ? all : blanks.substr(last));
}

Found devpi(std::string_view userAgent)
{
    constexpr std::string_view product = "devpi-server/";
    for (std::size_t at = userAgent.find(product); at != std::string_view::npos; at = userAgent.find(product, at)) {
        at += product.size();
        TextScan scan(userAgent.substr(at));
        std::string_view version;
        if (scan.word(version) && inBrackets(scan.rest()))
            return knownClient("devpi", version);
        // What follows this word follows every other in it.
        at += version.size();
    }
    return std::nullopt;
}

Found bandersnatch(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view version;
    return scan.literal("bandersnatch/") && scan.word(version) && inBrackets(scan.rest()) ? Found(knownClient("bandersnatch", version))
                                                                                           : std::nullopt;
}

Found nexus(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view version;
    return scan.literal("Nexus/") && scan.word(version) ? Found(knownClient("Nexus", version)) : std::nullopt;
}

Found pdm(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version, word, name, implementation;
    if (!scan.literal("pdm/") || !scan.word(version) || !scan.literal(" ") || !scan.word(word) || !scan.atEnd() ||
        !splitAtSlash(word, name, implementation))
        return std::nullopt;
    Client client = knownClient("pdm", version);
    setImplementation(client, name, implementation, mode);
    return client;
}

Found poetry(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version, first, second, name, implementation, system, release;
    if (!scan.literal("poetry/") || !scan.word(version) || !scan.literal(" ") || !scan.word(first) || !scan.literal(" ") ||
        !scan.word(second) || !scan.atEnd() || !splitAtSlash(first, name, implementation) || !splitAtSlash(second, system, release, true))
        return std::nullopt;
    Client client = knownClient("poetry", version);
    setImplementation(client, name, implementation, mode);
    client.details.system = System{std::string(system), release.empty() ? Text() : Text(release)};
    return client;
}

// "twine/6.1 … CPython/3.12".
Found twine(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version, name, implementation;
    if (!scan.literal("twine/") || !scan.word(version))
        return std::nullopt;
    const std::string_view rest = scan.rest();
    const std::size_t blank = rest.rfind(' ');
    // Between version and the last word is nothing, or a blank and more.
    if (blank == std::string_view::npos || blank == 1 || rest[0] != ' ')
        return std::nullopt;
    const std::string_view word = rest.substr(blank + 1);
    if (hasBlank(word) || !splitAtSlash(word, name, implementation))
        return std::nullopt;
    Client client = knownClient("twine", version);
    setImplementation(client, name, implementation, mode);
    return client;
}

Found homebrew(std::string_view userAgent, Mode mode)
{
    TextScan scan(userAgent);
    std::string_view version;
    if (!scan.literal("Homebrew/") || !scan.word(version) || !scan.literal(" (Macintosh; "))
        return std::nullopt;
    const bool processor = scan.literal("Intel ") || (mode == Mode::Strict && scan.literal("arm64 "));
    if (!processor || !(scan.literal("Mac OS X ") || scan.literal("macOS ")))
        return std::nullopt;
    const std::string_view rest = scan.rest();
    const std::size_t close = rest.find(')');
    if (close == 0 || close == std::string_view::npos)
        return std::nullopt;
    if (!TextScan(rest.substr(close + 1)).tail())
        return std::nullopt;
    Client client = knownClient("Homebrew", version);
    client.details.distro = Distro{"OS X", std::string(rest.substr(0, close)), {}, {}};
    return client;
}

// Unanchored: whatever ends in "pex/version", in the strict mode as a word of its own.
Found pex(std::string_view userAgent, Mode mode)
{
    constexpr std::string_view product = "pex/";
    const std::string_view word = lastWord(userAgent);
    const std::size_t at = word.find(product);
    if (at == std::string_view::npos || at + product.size() == word.size() || (mode == Mode::Strict && at > 0))
        return std::nullopt;
    return knownClient("pex", word.substr(at + product.size()));
}

// Fetchers of operating systems and their packages.
bool isSystemFetcher(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view version;
    if (scan.literal("fetch libfetch/") || scan.literal("libfetch/"))
        return scan.word(version) && scan.atEnd();
    constexpr std::array<std::string_view, 7> beginnings{"MacPorts", "NetBSD-ftp/", "slapt-get", "pypi-install/", "PTXdist", "GARstow/", "xbps/"};
    return userAgent == "OpenBSD ftp" || userAgent == "slackrepo" ||
           std::ranges::any_of(beginnings, [&](std::string_view beginning) { return userAgent.starts_with(beginning); });
}

bool isBrowser(std::string_view userAgent, Mode mode)
{
    const auto ends = [](std::string_view rest) { return rest.empty() || rest[0] == '/'; };
    constexpr std::array<std::string_view, 13> names{"mozilla", "safari", "wget", "curl", "opera", "aria2", "androiddownloadmanager",
                                                     "com.apple.webkit.networking/", "url/emacs", "firefox/", "ucweb", "links", "okhttp"};
    for (const std::string_view name : names) {
        if (const std::size_t taken = foldedPrefix(userAgent, name); taken > 0 && ends(userAgent.substr(taken)))
            return true;
    }
    if (const std::size_t taken = foldedPrefix(userAgent, "apache-httpclient"); taken > 0 && ends(userAgent.substr(taken)))
        return true;
    if (const std::size_t taken = foldedPrefix(userAgent, "fdm "); taken > 0) {
        TextScan scan(userAgent.substr(taken));
        std::string_view version;
        // The word itself may hold the slash that ends it.
        return scan.word(version) && (scan.atEnd() || version.find('/', 1) != std::string_view::npos);
    }
    if (mode == Mode::Compatible)
        return false;
    constexpr std::array<std::string_view, 9> more{"com.apple.webkit.networking/", "url/emacs", "firefox/", "links (", "elinks/",
                                                   "lynx/", "w3m/", "chrome/", "powershell/"};
    return std::ranges::any_of(more, [&](std::string_view name) { return foldedPrefix(userAgent, name) > 0; });
}

Found mirrors(std::string_view userAgent)
{
    if (auto client = bandersnatch(userAgent))
        return client;
    if (auto client = bare(userAgent, "z3c.pypimirror/", "z3c.pypimirror"))
        return client;
    if (auto client = bare(userAgent, "Artifactory/", "Artifactory"))
        return client;
    if (auto client = nexus(userAgent))
        return client;
    if (auto client = bare(userAgent, "pep381client/", "pep381client"))
        return client;
    return bare(userAgent, "pep381client-proxy/", "pep381client");
}

Found installers(std::string_view userAgent, Mode mode)
{
    if (auto client = oldPip(userAgent, mode))
        return client;
    if (auto client = urllib(userAgent, mode))
        return client;
    if (auto client = tailed(userAgent, "conda/", "conda"))
        return client;
    if (auto client = bazel(userAgent))
        return client;
    if (auto client = bare(userAgent, "maturin/", "maturin"))
        return client;
    if (auto client = pdm(userAgent, mode))
        return client;
    if (auto client = poetry(userAgent, mode))
        return client;
    if (auto client = twine(userAgent, mode))
        return client;
    if (auto client = tailed(userAgent, "python-requests/", "requests"))
        return client;
    return homebrew(userAgent, mode);
}

}  // namespace

std::optional<Client> matchForms(std::string_view userAgent, Mode mode)
{
    if (auto client = installers(userAgent, mode))
        return client;
    if (auto client = mirrors(userAgent))
        return client;
    Client unversioned;
    unversioned.match = Client::Match::Known;
    unversioned.clientClass = ClientClass::Browser;
    if (isSystemFetcher(userAgent) || isBrowser(userAgent, mode)) {
        unversioned.details.installer = Installer{isSystemFetcher(userAgent) ? "OS" : "Browser", {}, {}};
        return unversioned;
    }
    // The two that may stand anywhere come last.
    if (auto client = devpi(userAgent))
        return client;
    return pex(userAgent, mode);
}

}  // namespace cm::metrics
