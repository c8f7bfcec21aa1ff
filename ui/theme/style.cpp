// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style.h"

#include "ui/theme/colors.h"
#include "ui/theme/metrics.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>
#include <QWidget>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int scrollBarExtent = 10;
constexpr int shortestSlider = 28;

QRectF inside(const QRect &rect)
{
    return QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5);
}

void drawButton(const QStyleOption &option, QPainter &painter)
{
    const Colors colors = colorsOf(option.palette);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    const bool down = option.state.testFlag(QStyle::State_Sunken) || option.state.testFlag(QStyle::State_On);
    const bool over = enabled && option.state.testFlag(QStyle::State_MouseOver);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(option.state.testFlag(QStyle::State_HasFocus) ? QPen(colors.accent, 1.5) : QPen(colors.line));
    painter.setBrush(down ? blend(colors.raised, colors.accent, 0.25) : over ? blend(colors.raised, colors.text, 0.08)
                         : enabled ? colors.raised : colors.panel);
    painter.drawRoundedRect(inside(option.rect), metrics::controlRadius, metrics::controlRadius);
    painter.restore();
}

void drawField(const QStyleOption &option, QPainter &painter, bool fill)
{
    const Colors colors = colorsOf(option.palette);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(option.state.testFlag(QStyle::State_HasFocus) ? QPen(colors.accent, 1.5) : QPen(colors.line));
    painter.setBrush(fill ? QBrush(blend(colors.panel, colors.window, 0.6)) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(inside(option.rect), metrics::controlRadius, metrics::controlRadius);
    painter.restore();
}

// A box that is seen when it is empty as well: its frame has the weight of text.
void drawIndicator(const QStyleOption &option, QPainter &painter, bool round)
{
    const Colors colors = colorsOf(option.palette);
    const bool enabled = option.state.testFlag(QStyle::State_Enabled);
    const bool partly = option.state.testFlag(QStyle::State_NoChange);
    const bool on = option.state.testFlag(QStyle::State_On) || partly;
    const QRectF box = inside(option.rect);
    const QColor frame = enabled ? (on ? colors.accent : colors.dim) : colors.line;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(frame, option.state.testFlag(QStyle::State_MouseOver) ? 1.6 : 1));
    painter.setBrush(on && !round ? frame : blend(colors.panel, colors.window, 0.6));
    if (round)
        painter.drawEllipse(box);
    else
        painter.drawRoundedRect(box, 3, 3);
    const QColor mark = contrastOf(frame, colors.window) > contrastOf(frame, colors.text) ? colors.window : colors.text;
    if (on && round) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(frame);
        painter.drawEllipse(box.center(), box.width() / 4, box.height() / 4);
    } else if (on) {
        const auto at = [&box](double x, double y) { return QPointF(box.left() + x * box.width(), box.top() + y * box.height()); };
        painter.setPen(QPen(mark, std::max(1.5, box.width() / 8), Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        if (partly)
            painter.drawLine(at(0.25, 0.5), at(0.75, 0.5));
        else
            painter.drawPolyline(QPolygonF{at(0.22, 0.53), at(0.42, 0.73), at(0.78, 0.3)});
    }
    painter.restore();
}

void drawTab(const QStyleOption &option, QPainter &painter)
{
    const Colors colors = colorsOf(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QRect line(option.rect.left() + 6, option.rect.bottom() - 1, option.rect.width() - 12, 2);
    if (selected)
        painter.fillRect(line, colors.accent);
    else if (option.state.testFlag(QStyle::State_MouseOver))
        painter.fillRect(line, colors.line);
}

}  // namespace

Style::Style() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
{
    setObjectName(QStringLiteral("cheesemonger"));
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const
{
    switch (element) {
    case PE_PanelButtonCommand:
        drawButton(*option, *painter);
        return;
    case PE_PanelButtonTool:
        if (option->state & (State_MouseOver | State_Sunken | State_On))
            drawButton(*option, *painter);
        return;
    case PE_PanelLineEdit:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option); frame && frame->lineWidth > 0)
            drawField(*option, *painter, true);
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck:
        drawIndicator(*option, *painter, false);
        return;
    case PE_IndicatorRadioButton:
        drawIndicator(*option, *painter, true);
        return;
    case PE_Frame:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option); frame && frame->lineWidth > 0)
            drawField(*option, *painter, false);
        return;
    case PE_FrameTabBarBase:
        painter->fillRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1, colorsOf(option->palette).line);
        return;
    case PE_FrameTabWidget:
    case PE_PanelMenuBar:
    case PE_PanelScrollAreaCorner:
        return;
    case PE_FrameFocusRect:
        // Buttons show the focus in their own frame, tables in their selection.
        if (!widget || widget->inherits("QCheckBox") || widget->inherits("QRadioButton") || widget->inherits("QTabBar")) {
            painter->save();
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(QPen(colorsOf(option->palette).accent, 1.2));
            painter->drawRoundedRect(inside(option->rect), 4, 4);
            painter->restore();
        }
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void Style::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter, const QWidget *widget) const
{
    switch (element) {
    case CE_HeaderSection:
    case CE_HeaderEmptyArea: {
        const Colors colors = colorsOf(option->palette);
        painter->fillRect(option->rect, colors.panel);
        painter->fillRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1, colors.line);
        return;
    }
    case CE_HeaderLabel: {
        if (const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(option)) {
            QStyleOptionHeader quiet = *header;
            quiet.palette.setColor(QPalette::ButtonText, colorsOf(option->palette).dim);
            QProxyStyle::drawControl(element, &quiet, painter, widget);
            return;
        }
        break;
    }
    case CE_MenuBarEmptyArea:
        return;
    case CE_MenuBarItem: {
        if (const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option)) {
            if (item->state & (State_Selected | State_Sunken)) {
                painter->save();
                painter->setRenderHint(QPainter::Antialiasing);
                painter->setPen(Qt::NoPen);
                painter->setBrush(option->palette.color(QPalette::Highlight));
                painter->drawRoundedRect(item->rect, 4, 4);
                painter->restore();
            }
            int flags = Qt::AlignCenter | Qt::TextShowMnemonic | Qt::TextSingleLine;
            if (!proxy()->styleHint(SH_UnderlineShortcut, option, widget))
                flags |= Qt::TextHideMnemonic;
            proxy()->drawItemText(painter, item->rect, flags, item->palette, item->state & State_Enabled, item->text,
                                  QPalette::ButtonText);
            return;
        }
        break;
    }
    case CE_TabBarTabShape:
        drawTab(*option, *painter);
        return;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter, const QWidget *widget) const
{
    const auto *bar = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider *>(option) : nullptr;
    if (!bar) {
        QProxyStyle::drawComplexControl(control, option, painter, widget);
        return;
    }
    const Colors colors = colorsOf(option->palette);
    const QRect slider = subControlRect(CC_ScrollBar, option, SC_ScrollBarSlider, widget);
    if (bar->maximum <= bar->minimum)
        return;
    const bool lit = option->state.testFlag(State_MouseOver) || option->activeSubControls.testFlag(SC_ScrollBarSlider);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(blend(colors.panel, colors.dim, lit ? 0.6 : 0.35));
    painter->drawRoundedRect(QRectF(slider).adjusted(2, 2, -2, -2), 3, 3);
    painter->restore();
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex *option, SubControl part, const QWidget *widget) const
{
    const auto *bar = control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider *>(option) : nullptr;
    if (!bar)
        return QProxyStyle::subControlRect(control, option, part, widget);
    // No arrows: the whole bar is the groove.
    const bool across = bar->orientation == Qt::Horizontal;
    const int length = across ? bar->rect.width() : bar->rect.height();
    const qint64 range = qint64(bar->maximum) - bar->minimum;
    const int slider = range <= 0 ? length
                                  : std::clamp(static_cast<int>(qint64(length) * bar->pageStep / (range + bar->pageStep)),
                                               std::min(shortestSlider, length), length);
    const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - slider, bar->upsideDown);
    const auto piece = [&](int from, int size) {
        const QRect rect = across ? QRect(from, 0, size, bar->rect.height()) : QRect(0, from, bar->rect.width(), size);
        return rect.translated(bar->rect.topLeft());
    };
    switch (part) {
    case SC_ScrollBarSlider:
        return piece(start, slider);
    case SC_ScrollBarSubPage:
        return piece(0, start);
    case SC_ScrollBarAddPage:
        return piece(start + slider, length - start - slider);
    case SC_ScrollBarGroove:
        return piece(0, length);
    default:
        return {};
    }
}

QRect Style::subElementRect(SubElement element, const QStyleOption *option, const QWidget *widget) const
{
    if (element != SE_HeaderArrow)
        return QProxyStyle::subElementRect(element, option, widget);
    constexpr int side = 8;
    const QRect rect(option->rect.right() - side - 4, option->rect.center().y() - side / 2, side, side);
    return visualRect(option->direction, option->rect, rect);
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return scrollBarExtent;
    case PM_HeaderMargin:
        return 8;
    case PM_HeaderMarkSize:
        return 8;
    case PM_SplitterWidth:
        return metrics::gap;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_MenuBarPanelWidth:
    case PM_MenuBarVMargin:
        return 0;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size, const QWidget *widget) const
{
    QSize result = QProxyStyle::sizeFromContents(type, option, size, widget);
    if (type == CT_PushButton)
        result = QSize(result.width() + 8, std::max(result.height() + 4, metrics::rowHeight));
    else if (type == CT_ComboBox)
        // Right to left the field is narrower than its longest text by a hair.
        result = QSize(result.width() + metrics::unit, std::max(result.height() + 2, metrics::rowHeight));
    else if (type == CT_LineEdit)
        result.setHeight(std::max(result.height() + 2, metrics::rowHeight));
    else if (type == CT_HeaderSection)
        result.setHeight(std::max(result.height(), metrics::rowHeight));
    return result;
}

int Style::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget, QStyleHintReturn *answer) const
{
    // Nothing moves without news.
    if (hint == SH_Widget_Animation_Duration)
        return 0;
    return QProxyStyle::styleHint(hint, option, widget, answer);
}

}  // namespace cm::ui
