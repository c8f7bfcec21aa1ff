// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/zip_directory.h"
#include "core/archive/zip_records.h"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace cm::archive {
namespace {

constexpr std::uint16_t methodStored = 0;
constexpr std::uint16_t methodDeflated = 8;

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

Result<std::string> inflateEntry(const File &file, const ZipEntry &entry, std::uint64_t offset)
{
    Inflater inflater;
    if (!inflater.ready)
        return fail(ErrorCode::Unavailable, "no memory to unpack");
    // One byte more than the record says shows whether the data is longer than that.
    std::string out(static_cast<std::size_t>(entry.size) + 1, '\0');
    inflater.stream.next_out = reinterpret_cast<Bytef *>(out.data());
    inflater.stream.avail_out = static_cast<uInt>(out.size());
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
        state = ::inflate(&inflater.stream, Z_NO_FLUSH);
        if (state == Z_OK && inflater.stream.avail_out == 0)
            break;
    }
    if (state != Z_STREAM_END || inflater.stream.total_out != entry.size || inflater.stream.avail_in != 0 || left != 0)
        return broken(entry);
    out.resize(static_cast<std::size_t>(entry.size));
    return out;
}

}  // namespace

Result<std::string> readZipEntry(const File &file, const ZipEntry &entry, std::uint64_t maxBytes)
{
    constexpr std::uint64_t oneInflateCall = 1U << 30;
    if (entry.size > std::min(maxBytes, oneInflateCall))
        return fail(ErrorCode::TooLarge,
                    "the member " + entry.name + " is longer than " + std::to_string(maxBytes) + " bytes");
    if (entry.kind != MemberKind::File)
        return fail(ErrorCode::InvalidInput, "the member " + entry.name + " is no file");
    CM_TRY_ASSIGN(const std::string header, file.bytesAt(entry.localOffset, localHeaderSize));
    if (u32(header, 0) != localHeaderSignature)
        return broken(entry);
    const std::uint64_t offset = entry.localOffset + localHeaderSize + u16(header, 26) + u16(header, 28);
    std::string bytes;
    if (entry.method == methodStored) {
        if (entry.packed != entry.size)
            return broken(entry);
        CM_TRY_ASSIGN(bytes, file.bytesAt(offset, static_cast<std::size_t>(entry.size)));
    } else if (entry.method == methodDeflated) {
        CM_TRY_ASSIGN(bytes, inflateEntry(file, entry, offset));
    } else {
        return fail(ErrorCode::Unsupported, "the member " + entry.name + " is packed in an unknown way");
    }
    const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size());
    if (crc != entry.crc)
        return broken(entry);
    return bytes;
}

}  // namespace cm::archive
