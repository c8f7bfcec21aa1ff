// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_recorder.h"

#include "core/deprecation/rule.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace cm::registry {

namespace {

// Strangers choose what they call themselves and where they come from: so many are told apart between two writes, and who
// comes then is counted with others who were refused for the same, or read the same.
constexpr std::size_t mostStrangers = 200;
constexpr std::size_t mostReads = 2'000;
constexpr std::chrono::seconds readsWait{5};

constexpr std::string_view overflow = "overflow";
constexpr std::string_view unsure = "unsure";

bool isAcceptedRead(const catalog::UseRow &use)
{
    return !use.refusedBy && deprecation::isRead(use.endpoint);
}

}  // namespace

// What one write is made of.
struct UseRecorder::Taken {
    std::vector<catalog::UseRow> rows;
    std::vector<catalog::UseGapRow> gaps;
};

void UseRecorder::add(catalog::UseRow use)
{
    const Time now = m_clock.now();
    if (use.userId && use.refusedBy && !deprecation::isRead(use.endpoint))
        m_refusals.fetch_add(use.uses, std::memory_order_relaxed);
    gather(std::move(use), now);
}

void UseRecorder::gather(catalog::UseRow use, Time now)
{
    const std::lock_guard lock(m_mutex);
    const bool read = isAcceptedRead(use);
    Rows &rows = read ? (use.userId ? m_peoplesReads : m_strangersReads) : use.userId ? m_known : m_strangers;
    const std::size_t most = read ? mostReads : use.userId ? m_most : mostStrangers;
    Key key{use.channel,  use.endpoint,        use.authentication, use.client, use.clientVersion, use.project,
            use.fileType, use.metadataVersion, use.digest,         std::to_string(use.status), std::to_string(use.refusedBy.value_or(0)),
            std::to_string(use.brownOut.value_or(0)), use.clientClass, use.network};
    if (use.userId)
        key.insert(key.end(), {std::to_string(*use.userId), use.credential, use.noticed ? "noticed" : ""});
    // A client that tries again and again is one row a second.
    if (use.userId && !read)
        key.push_back(std::to_string(std::chrono::floor<std::chrono::seconds>(use.time).time_since_epoch().count()));
    auto found = rows.find(key);
    const bool full = rows.size() >= most;
    if (found == rows.end() && full && !use.userId)
        found = std::find_if(rows.begin(), rows.end(), [&](const auto &row) {
            return !row.second.userId && row.second.refusedBy == use.refusedBy && row.second.brownOut == use.brownOut && row.second.endpoint == use.endpoint;
        });
    hold(now, now);
    if (found != rows.end()) {
        found->second.uses += use.uses;
        found->second.time = std::max(found->second.time, use.time);
    } else if (full) {
        lose(use, overflow);
    } else {
        if (read && !m_readsSince)
            m_readsSince = now;
        rows.emplace(std::move(key), std::move(use));
    }
}

void UseRecorder::addGap(catalog::UseGapRow gap)
{
    const Time now = m_clock.now();
    const std::lock_guard lock(m_mutex);
    hold(std::min(gap.began, now), now);
    join(std::move(gap));
}

void UseRecorder::lose(const catalog::UseRow &use, std::string_view cause)
{
    join({{}, use.time, use.time, std::string(cause), use.channel, use.endpoint, use.refusedBy, use.uses});
}

void UseRecorder::join(catalog::UseGapRow gap)
{
    gap.node = m_node;
    const auto [found, fresh] = m_gaps.try_emplace({gap.cause, gap.channel, gap.endpoint, gap.refusedBy.value_or(0)}, gap);
    if (fresh)
        return;
    catalog::UseGapRow &known = found->second;
    known.began = std::min(known.began, gap.began);
    known.ended = std::max(known.ended, gap.ended);
    if (known.uses && gap.uses)
        *known.uses += *gap.uses;
    else
        known.uses.reset();
}

void UseRecorder::hold(Time since, Time now)
{
    if (m_since && *m_since <= since)
        return;
    m_since = since;
    if (m_note)
        m_note(m_writing ? std::min(*m_writing, since) : since, now);
}

void UseRecorder::remind()
{
    const Time now = m_clock.now();
    const std::lock_guard lock(m_mutex);
    if (m_note)
        m_note(m_writing ? m_writing : m_since, now);
}

UseRecorder::Taken UseRecorder::take(bool all, Time now)
{
    const std::lock_guard lock(m_mutex);
    Taken out;
    const auto drain = [&](Rows &rows) {
        for (auto &[key, use] : rows)
            out.rows.push_back(std::move(use));
        rows.clear();
    };
    drain(m_known);
    drain(m_strangers);
    // Never longer, were the clock set back.
    if (all || (m_readsSince && (*m_readsSince + readsWait <= now || now < *m_readsSince))) {
        drain(m_peoplesReads);
        drain(m_strangersReads);
        m_readsSince.reset();
    }
    for (auto &[key, gap] : m_gaps)
        out.gaps.push_back(std::move(gap));
    m_gaps.clear();
    m_writing = m_since;
    m_since = m_readsSince;
    if (m_writing && m_note)
        m_note(m_writing, now);
    return out;
}

void UseRecorder::giveBack(Taken taken, bool inDoubt, Time now)
{
    {
        const std::lock_guard lock(m_mutex);
        for (const catalog::UseRow &row : taken.rows) {
            if (inDoubt)
                lose(row, unsure);
        }
        m_since = m_writing;
        m_writing.reset();
    }
    for (catalog::UseGapRow &gap : taken.gaps)
        addGap(std::move(gap));
    if (inDoubt)
        return;
    for (catalog::UseRow &row : taken.rows)
        gather(std::move(row), now);
    const std::lock_guard lock(m_mutex);
    if (m_note)
        m_note(m_since, now);
}

void UseRecorder::settled(Time now)
{
    const std::lock_guard lock(m_mutex);
    m_writing.reset();
    if (isEmpty())
        m_since.reset();
    if (m_note)
        m_note(m_since, now);
}

Result<void> UseRecorder::flush(bool all)
{
    const Time now = m_clock.now();
    Taken taken = take(all, now);
    if (taken.rows.empty() && taken.gaps.empty()) {
        settled(now);
        return {};
    }
    const auto written = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        for (const catalog::UseRow &row : taken.rows)
            CM_TRY(writer.addUse(row));
        for (const catalog::UseGapRow &gap : taken.gaps)
            CM_TRY(writer.addUseGap(gap));
        return {};
    });
    // A timeout does not say whether they are there: to write them again would count them twice, so that they may be
    // missing, and are told of as such.
    if (written)
        settled(m_clock.now());
    else
        giveBack(std::move(taken), written.error().code == ErrorCode::Timeout, m_clock.now());
    return written;
}

}  // namespace cm::registry
