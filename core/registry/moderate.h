// SPDX-License-Identifier: GPL-3.0-or-later
// Changes to what is published: yank, quarantine, status, limits, deletion, roles. Each checks the
// caller's right and its guards in the transaction that acts, and leaves journal, audit (before,
// after) and event. Owned by the composition root; any thread, blocks. Names in any spelling. Errors:
// NotFound, Forbidden, Conflict (already so), InvalidInput (reason missing), GuardFailed.
#pragma once

#include "core/catalog/catalog.h"
#include "core/pypi/status.h"
#include "core/registry/changes.h"
#include "core/registry/identity.h"
#include "core/registry/settings.h"

namespace cm::registry {

class Moderator {
public:
    Moderator(catalog::Catalog &catalog, Changes &changes, const Clock &clock, const Settings &settings)
        : m_catalog(catalog), m_changes(changes), m_clock(clock), m_settings(settings)
    {}

    Result<Change> yankRelease(const Principal &by, std::string_view project, std::string_view version,
                               std::string_view reason);
    Result<Change> unyankRelease(const Principal &by, std::string_view project, std::string_view version,
                                 std::string_view reason);
    // A reason is required. Hides every file and refuses uploads (PEP 792) until lifted.
    Result<Change> quarantineProject(const Principal &by, std::string_view project, std::string_view reason);
    Result<Change> liftQuarantine(const Principal &by, std::string_view project, std::string_view reason);
    // Active, archived or deprecated; Conflict while quarantined.
    Result<Change> setProjectStatus(const Principal &by, std::string_view project, pypi::ProjectStatus status,
                                    std::string_view reason);
    // Bytes, not below the registry's; none: the registry's default.
    Result<Change> setProjectLimits(const Principal &by, std::string_view project,
                                    std::optional<std::int64_t> fileLimit, std::optional<std::int64_t> totalLimit,
                                    std::string_view reason);

    // Deletions hide at once, keep the bytes for the retention time and need a reason. `confirm`
    // repeats the project's display name, the version or the file name: GuardFailed("confirm").
    Result<Change> deleteProject(const Principal &by, std::string_view project, std::string_view confirm,
                                 std::string_view reason);
    // Owners restore what somebody with a role on the project deleted, admins everything. Conflict with
    // the reason when a release would get a second sdist or the project would be over its limit.
    Result<Change> restoreProject(const Principal &by, std::string_view project, std::string_view reason);
    Result<Change> deleteRelease(const Principal &by, std::string_view project, std::string_view version,
                                 std::string_view confirm, std::string_view reason);
    Result<Change> restoreRelease(const Principal &by, std::string_view project, std::string_view version,
                                  std::string_view reason);
    Result<Change> deleteFile(const Principal &by, std::string_view filename, std::string_view confirm,
                              std::string_view reason);
    Result<Change> restoreFile(const Principal &by, std::string_view filename, std::string_view reason);

    // Never without an Owner, unless an admin does it: GuardFailed("last-owner").
    Result<Change> setRole(const Principal &by, std::string_view project, std::string_view user,
                           catalog::ProjectRole role, std::string_view reason);
    Result<Change> removeRole(const Principal &by, std::string_view project, std::string_view user,
                              std::string_view reason);

private:
    catalog::Catalog &m_catalog;
    Changes &m_changes;
    const Clock &m_clock;
    const Settings &m_settings;
};

}  // namespace cm::registry
