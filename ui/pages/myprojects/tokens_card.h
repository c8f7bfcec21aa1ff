// SPDX-License-Identifier: GPL-3.0-or-later
// One's API tokens: make one (its secret is shown once), see when it was used, revoke it. The
// secret leaves this window only by being copied. GUI thread.
#pragma once

#include "core/api/people.h"
#include "ui/client/when_done.h"
#include "ui/models/list_table_model.h"
#include "ui/shell/page_context.h"
#include "ui/widgets/card.h"

class QAction;
class QLineEdit;

namespace cm::ui {

class DataTable;
class FacesStack;

class TokensCard : public Card {
    Q_OBJECT
public:
    explicit TokensCard(const PageContext &context, QWidget *parent = nullptr);

    void read();
    [[nodiscard]] QList<QAction *> actions() const { return {m_create, m_revoke}; }

private:
    using Model = ListTableModel<api::Token>;

    QWidget *buildSecret();
    void askCreate();
    void showSecret(const api::NewToken &made);
    void askRevoke();

    PageContext m_context;
    LatestCall m_call;
    Model *m_model;
    DataTable *m_table;
    FacesStack *m_faces;
    QAction *m_create;
    QAction *m_revoke;
    QWidget *m_secretRow = nullptr;
    QLineEdit *m_secret = nullptr;
};

}  // namespace cm::ui
