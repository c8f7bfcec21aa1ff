// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/whole_file.h"

#include "core/base/descriptor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::host {
namespace {

tl::unexpected<Error> failed(const std::filesystem::path &file)
{
    const int error = errno;
    return fail(error == ENOENT                      ? ErrorCode::NotFound
                : error == EACCES || error == EPERM ? ErrorCode::Forbidden
                                                     : ErrorCode::Unavailable,
                fmt::format("{}: {}", file.string(), std::strerror(error)));
}

bool writeAll(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void syncFolder(const std::filesystem::path &folder)
{
    const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() >= 0)
        ::fsync(opened.get());
}

}  // namespace

Result<std::string> readWhole(const std::filesystem::path &file, std::size_t most)
{
    const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (opened.get() < 0)
        return failed(file);
    std::string text;
    std::array<char, 4096> part{};
    for (;;) {
        const ssize_t got = ::read(opened.get(), part.data(), part.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(file);
        if (got == 0)
            return text;
        text.append(part.data(), static_cast<std::size_t>(got));
        if (text.size() > most)
            return fail(ErrorCode::TooLarge, fmt::format("{} is larger than {} bytes", file.string(), most));
    }
}

Result<std::string> readFirstLine(const std::filesystem::path &file)
{
    CM_TRY_ASSIGN(std::string line, readWhole(file));
    line.erase(std::min(line.find_first_of("\r\n"), line.size()));
    return line;
}

Result<void> writeWhole(const std::filesystem::path &file, std::string_view text, mode_t mode)
{
    std::string fresh = file.string() + ".XXXXXX";
    const Descriptor opened(::mkostemp(fresh.data(), O_CLOEXEC));
    if (opened.get() < 0)
        return failed(file);
    const bool written = writeAll(opened.get(), text) && ::fchmod(opened.get(), mode) == 0 &&
                         ::fsync(opened.get()) == 0 && ::rename(fresh.c_str(), file.c_str()) == 0;
    if (!written) {
        auto error = failed(file);
        ::unlink(fresh.c_str());
        return error;
    }
    syncFolder(file.parent_path());
    return {};
}

Result<void> removeWhole(const std::filesystem::path &file)
{
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
        return failed(file);
    syncFolder(file.parent_path());
    return {};
}

}  // namespace cm::host
