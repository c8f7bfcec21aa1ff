// SPDX-License-Identifier: GPL-3.0-or-later
// What every table model of ours is to a view: columns as data, rows with a key. Sorting asks the
// owner. GUI thread.
#pragma once

#include "ui/models/column.h"

#include <QAbstractTableModel>

namespace cm::ui {

class TableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] virtual const ColumnInfo &columnInfo(int column) const = 0;
    // Empty for a row that is not there yet.
    [[nodiscard]] virtual QString keyAt(int row) const = 0;
    // -1 where the key is not among the rows at hand.
    [[nodiscard]] virtual int rowOf(const QString &key) const = 0;
    // Whether a key that rowOf() does not find is not in the list at all.
    [[nodiscard]] virtual bool isComplete() const = 0;
    [[nodiscard]] int sortColumn() const { return m_sortColumn; }
    [[nodiscard]] Qt::SortOrder sortOrder() const { return m_sortOrder; }
    // The sort key of the column sorted by; empty without one.
    [[nodiscard]] QString sortKey() const;
    // How the table is sorted before anybody has clicked; asks for nothing.
    void setInitialSort(int column, Qt::SortOrder order);

    QVariant headerData(int section, Qt::Orientation orientation, int role) const final;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    // Rows are about to change places under the same keys, and have done so: the view keeps its
    // selection by key.
    void aboutToRefresh();
    void refreshed();

protected:
    virtual void sortChanged() {}
    // The cell of a row at hand, for any role.
    template <class Row>
    static QVariant cell(const Column<Row> &column, const Row &row, int role);
    static QVariant commonCell(const ColumnInfo &info, int role);

private:
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

}  // namespace cm::ui
