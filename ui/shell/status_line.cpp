// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/status_line.h"

#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>

namespace cm::ui {

namespace {

// Why the other end is not trusted; empty where it is, or not even met.
QString distrust(const Connection &connection)
{
    return connection.problem() ? trustWords(*connection.problem()) : QString();
}

QString explanation(const Error &error)
{
    const ErrorWords words = wordsFor(error);
    QStringList lines{words.detail};
    if (!trustWords(error).isEmpty())
        lines << words.remedy;
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

}  // namespace

StatusLine::StatusLine(const Connection &connection, const Connection *monitor, const Clock &clock, QWidget *parent)
    : QWidget(parent), m_connection(connection), m_monitor(monitor), m_clock(clock), m_state(new StateMark(this)),
      m_monitorState(new StateMark(this)), m_age(new QLabel(this)),
      m_message(new StateMark(this)), m_time(new QLabel(this))
{
    for (QLabel *label : {m_age, m_time})
        label->setForegroundRole(QPalette::PlaceholderText);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    m_monitorState->setForegroundRole(QPalette::PlaceholderText);
    m_monitorState->setObjectName(QStringLiteral("monitor"));
    m_age->setAccessibleName(tr("Age of the figures"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 0, 14, 0);
    layout->setSpacing(18);
    layout->addWidget(m_state);
    layout->addWidget(m_age);
    layout->addWidget(m_monitorState);
    layout->addWidget(m_message, 1);
    layout->addWidget(m_time);
    // Any length: cut at its end, whole in the tool tip.
    m_message->setObjectName(QStringLiteral("notice"));
    m_message->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_tick.setInterval(1000);
    m_messageEnd.setSingleShot(true);
    m_messageEnd.setInterval(12'000);
    connect(&m_tick, &QTimer::timeout, this, &StatusLine::tick);
    connect(&m_messageEnd, &QTimer::timeout, this, [this] { m_message->setState(Mark::None, {}); });
    connect(&connection, &Connection::stateChanged, this, &StatusLine::follow);
    if (m_monitor) {
        for (const auto signal : {&Connection::stateChanged, &Connection::chosenChanged})
            connect(m_monitor, signal, this, &StatusLine::followMonitor);
    }
    follow();
    followMonitor();
}

QSize StatusLine::minimumSizeHint() const
{
    return QWidget::minimumSizeHint().expandedTo({0, metrics::statusBarHeight});
}

void StatusLine::say(Mark mark, const QString &text)
{
    m_message->setState(mark, text);
    m_messageEnd.start();
    fit();
}

void StatusLine::follow()
{
    const QString why = distrust(m_connection);
    switch (m_connection.state()) {
    case Connection::State::Live:
        m_state->setState(Mark::Ok, tr("Live"));
        break;
    case Connection::State::Connecting:
    case Connection::State::Stale:
        if (!why.isEmpty())
            m_state->setState(Mark::Critical, tr("Registry: %1").arg(why));
        else if (m_connection.state() == Connection::State::Stale)
            m_state->setState(Mark::Warning, tr("No connection, trying again"));
        else if (m_connection.problem())
            m_state->setState(Mark::Warning, tr("No connection yet, trying again"));
        else
            m_state->setState(Mark::Unknown, tr("Connecting"));
        break;
    case Connection::State::Refused:
        m_state->setState(Mark::Critical, m_connection.problem() && m_connection.problem()->code == ErrorCode::BadAnswer
                                              ? wordsFor(*m_connection.problem()).title
                                              : tr("The registry refused us"));
        break;
    }
    m_state->setToolTip(m_connection.problem() ? explanation(*m_connection.problem()) : QString());
    tick();
}

// Said beside the registry's state: either may be away while the other answers.
void StatusLine::followMonitor()
{
    m_monitorState->setVisible(m_monitor && m_monitor->isChosen());
    if (!m_monitorState->isVisibleTo(this))
        return;
    const QString why = distrust(*m_monitor);
    switch (m_monitor->state()) {
    case Connection::State::Live:
        m_monitorState->setState(Mark::Ok, tr("Monitor live"));
        break;
    case Connection::State::Connecting:
    case Connection::State::Stale:
        if (!why.isEmpty())
            m_monitorState->setState(Mark::Critical, tr("Monitor: %1").arg(why));
        else if (m_monitor->state() == Connection::State::Stale)
            m_monitorState->setState(Mark::Unknown, tr("Monitor silent"));
        else
            m_monitorState->setState(Mark::Unknown, m_monitor->problem() ? tr("Monitor does not answer yet") : tr("Monitor connecting"));
        break;
    case Connection::State::Refused:
        m_monitorState->setState(Mark::Critical, tr("The monitor refused us"));
        break;
    }
    m_monitorState->setToolTip(m_monitor->problem() ? explanation(*m_monitor->problem()) : QString());
    fit();
}

// States and what was just said come before the age, which stands over what is old as well, and before the clock.
void StatusLine::fit()
{
    const QMargins edge = layout()->contentsMargins();
    int room = width() - edge.left() - edge.right() - 4 * layout()->spacing() - m_state->sizeHint().width() - m_message->minimumSizeHint().width();
    if (m_monitorState->isVisibleTo(this))
        room -= m_monitorState->sizeHint().width();
    const int time = m_time->sizeHint().width();
    m_time->setVisible(time <= room);
    m_age->setVisible(time + m_age->sizeHint().width() <= room);
}

void StatusLine::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fit();
}

void StatusLine::tick()
{
    const Time now = m_clock.now();
    const QString time = formatTime(now);
    if (m_time->text() != time)
        m_time->setText(time);
    m_time->setToolTip(timeTip(now));
    const auto heard = m_connection.lastHeard();
    // While it is live the figures are as fresh as the last word of the feed.
    m_age->setText(heard ? tr("sample %1 old").arg(formatSampleAge(*heard, now)) : QString());
    fit();
}

void StatusLine::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.fillRect(rect(), colors.panel);
    painter.setPen(colors.line);
    painter.drawLine(0, 0, width(), 0);
}

void StatusLine::showEvent(QShowEvent *)
{
    m_tick.start();
    tick();
}

void StatusLine::hideEvent(QHideEvent *)
{
    m_tick.stop();
}

}  // namespace cm::ui
