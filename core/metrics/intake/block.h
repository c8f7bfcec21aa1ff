// SPDX-License-Identifier: GPL-3.0-or-later
// What a spool is made of: blocks of bytes, each with a checksum, of which most hold the lines that one read of one
// connection brought. A block is whole or it is not there. Little-endian, as the machines are that this runs on.
//
//   0  u32 bytes of the payload       8  u8 kind, u8 tracked, u16 zero      16 i64 arrival, microseconds since 1970
//   4  u32 CRC-32 of all that follows 12 u32 stream                         24 u32 lines
//
// The payload of Lines: u32 length (its highest bit: refused) and the bytes, for each line; the bytes of a refused one
// are the reason, a space, and how long it was. Plain values and pure functions; a builder belongs to one thread.
#pragma once

#include "core/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics::intake {

// Lines: as above. Opened: the payload is the sender's address. Resumed: u32 stream that goes on in this one, 0 for
// none, u32 how many lines of it were sent again and dropped. Closed: the sender has said that nothing is left open.
// Lost: u32 datagrams that the kernel had to drop. Tails: what Tails::snapshot() gives, at the head of each file.
enum class BlockKind : std::uint8_t { Lines = 1, Opened = 2, Resumed = 3, Closed = 4, Tails = 5, Lost = 6 };

inline constexpr std::size_t blockHead = 28;
inline constexpr std::size_t mostPayload = 256 << 20;

// By which a line is known again. Never changes: it is kept on disk.
[[nodiscard]] std::uint64_t digestOfLine(std::string_view line, bool refused);

struct Entry {
    std::string_view text;
    bool refused = false;
};

// The lines of a payload, one by one.
class Entries {
public:
    explicit Entries(std::string_view payload) : m_left(payload) {}
    std::optional<Entry> next();

private:
    std::string_view m_left;
};

struct Block {
    BlockKind kind = BlockKind::Lines;
    bool tracked = false;  // of a stream whose lines may be sent again
    std::uint32_t stream = 0;
    Time arrival;
    std::uint32_t lines = 0;
    std::string_view payload;
};

// The block at the front of `bytes`; nothing when it is not whole or not sound. `size` is what it takes.
[[nodiscard]] std::optional<Block> readBlock(std::string_view bytes, std::size_t &size);
// How much of `bytes` a block takes whose head is there; 0 when that cannot be.
[[nodiscard]] std::size_t sizeOfBlock(std::string_view head);

class BlockBuilder {
public:
    BlockBuilder() { clear(); }

    void clear();
    void add(std::string_view line);
    void refuse(std::string_view reason, std::uint64_t length);
    void add(const Entry &entry);
    [[nodiscard]] std::uint32_t lines() const { return m_lines; }
    [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
    // Of each line, in order.
    [[nodiscard]] const std::vector<std::uint64_t> &digests() const { return m_digests; }
    // The whole block; valid until the next clear(). Only tracked ones have digests.
    void keepDigests(bool keep) { m_keepDigests = keep; }
    std::string_view finish(std::uint32_t stream, Time arrival);

private:
    std::string m_bytes;
    std::vector<std::uint64_t> m_digests;
    std::uint32_t m_lines = 0;
    bool m_keepDigests = false;
};

[[nodiscard]] std::string noteBlock(BlockKind kind, std::uint32_t stream, Time arrival, std::string_view payload);

// Numbers in payloads.
void appendLittle32(std::string &out, std::uint32_t value);
void appendLittle64(std::string &out, std::uint64_t value);
[[nodiscard]] std::uint32_t little32(const char *at);
[[nodiscard]] std::uint64_t little64(const char *at);

}  // namespace cm::metrics::intake
