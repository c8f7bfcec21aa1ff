// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/state_mark.h"

#include "ui/theme/metrics.h"

#include <QPainter>
#include <QStyle>

namespace cm::ui {

namespace {
constexpr int markSize = 12;
constexpr int markGap = 6;
}  // namespace

Mark markOf(api::Verdict verdict)
{
    switch (verdict) {
    case api::Verdict::Ok:
        return Mark::Ok;
    case api::Verdict::Warning:
        return Mark::Warning;
    case api::Verdict::Critical:
        return Mark::Critical;
    case api::Verdict::Unknown:
        break;
    }
    return Mark::Unknown;
}

Mark markOf(api::ProjectStatus status)
{
    switch (status) {
    case api::ProjectStatus::Active:
        return Mark::Ok;
    case api::ProjectStatus::Archived:
    case api::ProjectStatus::Deprecated:
        return Mark::Deprecated;
    case api::ProjectStatus::Quarantined:
        break;
    }
    return Mark::Critical;
}

StateMark::StateMark(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

StateMark::StateMark(Mark mark, const QString &text, QWidget *parent) : StateMark(parent)
{
    setState(mark, text);
}

void StateMark::setState(Mark mark, const QString &text)
{
    if (mark == m_mark && text == m_text)
        return;
    m_mark = mark;
    m_text = text;
    setAccessibleName(text);
    setToolTip(text);
    updateGeometry();
    update();
}

QSize StateMark::sizeHint() const
{
    const int mark = m_mark == Mark::None ? 0 : markSize + (m_text.isEmpty() ? 0 : markGap);
    return {mark + fontMetrics().horizontalAdvance(m_text) + 2, std::max(fontMetrics().height(), markSize + 2)};
}

QSize StateMark::minimumSizeHint() const
{
    const QSize whole = sizeHint();
    return {std::min(whole.width(), markSize + markGap + fontMetrics().averageCharWidth() * 6), whole.height()};
}

void StateMark::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    QRect text = rect();
    if (m_mark != Mark::None) {
        const QRect mark(0, (height() - markSize) / 2, markSize, markSize);
        drawMark(painter, QStyle::visualRect(layoutDirection(), rect(), mark), m_mark, colorsOf(palette()));
        text.setLeft(markSize + markGap);
    }
    const QRect place = QStyle::visualRect(layoutDirection(), rect(), text);
    painter.setPen(palette().color(foregroundRole()));
    painter.drawText(place, Qt::AlignVCenter | (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft),
                     fontMetrics().elidedText(m_text, Qt::ElideRight, place.width()));
}

}  // namespace cm::ui
