// SPDX-License-Identifier: GPL-3.0-or-later
// My projects: the projects on which one has a role, their releases with yank, one's API tokens and keys for ssh.
// Route "my-projects". GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/list_page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

namespace cm::ui {

class Card;
class DataTable;
class FacesStack;
class OwnReleases;
class ProjectTrends;
class SshKeysView;
class TokensCard;

PageFactory myProjectsPage();

class MyProjectsPage : public ListPage {
    Q_OBJECT
public:
    explicit MyProjectsPage(const PageContext &context, QWidget *parent = nullptr);

    [[nodiscard]] QList<QAction *> pageActions() const override;
    // A .pub file becomes a key of one's own.
    bool takeFiles(const QList<QUrl> &files) override;

protected:
    void onLoaded() override;
    void readBeside() override;

private:
    using Model = LazyTableModel<api::ProjectSummary>;

    QWidget *build();
    Card *buildProjects();
    Card *buildKeys();
    void connectSignals();

    ProjectTrends *m_trends = nullptr;
    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    FacesStack *m_projectFaces = nullptr;
    Card *m_projectsCard = nullptr;
    QWidget *m_buttons = nullptr;
    OwnReleases *m_releases = nullptr;
    TokensCard *m_tokens = nullptr;
    SshKeysView *m_keys = nullptr;
    QAction *m_open;
    QAction *m_roles;
    QAction *m_upload;
    QTimer m_followSoon;
};

}  // namespace cm::ui
