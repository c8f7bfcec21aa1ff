// SPDX-License-Identifier: GPL-3.0-or-later
// What the verbs of Moderator share: finding what is to change with the caller's right to it, reasons,
// confirmations, and the transaction around. Inside core/registry only.
#pragma once

#include "core/catalog/catalog.h"
#include "core/registry/changes.h"
#include "core/registry/recorder.h"
#include "core/registry/rights.h"

namespace cm::registry {

// NotFound, or Forbidden when the caller may not. Of a live project.
Result<catalog::ProjectRow> projectFor(catalog::Reader &reader, const Principal &by, Action action,
                                       std::string_view name);
Result<void> requireOn(catalog::Reader &reader, const Principal &by, Action action, const catalog::ProjectRow &project);
// Forbidden when the caller is no admin and somebody without a role on the project deleted it: what an
// admin took down stays down until an admin says otherwise.
Result<void> requireOwnDeletion(catalog::Reader &reader, const Principal &by, const catalog::ProjectRow &project,
                                const std::optional<catalog::Deletion> &deletion);
Result<catalog::ReleaseRow> releaseOf(catalog::Reader &reader, const catalog::ProjectRow &project,
                                      std::string_view version);

// Trimmed; InvalidInput when it is needed and missing, too long, or no text.
Result<std::string> checkedReason(std::string_view reason, bool needed);
// GuardFailed("confirm") unless `given` repeats `expected`.
Result<void> checkConfirmed(std::string_view given, std::string_view expected);

std::string releaseSubject(const catalog::ProjectRow &project, std::string_view version);
std::string fileSubject(const catalog::ProjectRow &project, std::string_view version, std::string_view filename);

// Runs `step(writer, recorder)`, which returns the normalised project, and announces what it did.
template <class Step>
Result<Change> transact(catalog::Catalog &catalog, Changes &changes, const Principal &by, Time now, Step &&step)
{
    std::string project;
    auto change = catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        Recorder recorder(writer, by, now);
        CM_TRY_ASSIGN(project, step(writer, recorder));
        return recorder.change();
    });
    if (change) {
        if (change->serial != 0)
            changes.announce(project, change->serial);
        changes.announceCommit();
    }
    return change;
}

}  // namespace cm::registry
