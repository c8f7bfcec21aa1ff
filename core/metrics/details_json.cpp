// SPDX-License-Identifier: GPL-3.0-or-later
// Details from the JSON of a user agent.
#include "core/metrics/user_agent_rules.h"

#include <algorithm>

namespace cm::metrics {
namespace {

using Type = PythonJson::Type;

constexpr std::string_view topRaised = "TypeError";
constexpr std::string_view partRaised = "ClassValidationError";

// One place that PyPI's parser structures: `"key" in value`, then `value["key"]`.
class Place {
public:
    // Null pointer: not there. Sets `raised` where Python would raise: what has no members can have no key, and
    // texts and lists that hold the key's name cannot be asked for it.
    static const PythonJson *at(const PythonJson &value, std::string_view key, bool &raised)
    {
        switch (value.type()) {
        case Type::Object:
            return value.member(key);
        case Type::Array:
            raised = raised || std::ranges::any_of(value.items(), [&](const PythonJson &item) { return item.type() == Type::String && item.string() == key; });
            return nullptr;
        case Type::String:
            raised = raised || value.string().find(key) != std::string::npos;
            return nullptr;
        default:
            raised = true;
            return nullptr;
        }
    }
};

Text textAt(const PythonJson &value, std::string_view key, bool &raised)
{
    const PythonJson *const found = Place::at(value, key, raised);
    return !found || found->isNull() ? Text() : Text(found->spelled());
}

// The characters of a text, each a word.
std::vector<std::string> charactersOf(std::string_view text)
{
    std::vector<std::string> characters;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U && !characters.empty())
            characters.back() += c;
        else
            characters.emplace_back(1, c);
    }
    return characters;
}

Text subcommandAt(const PythonJson &installer, bool &raised)
{
    const PythonJson *const found = Place::at(installer, "subcommand", raised);
    if (!found || found->isNull())
        return {};
    std::vector<std::string> words;
    switch (found->type()) {
    case Type::Array:
        for (const PythonJson &item : found->items())
            words.push_back(item.spelled());
        break;
    case Type::String:
        words = charactersOf(found->string());
        break;
    case Type::Object:
        for (const std::string_view key : found->keys())
            words.emplace_back(key);
        break;
    default:
        raised = true;
        return {};
    }
    return shellJoined(words);
}

// A part of the details where it is there and not null.
template <class Part, class Structure>
std::optional<Part> partAt(const PythonJson &value, std::string_view key, bool &raised, const Structure &structure)
{
    const PythonJson *const found = Place::at(value, key, raised);
    if (!found || found->isNull())
        return std::nullopt;
    return structure(*found);
}

bool isPlainWord(std::string_view word)
{
    return !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
    });
}

Text strictText(const PythonJson &object, std::string_view key)
{
    const PythonJson *const found = object.member(key);
    return found && found->type() == Type::String ? Text(found->string()) : Text();
}

const PythonJson *strictObject(const PythonJson &object, std::string_view key)
{
    const PythonJson *const found = object.member(key);
    return found && found->type() == Type::Object ? found : nullptr;
}

}  // namespace

std::string shellJoined(const std::vector<std::string> &words)
{
    std::string joined;
    for (const std::string &word : words) {
        if (&word != words.data())
            joined += ' ';
        if (isPlainWord(word)) {
            joined += word;
            continue;
        }
        joined += '\'';
        for (const char c : word) {
            if (c == '\'')
                joined += "'\"'\"'";
            else
                joined += c;
        }
        joined += '\'';
    }
    return joined;
}

Client structureCompatible(const PythonJson &json)
{
    Client client;
    if (json.type() != Type::Object && json.type() != Type::Array && json.type() != Type::String) {
        client.match = Client::Match::Broken;
        client.reason = topRaised;
        return client;
    }
    bool raised = false;
    Details &details = client.details;
    details.installer = partAt<Installer>(json, "installer", raised, [&](const PythonJson &part) {
        return Installer{textAt(part, "name", raised), textAt(part, "version", raised), subcommandAt(part, raised)};
    });
    details.python = textAt(json, "python", raised);
    details.implementation = partAt<NameAndVersion>(json, "implementation", raised, [&](const PythonJson &part) {
        return NameAndVersion{textAt(part, "name", raised), textAt(part, "version", raised)};
    });
    details.distro = partAt<Distro>(json, "distro", raised, [&](const PythonJson &part) {
        return Distro{textAt(part, "name", raised), textAt(part, "version", raised), textAt(part, "id", raised),
                      partAt<Libc>(part, "libc", raised, [&](const PythonJson &libc) {
                          return Libc{textAt(libc, "lib", raised), textAt(libc, "version", raised)};
                      })};
    });
    details.system = partAt<System>(json, "system", raised, [&](const PythonJson &part) {
        return System{textAt(part, "name", raised), textAt(part, "release", raised)};
    });
    details.cpu = textAt(json, "cpu", raised);
    details.opensslVersion = textAt(json, "openssl_version", raised);
    details.setuptoolsVersion = textAt(json, "setuptools_version", raised);
    details.rustcVersion = textAt(json, "rustc_version", raised);
    if (const PythonJson *const ci = Place::at(json, "ci", raised); ci && !ci->isNull())
        details.ci = ci->truth();
    if (raised) {
        client.match = Client::Match::Broken;
        client.reason = partRaised;
        return client;
    }
    client.match = Client::Match::Known;
    if (details.installer && details.installer->name)
        client.clientClass = classOfInstaller(*details.installer->name, details.ci.value_or(false));
    return client;
}

Details structureStrict(const PythonJson &json)
{
    Details details;
    if (const PythonJson *const part = strictObject(json, "installer")) {
        details.installer = Installer{strictText(*part, "name"), strictText(*part, "version"), strictText(*part, "subcommand")};
        if (const PythonJson *const words = part->member("subcommand"); words && words->type() == Type::Array) {
            std::vector<std::string> kept;
            for (const PythonJson &item : words->items()) {
                if (item.type() == Type::String)
                    kept.push_back(item.string());
            }
            details.installer->subcommand = shellJoined(kept);
        }
    }
    details.python = strictText(json, "python");
    if (const PythonJson *const part = strictObject(json, "implementation"))
        details.implementation = NameAndVersion{strictText(*part, "name"), strictText(*part, "version")};
    if (const PythonJson *const part = strictObject(json, "distro")) {
        details.distro = Distro{strictText(*part, "name"), strictText(*part, "version"), strictText(*part, "id"), {}};
        if (const PythonJson *const libc = strictObject(*part, "libc"))
            details.distro->libc = Libc{strictText(*libc, "lib"), strictText(*libc, "version")};
    }
    if (const PythonJson *const part = strictObject(json, "system"))
        details.system = System{strictText(*part, "name"), strictText(*part, "release")};
    details.cpu = strictText(json, "cpu");
    details.opensslVersion = strictText(json, "openssl_version");
    details.setuptoolsVersion = strictText(json, "setuptools_version");
    details.rustcVersion = strictText(json, "rustc_version");
    if (const PythonJson *const ci = json.member("ci"); ci && (ci->type() == Type::True || ci->type() == Type::False))
        details.ci = ci->truth();
    return details;
}

}  // namespace cm::metrics
