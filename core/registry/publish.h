// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads: from the first field to the durable row. Owned by the composition root and outliving its
// sessions; any thread. Blobs are durable before the one transaction that names them, so a crash
// leaves garbage at worst; equal uploads at once store one file and both succeed.
#pragma once

#include "core/blobs/blob_store.h"
#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/settings.h"
#include "core/registry/upload_session.h"

namespace cm::registry {

class Publisher {
public:
    Publisher(catalog::Catalog &catalog, blobs::BlobStore &blobs, Changes &changes, const Clock &clock,
              const Settings &settings)
        : m_catalog(catalog), m_blobs(blobs), m_changes(changes), m_clock(clock), m_settings(settings)
    {}

    // For an unidentified caller too: the refusal is the session's.
    std::unique_ptr<UploadSession> begin(Identification who);

    // Whether a body of so many bytes might be an upload to the most generous of projects, as far as can be
    // told without a question. What is not gets refusalOfLength().
    [[nodiscard]] bool isOrdinaryLength(std::uint64_t bodyBytes) const;
    // For a caller who may upload: blocks, asks the catalog.
    Result<std::optional<checks::Refusal>> refusalOfLength(std::uint64_t bodyBytes);

private:
    friend class UploadSession;
    friend struct UploadSessionAccess;

    catalog::Catalog &m_catalog;
    blobs::BlobStore &m_blobs;
    Changes &m_changes;
    const Clock &m_clock;
    const Settings &m_settings;
};

}  // namespace cm::registry
