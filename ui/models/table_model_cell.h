// SPDX-License-Identifier: GPL-3.0-or-later
// The cell of a typed row, for TableModel.
#pragma once

#include "ui/models/roles.h"
#include "ui/models/table_model.h"

namespace cm::ui {

template <class Row>
QVariant TableModel::cell(const Column<Row> &column, const Row &row, int role)
{
    switch (role) {
    case Qt::DisplayRole:
        return column.text(row);
    case Qt::ToolTipRole:
        return column.tip ? QVariant(column.tip(row)) : QVariant();
    case VerdictRole:
        if (column.verdict) {
            if (const auto verdict = column.verdict(row))
                return static_cast<int>(*verdict);
        }
        return {};
    case StatusRole:
        return column.status ? QVariant(static_cast<int>(column.status(row))) : QVariant();
    case TrendRole:
        if (column.trend) {
            // On its way: nothing is drawn yet.
            const auto trend = column.trend(row);
            return trend ? QVariant::fromValue(*trend) : QVariant::fromValue(Trend{{}, {}});
        }
        return {};
    case StruckRole:
        return column.struck && column.struck(row);
    default:
        return commonCell(column, role);
    }
}

}  // namespace cm::ui
