// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/node_key.h"

#include "core/base/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::registry {

namespace {

constexpr std::size_t keyBytes = crypto_secretbox_xchacha20poly1305_KEYBYTES;
constexpr std::size_t nonceBytes = crypto_secretbox_xchacha20poly1305_NONCEBYTES;
constexpr std::size_t macBytes = crypto_secretbox_xchacha20poly1305_MACBYTES;
static_assert(keyBytes == 32);

const unsigned char *bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

Error failedTo(std::string_view what, const std::filesystem::path &file)
{
    return Error{
        ErrorCode::Unavailable, fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(errno)), {}, {}};
}

// Written beside and linked into place, so that of two processes starting at once both end up with
// the same, whole key.
Result<void> create(const std::filesystem::path &file)
{
    std::array<unsigned char, keyBytes> key{};
    randombytes_buf(key.data(), key.size());
    const std::string draft = fmt::format("{}.{}", file.string(), ::getpid());
    {
        const Descriptor fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (fd.get() < 0)
            return fail(failedTo("create", draft));
        const bool written = ::write(fd.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size());
        sodium_memzero(key.data(), key.size());
        if (!written || ::fsync(fd.get()) != 0)
            return fail(failedTo("write", draft));
    }
    const int linked = ::link(draft.c_str(), file.c_str());
    const int linkError = errno;
    ::unlink(draft.c_str());
    if (linked != 0 && linkError != EEXIST) {
        errno = linkError;
        return fail(failedTo("create", file));
    }
    const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0)
        return fail(failedTo("sync", file.parent_path()));
    return {};
}

}  // namespace

Result<NodeKey> NodeKey::openOrCreate(const std::filesystem::path &file)
{
    if (sodium_init() < 0)
        return fail(ErrorCode::Internal, "libsodium does not start");
    std::error_code error;
    const std::filesystem::path folder = file.parent_path();
    if (std::filesystem::create_directories(folder, error))
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error)
        return fail(ErrorCode::Unavailable, fmt::format("cannot create {}: {}", folder.string(), error.message()));
    if (!std::filesystem::exists(file, error))
        CM_TRY(create(file));
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0)
        return fail(failedTo("open", file));
    struct stat info {};
    if (::fstat(fd.get(), &info) == 0 && (info.st_mode & 077) != 0)
        return fail(ErrorCode::Forbidden, fmt::format("{} can be read by others: run chmod 600 on it", file.string()));
    std::array<unsigned char, keyBytes + 1> bytes{};
    const ssize_t got = ::read(fd.get(), bytes.data(), bytes.size());
    if (got < 0)
        return fail(failedTo("read", file));
    if (got != static_cast<ssize_t>(keyBytes))
        return fail(ErrorCode::Corrupt, fmt::format("{} holds {} bytes instead of {}", file.string(), got, keyBytes));
    std::array<unsigned char, keyBytes> key{};
    std::copy_n(bytes.begin(), keyBytes, key.begin());
    sodium_memzero(bytes.data(), bytes.size());
    return NodeKey(key);
}

NodeKey::~NodeKey()
{
    sodium_memzero(m_key.data(), m_key.size());
}

std::string NodeKey::seal(std::string_view plain) const
{
    std::string sealed(nonceBytes + macBytes + plain.size(), '\0');
    auto *out = reinterpret_cast<unsigned char *>(sealed.data());
    randombytes_buf(out, nonceBytes);
    crypto_secretbox_xchacha20poly1305_easy(out + nonceBytes, bytesOf(plain), plain.size(), out, m_key.data());
    return sealed;
}

Result<std::string> NodeKey::unseal(std::string_view sealed) const
{
    if (sealed.size() < nonceBytes + macBytes)
        return fail(ErrorCode::Corrupt, "a sealed key is too short");
    std::string plain(sealed.size() - nonceBytes - macBytes, '\0');
    if (crypto_secretbox_xchacha20poly1305_open_easy(reinterpret_cast<unsigned char *>(plain.data()),
                                                     bytesOf(sealed) + nonceBytes, sealed.size() - nonceBytes,
                                                     bytesOf(sealed), m_key.data()) != 0)
        return fail(ErrorCode::Corrupt, "a sealed key does not open with the key of this node");
    return plain;
}

}  // namespace cm::registry
