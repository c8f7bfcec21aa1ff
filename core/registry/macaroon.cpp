// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/macaroon.h"

#include "core/base/hash.h"
#include "core/pypi/names.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/core.h>
#include <sodium.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "pypi-";
constexpr std::size_t maxTokenLength = 16'384;
constexpr char formatVersion = 2;
enum Field : unsigned { EndOfSection = 0, Location = 1, Identifier = 2, VerificationId = 4, Signature = 6 };

std::string hmac(std::string_view key, std::string_view message)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char *>(key.data()), key.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char *>(message.data()), message.size());
    std::string out(crypto_auth_hmacsha256_BYTES, '\0');
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char *>(out.data()));
    return out;
}

std::string sign(std::string_view key, std::string_view identifier, const std::vector<std::string> &caveats)
{
    // The first step is the format's own derivation, so that keys of any length are equally good.
    std::string signature = hmac(hmac("macaroons-key-generator", key), identifier);
    for (const std::string &caveat : caveats)
        signature = hmac(signature, caveat);
    return signature;
}

void appendVarint(std::string &out, std::size_t value)
{
    while (value >= 0x80) {
        out.push_back(static_cast<char>((value & 0x7f) | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

void appendPacket(std::string &out, Field field, std::string_view data)
{
    appendVarint(out, field);
    appendVarint(out, data.size());
    out.append(data);
}

class PacketReader {
public:
    explicit PacketReader(std::string_view bytes) : m_rest(bytes) {}

    struct Packet {
        std::size_t field = 0;
        std::string_view data;
    };

    std::optional<Packet> next()
    {
        const auto field = varint();
        if (!field)
            return std::nullopt;
        if (*field == EndOfSection)
            return Packet{};
        const auto length = varint();
        if (!length || *length > m_rest.size())
            return std::nullopt;
        const Packet packet{*field, m_rest.substr(0, *length)};
        m_rest.remove_prefix(*length);
        return packet;
    }
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

private:
    std::optional<std::size_t> varint()
    {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 28 && !m_rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::size_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0)
                return value;
        }
        return std::nullopt;
    }

    std::string_view m_rest;
};

// One section: [location] identifier EOS. False when it is none.
bool readHead(PacketReader &reader, Macaroon &out)
{
    auto packet = reader.next();
    if (packet && packet->field == Location) {
        out.location = packet->data;
        packet = reader.next();
    }
    if (!packet || packet->field != Identifier || packet->data.empty())
        return false;
    out.identifier = packet->data;
    packet = reader.next();
    return packet && packet->field == EndOfSection;
}

bool readCaveats(PacketReader &reader, Macaroon &out)
{
    for (;;) {
        auto packet = reader.next();
        if (!packet)
            return false;
        if (packet->field == EndOfSection)
            return true;
        // Caveats of third parties (with a location and a verification id) are none of ours.
        if (packet->field != Identifier)
            return false;
        out.caveats.emplace_back(packet->data);
        packet = reader.next();
        if (!packet || packet->field != EndOfSection)
            return false;
    }
}

std::int64_t unixSeconds(Time time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

void narrow(Grant &grant, std::vector<std::string> names)
{
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!grant.scoped) {
        grant.scoped = true;
        grant.projects = std::move(names);
        return;
    }
    std::vector<std::string> both;
    std::set_intersection(grant.projects.begin(), grant.projects.end(), names.begin(), names.end(),
                          std::back_inserter(both));
    grant.projects = std::move(both);
}

Result<void> judgeExpiry(const json::array &parts, Time now, Grant &grant)
{
    if (parts.size() != 3 || !parts[1].is_int64() || !parts[2].is_int64())
        return fail(ErrorCode::InvalidInput, "unreadable caveat");
    if (unixSeconds(now) >= parts[1].get_int64())
        return fail(ErrorCode::InvalidInput, "token is expired");
    if (unixSeconds(now) < parts[2].get_int64())
        return fail(ErrorCode::InvalidInput, "token is not yet valid");
    // Who writes caveats may write any number; far ends are as good as none.
    const std::int64_t horizon = unixSeconds(now) + std::chrono::seconds(std::chrono::years(100)).count();
    const Time end{std::chrono::seconds(std::min(parts[1].get_int64(), horizon))};
    grant.until = grant.until ? std::min(*grant.until, end) : end;
    return {};
}

Result<void> judgeProjects(const json::array &parts, Grant &grant)
{
    if (parts.size() != 2 || !parts[1].is_array())
        return fail(ErrorCode::InvalidInput, "unreadable caveat");
    std::vector<std::string> names;
    for (const json::value &name : parts[1].get_array()) {
        if (!name.is_string())
            return fail(ErrorCode::InvalidInput, "unreadable caveat");
        names.push_back(pypi::normalizeName(std::string_view(name.get_string())));
    }
    narrow(grant, std::move(names));
    return {};
}

Result<void> judgeCaveat(std::string_view caveat, Time now, std::int64_t userId, Grant &grant)
{
    boost::system::error_code error;
    const json::value value = json::parse(json::string_view(caveat.data(), caveat.size()), error);
    if (error || !value.is_array() || value.get_array().empty() || !value.get_array()[0].is_int64())
        return fail(ErrorCode::InvalidInput, "unreadable caveat");
    const json::array &parts = value.get_array();
    switch (parts[0].get_int64()) {
    case 0:
        return judgeExpiry(parts, now, grant);
    case 1:
        return judgeProjects(parts, grant);
    case 3:
        // PyPI writes the id as text, older tools as a number.
        if (parts.size() == 2 &&
            ((parts[1].is_int64() && parts[1].get_int64() == userId) ||
             (parts[1].is_string() && std::string_view(parts[1].get_string()) == std::to_string(userId))))
            return {};
        return fail(ErrorCode::InvalidInput, "token is for another user");
    default:
        return fail(ErrorCode::InvalidInput, "token has a caveat of an unknown kind");
    }
}

}  // namespace

std::string encodeToken(const Macaroon &macaroon)
{
    std::string bytes(1, formatVersion);
    if (!macaroon.location.empty())
        appendPacket(bytes, Location, macaroon.location);
    appendPacket(bytes, Identifier, macaroon.identifier);
    appendVarint(bytes, EndOfSection);
    for (const std::string &caveat : macaroon.caveats) {
        appendPacket(bytes, Identifier, caveat);
        appendVarint(bytes, EndOfSection);
    }
    appendVarint(bytes, EndOfSection);
    appendPacket(bytes, Signature, macaroon.signature);
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string encoded(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(encoded.data(), encoded.size(), reinterpret_cast<const unsigned char *>(bytes.data()),
                      bytes.size(), variant);
    encoded.pop_back();  // libsodium counts a NUL
    return std::string(prefix) + encoded;
}

Result<Macaroon> decodeToken(std::string_view token)
{
    if (!token.starts_with(prefix) || token.size() > maxTokenLength)
        return fail(ErrorCode::InvalidInput, "malformed token");
    token.remove_prefix(prefix.size());
    while (token.ends_with('='))
        token.remove_suffix(1);
    std::string bytes(token.size(), '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char *>(bytes.data()), bytes.size(), token.data(), token.size(),
                          nullptr, &length, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return fail(ErrorCode::InvalidInput, "malformed token");
    bytes.resize(length);
    if (bytes.empty() || bytes.front() != formatVersion)
        return fail(ErrorCode::InvalidInput, "malformed token");
    PacketReader reader(std::string_view(bytes).substr(1));
    Macaroon macaroon;
    if (!readHead(reader, macaroon) || !readCaveats(reader, macaroon))
        return fail(ErrorCode::InvalidInput, "malformed token");
    const auto signature = reader.next();
    if (!signature || signature->field != Signature || signature->data.size() != crypto_auth_hmacsha256_BYTES ||
        !reader.atEnd())
        return fail(ErrorCode::InvalidInput, "malformed token");
    macaroon.signature = signature->data;
    return macaroon;
}

Macaroon makeMacaroon(std::string_view key, std::string location, std::string identifier,
                      std::vector<std::string> caveats)
{
    Macaroon macaroon{std::move(location), std::move(identifier), std::move(caveats), {}};
    macaroon.signature = sign(key, macaroon.identifier, macaroon.caveats);
    return macaroon;
}

bool hasValidSignature(const Macaroon &macaroon, std::string_view key)
{
    return equalSecrets(sign(key, macaroon.identifier, macaroon.caveats), macaroon.signature);
}

std::string expiryCaveat(Time expires, Time notBefore)
{
    return fmt::format("[0,{},{}]", unixSeconds(expires), unixSeconds(notBefore));
}

std::string projectsCaveat(const std::vector<std::string> &normalizedNames)
{
    json::array names;
    for (const std::string &name : normalizedNames)
        names.emplace_back(name);
    return json::serialize(json::array{1, std::move(names)});
}

std::string userCaveat(std::int64_t userId)
{
    return fmt::format("[3,\"{}\"]", userId);
}

Result<Grant> judgeCaveats(const Macaroon &macaroon, Time now, std::int64_t userId)
{
    Grant grant;
    for (const std::string &caveat : macaroon.caveats)
        CM_TRY(judgeCaveat(caveat, now, userId, grant));
    return grant;
}

}  // namespace cm::registry
