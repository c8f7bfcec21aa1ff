// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page.h"

#include "ui/client/connection.h"
#include "ui/theme/metrics.h"

#include <QVBoxLayout>

namespace cm::ui {

Page::Page(const PageContext &context, QWidget *parent) : QWidget(parent), m_context(context)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(metrics::gap, metrics::gap, metrics::gap, metrics::gap);
}

void Page::onEvent(const api::Event &) {}

void Page::onMonitorEvent(const api::Event &) {}

const Connection &Page::followed() const
{
    return m_context.connection;
}

QList<QAction *> Page::pageActions() const
{
    return {};
}

void Page::find() {}

bool Page::stepBack()
{
    return false;
}

void Page::dropFiles(const QList<QUrl> &) {}

bool Page::takeFiles(const QList<QUrl> &)
{
    return false;
}

void Page::setContent(QWidget *content)
{
    m_faces = new FacesStack(this);
    m_faces->setContent(content);
    layout()->addWidget(m_faces);
    for (const Connection *connection : std::initializer_list<const Connection *>{&m_context.connection, m_context.monitorConnection}) {
        if (!connection)
            continue;
        connect(connection, &Connection::stateChanged, this, &Page::followConnection);
        connect(connection, &Connection::chosenChanged, this, &Page::followConnection);
    }
    followConnection();
}

void Page::setPlainContent(QWidget *content)
{
    layout()->addWidget(content);
}

void Page::setTitle(const QString &title)
{
    if (title == m_title)
        return;
    m_title = title;
    setAccessibleName(title);
    Q_EMIT titleChanged(title);
}

void Page::followConnection()
{
    const Connection &connection = followed();
    std::optional<std::chrono::microseconds> age;
    if (const auto heard = connection.lastHeard())
        age = m_context.clock.now() - *heard;
    m_faces->setStale(connection.state() == Connection::State::Stale, age);
}

}  // namespace cm::ui
