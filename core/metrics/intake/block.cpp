// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/block.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <zlib.h>

namespace cm::metrics::intake {
namespace {

static_assert(std::endian::native == std::endian::little, "blocks are written as they lie in memory");

constexpr std::uint32_t refusedBit = 1U << 31;
constexpr std::size_t checkedFrom = 8;

void put(char *at, std::uint32_t value)
{
    std::memcpy(at, &value, sizeof value);
}

void fillHead(std::string &bytes, BlockKind kind, bool tracked, std::uint32_t stream, Time arrival, std::uint32_t lines)
{
    char *const head = bytes.data();
    put(head, static_cast<std::uint32_t>(bytes.size() - blockHead));
    head[8] = static_cast<char>(kind);
    head[9] = tracked ? 1 : 0;
    head[10] = head[11] = 0;
    put(head + 12, stream);
    const std::int64_t at = arrival.time_since_epoch().count();
    std::memcpy(head + 16, &at, sizeof at);
    put(head + 24, lines);
    const uLong sum = ::crc32(0, reinterpret_cast<const Bytef *>(head + checkedFrom), static_cast<uInt>(bytes.size() - checkedFrom));
    put(head + 4, static_cast<std::uint32_t>(sum));
}

}  // namespace

void appendLittle32(std::string &out, std::uint32_t value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

void appendLittle64(std::string &out, std::uint64_t value)
{
    out.append(reinterpret_cast<const char *>(&value), sizeof value);
}

std::uint32_t little32(const char *at)
{
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::uint64_t little64(const char *at)
{
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

// Multiplies eight bytes a step; no defence against somebody who makes two lines of one digest, who could only
// have lines of his own dropped.
std::uint64_t digestOfLine(std::string_view line, bool refused)
{
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15ULL;
    std::uint64_t sum = (line.size() + (refused ? 1ULL << 32 : 0)) * odd;
    while (!line.empty()) {
        std::uint64_t part = 0;
        const std::size_t taken = line.size() < sizeof part ? line.size() : sizeof part;
        std::memcpy(&part, line.data(), taken);
        line.remove_prefix(taken);
        sum = (sum ^ part) * odd;
        sum ^= sum >> 29;
    }
    return sum ^ (sum >> 32);
}

std::optional<Entry> Entries::next()
{
    if (m_left.size() < sizeof(std::uint32_t))
        return std::nullopt;
    const std::uint32_t head = little32(m_left.data());
    const std::size_t length = head & ~refusedBit;
    m_left.remove_prefix(sizeof head);
    if (length > m_left.size()) {
        m_left = {};
        return std::nullopt;
    }
    const Entry entry{m_left.substr(0, length), (head & refusedBit) != 0};
    m_left.remove_prefix(length);
    return entry;
}

std::size_t sizeOfBlock(std::string_view head)
{
    if (head.size() < blockHead)
        return 0;
    const std::uint32_t payload = little32(head.data());
    return payload <= mostPayload ? blockHead + payload : 0;
}

std::optional<Block> readBlock(std::string_view bytes, std::size_t &size)
{
    size = sizeOfBlock(bytes);
    if (size == 0 || bytes.size() < size)
        return std::nullopt;
    const char *const head = bytes.data();
    const uLong sum = ::crc32(0, reinterpret_cast<const Bytef *>(head + checkedFrom), static_cast<uInt>(size - checkedFrom));
    if (sum != little32(head + 4))
        return std::nullopt;
    Block block;
    block.kind = static_cast<BlockKind>(head[8]);
    block.tracked = head[9] != 0;
    block.stream = little32(head + 12);
    block.arrival = Time(std::chrono::microseconds(static_cast<std::int64_t>(little64(head + 16))));
    block.lines = little32(head + 24);
    block.payload = bytes.substr(blockHead, size - blockHead);
    return block;
}

void BlockBuilder::clear()
{
    m_bytes.assign(blockHead, '\0');
    m_digests.clear();
    m_lines = 0;
}

void BlockBuilder::add(const Entry &entry)
{
    appendLittle32(m_bytes, static_cast<std::uint32_t>(entry.text.size()) | (entry.refused ? refusedBit : 0));
    m_bytes += entry.text;
    if (m_keepDigests)
        m_digests.push_back(digestOfLine(entry.text, entry.refused));
    ++m_lines;
}

void BlockBuilder::add(std::string_view line)
{
    add(Entry{line, false});
}

void BlockBuilder::refuse(std::string_view reason, std::uint64_t length)
{
    char digits[20];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, length);
    std::string text(reason);
    text += ' ';
    text.append(digits, end);
    add(Entry{text, true});
}

std::string_view BlockBuilder::finish(std::uint32_t stream, Time arrival)
{
    fillHead(m_bytes, BlockKind::Lines, m_keepDigests, stream, arrival, m_lines);
    return m_bytes;
}

std::string noteBlock(BlockKind kind, std::uint32_t stream, Time arrival, std::string_view payload)
{
    std::string bytes(blockHead, '\0');
    bytes += payload;
    fillHead(bytes, kind, false, stream, arrival, 0);
    return bytes;
}

}  // namespace cm::metrics::intake
