// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"

#include <new>
#include <openssl/evp.h>
#include <sodium.h>
#include <variant>

namespace cm {
namespace {

struct EvpDeleter {
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
};
using Evp = std::unique_ptr<EVP_MD_CTX, EvpDeleter>;

struct Blake2b {
    crypto_generichash_state state;
    std::size_t length;
};

}  // namespace

struct Hasher::State {
    std::variant<Evp, Blake2b> hash;
};

Hasher::Hasher(HashKind kind) : m_state(std::make_unique<State>())
{
    if (kind == HashKind::Blake2b256 || kind == HashKind::Blake2b512) {
        Blake2b blake{};
        blake.length = kind == HashKind::Blake2b256 ? 32 : 64;
        crypto_generichash_init(&blake.state, nullptr, 0, blake.length);
        m_state->hash = blake;
        return;
    }
    Evp context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex(context.get(), kind == HashKind::Sha256 ? EVP_sha256() : EVP_md5(), nullptr) != 1)
        throw std::bad_alloc();
    m_state->hash = std::move(context);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher &&) noexcept = default;
Hasher &Hasher::operator=(Hasher &&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes)
{
    if (auto *evp = std::get_if<Evp>(&m_state->hash))
        EVP_DigestUpdate(evp->get(), bytes.data(), bytes.size());
    else
        crypto_generichash_update(&std::get<Blake2b>(m_state->hash).state,
                                  reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size());
}

void Hasher::update(std::string_view text)
{
    update(std::as_bytes(std::span(text.data(), text.size())));
}

std::vector<std::byte> Hasher::finish()
{
    std::vector<std::byte> digest(EVP_MAX_MD_SIZE);
    auto *out = reinterpret_cast<unsigned char *>(digest.data());
    if (auto *evp = std::get_if<Evp>(&m_state->hash)) {
        unsigned length = 0;
        EVP_DigestFinal_ex(evp->get(), out, &length);
        digest.resize(length);
    } else {
        auto &blake = std::get<Blake2b>(m_state->hash);
        crypto_generichash_final(&blake.state, out, blake.length);
        digest.resize(blake.length);
    }
    return digest;
}

std::string Hasher::finishHex()
{
    return toHex(finish());
}

std::string hashHex(HashKind kind, std::string_view text)
{
    Hasher hasher(kind);
    hasher.update(text);
    return hasher.finishHex();
}

std::string toHex(std::span<const std::byte> bytes)
{
    static constexpr char alphabet[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        text.push_back(alphabet[std::to_integer<unsigned>(byte) >> 4]);
        text.push_back(alphabet[std::to_integer<unsigned>(byte) & 15U]);
    }
    return text;
}

bool isHex(std::string_view text, std::size_t length) noexcept
{
    return text.size() == length && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool equalSecrets(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::byte> randomBytes(std::size_t count)
{
    std::vector<std::byte> bytes(count);
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace cm
