// SPDX-License-Identifier: GPL-3.0-or-later
// Questions of people to the registry: lists, details, logs, what can be restored. Each checks the
// caller's right. Owned by the composition root; any thread, blocks. Errors: NotFound, Forbidden.
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/identity.h"
#include "core/registry/settings.h"

#include <map>
#include <mutex>

namespace cm::registry {

struct ProjectLine {
    catalog::ProjectRow project;
    std::string summary;        // of the latest release
    std::string latestVersion;  // as latestRelease() says
};

struct ProjectLines {
    std::vector<ProjectLine> projects;
    std::int64_t total = 0;
    catalog::Serial serial = 0;
};

struct ProjectListQuery {
    catalog::ProjectQuery query;  // `search` in any spelling
    bool mine = false;            // only where the caller has a role; forced for the role user
};

struct ReleaseLine {
    catalog::ReleaseRow release;  // without description and metadata
    bool prerelease = false;
    std::int64_t files = 0;
    std::int64_t size = 0;
};

struct ProjectDetail {
    ProjectLine line;
    std::string statusActor;  // empty: never changed
    std::optional<Time> statusSince;
    std::int64_t fileLimit = 0;  // in force
    std::int64_t totalLimit = 0;
    bool ownLimits = false;
    std::vector<catalog::MemberRow> members;
    std::vector<ReleaseLine> releases;      // newest version first
    std::vector<std::string_view> allowed;  // names of actions of rights.h
};

struct ReleaseDetail {
    std::string project;  // display name
    ReleaseLine line;
    std::string description;
    std::string metadataJson;
    std::vector<catalog::FileRow> files;
};

struct JournalPage {
    std::vector<catalog::JournalRow> rows;  // newest first
    std::int64_t total = 0;
    catalog::Serial serial = 0;
};

struct AuditProof {
    bool intact = false;
    std::int64_t lines = 0;
    std::optional<catalog::Id> firstBroken;
};

struct RegistrySummary {
    catalog::Counters counters;  // uploads since midnight UTC
    catalog::Serial serial = 0;
    std::optional<catalog::ReadOnlyRow> readOnly;
};

// The release that stands for a project: the highest version that is neither yanked nor a prerelease,
// else the highest that is not yanked, else the highest. Null for none.
const catalog::ReleaseRow *latestRelease(const std::vector<catalog::ReleaseRow> &releases);

class Browser {
public:
    Browser(catalog::Catalog &catalog, const Clock &clock, const Settings &settings)
        : m_catalog(catalog), m_clock(clock), m_settings(settings)
    {}

    Result<RegistrySummary> summary();
    Result<ProjectLines> projects(const Principal &by, const ProjectListQuery &query);
    Result<ProjectDetail> project(const Principal &by, std::string_view project);
    Result<ReleaseDetail> release(const Principal &by, std::string_view project, std::string_view version);
    // `project` empty: of all. Only rows with a serial above `since`.
    Result<JournalPage> journal(std::string_view project, catalog::Serial since, std::int64_t offset,
                                std::int64_t limit);
    Result<catalog::AuditPage> audit(const Principal &by, const catalog::AuditQuery &query);
    Result<AuditProof> verifyAudit(const Principal &by);
    Result<catalog::DeletedPage> deleted(const Principal &by, std::int64_t offset, std::int64_t limit);
    // The caller's role on a project, deleted ones included; none also when there is no such project.
    Result<std::optional<catalog::ProjectRole>> roleOn(const Principal &by, std::string_view project);
    // The same for the project of a file.
    Result<std::optional<catalog::ProjectRole>> roleOnFile(const Principal &by, std::string_view filename);

private:
    Result<ProjectLine> lineOf(catalog::Reader &reader, catalog::ProjectRow project);

    struct Latest {
        catalog::Serial serial = 0;
        std::string version;
        std::string summary;
    };
    catalog::Catalog &m_catalog;
    const Clock &m_clock;
    const Settings &m_settings;
    std::mutex m_latestMutex;
    std::map<catalog::Id, Latest> m_latest;  // lists show it; releases are read again when the serial moved
};

}  // namespace cm::registry
