// SPDX-License-Identifier: GPL-3.0-or-later
// Little-endian fields and extra blocks of zip records (APPNOTE 4.3 to 4.5). Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cm::archive {

inline constexpr std::uint32_t localHeaderSignature = 0x04034b50;
inline constexpr std::uint32_t centralHeaderSignature = 0x02014b50;
inline constexpr std::uint32_t endSignature = 0x06054b50;
inline constexpr std::uint32_t end64Signature = 0x06064b50;
inline constexpr std::uint32_t locator64Signature = 0x07064b50;
inline constexpr std::size_t localHeaderSize = 30;
inline constexpr std::size_t centralHeaderSize = 46;
inline constexpr std::size_t endSize = 22;
inline constexpr std::size_t end64Size = 56;
inline constexpr std::size_t locator64Size = 20;

[[nodiscard]] inline std::uint64_t littleEndian(std::string_view bytes, std::size_t at, std::size_t width)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    return value;
}
[[nodiscard]] inline std::uint16_t u16(std::string_view bytes, std::size_t at)
{
    return static_cast<std::uint16_t>(littleEndian(bytes, at, 2));
}
[[nodiscard]] inline std::uint32_t u32(std::string_view bytes, std::size_t at)
{
    return static_cast<std::uint32_t>(littleEndian(bytes, at, 4));
}
[[nodiscard]] inline std::uint64_t u64(std::string_view bytes, std::size_t at)
{
    return littleEndian(bytes, at, 8);
}

// What a record's extra blocks say about its 64-bit fields.
struct ExtraFields {
    bool wellFormed = true;
    bool duplicate = false;
    bool otherName = false;  // an Info-ZIP Unicode path: a second name for the member
    std::string_view zip64;  // the block's data, empty when there is none
};
[[nodiscard]] ExtraFields readExtraFields(std::string_view extra);

// Replaces each of the fields that is all ones by the next number of the zip64 block, in the order
// size, packed, offset; `offset` may be null. False when the block is too short.
[[nodiscard]] bool applyZip64(std::string_view block, std::uint64_t &size, std::uint64_t &packed,
                              std::uint64_t *offset);

}  // namespace cm::archive
