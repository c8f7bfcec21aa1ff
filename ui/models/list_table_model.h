// SPDX-License-Identifier: GPL-3.0-or-later
// A table over a list that is all here (releases, files, roles). setRows() merges by key, so that a
// refresh keeps selection and scroll position; a column's sort is done here. GUI thread.
#pragma once

#include "ui/models/table_model_cell.h"

#include <QList>

#include <algorithm>

namespace cm::ui {

template <class Row>
class ListTableModel final : public TableModel {
public:
    using Less = std::function<bool(const Row &, const Row &)>;

    ListTableModel(QList<Column<Row>> columns, std::function<QString(const Row &)> key, QObject *parent = nullptr)
        : TableModel(parent), m_columns(std::move(columns)), m_key(std::move(key))
    {
    }

    // How rows are ordered for a sort key; without one, by the text of the column.
    void setLess(const QString &sortKey, Less less) { m_less.insert(sortKey, std::move(less)); }

    // Which figures of a column are struck through.
    void setStruck(int column, std::function<bool(const Row &)> struck) { m_columns[column].struck = std::move(struck); }

    void setRows(QList<Row> rows)
    {
        Q_EMIT aboutToRefresh();
        m_given = std::move(rows);
        const QList<Row> sorted = sortedRows();
        const int before = static_cast<int>(m_rows.size());
        const int after = static_cast<int>(sorted.size());
        if (after > before)
            beginInsertRows({}, before, after - 1);
        else if (after < before)
            beginRemoveRows({}, after, before - 1);
        m_rows = sorted;
        if (after > before)
            endInsertRows();
        else if (after < before)
            endRemoveRows();
        if (const int common = std::min(before, after); common > 0)
            Q_EMIT dataChanged(index(0, 0), index(common - 1, columnCount() - 1));
        Q_EMIT refreshed();
    }
    [[nodiscard]] const QList<Row> &rows() const { return m_rows; }
    [[nodiscard]] const Row *rowAt(int row) const { return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr; }

    [[nodiscard]] const ColumnInfo &columnInfo(int column) const override { return m_columns.at(column); }
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override
    {
        if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
            return {};
        if (role == KeyRole)
            return m_key(m_rows.at(index.row()));
        return cell(m_columns.at(index.column()), m_rows.at(index.row()), role);
    }
    [[nodiscard]] QString keyAt(int row) const override
    {
        const Row *found = rowAt(row);
        return found ? m_key(*found) : QString();
    }
    [[nodiscard]] int rowOf(const QString &key) const override
    {
        const auto found = std::find_if(m_rows.cbegin(), m_rows.cend(), [&](const Row &row) { return m_key(row) == key; });
        return found == m_rows.cend() ? -1 : static_cast<int>(found - m_rows.cbegin());
    }

    [[nodiscard]] bool isComplete() const override { return true; }

protected:
    void sortChanged() override { setRows(m_given); }

private:
    QList<Row> sortedRows() const
    {
        QList<Row> rows = m_given;
        if (sortKey().isEmpty())
            return rows;
        Less less = m_less.value(sortKey());
        if (!less) {
            const auto &text = m_columns.at(sortColumn()).text;
            less = [text](const Row &a, const Row &b) { return QString::localeAwareCompare(text(a), text(b)) < 0; };
        }
        const bool down = sortOrder() == Qt::DescendingOrder;
        std::stable_sort(rows.begin(), rows.end(), [&](const Row &a, const Row &b) { return down ? less(b, a) : less(a, b); });
        return rows;
    }

    QList<Column<Row>> m_columns;
    std::function<QString(const Row &)> m_key;
    QHash<QString, Less> m_less;
    QList<Row> m_given;
    QList<Row> m_rows;
};

}  // namespace cm::ui
