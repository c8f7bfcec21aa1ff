// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/wheel_maker.h"

#include "core/base/hash.h"

#include <fmt/format.h>
#include <utility>
#include <vector>
#include <zlib.h>

namespace cm::bench {
namespace {

using Member = std::pair<std::string, std::string>;

void put16(std::string &out, unsigned value)
{
    out += static_cast<char>(value & 0xFFU);
    out += static_cast<char>((value >> 8) & 0xFFU);
}

void put32(std::string &out, std::uint32_t value)
{
    put16(out, value & 0xFFFFU);
    put16(out, value >> 16);
}

// The fields that the local and the central header of a stored member share (APPNOTE 4.3.7, 4.3.12).
void putCommon(std::string &out, const Member &member, std::uint32_t crc)
{
    put16(out, 20);      // version needed
    put16(out, 0x0800);  // names are UTF-8
    put16(out, 0);       // stored
    put32(out, 0x58210000);
    put32(out, crc);
    put32(out, static_cast<std::uint32_t>(member.second.size()));
    put32(out, static_cast<std::uint32_t>(member.second.size()));
    put16(out, static_cast<unsigned>(member.first.size()));
    put16(out, 0);
}

std::string zip(const std::vector<Member> &members)
{
    std::string out;
    std::string directory;
    for (const Member &member : members) {
        const auto crc = static_cast<std::uint32_t>(
            crc32_z(0, reinterpret_cast<const Bytef *>(member.second.data()), member.second.size()));
        const auto offset = static_cast<std::uint32_t>(out.size());
        out += "PK\3\4";
        putCommon(out, member, crc);
        out += member.first;
        out += member.second;
        directory += "PK\1\2";
        put16(directory, 0x0314);
        putCommon(directory, member, crc);
        put16(directory, 0);
        put16(directory, 0);
        put16(directory, 0);
        put32(directory, 0644U << 16);
        put32(directory, offset);
        directory += member.first;
    }
    const auto start = static_cast<std::uint32_t>(out.size());
    out += directory;
    out += "PK\5\6";
    put32(out, 0);
    put16(out, static_cast<unsigned>(members.size()));
    put16(out, static_cast<unsigned>(members.size()));
    put32(out, static_cast<std::uint32_t>(directory.size()));
    put32(out, start);
    put16(out, 0);
    return out;
}

std::string noise(std::size_t size, std::uint64_t seed)
{
    std::string bytes(size, '\0');
    std::uint64_t state = seed * 0x9E3779B97F4A7C15ULL + 1;
    for (char &byte : bytes) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<char>(state >> 56);
    }
    return bytes;
}

}  // namespace

Wheel makeWheel(const std::string &name, const std::string &version, std::size_t payload, std::uint64_t seed)
{
    Wheel wheel{name, version, fmt::format("{}-{}-py3-none-any.whl", name, version), {}, {}};
    const std::string info = fmt::format("{}-{}.dist-info/", name, version);
    const std::string module = name + "/data.bin";
    std::string record = module + ",,\n";
    for (const char *file : {"METADATA", "WHEEL"})
        record += info + file + ",,\n";
    record += info + "RECORD,,\n";
    wheel.bytes = zip({
        {module, noise(payload, seed)},
        {info + "METADATA", fmt::format("Metadata-Version: 2.1\nName: {}\nVersion: {}\nSummary: a wheel to measure with\n"
                                        "Requires-Python: >=3.8\n\nNothing to read here.\n", name, version)},
        {info + "WHEEL", "Wheel-Version: 1.0\nGenerator: cheesemonger-bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
        {info + "RECORD", record},
    });
    wheel.sha256 = hashHex(HashKind::Sha256, wheel.bytes);
    return wheel;
}

}  // namespace cm::bench
