// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/archive.h"

#include "core/archive/file.h"
#include "core/archive/tar_reader.h"
#include "core/archive/zip_directory.h"

#include <algorithm>

namespace cm::archive {
namespace {

tl::unexpected<Error> noArchive()
{
    return fail(ErrorCode::InvalidInput, "the file is neither a zip file nor a tar.gz");
}

Member memberOf(const ZipEntry &entry)
{
    return {entry.name, entry.size, entry.kind};
}

Result<std::vector<Member>> listZip(const ZipDirectory &directory)
{
    std::vector<Member> members;
    members.reserve(directory.entries.size());
    std::ranges::transform(directory.entries, std::back_inserter(members), memberOf);
    return members;
}

Result<std::vector<Member>> listTar(const File &file, const Limits &limits, std::stop_token stop)
{
    std::vector<Member> members;
    std::size_t pathBytes = 0;
    bool tooMuch = false;
    TarVisitor visitor;
    visitor.member = [&](const TarMember &member) {
        pathBytes += member.member.path.size();
        tooMuch = members.size() >= limits.members || pathBytes > limits.allPathBytes ||
                  member.member.path.size() > limits.pathBytes;
        if (tooMuch)
            return TarStep::Stop;
        members.push_back(member.member);
        return TarStep::Skip;
    };
    CM_TRY_ASSIGN(const TarWalk walk, walkTar(file, unpackBudget(file.size(), limits), visitor, stop));
    if (!walk.isTar)
        return noArchive();
    if (walk.overBudget || tooMuch)
        return fail(ErrorCode::TooLarge, "the archive unpacks to more than is allowed");
    if (!walk.complete)
        return fail(ErrorCode::InvalidInput, "the tar archive is damaged");
    return members;
}

}  // namespace

Result<std::vector<Member>> listMembers(const std::filesystem::path &path, const Limits &limits, std::stop_token stop)
{
    CM_TRY_ASSIGN(const File file, File::open(path));
    CM_TRY_ASSIGN(const auto directory, readZipDirectory(file, limits));
    if (directory && directory->longName)
        return fail(ErrorCode::TooLarge, "the archive has a name that is too long");
    return directory ? listZip(*directory) : listTar(file, limits, stop);
}

Result<std::string> readMember(const std::filesystem::path &path, std::string_view member, std::uint64_t maxBytes,
                               std::stop_token stop)
{
    const Limits limits;
    CM_TRY_ASSIGN(const File file, File::open(path));
    CM_TRY_ASSIGN(const auto directory, readZipDirectory(file, limits));
    if (directory) {
        const auto entry = std::ranges::find(directory->entries, member, &ZipEntry::name);
        if (entry == directory->entries.end())
            return fail(ErrorCode::NotFound, "the archive has no member of that name");
        return readZipEntry(file, *entry, maxBytes);
    }
    std::optional<std::string> found;
    bool notAFile = false;
    TarVisitor visitor;
    visitor.maxContent = maxBytes;
    visitor.member = [&](const TarMember &candidate) {
        if (found || notAFile)
            return TarStep::Stop;
        if (candidate.member.path != member)
            return TarStep::Skip;
        notAFile = candidate.member.kind != MemberKind::File || candidate.sparse;
        return notAFile ? TarStep::Stop : TarStep::Read;
    };
    visitor.content = [&](std::string bytes) { found = std::move(bytes); };
    CM_TRY_ASSIGN(const TarWalk walk, walkTar(file, unpackBudget(file.size(), limits), visitor, stop));
    if (found)
        return std::move(*found);
    if (!walk.isTar)
        return noArchive();
    if (notAFile)
        return fail(ErrorCode::InvalidInput, "the member is no file");
    if (walk.overBudget)
        return fail(ErrorCode::TooLarge, "the archive unpacks to more than is allowed");
    return fail(ErrorCode::NotFound, "the archive has no member of that name");
}

}  // namespace cm::archive
