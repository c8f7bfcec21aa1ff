// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/data_table.h"

#include "ui/models/lazy_window_model.h"
#include "ui/models/roles.h"
#include "ui/theme/colors.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/cell_delegate.h"

#include <QAction>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QSettings>

#include <algorithm>

namespace cm::ui {

DataTable::DataTable(const QString &name, QWidget *parent) : QTableView(parent)
{
    setAccessibleName(name);
    setFrameShape(QFrame::NoFrame);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setHorizontalScrollMode(ScrollPerPixel);
    setCornerButtonEnabled(false);
    setItemDelegate(new CellDelegate(this));
    // Before the model: with a million rows the other order costs tens of milliseconds.
    const int rowHeight = std::max(metrics::rowHeight, fontMetrics().height() + 10);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(rowHeight);
    verticalHeader()->setMinimumSectionSize(rowHeight);
    verticalHeader()->hide();
    QHeaderView *header = horizontalHeader();
    header->setSectionsMovable(true);
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionResizeMode(QHeaderView::Interactive);
    header->setMinimumSectionSize(fontMetrics().averageCharWidth() * 5);
    header->setTextElideMode(Qt::ElideRight);
    connect(this, &QTableView::doubleClicked, this, &DataTable::opened);
}

void DataTable::setRowsHigh(int rows)
{
    setFixedHeight((rows + 1) * (verticalHeader()->defaultSectionSize() + 1) + 16);
}

void DataTable::setTable(TableModel *model)
{
    m_table = model;
    setModel(model);
    setUpColumns();
    connect(model, &TableModel::aboutToRefresh, this, &DataTable::keepPlace);
    connect(model, &TableModel::refreshed, this, &DataTable::restorePlace);
    connect(model, &QAbstractItemModel::modelReset, this, [this] { currentChanged({}, {}); });
    connect(horizontalHeader(), &QHeaderView::sectionMoved, this, &DataTable::saveLayout);
    connect(horizontalHeader(), &QHeaderView::sectionResized, this, &DataTable::saveLayout);
}

void DataTable::setUpColumns()
{
    const int character = fontMetrics().averageCharWidth();
    bool sortable = false;
    for (int i = 0; i < m_table->columnCount(); ++i) {
        const ColumnInfo &info = m_table->columnInfo(i);
        const int heading = fontMetrics().horizontalAdvance(info.header) + 28;
        setColumnWidth(i, std::max(heading, character * info.width + 16));
        sortable = sortable || !info.sortKey.isEmpty();
    }
    QHeaderView *header = horizontalHeader();
    if (sortable) {
        header->setSectionsClickable(true);
        header->setSortIndicatorShown(true);
        header->setSortIndicator(m_table->sortColumn(), m_table->sortOrder());
        connect(header, &QHeaderView::sortIndicatorChanged, this, [this, header](int column, Qt::SortOrder order) {
            if (column >= 0 && m_table->columnInfo(column).sortKey.isEmpty()) {
                const QSignalBlocker block(header);
                header->setSortIndicator(m_table->sortColumn(), m_table->sortOrder());
                return;
            }
            m_table->sort(column, order);
        });
    }
    layoutStretch();
}

void DataTable::layoutStretch()
{
    if (!m_table || m_restoring)
        return;
    int taken = 0;
    int stretch = -1;
    for (int i = 0; i < m_table->columnCount(); ++i) {
        if (m_table->columnInfo(i).stretch && stretch < 0)
            stretch = i;
        else
            taken += columnWidth(i);
    }
    if (stretch < 0)
        return;
    const QSignalBlocker block(this);
    m_restoring = true;
    // Never narrower than its heading.
    const int least = std::max(fontMetrics().averageCharWidth() * 14, horizontalHeader()->sectionSizeHint(stretch));
    setColumnWidth(stretch, std::max(viewport()->width() - taken, least));
    m_restoring = false;
    fitRows();
}

void DataTable::wrapRows()
{
    setWordWrap(true);
    connect(m_table, &TableModel::refreshed, this, &DataTable::fitRows);
    connect(m_table, &QAbstractItemModel::modelReset, this, &DataTable::fitRows);
    fitRows();
}

void DataTable::fitRows()
{
    if (!wordWrap() || !m_table)
        return;
    const int one = verticalHeader()->defaultSectionSize();
    for (int row = 0; row < m_table->rowCount(); ++row) {
        int lines = 1;
        for (int column = 0; column < m_table->columnCount(); ++column)
            lines = std::max(lines, CellDelegate::linesOf(m_table->index(row, column), font(), columnWidth(column)));
        if (const int height = one + (lines - 1) * fontMetrics().height(); height != rowHeight(row))
            setRowHeight(row, height);
    }
}

void DataTable::rememberLayout(QSettings *settings, const QString &key)
{
    m_settings = settings;
    m_layoutKey = QStringLiteral("tables/") + key;
    if (!m_settings)
        return;
    // By the columns' names, so that a new version with other columns keeps what still fits.
    m_restoring = true;
    const QStringList remembered = m_settings->value(m_layoutKey).toStringList();
    int visual = 0;
    for (const QString &entry : remembered) {
        const qsizetype colon = entry.lastIndexOf(QLatin1Char(':'));
        for (int i = 0; colon > 0 && i < m_table->columnCount(); ++i) {
            if (m_table->columnInfo(i).key != entry.left(colon))
                continue;
            if (const int width = entry.mid(colon + 1).toInt(); width > 0)
                setColumnWidth(i, width);
            horizontalHeader()->moveSection(horizontalHeader()->visualIndex(i), visual++);
        }
    }
    m_restoring = false;
    layoutStretch();
}

void DataTable::saveLayout()
{
    if (!m_restoring)
        layoutStretch();
    if (m_restoring || !m_settings || !isVisible())
        return;
    QStringList layout;
    for (int visual = 0; visual < m_table->columnCount(); ++visual) {
        const int logical = horizontalHeader()->logicalIndex(visual);
        layout << QStringLiteral("%1:%2").arg(m_table->columnInfo(logical).key).arg(columnWidth(logical));
    }
    m_settings->setValue(m_layoutKey, layout);
}

QStringList DataTable::selectedKeys() const
{
    QStringList keys;
    if (!selectionModel())
        return keys;
    for (const QModelIndex &index : selectionModel()->selectedRows()) {
        if (const QString key = m_table->keyAt(index.row()); !key.isEmpty())
            keys << key;
    }
    return keys;
}

void DataTable::selectRow(int row)
{
    if (!model() || row < 0 || row >= model()->rowCount())
        return;
    selectionModel()->setCurrentIndex(model()->index(row, std::max(0, horizontalHeader()->logicalIndex(0))),
                                      QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

bool DataTable::selectKey(const QString &key)
{
    const int row = m_table ? m_table->rowOf(key) : -1;
    if (row < 0)
        return false;
    setCurrentIndex(m_table->index(row, std::max(0, currentIndex().column())));
    return true;
}

void DataTable::setEmptyText(const QString &text)
{
    m_emptyText = text;
    viewport()->update();
}

void DataTable::keepPlace()
{
    m_keptSelection = selectedKeys();
    // Rows that go take the current one with them; that is not the person's choice.
    m_refreshing = true;
}

void DataTable::restorePlace()
{
    const int scroll = verticalScrollBar()->value();
    restoreCurrent();
    if (m_keptSelection.size() > 1) {
        selectionModel()->clearSelection();
        for (const QString &key : std::as_const(m_keptSelection)) {
            if (const int row = m_table->rowOf(key); row >= 0)
                selectionModel()->select(m_table->index(row, 0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        }
    }
    verticalScrollBar()->setValue(scroll);
    m_refreshing = false;
    tellVisibleRows();
    viewport()->update();
}

void DataTable::restoreCurrent()
{
    const QModelIndex current = currentIndex();
    const QString here = current.isValid() ? m_table->keyAt(current.row()) : QString();
    if (m_lastKey.isEmpty()) {
        // A row selected before it was here.
        tellCurrent(here);
        return;
    }
    if (here == m_lastKey)
        return;
    if (const int row = m_table->rowOf(m_lastKey); row >= 0) {
        selectionModel()->setCurrentIndex(m_table->index(row, std::max(0, current.column())),
                                          QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        return;
    }
    const bool gone = m_table->isComplete();
    // Its place is another's now: nothing is selected, rather than the neighbour. A row that only moved
    // to where nobody has looked yet is selected again when it comes along.
    if (current.isValid() && (gone || !here.isEmpty()))
        selectionModel()->clear();
    if (gone)
        tellCurrent({});
}

void DataTable::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    if (!m_refreshing)
        tellCurrent(m_table && current.isValid() ? m_table->keyAt(current.row()) : QString());
}

void DataTable::tellCurrent(const QString &key)
{
    if (key == m_lastKey)
        return;
    m_lastKey = key;
    Q_EMIT currentKeyChanged(key);
}

void DataTable::tellVisibleRows()
{
    const int first = std::max(0, rowAt(0));
    const int last = first + viewport()->height() / verticalHeader()->defaultSectionSize() + 1;
    if (auto *lazy = qobject_cast<LazyWindowModel *>(m_table))
        lazy->setVisibleRows(first, last);
    Q_EMIT visibleRowsChanged(first, last);
}

void DataTable::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && event->modifiers() == Qt::NoModifier
        && currentIndex().isValid()) {
        Q_EMIT opened(currentIndex());
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        event->ignore();
        return;
    }
    QTableView::keyPressEvent(event);
}

void DataTable::contextMenuEvent(QContextMenuEvent *event)
{
    if (actions().isEmpty())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(actions());
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    menu->popup(byKey ? viewport()->mapToGlobal(visualRect(currentIndex()).bottomLeft()) : event->globalPos());
}

void DataTable::paintEvent(QPaintEvent *event)
{
    QTableView::paintEvent(event);
    if (m_emptyText.isEmpty() || !m_table || m_table->rowCount() > 0)
        return;
    // Nobody has said yet that there is nothing.
    if (const auto *lazy = qobject_cast<LazyWindowModel *>(m_table); lazy && !lazy->isLoaded())
        return;
    QPainter painter(viewport());
    painter.setPen(palette().color(QPalette::PlaceholderText));
    painter.drawText(viewport()->rect(), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
}

void DataTable::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    layoutStretch();
    tellVisibleRows();
}

void DataTable::scrollContentsBy(int dx, int dy)
{
    QTableView::scrollContentsBy(dx, dy);
    tellVisibleRows();
}

}  // namespace cm::ui
