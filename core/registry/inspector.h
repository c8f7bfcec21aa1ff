// SPDX-License-Identifier: GPL-3.0-or-later
// What lies inside a stored file. Owned by the composition root; any thread, blocks on the disk.
// Errors: NotFound, Forbidden, Corrupt (blob missing), TooLarge.
#pragma once

#include "core/archive/archive.h"
#include "core/blobs/blob_store.h"
#include "core/catalog/catalog.h"
#include "core/registry/identity.h"

namespace cm::registry {

struct ArchiveListing {
    std::string filename;
    std::vector<archive::Member> members;
    bool truncated = false;  // more members than are listed
};

struct MemberContent {
    std::string path;
    std::uint64_t size = 0;
    bool binary = false;     // then without text
    std::string text;        // UTF-8; latin-1 is converted
    bool truncated = false;  // longer than the cap: without text
};

class Inspector {
public:
    static constexpr std::size_t maxMembers = 50'000;
    static constexpr std::uint64_t maxMemberBytes = 20U << 20;

    Inspector(catalog::Catalog &catalog, blobs::BlobStore &blobs) : m_catalog(catalog), m_blobs(blobs) {}

    Result<ArchiveListing> members(const Principal &by, std::string_view filename, std::stop_token stop = {});
    Result<MemberContent> member(const Principal &by, std::string_view filename, std::string_view path,
                                 std::stop_token stop = {});

private:
    Result<std::string> locate(const Principal &by, std::string_view filename);

    catalog::Catalog &m_catalog;
    blobs::BlobStore &m_blobs;
};

}  // namespace cm::registry
