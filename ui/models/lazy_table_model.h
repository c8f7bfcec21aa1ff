// SPDX-License-Identifier: GPL-3.0-or-later
// A table over a list that lives on a server, of any length: rows are fetched in windows of 256
// when a view asks for them, kept least-recently-used, and shown as placeholders until they come.
// The owner fetches: the model knows no client. GUI thread.
//
//   m_model->setFetch([this](const WindowRequest &window) {
//       whenDone(this, client.call(…window.offset, window.limit…),
//                [this, window](auto answer) { m_model->deliver(window, std::move(answer)); });
//   });
#pragma once

#include "core/base/result.h"
#include "ui/models/lazy_window_model.h"
#include "ui/models/table_model_cell.h"

#include <QHash>

namespace cm::ui {

template <class Row>
class LazyTableModel final : public LazyWindowModel {
public:
    LazyTableModel(QList<Column<Row>> columns, std::function<QString(const Row &)> key, QObject *parent = nullptr)
        : LazyWindowModel(parent), m_columns(std::move(columns)), m_key(std::move(key))
    {
    }

    void deliver(const WindowRequest &request, Result<api::Page<Row>> answer)
    {
        if (!accepts(request))
            return;
        if (!answer) {
            windowFailed(request, std::move(answer.error()));
            return;
        }
        beginDelivery(request);
        QList<Row> rows(std::make_move_iterator(answer->items.begin()), std::make_move_iterator(answer->items.end()));
        const int window = static_cast<int>(request.offset / windowSize);
        const bool same = m_windows.contains(window) && equal(m_windows.value(window), rows);
        m_windows.insert(window, std::move(rows));
        endDelivery(request, answer->total, !same);
    }

    // Null for a row that is not at hand, or is none (-1).
    [[nodiscard]] const Row *rowAt(int row) const
    {
        if (row < 0)
            return nullptr;
        const auto found = m_windows.constFind(row / windowSize);
        if (found == m_windows.constEnd() || row % windowSize >= found->size())
            return nullptr;
        return &(*found)[row % windowSize];
    }

    [[nodiscard]] const ColumnInfo &columnInfo(int column) const override { return m_columns.at(column); }
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
    }
    [[nodiscard]] QString keyAt(int row) const override
    {
        const Row *found = rowAt(row);
        return found ? m_key(*found) : QString();
    }
    [[nodiscard]] int rowOf(const QString &key) const override
    {
        for (auto window = m_windows.cbegin(); window != m_windows.cend(); ++window) {
            for (int i = 0; i < window->size(); ++i) {
                if (m_key(window->at(i)) == key)
                    return window.key() * windowSize + i;
            }
        }
        return -1;
    }

protected:
    [[nodiscard]] QVariant rowData(int row, int column, int role) const override
    {
        const Row *found = rowAt(row);
        if (role == KeyRole)
            return found ? QVariant(m_key(*found)) : QVariant();
        return found ? cell(m_columns.at(column), *found, role) : QVariant();
    }
    [[nodiscard]] bool holds(int window) const override { return m_windows.contains(window); }
    void forget(int window) override { m_windows.remove(window); }
    void forgetAll() override { m_windows.clear(); }

private:
    static bool equal(const QList<Row> &a, const QList<Row> &b)
    {
        if constexpr (requires(const Row &x) { x == x; })
            return a == b;
        else
            return false;
    }

    QList<Column<Row>> m_columns;
    std::function<QString(const Row &)> m_key;
    QHash<int, QList<Row>> m_windows;
};

}  // namespace cm::ui
