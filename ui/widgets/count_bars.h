// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of a few kinds as bars one below the other, each with its figure and what is to be said of it, such as the
// interval that the count leaves open. A count that nobody knows has a dash and no bar. GUI thread.
#pragma once

#include <QList>
#include <QWidget>

#include <optional>

class QGridLayout;
class QLabel;

namespace cm::ui {

class CountBars : public QWidget {
    Q_OBJECT
public:
    struct Row {
        QString name;
        // Absent: not known.
        std::optional<double> value;
        QString figure;
        QString words;
        std::size_t slot = 0;  // of the colours of charts
        friend bool operator==(const Row &, const Row &) = default;
    };

    explicit CountBars(const QString &name, QWidget *parent = nullptr);
    void setRows(const QList<Row> &rows);

private:
    class Bar;
    struct Line {
        QLabel *name;
        Bar *bar;
        QLabel *figure;
        QLabel *words;
    };

    QGridLayout *m_grid;
    QList<Line> m_lines;
    QList<Row> m_rows;
};

}  // namespace cm::ui
