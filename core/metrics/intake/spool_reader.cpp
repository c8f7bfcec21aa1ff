// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/spool_reader.h"

#include "core/metrics/intake/spool_files.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace cm::metrics::intake {
namespace {

constexpr std::size_t readAtOnce = 1 << 20;

}  // namespace

SpoolReader::~SpoolReader()
{
    if (m_file >= 0)
        ::close(m_file);
}

void SpoolReader::seek(std::int64_t place)
{
    m_place = place;
    m_buffer.clear();
    m_used = 0;
    if (m_file >= 0)
        ::close(m_file);
    m_file = -1;
    m_at = {};
}

// The file of the place; false when that is not on disk yet.
Result<bool> SpoolReader::openFile()
{
    const auto found = m_spool.fileAt(m_place);
    if (!found && found.error().code == ErrorCode::NotFound)
        return false;
    if (!found)
        return fail(found.error());
    const bool same = m_file >= 0 && found->start == m_at.start;
    m_at = *found;
    if (same)
        return true;
    seek(std::max(m_place, found->start + static_cast<std::int64_t>(fileHead)));
    m_at = *found;
    m_file = ::open(m_at.path.c_str(), O_RDONLY | O_CLOEXEC);
    if (m_file < 0)
        return diskError(m_at.path);
    return true;
}

// `size` bytes from the place on in the buffer; false when they are not on disk.
Result<bool> SpoolReader::fill(std::size_t size)
{
    if (m_buffer.size() - m_used >= size)
        return true;
    m_buffer.erase(0, m_used);
    m_used = 0;
    while (m_buffer.size() < size) {
        const std::int64_t from = m_place + static_cast<std::int64_t>(m_buffer.size());
        const std::int64_t left = m_at.end - from;
        if (left <= 0)
            return false;
        const std::size_t old = m_buffer.size();
        m_buffer.resize(old + static_cast<std::size_t>(std::min<std::int64_t>(left, static_cast<std::int64_t>(std::max(readAtOnce, size)))));
        const ssize_t got = ::pread(m_file, m_buffer.data() + old, m_buffer.size() - old, static_cast<off_t>(from - m_at.start));
        m_buffer.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0)
            return diskError(m_at.path);
        if (got == 0)
            return false;
    }
    return true;
}

void SpoolReader::passOver()
{
    m_damaged += static_cast<std::uint64_t>(m_at.end - m_place);
    seek(m_at.end);
}

Result<std::optional<Block>> SpoolReader::next()
{
    for (;;) {
        // Within what is known of the file nobody has to be asked.
        if (m_file < 0 || m_place >= m_at.end) {
            CM_TRY_ASSIGN(const bool there, openFile());
            if (!there)
                return std::nullopt;
        }
        CM_TRY_ASSIGN(const bool hasHead, fill(blockHead));
        std::size_t size = hasHead ? sizeOfBlock(std::string_view(m_buffer).substr(m_used)) : 0;
        bool whole = false;
        if (size > 0) {
            CM_TRY_ASSIGN(whole, fill(size));
        }
        const auto block = whole ? readBlock(std::string_view(m_buffer).substr(m_used), size) : std::nullopt;
        if (!block) {
            // Blocks become durable as a whole.
            passOver();
            continue;
        }
        m_used += size;
        m_place += static_cast<std::int64_t>(size);
        if (block->kind == BlockKind::Lines || block->kind == BlockKind::Lost || block->kind == BlockKind::Resumed)
            return block;
    }
}

}  // namespace cm::metrics::intake
