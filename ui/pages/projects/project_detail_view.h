// SPDX-License-Identifier: GPL-3.0-or-later
// One project beside the list: what it is, what can be done to it, and tabs for releases, files,
// documentation, downloads, roles and journal. Follows live events about its project. GUI thread.
#pragma once

#include "core/api/projects.h"
#include "ui/client/when_done.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QLabel;
class QTabWidget;

namespace cm::ui {

class Card;
class DocumentationTab;
class DownloadsTab;
class ElidedLabel;
class FacesStack;
class FilesTab;
class JournalTab;
class ProjectActions;
class ReleasesTab;
class RolesTab;
class StateMark;

class ProjectDetailView : public QWidget {
    Q_OBJECT
public:
    explicit ProjectDetailView(const PageContext &context, QWidget *parent = nullptr);

    // `tab` is "releases", "files", "docs", "downloads", "roles", "journal" or empty.
    void showProject(const QString &project, const QString &tab);
    void clear();
    void refresh();
    // As soon as there is something to read; returns what has it then.
    QWidget *takeFocus();
    [[nodiscard]] QString project() const { return m_name; }
    [[nodiscard]] bool concerns(const QString &subject) const;
    [[nodiscard]] QList<QAction *> actions() const;
    // Asks which version of the project that is shown an archive belongs to.
    void putDocumentation(const QString &path);

Q_SIGNALS:
    void closeRequested();
    // Changed from here: the list is to be read again too. `gone`: it was deleted.
    void changed(bool gone);

private:
    QWidget *build();
    QWidget *buildHeader();
    void read(bool again);
    void fill(const api::ProjectDetail &detail);

    PageContext m_context;
    QString m_name;
    QString m_normalized;
    LatestCall m_call;
    ProjectActions *m_actions;
    FacesStack *m_faces = nullptr;
    ElidedLabel *m_title = nullptr;
    StateMark *m_status = nullptr;
    QLabel *m_summary = nullptr;
    QLabel *m_story = nullptr;
    QLabel *m_facts = nullptr;
    QTabWidget *m_tabs = nullptr;
    ReleasesTab *m_releases = nullptr;
    FilesTab *m_files = nullptr;
    DocumentationTab *m_docs = nullptr;
    RolesTab *m_roles = nullptr;
    JournalTab *m_journal = nullptr;
    DownloadsTab *m_downloads = nullptr;
    QAction *m_close = nullptr;
};

}  // namespace cm::ui
