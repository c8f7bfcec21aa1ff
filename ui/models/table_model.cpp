// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/table_model.h"

#include "ui/models/roles.h"

namespace cm::ui {

QString TableModel::sortKey() const
{
    return m_sortColumn < 0 || m_sortColumn >= columnCount() ? QString() : columnInfo(m_sortColumn).sortKey;
}

void TableModel::setInitialSort(int column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_sortOrder = order;
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const ColumnInfo &info = columnInfo(section);
    if (role == Qt::DisplayRole)
        return info.header;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (info.figure ? Qt::AlignRight : Qt::AlignLeft)));
    return {};
}

void TableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount() || columnInfo(column).sortKey.isEmpty())
        return;
    if (column == m_sortColumn && order == m_sortOrder)
        return;
    m_sortColumn = column;
    m_sortOrder = order;
    sortChanged();
}

QVariant TableModel::commonCell(const ColumnInfo &info, int role)
{
    switch (role) {
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignVCenter | (info.figure ? Qt::AlignRight : Qt::AlignLeft)));
    case IdentifierRole:
        return info.identifier;
    case DimRole:
        return info.dim;
    default:
        return {};
    }
}

}  // namespace cm::ui
