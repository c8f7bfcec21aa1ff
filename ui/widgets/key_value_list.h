// SPDX-License-Identifier: GPL-3.0-or-later
// Facts in two columns; values can be selected and copied. set() keeps the rows it finds, so that a
// refresh does not flicker.
#pragma once

#include <QList>
#include <QWidget>

class QGridLayout;
class QLabel;

namespace cm::ui {

class KeyValueList : public QWidget {
    Q_OBJECT
public:
    struct Entry {
        QString key;
        QString value;
        bool identifier = false;
        QString tip;
        friend bool operator==(const Entry &, const Entry &) = default;
    };

    explicit KeyValueList(QWidget *parent = nullptr);
    void set(const QList<Entry> &entries);

private:
    struct Row {
        QLabel *key;
        QLabel *value;
    };
    QGridLayout *m_grid;
    QList<Row> m_rows;
};

}  // namespace cm::ui
