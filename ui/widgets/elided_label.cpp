// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/elided_label.h"

#include "ui/theme/fonts.h"

#include <QPainter>

namespace cm::ui {

ElidedLabel::ElidedLabel(const QString &text, Kind kind, QWidget *parent) : QWidget(parent), m_kind(kind)
{
    if (kind == Kind::Identifier)
        setFont(fixedFont(font()));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString &text)
{
    m_text = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}

void ElidedLabel::setDim(bool dim)
{
    m_dim = dim;
    update();
}

QSize ElidedLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(m_text) + 2, fontMetrics().height() + 2};
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 8, fontMetrics().height() + 2};
}

void ElidedLabel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setPen(palette().color(m_dim ? QPalette::PlaceholderText : foregroundRole()));
    const bool identifier = m_kind == Kind::Identifier;
    const QString shown = fontMetrics().elidedText(m_text, identifier ? Qt::ElideMiddle : Qt::ElideRight, width());
    if (const QString tip = shown == m_text ? QString() : m_text; toolTip() != tip)
        setToolTip(tip);
    if (identifier)
        painter.setLayoutDirection(Qt::LeftToRight);
    painter.drawText(rect(), Qt::AlignVCenter | (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft), shown);
}

}  // namespace cm::ui
