// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stale_strip.h"

#include "ui/format/format.h"
#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QPainter>

namespace cm::ui {

StaleStrip::StaleStrip(QWidget *parent) : QLabel(parent)
{
    setObjectName(QStringLiteral("stale"));
    setWordWrap(true);
    setAlignment(Qt::AlignCenter);
    setContentsMargins(8, 6, 8, 6 + metrics::gap);
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, &StaleStrip::updateWords);
}

void StaleStrip::setAge(std::optional<std::chrono::microseconds> age)
{
    m_age = age;
    m_since.start();
    updateWords();
}

void StaleStrip::setPartly(bool partly)
{
    m_partly = partly;
    updateWords();
}

void StaleStrip::updateWords()
{
    if (m_age) {
        const auto age = *m_age + std::chrono::milliseconds(m_since.elapsed());
        setText((m_partly ? tr("No connection. What is grey is %1 old.") : tr("No connection. What you see is %1 old.")).arg(formatDuration(age)));
    } else {
        setText(tr("No connection. What you see may be old."));
    }
    setAccessibleName(text());
}

void StaleStrip::paintEvent(QPaintEvent *event)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.warning);
    painter.setBrush(colors.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -metrics::gap - 0.5), metrics::cardRadius, metrics::cardRadius);
    painter.end();
    QLabel::paintEvent(event);
}

void StaleStrip::showEvent(QShowEvent *event)
{
    QLabel::showEvent(event);
    m_tick.start();
}

void StaleStrip::hideEvent(QHideEvent *event)
{
    QLabel::hideEvent(event);
    m_tick.stop();
}

}  // namespace cm::ui
