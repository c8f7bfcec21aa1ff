// SPDX-License-Identifier: GPL-3.0-or-later
// One node: its mark and statement, and its signals with value, source and age. A signal that is
// too old is struck through; one that nobody can know is a dash. GUI thread.
#pragma once

#include "core/api/operations.h"
#include "ui/widgets/card.h"

class QGridLayout;
class QLabel;

namespace cm::ui {

class StateMark;

class NodeTile : public Card {
    Q_OBJECT
public:
    explicit NodeTile(QWidget *parent = nullptr);

    void setNode(const api::Node &node, Time now);
    // Ages grow although nothing new was heard.
    void tick(Time now);

private:
    struct Row {
        StateMark *mark;
        QLabel *value;
        QLabel *age;
    };
    Row addRow();

    api::Node m_node;
    StateMark *m_state;
    QLabel *m_statement;
    QLabel *m_about;
    QGridLayout *m_grid;
    QList<Row> m_rows;
};

// "214 MB", "0.4 per second", "98.9 %"; a dash where the value is absent.
QString signalValue(const api::Signal &fact);
// "wal_lag_bytes" as a person says it; the name itself, with blanks, where there are no words.
QString signalName(const std::string &name);

}  // namespace cm::ui
