// SPDX-License-Identifier: GPL-3.0-or-later
// Documentation of releases as the admin contract speaks of it. Sizes are bytes. A version in a request may be
// "latest".
#pragma once

#include "core/api/types.h"

namespace cm::api {

// What a registry takes and where its pages are; part of what it says of itself.
struct DocumentationOffer {
    bool hosting = false;
    // Where pages are served, without the trailing slash; empty: nowhere.
    std::string url;
    std::int64_t archiveLimit = 0;
    std::int64_t unpackedLimit = 0;
    std::int64_t fileLimit = 0;
    std::int64_t pathLimit = 0;
    friend bool operator==(const DocumentationOffer &, const DocumentationOffer &) = default;
    BOOST_DESCRIBE_CLASS(DocumentationOffer, (), (hosting, url, archiveLimit, unpackedLimit, fileLimit, pathLimit), (),
                         ())
};

struct DocumentationVersion {
    std::string version;
    // What "latest" shows.
    bool latest = false;
    std::int64_t files = 0;
    std::int64_t size = 0;
    std::int64_t archiveSize = 0;
    std::string archiveSha256;
    Time uploaded;
    std::string uploadedBy;
    // Of its first page; empty when pages are served nowhere.
    std::string url;
    friend bool operator==(const DocumentationVersion &, const DocumentationVersion &) = default;
    BOOST_DESCRIBE_CLASS(DocumentationVersion, (),
                         (version, latest, files, size, archiveSize, archiveSha256, uploaded, uploadedBy, url), (), ())
};

struct RemovedDocumentation {
    std::string version;
    std::int64_t files = 0;
    std::int64_t size = 0;
    Time uploaded;
    std::string uploadedBy;
    // By a later archive.
    bool replaced = false;
    Time removed;
    std::string actor;
    std::string reason;
    // Until then it can be restored.
    Time purgeAfter;
    friend bool operator==(const RemovedDocumentation &, const RemovedDocumentation &) = default;
    BOOST_DESCRIBE_CLASS(RemovedDocumentation, (),
                         (version, files, size, uploaded, uploadedBy, replaced, removed, actor, reason, purgeAfter), (),
                         ())
};

struct DocumentationList {
    std::string project;
    std::string normalizedName;
    // Newest version first (PEP 440).
    std::vector<DocumentationVersion> versions;
    // Newest removal first.
    std::vector<RemovedDocumentation> removed;
    // The version that "latest" shows, and the one that somebody has chosen for it; empty: none.
    std::string latest;
    std::string chosen;
    // Of what "latest" shows; empty when pages are served nowhere, or there are none.
    std::string url;
    friend bool operator==(const DocumentationList &, const DocumentationList &) = default;
    BOOST_DESCRIBE_CLASS(DocumentationList, (), (project, normalizedName, versions, removed, latest, chosen, url), (), ())
};

struct DocumentationRef {
    std::string project;
    std::string version;
    BOOST_DESCRIBE_CLASS(DocumentationRef, (), (project, version), (), ())
};

struct DocumentationReceipt {
    std::string project;
    std::string version;
    std::int64_t files = 0;
    std::int64_t size = 0;
    std::string url;
    // The very archive was there already, nothing changed.
    bool repeated = false;
    std::int64_t serial = 0;
    Id audit;
    friend bool operator==(const DocumentationReceipt &, const DocumentationReceipt &) = default;
    BOOST_DESCRIBE_CLASS(DocumentationReceipt, (), (project, version, files, size, url, repeated, serial, audit), (), ())
};

struct DocumentationAction {
    std::string project;
    std::string version;
    std::string reason;
    BOOST_DESCRIBE_CLASS(DocumentationAction, (), (project, version, reason), (), ())
};

}  // namespace cm::api
