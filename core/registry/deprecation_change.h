// SPDX-License-Identifier: GPL-3.0-or-later
// What the verbs of Deprecations share: the transaction around a change of one record. Inside core/registry only.
#pragma once

#include "core/registry/deprecations.h"
#include "core/registry/moderation.h"
#include "core/registry/recorder.h"
#include "core/registry/rights.h"

#include <boost/json.hpp>

namespace cm::registry {

inline Result<void> requireRevision(const catalog::DeprecationRow &row, std::int64_t revision)
{
    if (row.revision != revision)
        return fail(ErrorCode::Conflict, "the record has changed meanwhile: look at it again");
    return {};
}

template <class Step>
Result<Change> Deprecations::change(const Principal &by, catalog::Id id, bool whileReadOnly, Step &&step)
{
    const auto changed = [&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(catalog::DeprecationRow row, writer.deprecation(id));
        Recorder recorder(writer, by, m_clock.now());
        CM_TRY(step(writer, recorder, row));
        CM_TRY(writer.changeDeprecation(row));
        CM_TRY(recorder.event("deprecation.changed", std::to_string(id)));
        return recorder.change();
    };
    // What makes a registry refuse less goes on while it takes no other changes.
    auto done = whileReadOnly ? m_catalog.writeAlways(changed) : m_catalog.write(changed);
    if (done)
        m_changes.announceCommit();
    return done;
}

}  // namespace cm::registry
