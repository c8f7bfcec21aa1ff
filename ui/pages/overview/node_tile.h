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

}  // namespace cm::ui
