// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/gzip_source.h"

#include <algorithm>

namespace cm::archive {
namespace {

constexpr std::size_t inputPiece = 64U << 10;
constexpr std::size_t outputPiece = 256U << 10;
constexpr int gzipWindow = MAX_WBITS + 16;

}  // namespace

GzipSource::GzipSource(const File &file, std::uint64_t budget)
    : m_file(file), m_budget(budget), m_in(inputPiece), m_out(outputPiece)
{
    m_ready = ::inflateInit2(&m_stream, gzipWindow) == Z_OK;
    if (!m_ready)
        m_end = End::Broken;
}

GzipSource::~GzipSource()
{
    if (m_ready)
        ::inflateEnd(&m_stream);
}

// False at the end of the file or when it cannot be read.
bool GzipSource::refill()
{
    auto got = m_file.readAt(m_offset, m_in);
    if (!got) {
        m_readError = std::move(got.error());
        m_end = End::ReadFailed;
        return false;
    }
    m_offset += *got;
    m_stream.next_in = reinterpret_cast<Bytef *>(m_in.data());
    m_stream.avail_in = static_cast<uInt>(*got);
    return *got > 0;
}

// After a member: another one follows, or nothing but padding.
bool GzipSource::startNextMember()
{
    while (true) {
        if (m_stream.avail_in == 0 && !refill()) {
            if (m_end == End::None)
                m_end = End::Complete;
            return false;
        }
        if (*m_stream.next_in == 0x1f) {
            ::inflateReset(&m_stream);
            return true;
        }
        if (*m_stream.next_in != 0) {
            m_trailing = true;
            m_end = End::Complete;
            return false;
        }
        ++m_stream.next_in;
        --m_stream.avail_in;
    }
}

void GzipSource::noteOutput(std::string_view piece)
{
    const std::size_t last = piece.find_last_not_of('\0');
    if (last != std::string_view::npos)
        m_lastNonZero = m_produced + last + 1;
    m_produced += piece.size();
}

std::string_view GzipSource::next()
{
    while (m_end == End::None) {
        if (m_stream.avail_in == 0 && !refill()) {
            if (m_end == End::None)
                m_end = End::Broken;
            return {};
        }
        m_stream.next_out = reinterpret_cast<Bytef *>(m_out.data());
        m_stream.avail_out = static_cast<uInt>(m_out.size());
        const int state = ::inflate(&m_stream, Z_NO_FLUSH);
        const std::string_view piece(m_out.data(), m_out.size() - m_stream.avail_out);
        if (state == Z_STREAM_END) {
            startNextMember();
        } else if (state != Z_OK && state != Z_BUF_ERROR) {
            // A second member that is none is data behind the archive, not damage of the archive.
            m_trailing = m_produced > 0 && piece.empty() && m_stream.total_out == 0;
            m_end = m_trailing ? End::Complete : End::Broken;
            return {};
        }
        noteOutput(piece);
        if (m_produced > m_budget) {
            m_end = End::OverBudget;
            return {};
        }
        if (!piece.empty())
            return piece;
    }
    return {};
}

}  // namespace cm::archive
