// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/ssh_public_key.h"

#include "core/base/hash.h"
#include "core/registry/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <sodium.h>

namespace cm::registry {

namespace {

constexpr std::size_t maxText = 16 * 1024;
constexpr std::int64_t leastRsaBits = 2048;
constexpr std::int64_t mostRsaBits = 16384;

enum class Form { Ed25519, Ecdsa, Rsa };

struct Kind {
    std::string_view type;
    Form form;
    std::string_view curve;  // of ecdsa
    std::int64_t bits;       // of the curve
    bool hardware;           // an application follows
};

constexpr std::array kinds{
    Kind{"ssh-ed25519", Form::Ed25519, {}, 256, false},
    Kind{"ecdsa-sha2-nistp256", Form::Ecdsa, "nistp256", 256, false},
    Kind{"ecdsa-sha2-nistp384", Form::Ecdsa, "nistp384", 384, false},
    Kind{"ecdsa-sha2-nistp521", Form::Ecdsa, "nistp521", 521, false},
    Kind{"sk-ssh-ed25519@openssh.com", Form::Ed25519, {}, 256, true},
    Kind{"sk-ecdsa-sha2-nistp256@openssh.com", Form::Ecdsa, "nistp256", 256, true},
    Kind{"ssh-rsa", Form::Rsa, {}, 0, false},
};

tl::unexpected<Error> refused(std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, "public_key: " + problem, {{"public_key", problem}}, {}});
}

tl::unexpected<Error> damaged()
{
    return refused("is damaged: paste the whole line of the .pub file again");
}

// RFC 4251: a length of four bytes, and as many bytes.
std::optional<std::string_view> takeString(std::string_view &rest)
{
    if (rest.size() < 4)
        return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
        length = length << 8U | static_cast<unsigned char>(rest[i]);
    if (length > rest.size() - 4)
        return std::nullopt;
    const std::string_view taken = rest.substr(4, length);
    rest.remove_prefix(4 + length);
    return taken;
}

// A positive number in its shortest form: how many bits, nothing when it is none.
std::optional<std::int64_t> bitsOf(std::string_view number)
{
    const auto byte = [number](std::size_t at) { return static_cast<unsigned char>(number[at]); };
    if (number.empty() || byte(0) >= 0x80)
        return std::nullopt;
    if (byte(0) != 0)
        return static_cast<std::int64_t>(number.size() * 8) - std::countl_zero(byte(0));
    if (number.size() < 2 || byte(1) < 0x80)
        return std::nullopt;
    return static_cast<std::int64_t>((number.size() - 1) * 8);
}

bool isOdd(std::string_view number)
{
    return (static_cast<unsigned char>(number.back()) & 1U) != 0;
}

Result<std::int64_t> rsaBits(std::string_view &rest)
{
    const auto exponent = takeString(rest);
    const auto modulus = takeString(rest);
    if (!exponent || !modulus)
        return damaged();
    const auto exponentBits = bitsOf(*exponent);
    const auto bits = bitsOf(*modulus);
    if (!exponentBits || !bits || *exponentBits < 2 || !isOdd(*exponent) || !isOdd(*modulus))
        return damaged();
    if (*bits < leastRsaBits)
        return refused("is an RSA key of " + std::to_string(*bits) + " bits, which can be broken; make a new one with ssh-keygen -t ed25519");
    if (*bits > mostRsaBits)
        return refused("is an RSA key of more than 16384 bits, which ssh does not take");
    return bits.value();
}

Result<std::int64_t> bitsOfBlob(const Kind &kind, std::string_view blob)
{
    const auto type = takeString(blob);
    if (!type || *type != kind.type)
        return damaged();
    std::int64_t bits = kind.bits;
    if (kind.form == Form::Rsa) {
        CM_TRY_ASSIGN(bits, rsaBits(blob));
    } else {
        const auto curve = kind.form == Form::Ecdsa ? takeString(blob) : std::optional(std::string_view());
        const auto point = takeString(blob);
        const std::size_t coordinate = static_cast<std::size_t>((kind.bits + 7) / 8);
        const bool fits = point && (kind.form == Form::Ed25519 ? point->size() == 32
                                                               : point->size() == 1 + 2 * coordinate && point->front() == '\x04');
        if (!curve || *curve != kind.curve || !fits)
            return damaged();
    }
    if (kind.hardware) {
        const auto application = takeString(blob);
        if (!application || application->empty())
            return damaged();
    }
    if (!blob.empty())
        return damaged();
    return bits;
}

std::string base64(std::string_view bytes, int variant)
{
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size(), variant);
    text.resize(text.size() - 1);
    return text;
}

// A word up to a blank, and what follows it.
std::string_view takeWord(std::string_view &rest)
{
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest = trimmed(rest.substr(end));
    return word;
}

// Other things that people paste, each told apart: nothing of them is repeated.
std::optional<Error> otherThing(std::string_view text)
{
    const auto has = [text](std::string_view part) { return text.find(part) != std::string_view::npos; };
    if (has("PRIVATE KEY") || has("PuTTY-User-Key-File") || has("Private-Lines:"))
        return refused("is a private key, which is for nobody but you: paste the .pub file beside it, and make a new pair if this"
                       " one was seen by others").value();
    if (has("SSH2 PUBLIC KEY") || has("BEGIN RSA PUBLIC KEY") || has("BEGIN PUBLIC KEY"))
        return refused("is in another form: `ssh-keygen -i -f FILE` turns it into the line that is needed").value();
    return std::nullopt;
}

}  // namespace

Result<SshPublicKey> parseSshPublicKey(std::string_view text)
{
    if (auto other = otherThing(text))
        return fail(std::move(*other));
    std::string_view line = trimmed(text);
    if (line.empty())
        return refused("is needed: the line of a .pub file, such as ~/.ssh/id_ed25519.pub");
    if (line.size() > maxText || !isUtf8(line))
        return refused("is no line of a .pub file");
    if (std::any_of(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f'; }))
        return refused("has to be one line: one key at a time");
    SshPublicKey key;
    key.type = takeWord(line);
    if (key.type.ends_with("-cert-v01@openssh.com"))
        return refused("is a certificate; the key itself is needed");
    if (key.type == "ssh-dss")
        return refused("is a DSA key, which ssh takes no longer; make a new one with ssh-keygen -t ed25519");
    const auto *kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind &known) { return known.type == key.type; });
    if (kind == kinds.end())
        return refused("has to begin with the type of the key, such as ssh-ed25519, without options before it");
    const std::string_view encoded = takeWord(line);
    std::string blob(encoded.size(), '\0');
    std::size_t length = 0;
    const char *end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char *>(blob.data()), blob.size(), encoded.data(), encoded.size(), nullptr,
                          &length, &end, sodium_base64_VARIANT_ORIGINAL) != 0 || end != encoded.data() + encoded.size())
        return damaged();
    blob.resize(length);
    CM_TRY_ASSIGN(key.bits, bitsOfBlob(*kind, blob));
    key.data = base64(blob, sodium_base64_VARIANT_ORIGINAL);
    Hasher hasher(HashKind::Sha256);
    hasher.update(blob);
    const std::vector<std::byte> digest = hasher.finish();
    key.fingerprint = "SHA256:" + base64({reinterpret_cast<const char *>(digest.data()), digest.size()},
                                         sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    key.comment = line;
    return key;
}

}  // namespace cm::registry
