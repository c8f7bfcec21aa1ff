// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_recorder.h"

#include <algorithm>
#include <iterator>

namespace cm::registry {

namespace {

// Strangers choose what they call themselves: so many are told apart between two writes.
constexpr std::size_t mostStrangers = 200;

}  // namespace

void UseRecorder::add(catalog::UseRow use)
{
    const std::lock_guard lock(m_mutex);
    if (use.userId) {
        if (m_known.size() < m_most)
            m_known.push_back(std::move(use));
        else
            m_lost += use.uses;
        return;
    }
    if (m_strangers.size() >= mostStrangers) {
        use.client.clear();
        use.clientVersion.clear();
        use.project.clear();
        use.fileType.clear();
        use.metadataVersion.clear();
    }
    Key key{use.channel,  use.endpoint,        use.authentication, use.client, use.clientVersion, use.project,
            use.fileType, use.metadataVersion, use.digest,         std::to_string(use.status), std::to_string(use.refusedBy.value_or(0)),
            std::to_string(use.brownOut.value_or(0))};
    const auto [found, added] = m_strangers.try_emplace(std::move(key), use);
    if (added)
        return;
    found->second.uses += use.uses;
    found->second.time = std::max(found->second.time, use.time);
}

Result<void> UseRecorder::flush()
{
    std::vector<catalog::UseRow> rows;
    std::int64_t lost = 0;
    {
        const std::lock_guard lock(m_mutex);
        rows.swap(m_known);
        for (auto &[key, use] : m_strangers)
            rows.push_back(std::move(use));
        m_strangers.clear();
        lost = std::exchange(m_lost, 0);
    }
    if (rows.empty() && lost == 0)
        return {};
    const auto written = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        for (const catalog::UseRow &row : rows)
            CM_TRY(writer.addUse(row));
        return lost == 0 ? Result<void>() : writer.noteUsesLost(lost);
    });
    // A timeout does not say whether they are there: to write them again would count them twice.
    if (written || written.error().code == ErrorCode::Timeout)
        return written;
    {
        const std::lock_guard lock(m_mutex);
        m_lost += lost;
    }
    for (catalog::UseRow &row : rows)
        add(std::move(row));
    return written;
}

}  // namespace cm::registry
