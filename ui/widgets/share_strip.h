// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of a whole as one bar, with a line for each part below: its colour and mark, what it is, its figure. The
// words are the accessible text. GUI thread.
#pragma once

#include <QList>
#include <QWidget>

namespace cm::ui {

class FlowLayout;

class ShareStrip : public QWidget {
    Q_OBJECT
public:
    struct Part {
        QString name;
        QString figure;
        double value = 0;
        std::size_t slot = 0;  // of the colours and marks of charts
        bool hatched = false;  // what is not there
    };

    // `name` is what assistive technology calls the bar.
    explicit ShareStrip(const QString &name, QWidget *parent = nullptr);
    // In the order in which they stand; those of no value are named all the same.
    void setParts(const QList<Part> &parts);

private:
    class Bar;
    class Legend;

    QString m_name;
    Bar *m_bar;
    FlowLayout *m_legend;
};

}  // namespace cm::ui
