// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/timeline_events.h"

#include "ui/client/admin_client.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

#include <utility>

namespace cm::ui {

namespace {

// People act seldom; the table is read again with every event of the monitor.
constexpr std::chrono::seconds goodFor{15};

}  // namespace

TimelineEvents::TimelineEvents(const PageContext &context, QObject *parent)
    : QObject(parent), m_context(context), m_registry(context, this), m_list([](api::TimelineEvent event) { return event; })
{}

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
    m_list.forgetCounts();
    m_waiting.clear();
    if (!same) {
        m_known = false;
        m_registry.drop();
    }
    const Time now = m_context.clock.now();
    if (!wantsRegistry() || m_registry.isReading() || (m_known && m_readAt && now - *m_readAt < goodFor))
        return;
    m_known = false;
    m_readAt = now;
    m_registry.read(m_filter.from, m_filter.until, RegistryEvents::portion, [this](RegistryLines lines) { onRegistry(std::move(lines)); });
}

void TimelineEvents::onRegistry(RegistryLines lines)
{
    m_known = true;
    m_cut = lines.cut;
    m_problem = lines.problem;
    std::vector<api::TimelineEvent> events;
    for (const api::AuditEntry &line : lines.lines)
        events.push_back(registryEvent(line));
    m_list.setKnown(std::move(events), [](const api::TimelineEvent &event) { return event.time; });
    for (const Shared &reading : std::exchange(m_waiting, {}))
        start(reading);
    Q_EMIT registryRead();
}

void TimelineEvents::forget()
{
    ++m_epoch;
    m_waiting.clear();
    m_registry.drop();
    m_known = false;
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

void TimelineEvents::start(const Shared &reading)
{
    if (!wantsMonitor()) {
        // Later, as every other answer.
        QMetaObject::invokeMethod(this, [this, reading] { answerAlone(*reading); }, Qt::QueuedConnection);
        return;
    }
    const auto ask = [this, reading](const api::ListTimeline &query, const List::Then &then) {
        whenDone(this, m_context.monitor->call(api::endpoints::listTimeline, query), [this, reading, then](Answer answer) {
            if (reading->epoch != m_epoch)
                return;
            if (answer)
                then(std::move(*answer));
            else
                reading->handler(fail(answer.error()));
        });
    };
    if (wantsRegistry()) {
        m_list.read(m_filter, reading->offset, reading->limit, ask, reading->handler);
        return;
    }
    api::ListTimeline query = m_filter;
    query.offset = reading->offset;
    query.limit = reading->limit;
    ask(query, reading->handler);
}

void TimelineEvents::answerAlone(const Reading &reading)
{
    if (reading.epoch != m_epoch)
        return;
    if (m_problem && !m_list.hasKnown())
        reading.handler(fail(*m_problem));
    else
        reading.handler(m_list.alone(reading.offset, reading.limit));
}

}  // namespace cm::ui
