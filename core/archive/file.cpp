// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cm::archive {
namespace {

constexpr std::uint64_t smallFile = 128U << 10;

}  // namespace

Result<File> File::open(const std::filesystem::path &path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        const ErrorCode code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::NotFound
                               : errno == EACCES                   ? ErrorCode::Forbidden
                                                                   : ErrorCode::Unavailable;
        return fail(code, "cannot open the file: " + std::string(std::strerror(errno)));
    }
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        ::close(descriptor);
        return fail(ErrorCode::InvalidInput, "not a regular file");
    }
    File file(descriptor, static_cast<std::uint64_t>(facts.st_size));
    if (file.m_size <= smallFile) {
        std::string whole(file.m_size, '\0');
        CM_TRY_ASSIGN(const std::size_t got, file.readFromDisk(0, whole));
        if (got != whole.size())
            return fail(ErrorCode::Unavailable, "the file changed while it was read");
        file.m_whole = std::move(whole);
    }
    return file;
}

File::~File()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

File::File(File &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_size(other.m_size), m_whole(std::move(other.m_whole))
{}

Result<std::size_t> File::readFromDisk(std::uint64_t offset, std::span<char> out) const
{
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got =
            ::pread(m_descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(ErrorCode::Unavailable, "cannot read the file: " + std::string(std::strerror(errno)));
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<std::size_t> File::readAt(std::uint64_t offset, std::span<char> out) const
{
    if (offset >= m_size)
        return std::size_t{0};
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), m_size - offset));
    if (m_whole.empty())
        return readFromDisk(offset, out.first(length));
    std::memcpy(out.data(), m_whole.data() + offset, length);
    return length;
}

Result<std::string> File::bytesAt(std::uint64_t offset, std::size_t length) const
{
    if (offset > m_size || length > m_size - offset)
        return fail(ErrorCode::Corrupt, "the file ends too early");
    std::string bytes(length, '\0');
    CM_TRY_ASSIGN(const std::size_t got, readAt(offset, bytes));
    if (got != length)
        return fail(ErrorCode::Corrupt, "the file ends too early");
    return bytes;
}

}  // namespace cm::archive
