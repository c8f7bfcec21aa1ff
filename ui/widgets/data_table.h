// SPDX-License-Identifier: GPL-3.0-or-later
// The table of every page: fixed row height, sort by header, columns movable and remembered, Enter
// opens, Tab leaves, the context menu holds the page's actions, selection kept by key over every
// refresh. GUI thread.
#pragma once

#include "ui/models/table_model.h"

#include <QTableView>

class QSettings;

namespace cm::ui {

class DataTable : public QTableView {
    Q_OBJECT
public:
    // `name` is what assistive technology calls the table.
    explicit DataTable(const QString &name, QWidget *parent = nullptr);

    // Once. Sets up the columns from the model's.
    void setTable(TableModel *model);
    // As high as its header with so many rows, and with room for the bar of a table that is wider than what it stands in.
    void setRowsHigh(int rows);
    [[nodiscard]] TableModel *table() const { return m_table; }

    // Remembers order and widths of columns under `key`; `settings` may be null.
    void rememberLayout(QSettings *settings, const QString &key);

    // What the person selected, also while its row is not at hand.
    [[nodiscard]] QString currentKey() const { return m_lastKey; }
    [[nodiscard]] QStringList selectedKeys() const;
    // In place of Qt's, which right to left selects nothing before the columns have their places.
    void selectRow(int row);
    // Selects the row if it is at hand.
    bool selectKey(const QString &key);
    // What is shown instead of rows while there are none, such as "No project matches".
    void setEmptyText(const QString &text);
    // A row whose text is longer than its column has a second line. For short lists: every row is measured.
    void wrapRows();

Q_SIGNALS:
    // Enter or double click.
    void opened(const QModelIndex &index);
    // What is on the screen has other rows, the last one perhaps beyond the end.
    void visibleRowsChanged(int first, int last);
    // The row that the page's actions are about has changed; empty: none.
    void currentKeyChanged(const QString &key);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;

private:
    void setUpColumns();
    void tellVisibleRows();
    void keepPlace();
    void restorePlace();
    void restoreCurrent();
    void tellCurrent(const QString &key);
    void layoutStretch();
    void fitRows();
    void saveLayout();

    TableModel *m_table = nullptr;
    QSettings *m_settings = nullptr;
    QString m_layoutKey;
    QString m_emptyText;
    QStringList m_keptSelection;
    QString m_lastKey;
    bool m_restoring = false;
    bool m_refreshing = false;
};

}  // namespace cm::ui
