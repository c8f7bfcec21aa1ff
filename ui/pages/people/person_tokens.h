// SPDX-License-Identifier: GPL-3.0-or-later
// Somebody's API tokens, which an admin may see and revoke; no secret is among what is shown. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"

#include <QWidget>

class QAction;

namespace cm::ui {

class DataTable;
class FacesStack;

class PersonTokens : public QWidget {
    Q_OBJECT
public:
    explicit PersonTokens(const PageContext &context, QWidget *parent = nullptr);

    void setPerson(const QString &name);
    void read();
    [[nodiscard]] QList<QAction *> actions() const { return {m_revoke}; }

private:
    void askRevoke();

    PageContext m_context;
    QString m_person;
    LatestCall m_call;
    ListTableModel<api::Token> *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QAction *m_revoke;
};

}  // namespace cm::ui
