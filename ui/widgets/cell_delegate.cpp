// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/cell_delegate.h"

#include "ui/format/format.h"
#include "ui/models/roles.h"
#include "ui/models/trend.h"
#include "ui/theme/fonts.h"
#include "ui/widgets/state_mark.h"
#include "ui/widgets/trend_line.h"
#include "ui/widgets/wrapped_text.h"

#include <QApplication>
#include <QPainter>
#include <QTableView>

namespace cm::ui {

namespace {

constexpr int side = 8;
constexpr int markSize = 10;
constexpr int mostLines = 2;

void drawPlaceholder(QPainter &painter, const QRect &cell, const Colors &colors, const QModelIndex &index)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(blend(colors.panel, colors.dim, 0.16));
    const int share = 35 + (index.row() * 7 + index.column() * 13) % 40;
    QRect bar(cell.left() + side, cell.center().y() - 4, std::max(8, (cell.width() - 2 * side) * share / 100), 8);
    painter.drawRoundedRect(bar, 4, 4);
}

Mark markAt(const QModelIndex &index)
{
    if (const QVariant verdict = index.data(VerdictRole); verdict.isValid())
        return markOf(static_cast<api::Verdict>(verdict.toInt()));
    const QVariant status = index.data(StatusRole);
    return status.isValid() ? markOf(static_cast<api::ProjectStatus>(status.toInt())) : Mark::None;
}

}  // namespace

void CellDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Colors colors = colorsOf(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    if (selected)
        painter->fillRect(option.rect, option.palette.brush(QPalette::Active, QPalette::Highlight));
    painter->setPen(colors.line);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());

    if (index.data(PlaceholderRole).toBool()) {
        painter->setRenderHint(QPainter::Antialiasing);
        drawPlaceholder(*painter, option.rect, colors, index);
        painter->restore();
        return;
    }

    QRect place = option.rect.adjusted(side, 0, -side, -1);
    if (const Mark state = markAt(index); state != Mark::None) {
        const QRect mark(place.left(), place.center().y() - markSize / 2, markSize, markSize);
        drawMark(*painter, QStyle::visualRect(option.direction, place, mark),
                 state, colors);
        if (option.direction == Qt::RightToLeft)
            place.setRight(place.right() - markSize - 6);
        else
            place.setLeft(place.left() + markSize + 6);
    }
    if (const QVariant trend = index.data(TrendRole); trend.isValid()) {
        const auto drawn = trend.value<Trend>();
        if (!drawn.days.isEmpty()) {
            const QColor color = selected ? readableOn(option.palette.color(QPalette::Active, QPalette::Highlight), colors.series[0], colors.text) : colors.series[0];
            drawTrend(*painter, QRectF(place).adjusted(0, 5, 0, -5), drawn, color);
        } else if (!drawn.words.isEmpty()) {
            painter->setPen(colors.dim);
            painter->drawText(place, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, dash());
        }
        painter->restore();
        return;
    }
    const bool identifier = index.data(IdentifierRole).toBool();
    QFont font = identifier ? fixedFont(option.font) : option.font;
    font.setStrikeOut(index.data(StruckRole).toBool());
    painter->setFont(font);
    const QColor dim = selected ? readableOn(option.palette.color(QPalette::Active, QPalette::Highlight), colors.dim, colors.text)
                                : colors.dim;
    painter->setPen(index.data(DimRole).toBool() ? dim : colors.text);
    const auto alignment = QStyle::visualAlignment(option.direction, index.data(Qt::TextAlignmentRole).value<Qt::Alignment>());
    const QString whole = index.data().toString();
    const auto *table = qobject_cast<const QTableView *>(option.widget);
    // By what it says and not by the window, so that times, sizes and names keep their order.
    painter->setLayoutDirection(whole.isRightToLeft() && !identifier ? Qt::RightToLeft : Qt::LeftToRight);
    if (!identifier && table && table->wordWrap()) {
        const QStringList lines = wrappedLines(whole, font, place.width(), mostLines);
        QRect line(place.left(), place.top() + (place.height() - static_cast<int>(lines.size()) * painter->fontMetrics().height()) / 2, place.width(),
                   painter->fontMetrics().height());
        for (const QString &words : lines) {
            painter->drawText(line, int(alignment) | Qt::TextSingleLine | Qt::AlignAbsolute, words);
            line.translate(0, line.height());
        }
    } else {
        painter->drawText(place, int(alignment) | Qt::TextSingleLine | Qt::AlignAbsolute,
                          painter->fontMetrics().elidedText(whole, identifier ? Qt::ElideMiddle : Qt::ElideRight, place.width()));
    }
    painter->restore();
}

int CellDelegate::linesOf(const QModelIndex &index, const QFont &font, int columnWidth)
{
    if (index.data(IdentifierRole).toBool())
        return 1;
    const int room = columnWidth - 2 * side - (markAt(index) == Mark::None ? 0 : markSize + 6);
    return static_cast<int>(wrappedLines(index.data().toString(), font, room, mostLines).size());
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const QSize hint = QStyledItemDelegate::sizeHint(option, index);
    return {hint.width(), std::max(24, option.fontMetrics.height() + 8)};
}

}  // namespace cm::ui
