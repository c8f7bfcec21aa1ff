// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a server that have two versions: each with what is told of its copies, to be resolved alone or all at once.
// Hidden where the server tells of none. GUI thread.
#pragma once

#include "core/api/monitoring.h"
#include "ui/models/list_table_model.h"

#include <QWidget>

class QAction;
class QLabel;

namespace cm::ui {

class DataTable;

class SplitFiles : public QWidget {
    Q_OBJECT
public:
    // What the two actions do is the page's.
    SplitFiles(QAction *one, QAction *all, QWidget *parent = nullptr);

    // Whether a fact is shown here.
    static bool isShown(const api::Signal &fact);
    // `old`: nothing is about now.
    void setNode(const api::Node &node, bool old);
    void clear();
    // The chosen file as the volume has it; empty: none.
    [[nodiscard]] std::string chosen() const;
    // Why the chosen one cannot be resolved by its digest; empty: it can, or only a plan knows.
    [[nodiscard]] QString hindrance() const;

Q_SIGNALS:
    void chosenChanged();

private:
    using Files = ListTableModel<api::Signal>;

    void build(QAction *one, QAction *all);
    void showChosen();
    [[nodiscard]] const api::Signal *current() const;

    Files *m_files = nullptr;
    DataTable *m_table = nullptr;
    QLabel *m_unlisted = nullptr;
    QLabel *m_told = nullptr;
    std::string m_node;
    bool m_old = false;
};

}  // namespace cm::ui
