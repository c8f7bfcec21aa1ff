// SPDX-License-Identifier: GPL-3.0-or-later
// User agents as the strict mode reads them: what a client says of itself, also where PyPI's grammar knows no such form.
#include "core/metrics/text_scan.h"
#include "core/metrics/user_agent_rules.h"

#include <algorithm>
#include <array>

namespace cm::metrics {
namespace {

using api::ClientClass;

// A word of a user agent, "name/version" or a name alone.
struct Product {
    std::string_view name;
    std::string_view version;
};

Product productOf(std::string_view word)
{
    const std::size_t slash = word.find('/');
    return slash == std::string_view::npos ? Product{word, {}} : Product{word.substr(0, slash), word.substr(slash + 1)};
}

bool equalsFolded(std::string_view text, std::string_view lower)
{
    return text.size() == lower.size() && foldedPrefix(text, lower) == text.size();
}

// The name under which a product is counted: some bear another in their user agent than everywhere else.
std::string_view countedName(std::string_view product)
{
    struct Alias {
        std::string_view product;  // lower case
        std::string_view name;
    };
    constexpr std::array<Alias, 9> aliases{{{"python-requests", "requests"},
                                            {"python-httpx", "httpx"},
                                            {"python-urllib3", "urllib3"},
                                            {"devpi-server", "devpi"},
                                            {"pep381client-proxy", "pep381client"},
                                            {"pulpcore", "pulp"},
                                            {"renovatebot", "renovate"},
                                            {"artifactory", "Artifactory"},
                                            {"nexus", "Nexus"}}};
    const auto found = std::ranges::find_if(aliases, [product](const Alias &alias) { return equalsFolded(product, alias.product); });
    return found == aliases.end() ? product : found->name;
}

Client clientOf(const Product &product)
{
    Client client = knownClient(countedName(product.name), product.version);
    if (product.version.empty())
        client.details.installer->version.reset();
    return client;
}

// A mirror says so in any word: what it bears besides is the library that it asks with, or the client for whom it asks.
std::optional<Client> mirrorAmong(std::string_view userAgent)
{
    TextScan scan(userAgent);
    bool first = true;
    for (std::string_view word; scan.word(word); scan.blanks(), first = false) {
        const Product product = productOf(word);
        // "Nexus 5" is a telephone.
        if (!first && product.version.empty())
            continue;
        if (classOfInstaller(countedName(product.name), false) == ClientClass::Mirror)
            return clientOf(product);
    }
    return std::nullopt;
}

// "name/version {json}" of any client. The installer is the JSON's, else the name before it; one that is cut off or
// broken leaves that name.
std::optional<Client> withJson(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view word;
    if (!scan.word(word) || scan.blanks().empty() || !scan.rest().starts_with('{'))
        return std::nullopt;
    const Product product = productOf(word);
    const bool known = classOfInstaller(countedName(product.name), false) != ClientClass::Unknown;
    const auto json = PythonJson::parseFront(scan.rest());
    if (!json)
        return known ? std::optional(clientOf(product)) : std::nullopt;
    Client client;
    client.match = Client::Match::Known;
    client.details = structureStrict(*json);
    if (!client.details.installer || !client.details.installer->name) {
        if (!known)
            return client.details == Details{} ? std::nullopt : std::optional(client);
        const Text subcommand = client.details.installer ? client.details.installer->subcommand : Text();
        client.details.installer = clientOf(product).details.installer;
        client.details.installer->subcommand = subcommand;
    } else if (!client.details.installer->version && *client.details.installer->name == product.name && !product.version.empty()) {
        client.details.installer->version = product.version;
    }
    client.clientClass = classOfInstaller(*client.details.installer->name, client.details.ci.value_or(false));
    return client;
}

// "Python/3.11 aiohttp/3.9": the library comes second.
std::optional<Client> aiohttp(std::string_view userAgent)
{
    TextScan scan(userAgent);
    std::string_view python, version;
    if (!scan.literal("Python/") || !scan.dottedDigits(python, true) || !scan.literal(" aiohttp/") || !scan.word(version))
        return std::nullopt;
    Client client = knownClient("aiohttp", version);
    client.details.python = python;
    return client;
}

}  // namespace

Client readStrictUserAgent(std::string_view userAgent)
{
    if (auto client = mirrorAmong(userAgent))
        return *client;
    if (auto client = withJson(userAgent))
        return *client;
    if (auto client = matchForms(userAgent, Mode::Strict))
        return *client;
    if (auto client = aiohttp(userAgent))
        return *client;
    Client client;
    if (isIgnored(userAgent, Mode::Strict)) {
        client.match = Client::Match::Ignored;
        return client;
    }
    // A name that is known in a form that is not.
    TextScan scan(userAgent);
    std::string_view word;
    if (scan.word(word)) {
        const Product product = productOf(word);
        if (classOfInstaller(countedName(product.name), false) != ClientClass::Unknown)
            return clientOf(product);
    }
    return client;
}

}  // namespace cm::metrics
