// SPDX-License-Identifier: GPL-3.0-or-later
// Documentation of releases: taking archives, showing pages, removing, restoring, and what `latest` means.
// Each file is a blob by its digest, durable before the one transaction whose rows name it: a crash leaves what
// was there before, whole. Owned by the composition root and outliving its uploads; any thread, blocks. Names in
// any spelling; a version of "" or "latest" is the release that stands for the project. Errors: NotFound,
// Forbidden, Conflict, InvalidInput.
#pragma once

#include "core/blobs/blob_store.h"
#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/documentation_upload.h"
#include "core/registry/identity.h"
#include "core/registry/settings.h"

#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

namespace cm::registry {

inline constexpr std::string_view latestVersion = "latest";

struct DocumentationList {
    std::string project;         // display name
    std::string normalizedName;
    std::vector<catalog::DocumentationRow> versions;  // newest version first
    std::vector<catalog::DocumentationRow> removed;   // what restore() can bring back, newest removal first
    std::string latest;  // the version that `latest` shows; empty: none
    std::string chosen;  // the version that somebody has chosen for it; empty: nobody has
};

// What stands at an address.
struct DocumentationPage {
    catalog::DocumentationFileRow file;
    std::string project;   // normalised
    std::string location;  // not empty: the reader belongs there instead, "/demo/1.0/api/"
};

// The documentation that `latest` shows: the chosen one where it can be seen, else that of the highest version,
// as latestRelease() ranks them. Null for none.
const catalog::DocumentationRow *latestDocumentation(const std::vector<catalog::DocumentationRow> &rows,
                                                     std::optional<catalog::Id> chosenRelease);

class Documentation {
public:
    Documentation(catalog::Catalog &catalog, blobs::BlobStore &blobs, Changes &changes, const Clock &clock,
                  const Settings &settings)
        : m_catalog(catalog), m_blobs(blobs), m_changes(changes), m_clock(clock), m_settings(settings)
    {}

    // For an unidentified caller too: the refusal is the upload's.
    std::unique_ptr<DocumentationUpload> begin(Identification who);

    Result<DocumentationList> list(const Principal &by, std::string_view project);
    Result<Change> remove(const Principal &by, std::string_view project, std::string_view version,
                          std::string_view reason);
    // What was there before: after a removal that which was removed last, after a replacement that which was
    // replaced, whose place the present one takes. Owners restore what somebody with a role removed.
    Result<Change> restore(const Principal &by, std::string_view project, std::string_view version,
                           std::string_view reason);
    // An empty version: again the newest.
    Result<Change> chooseLatest(const Principal &by, std::string_view project, std::string_view version,
                                std::string_view reason);

    // For anybody: the page of a project by its normalised name. NotFound also for what is quarantined.
    Result<DocumentationPage> page(std::string_view normalizedProject, std::string_view version,
                                   std::string_view path);

private:
    friend class DocumentationUpload;

    // Unpacking takes a descriptor for each file of a batch, and the disk: no more at once on a node.
    static constexpr std::ptrdiff_t unpackAtOnce = 2;
    std::counting_semaphore<unpackAtOnce> m_unpacking{unpackAtOnce};
    catalog::Catalog &m_catalog;
    blobs::BlobStore &m_blobs;
    Changes &m_changes;
    const Clock &m_clock;
    const Settings &m_settings;
};

}  // namespace cm::registry
