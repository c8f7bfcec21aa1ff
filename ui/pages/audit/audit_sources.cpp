// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_sources.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/connection.h"

#include <algorithm>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// As many as a monitor answers at once.
constexpr qint64 monitorPortion = 1000;

Error problemOf(const Connection &connection)
{
    return connection.problem() ? *connection.problem() : Error{ErrorCode::Unavailable, "there is no connection", {}, {}};
}

// It was heard once, or tried, and does not answer: whoever asks it would wait.
bool isGone(const Connection &connection)
{
    return connection.state() == Connection::State::Stale || connection.state() == Connection::State::Refused ||
        (!connection.isLive() && connection.problem());
}

}  // namespace

AuditSources::AuditSources(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    if (!m_context.monitorConnection)
        return;
    // One that falls silent while it is waited for.
    connect(m_context.monitorConnection, &Connection::stateChanged, this, [this] {
        if (m_begun && !m_monitorKnown && !m_context.monitorConnection->isLive()) {
            m_monitorCall.drop();
            m_lines.clear();
            readMonitor();
            startWaiting();
        }
    });
}

void AuditSources::begin(const api::ListAudit &filter, bool monitorChanged)
{
    const bool same = m_begun && filter.actor == m_filter.actor && filter.subject == m_filter.subject && filter.action == m_filter.action &&
        filter.from == m_filter.from && filter.until == m_filter.until;
    m_begun = true;
    m_filter = filter;
    ++m_epoch;
    m_newer.clear();
    m_waiting.clear();
    if (same && !monitorChanged && m_monitorKnown && !m_monitorProblem)
        return;
    m_monitorKnown = false;
    m_monitorProblem.reset();
    m_lines.clear();
    m_times.clear();
    readMonitor();
}

void AuditSources::readMonitor()
{
    // The registry's lines do not wait for a monitor that is still to be reached.
    if (m_context.hasMonitor() && !m_context.monitorConnection->isLive())
        m_monitorProblem = problemOf(*m_context.monitorConnection);
    if (!m_context.hasMonitor() || m_monitorProblem) {
        m_monitorCall.drop();
        m_monitorKnown = true;
        return;
    }
    api::ListAudit query = m_filter;
    query.offset = static_cast<qint64>(m_lines.size());
    query.limit = monitorPortion;
    m_monitorCall.start(this, m_context.monitor->call(ep::listAudit, query), [this](const Answer &answer) { onMonitor(answer); });
}

void AuditSources::onMonitor(const Answer &answer)
{
    if (answer) {
        m_lines.insert(m_lines.end(), answer->items.begin(), answer->items.end());
        if (!answer->items.empty() && static_cast<qint64>(m_lines.size()) < answer->total) {
            readMonitor();
            if (!m_monitorKnown)
                return;
        }
    } else {
        m_monitorProblem = answer.error();
    }
    // A part of them would look like the whole.
    if (m_monitorProblem)
        m_lines.clear();
    for (const api::AuditEntry &line : m_lines)
        m_times.push_back(m_times.empty() ? line.time : std::min(line.time, m_times.back()));
    m_monitorKnown = true;
    startWaiting();
}

void AuditSources::startWaiting()
{
    for (const auto &reading : std::exchange(m_waiting, {}))
        start(reading);
}

void AuditSources::read(qint64 offset, qint64 limit, Handler handler)
{
    const auto reading = std::make_shared<Reading>(Reading{offset, limit, std::move(handler), m_epoch});
    if (m_monitorKnown)
        start(reading);
    else
        m_waiting << reading;
}

template <class Then>
void AuditSources::ask(const std::shared_ptr<Reading> &reading, const api::ListAudit &query, Then then)
{
    whenDone(this, m_context.client.call(ep::listAudit, query), [this, reading, then](Answer answer) {
        if (reading->epoch != m_epoch)
            return;
        if (answer)
            then(std::move(*answer));
        else
            answerAlone(*reading, answer.error());
    });
}

void AuditSources::start(const std::shared_ptr<Reading> &reading)
{
    if (!m_lines.empty() && isGone(m_context.connection)) {
        // Later, as every other answer.
        QMetaObject::invokeMethod(
            this,
            [this, reading, problem = problemOf(m_context.connection)] {
                if (reading->epoch == m_epoch)
                    answerAlone(*reading, problem);
            },
            Qt::QueuedConnection);
        return;
    }
    split(reading, reading->offset, 0, static_cast<qint64>(m_lines.size()), [this, reading](qint64 first) { readRegistry(reading, first); });
}

void AuditSources::split(const std::shared_ptr<Reading> &reading, qint64 place, qint64 low, qint64 high, const Split &then)
{
    if (place == 0)
        high = 0;
    while (low < high) {
        const qint64 middle = low + (high - low) / 2;
        const auto newer = m_newer.constFind(middle);
        if (newer == m_newer.cend()) {
            api::ListAudit query = m_filter;
            query.from = m_times[static_cast<std::size_t>(middle)];
            query.limit = 1;
            ask(reading, query, [this, reading, place, low, high, middle, then](const api::Page<api::AuditEntry> &page) {
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

void AuditSources::readRegistry(const std::shared_ptr<Reading> &reading, qint64 first)
{
    api::ListAudit query = m_filter;
    query.offset = reading->offset - first;
    query.limit = reading->limit;
    ask(reading, query, [this, reading, first](api::Page<api::AuditEntry> page) {
        m_registryProblem.reset();
        const auto all = static_cast<qint64>(m_lines.size());
        const qint64 end = reading->offset + reading->limit;
        if (end >= page.total + all) {
            finish(*reading, first, all, std::move(page));
            return;
        }
        split(reading, end, first, all, [this, reading, first, page = std::move(page)](qint64 last) { finish(*reading, first, last, page); });
    });
}

void AuditSources::finish(const Reading &reading, qint64 first, qint64 last, api::Page<api::AuditEntry> registry)
{
    api::Page<AuditLine> page;
    page.offset = reading.offset;
    page.total = registry.total + static_cast<qint64>(m_lines.size());
    const auto wanted = static_cast<std::size_t>(std::max<qint64>(0, reading.limit - (last - first)));
    if (registry.items.size() > wanted)
        registry.items.resize(wanted);
    auto ours = static_cast<std::size_t>(first);
    const auto takeNewer = [&](std::optional<Time> than) {
        for (; ours < static_cast<std::size_t>(last) && (!than || m_times[ours] > *than); ++ours)
            page.items.push_back({AuditSource::Monitor, m_lines[ours]});
    };
    for (api::AuditEntry &entry : registry.items) {
        takeNewer(entry.time);
        page.items.push_back({AuditSource::Registry, std::move(entry)});
    }
    takeNewer(std::nullopt);
    reading.handler(std::move(page));
}

void AuditSources::answerAlone(const Reading &reading, const Error &problem)
{
    m_registryProblem = problem;
    if (m_lines.empty()) {
        reading.handler(fail(problem));
        return;
    }
    api::Page<AuditLine> page;
    page.offset = reading.offset;
    page.total = static_cast<qint64>(m_lines.size());
    for (qint64 i = reading.offset; i < std::min<qint64>(page.total, reading.offset + reading.limit); ++i)
        page.items.push_back({AuditSource::Monitor, m_lines[static_cast<std::size_t>(i)]});
    reading.handler(std::move(page));
}

}  // namespace cm::ui
