// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/inspector.h"

#include "core/registry/moderation.h"
#include "core/registry/text.h"

#include <algorithm>

namespace cm::registry {

namespace {

// Text has no NUL, and few control characters besides blanks; what is not UTF-8 is then latin-1.
bool looksBinary(std::string_view bytes)
{
    const std::string_view head = bytes.substr(0, 64U << 10);
    const auto odd = std::count_if(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b' && c != '\b') ||
               byte == 0x7f;
    });
    if (bytes.find('\0') != std::string_view::npos)
        return true;
    if (isUtf8(bytes))
        return odd * 20 > static_cast<std::ptrdiff_t>(head.size());
    return odd * 100 > static_cast<std::ptrdiff_t>(head.size());
}

}  // namespace

Result<std::string> Inspector::locate(const Principal &by, std::string_view filename)
{
    CM_TRY_ASSIGN(const std::string path, m_catalog.read([&](catalog::Reader &reader) -> Result<std::string> {
        CM_TRY_ASSIGN(const catalog::FileRow file, reader.findFile(filename));
        CM_TRY_ASSIGN(const catalog::ProjectRow project, reader.project(file.projectId));
        CM_TRY(requireOn(reader, by, Action::ReadProject, project));
        return file.path;
    }));
    const auto there = m_blobs.stat(path);
    if (!there && there.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::Corrupt, "the bytes of " + std::string(filename) + " are missing");
    if (!there)
        return fail(there.error());
    return m_blobs.absolutePath(path);
}

Result<ArchiveListing> Inspector::members(const Principal &by, std::string_view filename, std::stop_token stop)
{
    CM_TRY_ASSIGN(const std::string path, locate(by, filename));
    ArchiveListing listing;
    listing.filename = filename;
    CM_TRY_ASSIGN(listing.members, archive::listMembers(path, {}, stop));
    listing.truncated = listing.members.size() > maxMembers;
    if (listing.truncated)
        listing.members.resize(maxMembers);
    return listing;
}

Result<MemberContent> Inspector::member(const Principal &by, std::string_view filename, std::string_view path,
                                        std::stop_token stop)
{
    CM_TRY_ASSIGN(const std::string blob, locate(by, filename));
    MemberContent content;
    content.path = path;
    auto bytes = archive::readMember(blob, path, maxMemberBytes, stop);
    if (!bytes && bytes.error().code == ErrorCode::TooLarge) {
        CM_TRY_ASSIGN(const auto members, archive::listMembers(blob, {}, stop));
        for (const archive::Member &member : members) {
            if (member.path == path)
                content.size = member.size;
        }
        content.truncated = true;
        return content;
    }
    // The store's own damage is found by fsck; an archive may also have come in like this.
    if (!bytes && bytes.error().code == ErrorCode::Corrupt)
        return fail(ErrorCode::InvalidInput, bytes.error().detail + ": the archive was built or uploaded damaged");
    if (!bytes)
        return fail(std::move(bytes.error()));
    content.size = bytes->size();
    content.binary = looksBinary(*bytes);
    if (!content.binary)
        content.text = isUtf8(*bytes) ? std::move(*bytes) : latin1ToUtf8(*bytes);
    return content;
}

}  // namespace cm::registry
