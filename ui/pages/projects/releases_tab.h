// SPDX-License-Identifier: GPL-3.0-or-later
// Releases of one project, with yank, delete and their ways back. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;

namespace cm::ui {

class DataTable;

class ReleasesTab : public QWidget {
    Q_OBJECT
public:
    explicit ReleasesTab(const PageContext &context, QWidget *parent = nullptr);

    void setProject(const api::ProjectDetail &detail);
    void clear();
    [[nodiscard]] QList<QAction *> actions() const { return {m_yank, m_unyank, m_delete}; }

Q_SIGNALS:
    void opened(const QString &version);
    void changed();

private:
    using Model = ListTableModel<api::ReleaseSummary>;

    [[nodiscard]] const api::ReleaseSummary *current() const;
    void updateActions();
    void askYank();
    void putYank(const std::string &version, const std::string &reason);
    void putUnyank(const std::string &version, const std::string &yankedFor);
    void askDelete();

    PageContext m_context;
    api::ProjectDetail m_detail;
    Model *m_model;
    DataTable *m_table;
    QAction *m_yank;
    QAction *m_unyank;
    QAction *m_delete;
};

}  // namespace cm::ui
