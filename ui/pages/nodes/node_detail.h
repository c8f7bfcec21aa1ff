// SPDX-License-Identifier: GPL-3.0-or-later
// One node: what is wrong with it and what helps, and each of its signals with value, bounds, source
// and age; its files with two versions, and how it went over time. A value that is no longer about now is struck through, one that nobody can know is a dash.
// GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"

#include <QWidget>

class QAction;
class QLabel;
class QSettings;
class QVBoxLayout;

namespace cm::ui {

class Card;
class ComparisonGrid;
class DataTable;
class NodeTrends;
class SplitFiles;
class StateMark;
struct PageContext;

class NodeDetail : public QWidget {
    Q_OBJECT
public:
    // The actions: to resolve the chosen file with two versions, and all of them.
    NodeDetail(const PageContext &context, QAction *resolveOne, QAction *resolveAll, QWidget *parent = nullptr);

    // `role`: all nodes of its role together; null where there is none. `old`: nothing is about now.
    void setNode(const api::Node &node, const api::RoleState *role, bool old, Time now);
    void clear();
    // What went on over time, where it is some seconds old.
    void readTrends();
    [[nodiscard]] const SplitFiles &splitFiles() const { return *m_split; }

Q_SIGNALS:
    // Another file with two versions.
    void fileChosen();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    using Signals = ListTableModel<api::Signal>;

    void build(QSettings *settings);
    void buildCard();
    void showSides(const api::Node &node);
    void fitHeight();
    void showFindings(const api::Node &node, bool old);

    Card *m_card = nullptr;
    StateMark *m_mark = nullptr;
    QLabel *m_statement = nullptr;
    QLabel *m_role = nullptr;
    QVBoxLayout *m_findings = nullptr;
    ComparisonGrid *m_sides = nullptr;
    SplitFiles *m_split = nullptr;
    NodeTrends *m_trends = nullptr;
    Signals *m_signals = nullptr;
    DataTable *m_table = nullptr;
    QString m_shown;
    Time m_now{};
    bool m_old = false;
};

}  // namespace cm::ui
