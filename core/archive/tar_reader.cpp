// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/tar_reader.h"

#include "core/archive/gzip_source.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <cerrno>
#include <memory>

namespace cm::archive {
namespace {

constexpr std::size_t tarBlock = 512;

struct ReaderDeleter {
    void operator()(struct ::archive *reader) const { ::archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct ::archive, ReaderDeleter>;

la_ssize_t readPiece(struct ::archive *reader, void *source, const void **buffer)
{
    auto &gzip = *static_cast<GzipSource *>(source);
    const std::string_view piece = gzip.next();
    *buffer = piece.data();
    if (!piece.empty() || gzip.end() == GzipSource::End::Complete)
        return static_cast<la_ssize_t>(piece.size());
    ::archive_set_error(reader, EINVAL, "the gzip stream ends before its end");
    return ARCHIVE_FATAL;
}

// POSIX 1003.1: the sum of the header's bytes, its own field counted as blanks.
bool isTarHeader(std::string_view block)
{
    if (block.size() < tarBlock)
        return false;
    constexpr std::size_t field = 148;
    constexpr std::size_t fieldSize = 8;
    unsigned sum = 0;
    for (std::size_t i = 0; i < tarBlock; ++i)
        sum += i >= field && i < field + fieldSize ? ' ' : static_cast<unsigned char>(block[i]);
    unsigned stored = 0;
    bool any = false;
    for (const char c : block.substr(field, fieldSize)) {
        if (c == ' ' && !any)
            continue;
        if (c < '0' || c > '7')
            break;
        stored = stored * 8 + static_cast<unsigned>(c - '0');
        any = true;
    }
    return any && stored == sum;
}

MemberKind kindOf(struct ::archive_entry *entry)
{
    if (::archive_entry_hardlink(entry) != nullptr || ::archive_entry_hardlink_utf8(entry) != nullptr)
        return MemberKind::Hardlink;
    switch (::archive_entry_filetype(entry)) {
    case AE_IFREG:
        return MemberKind::File;
    case AE_IFDIR:
        return MemberKind::Directory;
    case AE_IFLNK:
        return MemberKind::Symlink;
    default:
        return MemberKind::Other;
    }
}

// libarchive gives a name in one of two ways, depending on the header it stood in.
std::string either(const char *utf8, const char *raw)
{
    return utf8 != nullptr ? utf8 : raw != nullptr ? raw : "";
}

TarMember describe(struct ::archive_entry *entry)
{
    TarMember result;
    result.member.path = either(::archive_entry_pathname_utf8(entry), ::archive_entry_pathname(entry));
    std::size_t here = 0;
    while (std::string_view(result.member.path).substr(here).starts_with("./"))
        here += 2;
    result.member.path.erase(0, here);
    result.member.size = static_cast<std::uint64_t>(std::max<la_int64_t>(0, ::archive_entry_size(entry)));
    result.member.kind = kindOf(entry);
    result.sparse = ::archive_entry_sparse_count(entry) > 0;
    if (result.member.kind == MemberKind::Hardlink)
        result.linkTarget = either(::archive_entry_hardlink_utf8(entry), ::archive_entry_hardlink(entry));
    else if (result.member.kind == MemberKind::Symlink)
        result.linkTarget = either(::archive_entry_symlink_utf8(entry), ::archive_entry_symlink(entry));
    return result;
}

// The member's bytes; nothing when the archive breaks off inside.
std::optional<std::string> contentOf(struct ::archive *reader, std::uint64_t size)
{
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const la_ssize_t got = ::archive_read_data(reader, bytes.data() + done, bytes.size() - done);
        if (got <= 0)
            return std::nullopt;
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<void> finish(TarWalk &walk, GzipSource &source, std::uint64_t consumed, std::stop_token &stop)
{
    while (source.end() == GzipSource::End::None) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "reading the archive was cancelled");
        source.next();
    }
    walk.complete = source.end() == GzipSource::End::Complete;
    walk.trailingData = source.hasTrailingData() || source.producedToLastNonZero() > consumed;
    return {};
}

// Reads member after member. True when the end of the tar archive was reached.
Result<bool> readMembers(struct ::archive *reader, const TarVisitor &visitor, std::stop_token &stop, bool &stopped)
{
    while (true) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "reading the archive was cancelled");
        struct ::archive_entry *entry = nullptr;
        const int state = ::archive_read_next_header(reader, &entry);
        if (state == ARCHIVE_EOF)
            return true;
        if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
            return false;
        const TarMember member = describe(entry);
        const TarStep step = visitor.member(member);
        if (step == TarStep::Stop) {
            stopped = true;
            return true;
        }
        if (step == TarStep::Skip)
            continue;
        if (member.member.size > visitor.maxContent)
            return fail(ErrorCode::TooLarge, "the member " + member.member.path + " is longer than " +
                                                 std::to_string(visitor.maxContent) + " bytes");
        auto bytes = contentOf(reader, member.member.size);
        if (!bytes)
            return false;
        visitor.content(std::move(*bytes));
    }
}

}  // namespace

std::uint64_t unpackBudget(std::uint64_t packed, const Limits &limits)
{
    return std::max(limits.freeBytes, packed * limits.ratio);
}

Result<bool> looksLikeTar(const File &file)
{
    std::array<char, tarBlock> block{};
    CM_TRY_ASSIGN(const std::size_t got, file.readAt(0, block));
    const std::string_view start(block.data(), got);
    if (isTarHeader(start))
        return true;
    if (!start.starts_with("\x1f\x8b"))
        return false;
    GzipSource source(file, std::uint64_t{1} << 30);
    return isTarHeader(source.next());
}

Result<TarWalk> walkTar(const File &file, std::uint64_t budget, const TarVisitor &visitor, std::stop_token stop)
{
    TarWalk walk;
    CM_TRY_ASSIGN(walk.isTar, looksLikeTar(file));
    if (!walk.isTar)
        return walk;
    GzipSource source(file, budget);
    const Reader reader(::archive_read_new());
    if (!reader)
        return fail(ErrorCode::Unavailable, "no memory to read an archive");
    ::archive_read_support_format_tar(reader.get());
    bool stopped = false;
    if (::archive_read_open(reader.get(), &source, nullptr, readPiece, nullptr) == ARCHIVE_OK) {
        CM_TRY_ASSIGN(const bool reachedEnd, readMembers(reader.get(), visitor, stop, stopped));
        if (reachedEnd && !stopped) {
            const auto consumed =
                static_cast<std::uint64_t>(std::max<la_int64_t>(0, ::archive_filter_bytes(reader.get(), 0)));
            CM_TRY(finish(walk, source, consumed, stop));
        }
        walk.complete = walk.complete || stopped;
    }
    if (source.end() == GzipSource::End::ReadFailed)
        return fail(source.readError());
    walk.overBudget = source.end() == GzipSource::End::OverBudget;
    walk.unpacked = source.produced();
    return walk;
}

}  // namespace cm::archive
