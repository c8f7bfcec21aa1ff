// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_recorder.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace cm::registry {

namespace {

// Strangers choose what they call themselves: so many are told apart between two writes, and who comes then is counted
// with one who was refused for the same.
constexpr std::size_t mostStrangers = 200;

}  // namespace

void UseRecorder::add(catalog::UseRow use)
{
    const std::lock_guard lock(m_mutex);
    auto &rows = use.userId ? m_known : m_strangers;
    Key key{use.channel,  use.endpoint,        use.authentication, use.client, use.clientVersion, use.project,
            use.fileType, use.metadataVersion, use.digest,         std::to_string(use.status), std::to_string(use.refusedBy.value_or(0)),
            std::to_string(use.brownOut.value_or(0))};
    if (use.userId) {
        // A client that tries again and again is one row a second.
        const auto second = std::chrono::floor<std::chrono::seconds>(use.time).time_since_epoch().count();
        key.insert(key.end(), {std::to_string(*use.userId), use.credential, use.noticed ? "noticed" : "", std::to_string(second)});
    }
    auto found = rows.find(key);
    const bool full = rows.size() >= (use.userId ? m_most : mostStrangers);
    if (found == rows.end() && full && !use.userId)
        found = std::find_if(rows.begin(), rows.end(), [&](const auto &row) { return row.second.refusedBy == use.refusedBy; });
    if (found != rows.end()) {
        found->second.uses += use.uses;
        found->second.time = std::max(found->second.time, use.time);
    } else if (full) {
        m_lost += use.uses;
    } else {
        rows.emplace(std::move(key), std::move(use));
    }
}

Result<void> UseRecorder::flush()
{
    std::vector<catalog::UseRow> rows;
    std::int64_t lost = 0;
    {
        const std::lock_guard lock(m_mutex);
        for (auto *gathered : {&m_known, &m_strangers}) {
            for (auto &[key, use] : *gathered)
                rows.push_back(std::move(use));
            gathered->clear();
        }
        lost = std::exchange(m_lost, 0);
    }
    if (rows.empty() && lost == 0)
        return {};
    const auto written = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        for (const catalog::UseRow &row : rows)
            CM_TRY(writer.addUse(row));
        return lost == 0 ? Result<void>() : writer.noteUsesLost(lost);
    });
    if (written)
        return written;
    // A timeout does not say whether they are there: to write them again would count them twice, so that they may be
    // missing, and are told of as such.
    const bool unsure = written.error().code == ErrorCode::Timeout;
    {
        const std::lock_guard lock(m_mutex);
        m_lost += lost;
        for (const catalog::UseRow &row : rows)
            m_lost += unsure ? row.uses : 0;
    }
    if (unsure)
        return written;
    for (catalog::UseRow &row : rows)
        add(std::move(row));
    return written;
}

}  // namespace cm::registry
