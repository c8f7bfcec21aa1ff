// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/rule.h"

#include "core/pypi/text.h"
#include "core/pypi/version_range.h"

#include <algorithm>
#include <array>
#include <span>

namespace cm::deprecation {

namespace {

constexpr std::array kinds{
    std::pair{Kind::Channel, std::string_view("channel")}, std::pair{Kind::Endpoint, std::string_view("endpoint")},
    std::pair{Kind::Authentication, std::string_view("authentication")},
    std::pair{Kind::ClientVersion, std::string_view("client_version")},
    std::pair{Kind::FileType, std::string_view("file_type")},
    std::pair{Kind::MetadataVersion, std::string_view("metadata_version")},
    std::pair{Kind::Digest, std::string_view("digest")}};

// The closed lists: what this registry can tell apart.
constexpr std::array channels{std::string_view("ssh upload"), std::string_view("https upload")};
constexpr std::array endpoints{std::string_view("file-upload"), std::string_view("doc-upload"), std::string_view("project-json"),
                               std::string_view("journal"), std::string_view("stats")};
constexpr std::size_t firstRead = 2;  // of these
// Read by every installer, under each name that somebody might call them by.
constexpr std::array indispensable{std::string_view("simple-index"), std::string_view("simple"), std::string_view("files"),
                                   std::string_view("packages")};
constexpr std::array authentications{std::string_view("password"), std::string_view("token"),
                                     std::string_view("unscoped-token"), std::string_view("ssh-key")};
constexpr std::array fileTypes{std::string_view("sdist"), std::string_view("bdist_wheel"), std::string_view("bdist_egg"),
                               std::string_view("bdist_wininst"), std::string_view("bdist_msi"),
                               std::string_view("bdist_rpm"), std::string_view("bdist_dumb"),
                               std::string_view("bdist_dmg")};
constexpr std::array digests{std::string_view("blake2"), std::string_view("sha256"), std::string_view("md5"),
                             std::string_view("none")};

std::span<const std::string_view> valuesOf(Kind kind)
{
    switch (kind) {
    case Kind::Channel:
        return channels;
    case Kind::Endpoint:
        return endpoints;
    case Kind::Authentication:
        return authentications;
    case Kind::FileType:
        return fileTypes;
    case Kind::Digest:
        return digests;
    case Kind::ClientVersion:
    case Kind::MetadataVersion:
        break;
    }
    return {};
}

tl::unexpected<Error> invalid(std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, "subject: " + problem, {{"subject", problem}}, {}});
}

bool inRange(std::string_view range, std::string_view version)
{
    if (range.empty())
        return true;
    const auto parsed = pypi::VersionRange::parse(range);
    return parsed && parsed->contains(version);
}

Result<Rule> parseRange(Kind kind, std::string value, std::string_view range)
{
    if (!range.empty() && !pypi::VersionRange::parse(range))
        return invalid("\"" + std::string(range) + "\" is no range of versions such as <3.0");
    return Rule{kind, std::move(value), std::string(range)};
}

}  // namespace

std::string_view kindName(Kind kind) noexcept
{
    return kinds[static_cast<std::size_t>(kind)].second;
}

std::optional<Kind> kindNamed(std::string_view name) noexcept
{
    for (const auto &[kind, known] : kinds) {
        if (known == name)
            return kind;
    }
    return std::nullopt;
}

Result<Rule> parseRule(Kind kind, std::string_view subject)
{
    const std::string_view text = pypi::stripped(subject);
    if (text.empty())
        return invalid("says what retires, and is empty");
    if (kind == Kind::MetadataVersion)
        return parseRange(kind, {}, text);
    if (kind == Kind::ClientVersion) {
        const auto end = text.find_first_of(" \t<>=!~");
        const std::string_view name = text.substr(0, end);
        if (name.empty())
            return invalid("begins with the name of a client, such as twine <3.0");
        // As user agents are read.
        return parseRange(kind, pypi::lowered(name), end == std::string_view::npos ? std::string_view() : pypi::stripped(text.substr(end)));
    }
    const auto values = valuesOf(kind);
    if (std::find(values.begin(), values.end(), text) != values.end())
        return Rule{kind, std::string(text), {}};
    if (kind == Kind::Endpoint && std::find(indispensable.begin(), indispensable.end(), text) != indispensable.end())
        return invalid("\"" + std::string(text) + "\" cannot retire: every installation needs the simple index and the files");
    std::string known;
    for (const std::string_view value : values)
        known += (known.empty() ? "" : ", ") + std::string(value);
    return invalid("\"" + std::string(text) + "\" is none of: " + known);
}

bool isRead(std::string_view endpoint) noexcept
{
    return std::find(endpoints.begin() + firstRead, endpoints.end(), endpoint) != endpoints.end();
}

std::vector<Rule> closedChoices()
{
    std::vector<Rule> out;
    for (const auto &[kind, name] : kinds) {
        for (const std::string_view value : valuesOf(kind))
            out.push_back({kind, std::string(value), {}});
    }
    return out;
}

bool matches(const Rule &rule, const Traits &traits)
{
    // Rules of clients, credentials and digests are of uploads: else one would shut out an old client from installing.
    if (rule.kind != Kind::Endpoint && isRead(traits.endpoint))
        return false;
    switch (rule.kind) {
    case Kind::Channel:
        return traits.channel == rule.value;
    case Kind::Endpoint:
        return traits.endpoint == rule.value;
    case Kind::Authentication:
        return traits.authentication == rule.value ||
               (rule.value == "token" && traits.authentication == "unscoped-token");
    case Kind::ClientVersion:
        return traits.client == rule.value && (rule.range.empty() || inRange(rule.range, traits.clientVersion));
    case Kind::FileType:
        return traits.fileType == rule.value;
    case Kind::MetadataVersion:
        return !traits.metadataVersion.empty() && inRange(rule.range, traits.metadataVersion);
    case Kind::Digest:
        return traits.digest == rule.value;
    }
    return false;
}

Traits exampleOf(const Rule &rule)
{
    Traits traits{"https upload", "file-upload", "token", "twine", "6.0", "sdist", "2.1", "sha256"};
    switch (rule.kind) {
    case Kind::Channel:
        traits.channel = rule.value;
        break;
    case Kind::Endpoint:
        traits.endpoint = rule.value;
        if (isRead(rule.value))
            traits = {"https read", rule.value, {}, "pip", "24.0", {}, {}, {}};
        break;
    case Kind::Authentication:
        traits.authentication = rule.value;
        break;
    case Kind::ClientVersion:
        traits.client = rule.value;
        break;
    case Kind::FileType:
        traits.fileType = rule.value;
        break;
    case Kind::MetadataVersion:
        break;
    case Kind::Digest:
        traits.digest = rule.value;
        break;
    }
    if (rule.range.empty())
        return traits;
    std::string &version = rule.kind == Kind::ClientVersion ? traits.clientVersion : traits.metadataVersion;
    if (const auto range = pypi::VersionRange::parse(rule.range))
        version = range->example();
    return traits;
}

}  // namespace cm::deprecation
