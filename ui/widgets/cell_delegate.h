// SPDX-License-Identifier: GPL-3.0-or-later
// Draws our item roles: the mark of a state, identifiers left to right in the fixed font elided in
// the middle, dim text, grey bars for rows on their way. One thin line below each row.
#pragma once

#include <QFont>
#include <QStyledItemDelegate>

namespace cm::ui {

class CellDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    // For trees; the rows of tables are all of one height.
    // How many lines the text of a cell takes in a table that wraps: at most two.
    static int linesOf(const QModelIndex &index, const QFont &font, int columnWidth);
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

}  // namespace cm::ui
