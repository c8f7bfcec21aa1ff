// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/timeline_events.h"

#include "ui/client/admin_client.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"

#include <algorithm>

namespace cm::ui {

namespace {

// People act seldom; the table is read again with every event of the monitor.
constexpr std::chrono::seconds goodFor{15};

}  // namespace

TimelineEvents::TimelineEvents(const PageContext &context, QObject *parent) : QObject(parent), m_context(context), m_registry(context, this) {}

// They are of no node.
bool TimelineEvents::wantsRegistry() const
{
    return m_filter.node.empty() && (m_filter.kind.empty() || m_filter.kind == registryKind);
}

bool TimelineEvents::wantsMonitor() const
{
    return m_filter.kind != registryKind;
}

void TimelineEvents::begin(const api::ListTimeline &filter)
{
    const bool same = filter.from == m_filter.from && filter.until == m_filter.until;
    m_filter = filter;
    ++m_epoch;
    m_newer.clear();
    m_waiting.clear();
    if (!same) {
        m_known = false;
        m_reading = false;
    }
    const Time now = m_context.clock.now();
    if (!wantsRegistry() || m_reading || (m_known && m_readAt && now - *m_readAt < goodFor))
        return;
    m_known = false;
    m_reading = true;
    m_readAt = now;
    m_registry.read(m_filter.from, m_filter.until, RegistryEvents::portion, [this](RegistryLines lines) { onRegistry(std::move(lines)); });
}

void TimelineEvents::onRegistry(RegistryLines lines)
{
    m_reading = false;
    m_known = true;
    m_cut = lines.cut;
    m_problem = lines.problem;
    m_rows.clear();
    for (const api::AuditEntry &line : lines.lines)
        m_rows.push_back(registryEvent(line));
    m_newer.clear();
    for (const Shared &reading : std::exchange(m_waiting, {}))
        start(reading);
    Q_EMIT registryRead();
}

void TimelineEvents::forget()
{
    ++m_epoch;
    m_waiting.clear();
    m_rows.clear();
    m_known = false;
    m_reading = false;
}

QString TimelineEvents::missing() const
{
    if (!wantsRegistry() || !m_known)
        return {};
    if (m_problem)
        return tr("the registry's are not read: %1").arg(wordsFor(*m_problem).title);
    return m_cut ? tr("the registry's since %1").arg(formatMinute(*m_cut)) : QString();
}

void TimelineEvents::read(qint64 offset, qint64 limit, Handler handler)
{
    const auto reading = std::make_shared<Reading>(Reading{offset, limit, std::move(handler), m_epoch});
    if (wantsRegistry() && !m_known)
        m_waiting << reading;
    else
        start(reading);
}

template <class Then>
void TimelineEvents::ask(const Shared &reading, const api::ListTimeline &query, Then then)
{
    whenDone(this, m_context.monitor->call(api::endpoints::listTimeline, query), [this, reading, then](Answer answer) {
        if (reading->epoch != m_epoch)
            return;
        if (answer)
            then(std::move(*answer));
        else
            reading->handler(fail(answer.error()));
    });
}

void TimelineEvents::start(const Shared &reading)
{
    if (!wantsMonitor()) {
        // Later, as every other answer.
        QMetaObject::invokeMethod(this, [this, reading] { answerAlone(reading); }, Qt::QueuedConnection);
        return;
    }
    const auto all = wantsRegistry() ? static_cast<qint64>(m_rows.size()) : 0;
    split(reading, reading->offset, 0, all, [this, reading](qint64 first) { readMonitor(reading, first); });
}

void TimelineEvents::answerAlone(const Shared &reading)
{
    if (reading->epoch != m_epoch)
        return;
    if (m_problem && m_rows.empty()) {
        reading->handler(fail(*m_problem));
        return;
    }
    const auto all = static_cast<qint64>(m_rows.size());
    finish(*reading, std::min(all, reading->offset), std::min(all, reading->offset + reading->limit), {});
}

void TimelineEvents::split(const Shared &reading, qint64 place, qint64 low, qint64 high, const Split &then)
{
    if (place == 0)
        high = 0;
    while (low < high) {
        const qint64 middle = low + (high - low) / 2;
        const auto newer = m_newer.constFind(middle);
        if (newer == m_newer.cend()) {
            api::ListTimeline query = m_filter;
            query.from = m_rows[static_cast<std::size_t>(middle)].time;
            query.offset = 0;
            query.limit = 1;
            ask(reading, query, [this, reading, place, low, high, middle, then](const api::Page<api::TimelineEvent> &page) {
                m_newer[middle] = page.total;
                split(reading, place, low, high, then);
            });
            return;
        }
        if (middle + *newer < place)
            low = middle + 1;
        else
            high = middle;
    }
    then(low);
}

void TimelineEvents::readMonitor(const Shared &reading, qint64 first)
{
    api::ListTimeline query = m_filter;
    query.offset = reading->offset - first;
    query.limit = reading->limit;
    ask(reading, query, [this, reading, first](api::Page<api::TimelineEvent> page) {
        const auto all = wantsRegistry() ? static_cast<qint64>(m_rows.size()) : 0;
        const qint64 end = reading->offset + reading->limit;
        if (end >= page.total + all) {
            finish(*reading, first, all, std::move(page));
            return;
        }
        split(reading, end, first, all, [this, reading, first, page = std::move(page)](qint64 last) { finish(*reading, first, last, page); });
    });
}

void TimelineEvents::finish(const Reading &reading, qint64 first, qint64 last, api::Page<api::TimelineEvent> monitor)
{
    api::Page<api::TimelineEvent> page;
    page.offset = reading.offset;
    page.total = monitor.total + (wantsRegistry() ? static_cast<qint64>(m_rows.size()) : 0);
    const auto wanted = static_cast<std::size_t>(std::max<qint64>(0, reading.limit - (last - first)));
    if (monitor.items.size() > wanted)
        monitor.items.resize(wanted);
    auto ours = static_cast<std::size_t>(first);
    const auto takeNewer = [&](std::optional<Time> than) {
        for (; ours < static_cast<std::size_t>(last) && (!than || m_rows[ours].time > *than); ++ours)
            page.items.push_back(m_rows[ours]);
    };
    for (api::TimelineEvent &event : monitor.items) {
        takeNewer(event.time);
        page.items.push_back(std::move(event));
    }
    takeNewer(std::nullopt);
    reading.handler(std::move(page));
}

}  // namespace cm::ui
