// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/comparison_grid.h"

#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/state_mark.h"

#include <QGridLayout>
#include <QLabel>
#include <QPainter>

namespace cm::ui {

ComparisonGrid::ComparisonGrid(const QString &name, QWidget *parent) : QWidget(parent), m_grid(new QGridLayout(this))
{
    setAccessibleName(name);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(metrics::gap);
    m_grid->setVerticalSpacing(metrics::unit + 2);
}

void ComparisonGrid::resizeTo(qsizetype columns, qsizetype rows)
{
    if (m_heads.size() == columns && m_rows.size() == rows)
        return;
    qDeleteAll(m_heads);
    m_heads.clear();
    for (const Row &row : std::as_const(m_rows)) {
        delete row.name;
        qDeleteAll(row.cells);
    }
    m_rows.clear();
    for (qsizetype column = 0; column < columns; ++column) {
        auto *head = new QLabel(this);
        head->setFont(headingFont(font()));
        head->setTextFormat(Qt::PlainText);
        head->setWordWrap(true);
        m_grid->addWidget(head, 0, static_cast<int>(column) + 1);
        m_grid->setColumnStretch(static_cast<int>(column) + 1, 1);
        m_heads << head;
    }
    for (qsizetype at = 0; at < rows; ++at) {
        Row row{new StateMark(this), {}};
        row.name->setForegroundRole(QPalette::PlaceholderText);
        row.name->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
        m_grid->addWidget(row.name, static_cast<int>(at) + 1, 0, Qt::AlignTop | Qt::AlignLeading);
        for (qsizetype column = 0; column < columns; ++column) {
            auto *cell = new QLabel(this);
            cell->setTextFormat(Qt::PlainText);
            cell->setWordWrap(true);
            cell->setTextInteractionFlags(Qt::TextSelectableByMouse);
            m_grid->addWidget(cell, static_cast<int>(at) + 1, static_cast<int>(column) + 1, Qt::AlignTop);
            row.cells << cell;
        }
        m_rows << row;
    }
    for (int row = 0; row < m_grid->rowCount(); ++row)
        m_grid->setRowStretch(row, 0);
    m_grid->setRowStretch(static_cast<int>(rows) + 1, 1);
}

void ComparisonGrid::set(const QStringList &observers, const QList<Line> &lines)
{
    if (observers == m_observers && lines == m_lines)
        return;
    m_observers = observers;
    m_lines = lines;
    resizeTo(observers.size(), lines.size());
    for (qsizetype column = 0; column < observers.size(); ++column)
        m_heads.at(column)->setText(observers.at(column));
    for (qsizetype at = 0; at < lines.size(); ++at) {
        const Line &line = lines.at(at);
        const Row &row = m_rows.at(at);
        row.name->setState(line.mark, line.name);
        for (qsizetype column = 0; column < row.cells.size(); ++column) {
            const Cell cell = line.cells.value(column);
            QLabel *label = row.cells.at(column);
            QFont font = this->font();
            font.setStrikeOut(cell.struck);
            label->setFont(font);
            label->setText(cell.text);
            label->setToolTip(cell.tip);
            label->setAccessibleName(QStringLiteral("%1, %2: %3").arg(observers.at(column), line.name, cell.text));
        }
    }
    update();
}

void ComparisonGrid::paintEvent(QPaintEvent *)
{
    const Colors colors = colorsOf(palette());
    QPainter painter(this);
    for (qsizetype at = 0; at < m_rows.size(); ++at) {
        QRect cell = m_rows.at(at).name->geometry();
        for (const QLabel *label : m_rows.at(at).cells)
            cell |= label->geometry();
        if (m_lines.at(at).mark != Mark::None) {
            painter.fillRect(QRect(0, cell.top() - 2, width(), cell.height() + 4),
                             blend(colors.panel, markColor(m_lines.at(at).mark, colors), 0.14));
        }
        painter.setPen(colors.line);
        painter.drawLine(0, cell.top() - 3, width(), cell.top() - 3);
    }
}

}  // namespace cm::ui
