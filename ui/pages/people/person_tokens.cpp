// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/people/person_tokens.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/shell/token_columns.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>
#include <QVBoxLayout>

namespace cm::ui {

namespace ep = api::endpoints;

PersonTokens::PersonTokens(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_table(new DataTable(tr("API tokens of the person"))), m_faces(new FacesStack),
      m_revoke(new QAction(tr("Revoke t&oken…"), this))
{
    m_model = new ListTableModel<api::Token>(tokenColumns(tr("all projects")), [](const api::Token &row) { return QString::number(row.id.value); }, this);
    m_table->setTable(m_model);
    m_table->addActions(actions());
    m_faces->setContent(m_table);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    row->addWidget(actionButton(m_revoke));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    layout->addWidget(m_faces, 1);
    layout->addWidget(foot);
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) { m_revoke->setEnabled(!key.isEmpty()); });
    connect(m_revoke, &QAction::triggered, this, &PersonTokens::askRevoke);
    m_revoke->setEnabled(false);
}

void PersonTokens::setPerson(const QString &name)
{
    if (name == m_person)
        return;
    m_person = name;
    m_call.drop();
    m_model->setRows({});
    m_faces->showLoading();
}

void PersonTokens::read()
{
    const auto &who = m_context.connection.who();
    if (!who || (who->role != api::Role::Admin && text(who->name).compare(m_person, Qt::CaseInsensitive) != 0)) {
        // Not an error: it is not for everybody to see.
        m_table->setEmptyText(tr("Tokens of others are shown to admins"));
        m_model->setRows({});
        m_faces->showContent();
        return;
    }
    m_table->setEmptyText(tr("No token"));
    m_call.start(this, m_context.client.call(ep::listTokens, {m_person.toStdString()}), [this](const Result<api::Page<api::Token>> &answer) {
        if (!answer) {
            m_faces->showError(answer.error(), [this] { read(); });
            return;
        }
        m_model->setRows(QList<api::Token>(answer->items.begin(), answer->items.end()));
        m_faces->showContent();
    });
}

void PersonTokens::askRevoke()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (!row)
        return;
    const QString name = row->description.empty() ? tr("the token") : text(row->description);
    // There is no way back, so it is asked before.
    auto *sheet = new ActionSheet(tr("Revoke a token of %1").arg(m_person), tr("&Revoke %1").arg(name));
    sheet->setDangerous(true);
    sheet->setPlan({tr("Whatever still uses it is refused at once."),
                    row->lastUsed ? tr("It was last used %1.").arg(formatTime(*row->lastUsed)) : tr("It was never used.")});
    sheet->setUndoText(tr("This cannot be undone; %1 can make a new token.").arg(m_person));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, id = row->id, name] {
        runChange(this, m_context, ep::revokeToken, {id}, {tr("%1 is revoked").arg(name), {}}, {sheet, {}, [this] { read(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
