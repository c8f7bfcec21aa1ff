// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/stale_overlay.h"

#include "ui/format/format.h"
#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QEvent>
#include <QPainter>

namespace cm::ui {

StaleOverlay::StaleOverlay(QWidget *parent) : QWidget(parent)
{
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
    setObjectName(QStringLiteral("stale"));
    hide();
    m_tick.setInterval(1000);
    connect(&m_tick, &QTimer::timeout, this, &StaleOverlay::updateWords);
    parent->installEventFilter(this);
}

void StaleOverlay::setAge(std::optional<std::chrono::microseconds> age)
{
    m_age = age;
    m_since.start();
    updateWords();
}

void StaleOverlay::updateWords()
{
    if (m_age) {
        const auto age = *m_age + std::chrono::milliseconds(m_since.elapsed());
        m_words = tr("No connection. What you see is %1 old.").arg(formatDuration(age));
    } else {
        m_words = tr("No connection. What you see may be old.");
    }
    setAccessibleName(m_words);
    update();
}

void StaleOverlay::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    QColor veil = colors.window;
    veil.setAlphaF(0.45F);
    painter.fillRect(rect(), veil);
    const int width = std::min(this->width() - 16, fontMetrics().horizontalAdvance(m_words) + 32);
    const QRectF pill((this->width() - width) / 2.0, 8.5, width, 28);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(colors.warning);
    painter.setBrush(colors.raised);
    painter.drawRoundedRect(pill, metrics::cardRadius, metrics::cardRadius);
    painter.setPen(colors.text);
    painter.drawText(pill, Qt::AlignCenter, fontMetrics().elidedText(m_words, Qt::ElideRight, width - 16));
}

void StaleOverlay::showEvent(QShowEvent *)
{
    setGeometry(parentWidget()->rect());
    m_tick.start();
}

void StaleOverlay::hideEvent(QHideEvent *)
{
    m_tick.stop();
}

bool StaleOverlay::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible())
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(watched, event);
}

}  // namespace cm::ui
