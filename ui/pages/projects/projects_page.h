// SPDX-License-Identifier: GPL-3.0-or-later
// Projects: search over a list of any length, with one project's detail beside it. Routes "projects"
// and "project/NAME", "project/NAME/roles". GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/list_page.h"
#include "ui/shell/page_registry.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;

namespace cm::ui {

class DataTable;
class DeletedList;
class ProjectDetailView;
class ProjectTrends;
class SearchField;

PageFactory projectsPage();

class ProjectsPage : public ListPage {
    Q_OBJECT
public:
    explicit ProjectsPage(const PageContext &context, QWidget *parent = nullptr);

    void refresh() override;
    void onEvent(const api::Event &event) override;
    [[nodiscard]] QList<QAction *> pageActions() const override;
    void find() override;
    bool stepBack() override;
    // An archive of documentation for the project that is open.
    bool takeFiles(const QList<QUrl> &files) override;

protected:
    void point(const Route &route) override;
    void onLoaded() override;
    void readBeside() override;
    [[nodiscard]] bool concerns(const api::Event &event) const override;

private:
    using Model = LazyTableModel<api::ProjectSummary>;

    QWidget *build();
    QWidget *buildBar();
    void connectSignals();
    void fetch(const WindowRequest &window);
    void filterChanged();
    void openDetail(const QString &project, const QString &tab);
    void closeDetail();
    void showNarrow(bool narrow);
    [[nodiscard]] bool showsDeleted() const;
    [[nodiscard]] bool isFiltered() const;

    ProjectTrends *m_trends = nullptr;
    Model *m_model = nullptr;
    DataTable *m_table = nullptr;
    DeletedList *m_deleted = nullptr;
    QStackedWidget *m_lists = nullptr;
    ProjectDetailView *m_detail = nullptr;
    QSplitter *m_splitter = nullptr;
    SearchField *m_search = nullptr;
    QComboBox *m_status = nullptr;
    QLabel *m_count = nullptr;
    QAction *m_open = nullptr;
    QAction *m_upload = nullptr;
    QTimer m_followSoon;
};

}  // namespace cm::ui
