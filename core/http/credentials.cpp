// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/credentials.h"

#include "core/http/header.h"

#include <cstdint>
#include <openssl/evp.h>

namespace cm::http {
namespace {

int base64Value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> decodeBase64(std::string_view text)
{
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding)
        text.remove_suffix(1);
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string decoded;
    decoded.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = base64Value(c);
        if (value < 0)
            return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            decoded.push_back(static_cast<char>((bits >> count) & 0xFF));
        }
    }
    return decoded;
}

std::optional<Credentials> parseAuthorization(std::string_view header)
{
    header = trimmed(header);
    const auto space = header.find(' ');
    if (space == std::string_view::npos)
        return std::nullopt;
    const auto scheme = header.substr(0, space);
    const auto rest = trimmed(header.substr(space + 1));
    if (equalsIgnoringCase(scheme, "Bearer") || equalsIgnoringCase(scheme, "token")) {
        if (rest.empty())
            return std::nullopt;
        return Credentials{CredentialScheme::Bearer, {}, std::string(rest)};
    }
    if (!equalsIgnoringCase(scheme, "Basic"))
        return std::nullopt;
    const auto decoded = decodeBase64(rest);
    if (!decoded)
        return std::nullopt;
    const auto colon = decoded->find(':');
    if (colon == std::string::npos)
        return std::nullopt;
    return Credentials{CredentialScheme::Basic, decoded->substr(0, colon), decoded->substr(colon + 1)};
}

std::string latin1ToUtf8(std::string_view text)
{
    std::string utf8;
    utf8.reserve(text.size() + 8);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            utf8.push_back(c);
        } else {
            utf8.push_back(static_cast<char>(0xC0 | (byte >> 6)));
            utf8.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
        }
    }
    return utf8;
}

std::string basicAuthorization(std::string_view user, std::string_view password)
{
    const std::string plain = std::string(user) + ':' + std::string(password);
    std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char *>(encoded.data()),
                                     reinterpret_cast<const unsigned char *>(plain.data()), static_cast<int>(plain.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return "Basic " + encoded;
}

}  // namespace cm::http
