// SPDX-License-Identifier: GPL-3.0-or-later
// Releases of one of one's own projects, with yank and its way back. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/card.h"

class QAction;

namespace cm::ui {

class DataTable;
class FacesStack;

class OwnReleases : public Card {
    Q_OBJECT
public:
    explicit OwnReleases(const PageContext &context, QWidget *parent = nullptr);

    // Empty: none.
    void showProject(const QString &project);
    void refresh();
    [[nodiscard]] QList<QAction *> actions() const { return {m_yank, m_unyank}; }

private:
    using Model = ListTableModel<api::ReleaseSummary>;

    void updateActions();
    void askYank();
    void put(const std::string &project, const std::string &version, const std::string &reason, bool yank, bool withUndo);

    PageContext m_context;
    QString m_project;
    std::vector<std::string> m_allowed;
    LatestCall m_call;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QAction *m_yank;
    QAction *m_unyank;
};

}  // namespace cm::ui
