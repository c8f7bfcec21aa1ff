// SPDX-License-Identifier: GPL-3.0-or-later
// Who owns and maintains the project; adding and removing people. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;

namespace cm::ui {

class DataTable;

class RolesTab : public QWidget {
    Q_OBJECT
public:
    explicit RolesTab(const PageContext &context, QWidget *parent = nullptr);

    void setProject(const api::ProjectDetail &detail);
    void clear();
    [[nodiscard]] QList<QAction *> actions() const { return {m_add, m_remove}; }

Q_SIGNALS:
    void changed();

private:
    using Model = ListTableModel<api::RoleEntry>;

    void updateActions();
    void askAdd();
    void put(const std::string &project, const api::RoleEntry &entry);
    void take(const std::string &project, const api::RoleEntry &entry, bool withUndo);

    PageContext m_context;
    api::ProjectDetail m_detail;
    Model *m_model;
    DataTable *m_table;
    QAction *m_add;
    QAction *m_remove;
};

}  // namespace cm::ui
