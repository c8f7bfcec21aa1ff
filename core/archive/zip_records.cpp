// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/zip_records.h"

#include <algorithm>
#include <vector>

namespace cm::archive {
namespace {

constexpr std::uint16_t zip64Block = 0x0001;
constexpr std::uint16_t unicodePathBlock = 0x7075;
constexpr std::uint64_t allOnes = 0xffffffff;

}  // namespace

ExtraFields readExtraFields(std::string_view extra)
{
    ExtraFields fields;
    std::vector<std::uint16_t> seen;
    while (!extra.empty()) {
        if (extra.size() < 4 || u16(extra, 2) > extra.size() - 4) {
            fields.wellFormed = false;
            return fields;
        }
        const std::uint16_t kind = u16(extra, 0);
        const std::size_t length = u16(extra, 2);
        fields.duplicate = fields.duplicate || std::ranges::find(seen, kind) != seen.end();
        seen.push_back(kind);
        if (kind == zip64Block)
            fields.zip64 = extra.substr(4, length);
        fields.otherName = fields.otherName || kind == unicodePathBlock;
        extra.remove_prefix(4 + length);
    }
    return fields;
}

bool applyZip64(std::string_view block, std::uint64_t &size, std::uint64_t &packed, std::uint64_t *offset)
{
    for (std::uint64_t *field : {&size, &packed, offset}) {
        if (field == nullptr || *field != allOnes)
            continue;
        if (block.size() < 8)
            return false;
        *field = u64(block, 0);
        block.remove_prefix(8);
    }
    return true;
}

}  // namespace cm::archive
