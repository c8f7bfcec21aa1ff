// SPDX-License-Identifier: GPL-3.0-or-later
// Documentation of one project's releases: what is there, what can be had back, and what can be done about it.
// Read when it is looked at. GUI thread.
#pragma once

#include "core/api/documentation.h"
#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/pages/projects/documentation_line.h"
#include "ui/shell/page_context.h"

#include <QPointer>
#include <QWidget>

class QAction;
class QLabel;

namespace cm::ui {

class ActionSheet;
class DataTable;
class DocumentationJob;
class FacesStack;
class ProgressRow;

class DocumentationTab : public QWidget {
    Q_OBJECT
public:
    explicit DocumentationTab(const PageContext &context, QWidget *parent = nullptr);

    void setProject(const api::ProjectDetail &detail);
    void clear();
    [[nodiscard]] QList<QAction *> actions() const { return {m_open, m_put, m_latest, m_remove, m_restore}; }
    // Asks for which version an archive is; of a drop.
    void put(const QString &path);

Q_SIGNALS:
    void changed();

protected:
    void showEvent(QShowEvent *event) override;

private:
    using Model = ListTableModel<DocumentationLine>;

    void build();
    void read();
    void fill(const api::DocumentationList &list);
    [[nodiscard]] const DocumentationLine *current() const;
    [[nodiscard]] bool may(const char *endpoint) const;
    [[nodiscard]] bool has(const QString &version) const;
    void updateActions();
    void browse();
    void follow(DocumentationJob *job, const QString &version);
    void finished(DocumentationJob *job, const std::string &project, const QString &version, bool replaces);
    void askRemove();
    void putRemove(const std::string &project, const std::string &version);
    void putRestore(const std::string &project, const std::string &version, const std::string &reason);
    void putLatest();

    PageContext m_context;
    api::ProjectDetail m_detail;
    QString m_read;  // the project that the table shows
    LatestCall m_call;
    api::DocumentationList m_list;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QLabel *m_where;
    ProgressRow *m_progress;
    QPointer<DocumentationJob> m_job;
    QString m_lastFolder;
    QAction *m_open;
    QAction *m_put;
    QAction *m_latest;
    QAction *m_remove;
    QAction *m_restore;
};

}  // namespace cm::ui
