// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/registry_events.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/client/connection.h"
#include "ui/format/signals.h"

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

// Of publishing and of signing in: they go on all day.
constexpr std::array<std::string_view, 4> routines{"file.upload", "documentation.upload", "project.create", "session."};

}  // namespace

bool isRoutine(const api::AuditEntry &line)
{
    return std::any_of(routines.begin(), routines.end(), [&line](std::string_view one) { return std::string_view(line.action).starts_with(one); });
}

api::TimelineEvent registryEvent(const api::AuditEntry &line)
{
    api::TimelineEvent event;
    event.id = api::Id{-line.id.value};
    event.time = line.time;
    event.kind = std::string(registryKind) + line.action;
    event.statement = line.subject;
    if (!line.reason.empty())
        event.statement += (event.statement.empty() ? "" : ": ") + line.reason;
    event.actor = line.actor;
    return event;
}

RegistryEvents::RegistryEvents(const PageContext &context, QObject *parent) : QObject(parent), m_context(context)
{
    connect(&m_context.connection, &Connection::stateChanged, this, [this] {
        if (isReading() && m_context.connection.isGone())
            giveUp();
    });
}

void RegistryEvents::read(std::optional<Time> from, std::optional<Time> until, std::int64_t atMost, Handler handler)
{
    drop();
    m_most = atMost;
    m_query = {};
    m_query.from = from;
    m_query.until = until;
    m_query.limit = portion;
    m_found = {};
    m_handler = std::move(handler);
    if (!m_context.connection.isGone()) {
        next();
        return;
    }
    // Later, as every other answer.
    QMetaObject::invokeMethod(
        this,
        [this, epoch = m_epoch] {
            if (epoch == m_epoch && isReading())
                giveUp();
        },
        Qt::QueuedConnection);
}

void RegistryEvents::drop()
{
    ++m_epoch;
    m_call.drop();
    m_handler = {};
}

void RegistryEvents::giveUp()
{
    m_call.drop();
    m_found.problem = m_context.connection.whyGone();
    finish();
}

void RegistryEvents::next()
{
    m_call.start(this, m_context.client.call(api::endpoints::listAudit, m_query), [this](Result<api::Page<api::AuditEntry>> answer) {
        if (!answer) {
            m_found.problem = answer.error();
            finish();
            return;
        }
        const auto read = static_cast<std::int64_t>(answer->items.size());
        const std::optional<Time> oldest = read > 0 ? std::optional(answer->items.back().time) : std::nullopt;
        for (api::AuditEntry &line : answer->items) {
            if (isRoutine(line))
                ++m_found.routine;
            else
                m_found.lines.push_back(std::move(line));
        }
        m_query.offset += read;
        const bool more = read > 0 && m_query.offset < answer->total;
        if (more && m_query.offset < m_most) {
            next();
            return;
        }
        m_found.cut = more ? oldest : std::nullopt;
        finish();
    });
}

void RegistryEvents::finish()
{
    if (auto handler = std::exchange(m_handler, {}))
        handler(std::move(m_found));
}

}  // namespace cm::ui
