// SPDX-License-Identifier: GPL-3.0-or-later
// One person beside the list: who they are, what can be done, their projects, API tokens and keys for ssh. GUI thread.
#pragma once

#include "core/api/people.h"
#include "core/api/ssh_keys.h"
#include "ui/client/when_done.h"
#include "ui/models/lazy_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QLabel;
class QTabWidget;

namespace cm::ui {

class DataTable;
class ElidedLabel;
class FacesStack;
class PersonActions;
class PersonTokens;
class SshKeysView;
class StateMark;

class PersonView : public QWidget {
    Q_OBJECT
public:
    explicit PersonView(const PageContext &context, QWidget *parent = nullptr);

    // `tab` is "projects", "tokens", "keys" or empty.
    void showPerson(const QString &name, const QString &tab);
    void clear();
    void refresh();
    // As soon as there is something to read; returns what has it then.
    QWidget *takeFocus();
    [[nodiscard]] QString person() const { return m_name; }
    [[nodiscard]] QList<QAction *> actions() const;
    [[nodiscard]] PersonActions *personActions() const { return m_actions; }
    bool takeFile(const QString &path);

Q_SIGNALS:
    void closeRequested();
    // Changed from here: the list is to be read again too.
    void changed();

private:
    QWidget *build();
    QWidget *buildHeader();
    QWidget *buildProjects();
    void read(bool again);
    void fill(const api::User &user);
    void readParts(bool again);

    PageContext m_context;
    QString m_name;
    LatestCall m_call;
    PersonActions *m_actions;
    FacesStack *m_faces = nullptr;
    ElidedLabel *m_title = nullptr;
    StateMark *m_state = nullptr;
    QLabel *m_facts = nullptr;
    QTabWidget *m_tabs = nullptr;
    LazyTableModel<api::UserProject> *m_projects = nullptr;
    DataTable *m_projectTable = nullptr;
    FacesStack *m_projectFaces = nullptr;
    PersonTokens *m_tokens = nullptr;
    SshKeysView *m_keys = nullptr;
    QAction *m_close;
    QAction *m_openProject;
};

}  // namespace cm::ui
