// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/zip_directory.h"
#include "core/archive/zip_records.h"

#include <algorithm>
#include <array>
#include <vector>
#include <zlib.h>

namespace cm::archive {
namespace {

constexpr std::size_t pieceBytes = 64U << 10;

struct Inflater {
    Inflater() { ready = ::inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
    ~Inflater()
    {
        if (ready)
            ::inflateEnd(&stream);
    }
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    z_stream stream{};
    bool ready = false;
};

tl::unexpected<Error> broken(const ZipEntry &entry)
{
    return fail(ErrorCode::Corrupt, "the member " + entry.name + " cannot be unpacked");
}

// Hands pieces on and keeps count, so that an entry which unpacks to more than it says ends there.
class Checked {
public:
    Checked(const ZipEntry &entry, const ZipPiece &piece) : m_entry(entry), m_piece(piece) {}

    Result<void> take(std::span<const char> bytes)
    {
        m_taken += bytes.size();
        if (m_taken > m_entry.size)
            return broken(m_entry);
        m_crc = ::crc32_z(m_crc, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
        return bytes.empty() ? Result<void>() : m_piece(std::as_bytes(bytes));
    }
    [[nodiscard]] Result<void> finish() const
    {
        if (m_taken != m_entry.size || m_crc != m_entry.crc)
            return broken(m_entry);
        return {};
    }

private:
    const ZipEntry &m_entry;
    const ZipPiece &m_piece;
    std::uint64_t m_taken = 0;
    uLong m_crc = 0;
};

Result<void> copyEntry(const File &file, const ZipEntry &entry, std::uint64_t offset, Checked &out)
{
    std::vector<char> chunk(pieceBytes);
    for (std::uint64_t left = entry.packed; left > 0;) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size()));
        CM_TRY_ASSIGN(const std::size_t got, file.readAt(offset, std::span(chunk.data(), want)));
        if (got == 0)
            return broken(entry);
        CM_TRY(out.take(std::span(chunk.data(), got)));
        offset += got;
        left -= got;
    }
    return {};
}

Result<void> inflateEntry(const File &file, const ZipEntry &entry, std::uint64_t offset, Checked &out)
{
    Inflater inflater;
    if (!inflater.ready)
        return fail(ErrorCode::Unavailable, "no memory to unpack");
    std::vector<char> unpacked(pieceBytes);
    std::array<char, 16384> chunk;
    std::uint64_t left = entry.packed;
    int state = Z_OK;
    while (state == Z_OK && left > 0) {
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, chunk.size()));
        CM_TRY_ASSIGN(const std::size_t got, file.readAt(offset, std::span(chunk.data(), want)));
        if (got == 0)
            break;
        offset += got;
        left -= got;
        inflater.stream.next_in = reinterpret_cast<Bytef *>(chunk.data());
        inflater.stream.avail_in = static_cast<uInt>(got);
        do {
            inflater.stream.next_out = reinterpret_cast<Bytef *>(unpacked.data());
            inflater.stream.avail_out = static_cast<uInt>(unpacked.size());
            state = ::inflate(&inflater.stream, Z_NO_FLUSH);
            CM_TRY(out.take(std::span(unpacked.data(), unpacked.size() - inflater.stream.avail_out)));
        } while (state == Z_OK && inflater.stream.avail_out == 0);
        // No progress without more input.
        if (state == Z_BUF_ERROR)
            state = Z_OK;
    }
    if (state != Z_STREAM_END || inflater.stream.avail_in != 0 || left != 0)
        return broken(entry);
    return {};
}

}  // namespace

Result<void> streamZipEntry(const File &file, const ZipEntry &entry, const ZipPiece &piece)
{
    if (entry.kind != MemberKind::File)
        return fail(ErrorCode::InvalidInput, "the member " + entry.name + " is no file");
    CM_TRY_ASSIGN(const std::string header, file.bytesAt(entry.localOffset, localHeaderSize));
    if (u32(header, 0) != localHeaderSignature)
        return broken(entry);
    const std::uint64_t offset = entry.localOffset + localHeaderSize + u16(header, 26) + u16(header, 28);
    Checked out(entry, piece);
    if (entry.method == zipStored) {
        if (entry.packed != entry.size)
            return broken(entry);
        CM_TRY(copyEntry(file, entry, offset, out));
    } else if (entry.method == zipDeflated) {
        CM_TRY(inflateEntry(file, entry, offset, out));
    } else {
        return fail(ErrorCode::Unsupported, "the member " + entry.name + " is packed in an unknown way");
    }
    return out.finish();
}

Result<std::string> readZipEntry(const File &file, const ZipEntry &entry, std::uint64_t maxBytes)
{
    if (entry.size > maxBytes)
        return fail(ErrorCode::TooLarge,
                    "the member " + entry.name + " is longer than " + std::to_string(maxBytes) + " bytes");
    std::string bytes;
    CM_TRY(streamZipEntry(file, entry, [&](std::span<const std::byte> piece) -> Result<void> {
        bytes.append(reinterpret_cast<const char *>(piece.data()), piece.size());
        return {};
    }));
    return bytes;
}

}  // namespace cm::archive
