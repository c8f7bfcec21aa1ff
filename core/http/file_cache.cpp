// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/file_cache.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cm::http {

OpenFile::~OpenFile()
{
    ::close(fd);
}

Result<std::shared_ptr<const OpenFile>> openFile(const std::string &path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        const ErrorCode code = missing ? ErrorCode::NotFound : ErrorCode::Unavailable;
        return fail(code, fmt::format("{}: {}", path, std::strerror(errno)));
    }
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(fd);
        return fail(ErrorCode::NotFound, fmt::format("{}: not a regular file", path));
    }
    return std::make_shared<const OpenFile>(fd, static_cast<std::uint64_t>(status.st_size));
}

std::shared_ptr<const OpenFile> FileCache::find(const std::string &path, std::int64_t nowMs)
{
    const auto known = m_byPath.find(path);
    if (known == m_byPath.end())
        return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, known->second);
    m_entries.front().usedMs = nowMs;
    return m_entries.front().file;
}

void FileCache::put(const std::string &path, std::shared_ptr<const OpenFile> file, std::int64_t nowMs)
{
    if (find(path, nowMs))
        return;
    m_entries.push_front({path, std::move(file), nowMs});
    m_byPath.emplace(m_entries.front().path, m_entries.begin());
    if (m_entries.size() > m_capacity) {
        m_byPath.erase(m_entries.back().path);
        m_entries.pop_back();
    }
}

void FileCache::dropUnusedSince(std::int64_t ms)
{
    while (!m_entries.empty() && m_entries.back().usedMs < ms) {
        m_byPath.erase(m_entries.back().path);
        m_entries.pop_back();
    }
}

}  // namespace cm::http
