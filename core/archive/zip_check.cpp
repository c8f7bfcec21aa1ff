// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/member_name.h"
#include "core/archive/zip_directory.h"
#include "core/archive/zip_records.h"

#include <algorithm>
#include <unordered_set>

namespace cm::archive {
namespace {

constexpr std::uint16_t flagDescriptor = 1U << 3;

bool isAscii(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string_view entryProblem(const ZipEntry &entry)
{
    if (const std::string_view problem = memberNameProblem(entry.name); !problem.empty())
        return problem;
    if (!isAscii(entry.name) && (entry.flags & zipFlagUtf8) == 0)
        return "Filename not unicode";
    if (entry.hasComment)
        return "Comment in central directory";
    if ((entry.flags & zipFlagEncrypted) != 0 || entry.kind == MemberKind::Other)
        return "Malformed zip file";
    return {};
}

// What stands at `position`, where the directory expects nothing.
Result<std::string> strangerAt(const File &file, std::uint64_t position)
{
    char signature[4] = {};
    CM_TRY_ASSIGN(const std::size_t got, file.readAt(position, signature));
    const bool local = got == 4 && u32(std::string_view(signature, 4), 0) == localHeaderSignature;
    return std::string(local ? "Filename not in central directory" : "Unknown record signature");
}

struct LocalHeader {
    std::string problem;
    std::uint64_t end = 0;  // of the member's data
};

Result<LocalHeader> checkLocalHeader(const File &file, const ZipEntry &entry, std::uint64_t directoryOffset)
{
    LocalHeader result;
    const std::uint64_t room = directoryOffset - entry.localOffset;
    if (room < localHeaderSize + entry.name.size()) {
        result.problem = "Missing filename in local headers";
        return result;
    }
    // Fixed part, name and, nearly always, the extra fields in one read.
    const std::uint64_t guess = localHeaderSize + entry.name.size() + 64;
    CM_TRY_ASSIGN(std::string header, file.bytesAt(entry.localOffset, static_cast<std::size_t>(std::min(room, guess))));
    if (u32(header, 0) != localHeaderSignature) {
        result.problem = "Missing filename in local headers";
        return result;
    }
    const std::size_t nameSize = u16(header, 26);
    const std::size_t extraSize = u16(header, 28);
    if (room < localHeaderSize + nameSize + extraSize) {
        result.problem = "Malformed zip file";
        return result;
    }
    if (header.size() < localHeaderSize + nameSize + extraSize) {
        CM_TRY_ASSIGN(header, file.bytesAt(entry.localOffset, localHeaderSize + nameSize + extraSize));
    }
    const std::string_view names = std::string_view(header).substr(localHeaderSize, nameSize + extraSize);
    const ExtraFields extra = readExtraFields(names.substr(nameSize));
    std::uint64_t size = u32(header, 22);
    std::uint64_t packed = u32(header, 18);
    if ((u16(header, 6) & flagDescriptor) != 0)
        result.problem = "ZIP contains a data descriptor";
    else if (names.substr(0, nameSize) != entry.name)
        result.problem = "Filename not in central directory";
    else if (extra.duplicate)
        result.problem = "Invalid duplicate extra in local file";
    else if (!extra.wellFormed || extra.otherName || !applyZip64(extra.zip64, size, packed, nullptr) ||
             u16(header, 8) != entry.method || u32(header, 14) != entry.crc)
        result.problem = "Malformed zip file";
    else if (packed != entry.packed)
        result.problem = "Mis-matched data size";
    else if (size != entry.size || (entry.method == 0 && size != packed))
        result.problem = "Mis-matched file size";
    const std::uint64_t headerSize = localHeaderSize + nameSize + extraSize;
    if (result.problem.empty() && packed > room - headerSize)
        result.problem = "Mis-matched data size";
    result.end = entry.localOffset + headerSize + packed;
    return result;
}

}  // namespace

Result<std::string> findZipProblem(const File &file, const ZipDirectory &directory)
{
    std::unordered_set<std::string_view> names;
    names.reserve(directory.entries.size());
    for (const ZipEntry &entry : directory.entries) {
        if (const std::string_view problem = entryProblem(entry); !problem.empty())
            return std::string(problem);
        if (!names.insert(entry.name).second)
            return std::string("Duplicate filename in central directory");
    }
    if (!directory.problem.empty())
        return directory.problem;
    std::vector<const ZipEntry *> byOffset;
    byOffset.reserve(directory.entries.size());
    for (const ZipEntry &entry : directory.entries)
        byOffset.push_back(&entry);
    std::ranges::sort(byOffset, {}, &ZipEntry::localOffset);
    // Members must lie end to end from the first byte to the directory: nothing hidden, nothing shared.
    std::uint64_t position = 0;
    for (const ZipEntry *entry : byOffset) {
        if (entry->localOffset < position || entry->localOffset >= directory.offset)
            return std::string("Mismatched central directory offset");
        if (entry->localOffset > position)
            return strangerAt(file, position);
        CM_TRY_ASSIGN(const LocalHeader header, checkLocalHeader(file, *entry, directory.offset));
        if (!header.problem.empty())
            return header.problem;
        position = header.end;
    }
    if (position != directory.offset)
        return strangerAt(file, position);
    return std::string();
}

}  // namespace cm::archive
