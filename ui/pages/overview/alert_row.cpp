// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/alert_row.h"

#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>

namespace cm::ui {

AlertRow::AlertRow(QWidget *parent) : QAbstractButton(parent), m_mark(new StateMark(this)), m_statement(new QLabel(this)), m_about(new QLabel(this))
{
    setFocusPolicy(Qt::StrongFocus);
    m_mark->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    for (QLabel *label : {m_statement, m_about}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
    }
    m_statement->setFont(headingFont(font()));
    m_about->setForegroundRole(QPalette::PlaceholderText);
    for (QWidget *part : {static_cast<QWidget *>(m_mark), static_cast<QWidget *>(m_statement), static_cast<QWidget *>(m_about)})
        part->setAttribute(Qt::WA_TransparentForMouseEvents);
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(4, 6, 4, 6);
    grid->setHorizontalSpacing(4);
    grid->setVerticalSpacing(2);
    grid->addWidget(m_mark, 0, 0, Qt::AlignTop);
    grid->addWidget(m_statement, 0, 1);
    grid->addWidget(m_about, 1, 1);
    grid->setColumnStretch(1, 1);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void AlertRow::setAlert(const api::Alert &alert, Time now)
{
    const bool quiet = alert.state == api::AlertState::Silenced;
    m_mark->setState(quiet ? Mark::Deprecated : markOf(alert.verdict), {});
    m_statement->setText(ui::text(alert.statement));
    QStringList about{tr("open for %1").arg(formatDuration(now - alert.started))};
    switch (alert.state) {
    case api::AlertState::Firing:
        about << tr("nobody owns it");
        break;
    case api::AlertState::Acknowledged:
        about << tr("owned by %1").arg(ui::text(alert.owner));
        if (alert.acknowledgedUntil)
            about << (*alert.acknowledgedUntil > now ? tr("fires again in %1").arg(formatDuration(*alert.acknowledgedUntil - now)) : tr("fires again now"));
        break;
    case api::AlertState::Silenced:
        about << tr("silenced");
        break;
    case api::AlertState::Closed:
        about << tr("closed");
        break;
    }
    if (!alert.consequences.empty())
        about << tr("%n consequence(s)", nullptr, static_cast<int>(alert.consequences.size()));
    QString words = about.join(QStringLiteral(" · "));
    if (!alert.note.empty())
        words += QLatin1Char('\n') + tr("“%1”").arg(ui::text(alert.note));
    m_about->setText(words);
    setAccessibleName(QStringLiteral("%1, %2").arg(ui::text(alert.statement), words));
}

QSize AlertRow::sizeHint() const
{
    return layout()->sizeHint();
}

QSize AlertRow::minimumSizeHint() const
{
    return {layout()->minimumSize().width(), 0};
}

int AlertRow::heightForWidth(int width) const
{
    return layout()->heightForWidth(width);
}

void AlertRow::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (underMouse() || isDown() || hasFocus()) {
        painter.setPen(hasFocus() ? QPen(colors.accent, 1.5) : QPen(Qt::NoPen));
        painter.setBrush(colors.raised);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), metrics::controlRadius, metrics::controlRadius);
    }
}

}  // namespace cm::ui
