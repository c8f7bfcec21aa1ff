// SPDX-License-Identifier: GPL-3.0-or-later
// What several observers say of the same things, side by side: one column an observer, one line a
// thing, lines on which they differ marked. A figure that is no longer about now is struck through.
// GUI thread.
#pragma once

#include "ui/theme/marks.h"

#include <QList>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace cm::ui {

class StateMark;

class ComparisonGrid : public QWidget {
    Q_OBJECT
public:
    struct Cell {
        QString text;
        QString tip;
        bool struck = false;
        friend bool operator==(const Cell &, const Cell &) = default;
    };
    struct Line {
        QString name;
        QList<Cell> cells;
        // Warning where the observers do not say the same.
        Mark mark = Mark::None;
        friend bool operator==(const Line &, const Line &) = default;
    };

    explicit ComparisonGrid(const QString &name, QWidget *parent = nullptr);
    // Keeps the widgets it finds, so that a refresh does not flicker.
    void set(const QStringList &observers, const QList<Line> &lines);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void resizeTo(qsizetype columns, qsizetype rows);

    struct Row {
        StateMark *name;
        QList<QLabel *> cells;
    };
    QGridLayout *m_grid;
    QList<QLabel *> m_heads;
    QList<Row> m_rows;
    QStringList m_observers;
    QList<Line> m_lines;
};

}  // namespace cm::ui
