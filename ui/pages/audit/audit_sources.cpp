// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/audit/audit_sources.h"

#include "core/api/monitor_endpoints.h"
#include "ui/client/connection.h"

#include <utility>

namespace cm::ui {

namespace {

namespace ep = api::endpoints;

// As many as a monitor answers at once.
constexpr qint64 monitorPortion = 1000;

}  // namespace

AuditSources::AuditSources(const PageContext &context, QObject *parent)
    : QObject(parent), m_context(context), m_list([](api::AuditEntry entry) { return AuditLine{AuditSource::Registry, std::move(entry)}; })
{
    if (!m_context.monitorConnection)
        return;
    // One that falls silent while it is waited for.
    connect(m_context.monitorConnection, &Connection::stateChanged, this, [this] {
        if (m_begun && !m_monitorKnown && !m_context.monitorConnection->isLive()) {
            m_monitorCall.drop();
            readMonitor();
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
    m_list.forgetCounts();
    m_waiting.clear();
    if (same && !monitorChanged && m_monitorKnown && !m_monitorProblem)
        return;
    m_monitorKnown = false;
    m_monitorProblem.reset();
    m_lines.clear();
    readMonitor();
}

void AuditSources::readMonitor()
{
    // The registry's lines do not wait for a monitor that is still to be reached.
    if (m_context.hasMonitor() && !m_context.monitorConnection->isLive())
        m_monitorProblem = m_context.monitorConnection->whyGone();
    if (!m_context.hasMonitor() || m_monitorProblem) {
        m_monitorCall.drop();
        know();
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
        for (const api::AuditEntry &line : answer->items)
            m_lines.push_back({AuditSource::Monitor, line});
        if (!answer->items.empty() && static_cast<qint64>(m_lines.size()) < answer->total) {
            readMonitor();
            return;
        }
    } else {
        m_monitorProblem = answer.error();
    }
    know();
}

void AuditSources::know()
{
    // A part of them would look like the whole.
    if (m_monitorProblem)
        m_lines.clear();
    m_list.setKnown(std::exchange(m_lines, {}), [](const AuditLine &line) { return line.entry.time; });
    m_monitorKnown = true;
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

void AuditSources::start(const Shared &reading)
{
    const auto ask = [this, reading](const api::ListAudit &query, const List::Then &then) {
        if (m_list.hasKnown() && m_context.connection.isGone()) {
            // Later, as every other answer.
            QMetaObject::invokeMethod(this, [this, reading, problem = m_context.connection.whyGone()] { answerAlone(*reading, problem); }, Qt::QueuedConnection);
            return;
        }
        whenDone(this, m_context.client.call(ep::listAudit, query), [this, reading, then](Answer answer) {
            if (!answer)
                answerAlone(*reading, answer.error());
            else if (reading->epoch == m_epoch)
                then(std::move(*answer));
        });
    };
    m_list.read(m_filter, reading->offset, reading->limit, ask, [this, reading](api::Page<AuditLine> page) {
        m_registryProblem.reset();
        reading->handler(std::move(page));
    });
}

void AuditSources::answerAlone(const Reading &reading, const Error &problem)
{
    if (reading.epoch != m_epoch)
        return;
    m_registryProblem = problem;
    if (m_list.hasKnown())
        reading.handler(m_list.alone(reading.offset, reading.limit));
    else
        reading.handler(fail(problem));
}

}  // namespace cm::ui
