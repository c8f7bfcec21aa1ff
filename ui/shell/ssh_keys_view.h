// SPDX-License-Identifier: GPL-3.0-or-later
// Keys for uploads over ssh: of oneself, or for the staff of one person. Pasted or dropped as a .pub file, looked at here
// before they are sent; kept for good, so that expired and revoked ones are there on demand. GUI thread.
#pragma once

#include "core/api/ssh_keys.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;
class QCheckBox;
class QLabel;

namespace cm::ui {

class DataTable;
class FacesStack;

class SshKeysView : public QWidget {
    Q_OBJECT
public:
    explicit SshKeysView(const PageContext &context, QWidget *parent = nullptr);

    // Whose; empty: one's own.
    void setPerson(const QString &name);
    void read();
    [[nodiscard]] QList<QAction *> actions() const { return {m_add, m_change, m_revoke}; }
    // Opens the sheet with what the file says; false when it is not named like a key.
    bool takeFile(const QString &path);

Q_SIGNALS:
    // How many there are that work.
    void counted(int usable);

private:
    using Model = ListTableModel<api::SshKey>;

    static QList<Column<api::SshKey>> columns();
    void connectSignals();
    void show(const api::Page<api::SshKey> &page);
    void updateActions();
    void askAdd(const QString &line);
    void askChange();
    void askRevoke();
    [[nodiscard]] const api::SshKey *current() const;

    PageContext m_context;
    QString m_person;
    LatestCall m_call;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QCheckBox *m_ended;
    QLabel *m_note;
    QAction *m_add;
    QAction *m_change;
    QAction *m_revoke;
};

}  // namespace cm::ui
