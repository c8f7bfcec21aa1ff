// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/zip_directory.h"

#include "core/archive/zip_records.h"

#include <algorithm>

namespace cm::archive {
namespace {

constexpr std::uint64_t maxComment = 0xffff;
constexpr std::uint64_t maxDirectoryBytes = 32U << 20;  // the largest real wheels have two
constexpr std::string_view malformed = "Malformed zip file";

struct End {
    std::uint64_t position = 0;  // of the first of the end records
    std::uint64_t records = 0;
    std::uint64_t directorySize = 0;
    std::uint64_t directoryOffset = 0;
    std::uint64_t fileEnd = 0;  // where the comment ends
    std::uint64_t commentSize = 0;
    std::string problem;
};

// The last end-of-central-directory record, whose comment may reach the end of the file or not.
Result<std::optional<End>> findEnd(const File &file)
{
    const std::uint64_t length = std::min<std::uint64_t>(file.size(), endSize + maxComment);
    const std::uint64_t start = file.size() - length;
    CM_TRY_ASSIGN(const std::string tail, file.bytesAt(start, static_cast<std::size_t>(length)));
    const std::size_t at = tail.rfind("PK\x05\x06");
    if (at == std::string::npos || tail.size() - at < endSize)
        return std::optional<End>();
    const std::string_view record = std::string_view(tail).substr(at, endSize);
    End end;
    end.position = start + at;
    end.records = u16(record, 10);
    end.directorySize = u32(record, 12);
    end.directoryOffset = u32(record, 16);
    end.commentSize = u16(record, 20);
    end.fileEnd = end.position + endSize + end.commentSize;
    if (u16(record, 4) != 0 || u16(record, 6) != 0 || u16(record, 8) != end.records)
        end.problem = malformed;
    return std::optional<End>(std::move(end));
}

// Reads the 64-bit end record when its locator stands before the end record.
Result<void> applyEnd64(const File &file, End &end)
{
    if (end.position < locator64Size)
        return {};
    CM_TRY_ASSIGN(const std::string locator, file.bytesAt(end.position - locator64Size, locator64Size));
    if (u32(locator, 0) != locator64Signature)
        return {};
    const std::uint64_t expected = end.position - locator64Size;
    const std::uint64_t position = u64(locator, 8);
    if (expected < end64Size || position > expected - end64Size) {
        end.problem = malformed;
        return {};
    }
    CM_TRY_ASSIGN(const std::string record, file.bytesAt(position, end64Size));
    if (u32(record, 0) != end64Signature) {
        end.problem = malformed;
        return {};
    }
    if (u64(record, 4) != end64Size - 12 || position != expected - end64Size) {
        end.problem = "ZIP64 extensible data not allowed";
        return {};
    }
    const auto disagrees = [](std::uint64_t narrow, std::uint64_t ones, std::uint64_t wide) {
        return narrow != ones && narrow != wide;
    };
    if (disagrees(end.records, 0xffff, u64(record, 32)) || disagrees(end.directorySize, 0xffffffff, u64(record, 40)) ||
        disagrees(end.directoryOffset, 0xffffffff, u64(record, 48)))
        end.problem = malformed;
    end.position = position;
    end.records = u64(record, 32);
    end.directorySize = u64(record, 40);
    end.directoryOffset = u64(record, 48);
    return {};
}

MemberKind kindOf(std::string_view name, std::uint16_t madeBy, std::uint32_t attributes)
{
    constexpr std::uint16_t unixHost = 3;
    if (name.ends_with('/'))
        return MemberKind::Directory;
    if (madeBy >> 8 != unixHost)
        return MemberKind::File;
    switch ((attributes >> 16) & 0170000U) {
    case 0120000:
        return MemberKind::Symlink;
    case 0040000:
        return MemberKind::Directory;
    case 0:
    case 0100000:
        return MemberKind::File;
    default:
        return MemberKind::Other;
    }
}

// Takes one record off the front of the directory; false when it does not fit. A name of more than
// `maxName` bytes stays empty.
bool takeEntry(std::string_view &rest, ZipEntry &entry, std::size_t maxName, bool &longName)
{
    if (rest.size() < centralHeaderSize || u32(rest, 0) != centralHeaderSignature)
        return false;
    const std::size_t nameSize = u16(rest, 28);
    const std::size_t extraSize = u16(rest, 30);
    const std::size_t commentSize = u16(rest, 32);
    const std::size_t whole = centralHeaderSize + nameSize + extraSize + commentSize;
    if (rest.size() < whole)
        return false;
    entry.flags = u16(rest, 8);
    entry.method = u16(rest, 10);
    entry.crc = u32(rest, 16);
    entry.packed = u32(rest, 20);
    entry.size = u32(rest, 24);
    entry.localOffset = u32(rest, 42);
    longName = nameSize > maxName;
    if (!longName)
        entry.name = rest.substr(centralHeaderSize, nameSize);
    entry.hasComment = commentSize != 0;
    entry.kind = kindOf(entry.name, u16(rest, 4), u32(rest, 38));
    const ExtraFields extra = readExtraFields(rest.substr(centralHeaderSize + nameSize, extraSize));
    if (!extra.wellFormed || extra.duplicate || extra.otherName)
        return false;
    rest.remove_prefix(whole);
    return applyZip64(extra.zip64, entry.size, entry.packed, &entry.localOffset);
}

void note(ZipDirectory &directory, std::string_view problem)
{
    if (directory.problem.empty())
        directory.problem = problem;
}

}  // namespace

Result<bool> looksLikeZip(const File &file)
{
    CM_TRY_ASSIGN(const auto end, findEnd(file));
    return end && end->fileEnd == file.size();
}

Result<std::optional<ZipDirectory>> readZipDirectory(const File &file, const Limits &limits)
{
    CM_TRY_ASSIGN(auto end, findEnd(file));
    if (!end)
        return std::optional<ZipDirectory>();
    CM_TRY(applyEnd64(file, *end));
    ZipDirectory directory;
    directory.problem = end->problem;
    directory.offset = end->directoryOffset;
    if (end->fileEnd != file.size())
        note(directory, end->fileEnd < file.size() ? "Trailing data" : malformed);
    if (end->commentSize != 0)
        note(directory, "Comment in central directory");
    if (end->directoryOffset > end->position || end->directorySize > end->position - end->directoryOffset) {
        note(directory, "Mismatched central directory offset");
        return std::optional(std::move(directory));
    }
    if (end->directoryOffset + end->directorySize != end->position)
        note(directory, "Mismatched central directory size");
    if (end->records > limits.members || end->directorySize > maxDirectoryBytes)
        return fail(ErrorCode::TooLarge, "the archive has more than " + std::to_string(limits.members) + " members");
    CM_TRY_ASSIGN(const std::string bytes,
                  file.bytesAt(end->directoryOffset, static_cast<std::size_t>(end->directorySize)));
    std::string_view rest = bytes;
    std::uint64_t taken = 0;
    for (; !rest.empty() && taken < end->records; ++taken) {
        ZipEntry entry;
        bool longName = false;
        if (!takeEntry(rest, entry, limits.pathBytes, longName)) {
            note(directory, malformed);
            return std::optional(std::move(directory));
        }
        if (!longName)
            directory.entries.push_back(std::move(entry));
        directory.longName = directory.longName || longName;
    }
    if (!rest.empty() || taken != end->records)
        note(directory, "Mismatched central directory records");
    return std::optional(std::move(directory));
}

}  // namespace cm::archive
