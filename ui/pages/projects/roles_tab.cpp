// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/roles_tab.h"

#include "core/api/endpoints.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

RolesTab::RolesTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context),
      m_model(new Model(ProjectColumns::roles(), [](const api::RoleEntry &row) { return text(row.user); }, this)),
      m_table(new DataTable(tr("Roles"), this)), m_add(new QAction(tr("Add &person…"), this)),
      m_remove(new QAction(tr("Remove ro&le"), this))
{
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("Nobody has a role on this project"));
    m_table->addActions(actions());
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (QAction *action : actions())
        buttons->addWidget(actionButton(action));
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_table, 1);
    layout->addLayout(buttons);
    connect(m_table, &DataTable::currentKeyChanged, this, &RolesTab::updateActions);
    connect(m_add, &QAction::triggered, this, &RolesTab::askAdd);
    connect(m_remove, &QAction::triggered, this, [this] {
        if (const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey())))
            take(m_detail.project.name, *row, true);
    });
    updateActions();
}

void RolesTab::setProject(const api::ProjectDetail &detail)
{
    m_detail = detail;
    m_model->setRows(QList<api::RoleEntry>(detail.roles.begin(), detail.roles.end()));
    updateActions();
}

void RolesTab::clear()
{
    setProject({});
}

void RolesTab::updateActions()
{
    const auto may = [this](const char *endpoint) {
        return std::find(m_detail.allowed.begin(), m_detail.allowed.end(), endpoint) != m_detail.allowed.end();
    };
    m_add->setEnabled(may("set-role"));
    m_remove->setEnabled(!m_table->currentKey().isEmpty() && may("remove-role"));
}

void RolesTab::askAdd()
{
    auto *sheet = new ActionSheet(tr("Add person"), tr("A&dd to %1").arg(text(m_detail.project.name)));
    auto *person = new QLineEdit;
    auto *role = new QComboBox;
    role->addItem(nameFor(api::ProjectRole::Maintainer), static_cast<int>(api::ProjectRole::Maintainer));
    role->addItem(nameFor(api::ProjectRole::Owner), static_cast<int>(api::ProjectRole::Owner));
    sheet->setPlan({tr("Maintainers upload and yank."), tr("Owners also manage roles and delete.")});
    sheet->addField(tr("&Person"), person);
    sheet->addField(tr("&Role"), role);
    sheet->setUndoText(tr("Undo takes the role away again."));
    sheet->askReason(false);
    sheet->setReady(false);
    connect(person, &QLineEdit::textChanged, sheet, [sheet](const QString &name) { sheet->setReady(!name.trimmed().isEmpty()); });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, person, role, project = m_detail.project.name] {
        const api::RoleEntry entry{person->text().trimmed().toStdString(), static_cast<api::ProjectRole>(role->currentData().toInt())};
        QPointer<RolesTab> self(this);
        runChange(this, m_context, ep::setRole, {project, entry.user, entry.role, sheet->reason().toStdString()},
                  {tr("%1 is %2 of %3").arg(ltr(text(entry.user)), nameFor(entry.role), ltr(text(project))), {}},
                  {sheet,
                   [self, project, entry] {
                       if (self)
                           self->take(project, entry, false);
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void RolesTab::put(const std::string &project, const api::RoleEntry &entry)
{
    const QString person = ltr(text(entry.user));
    runChange(this, m_context, ep::setRole, {project, entry.user, entry.role, "undone"},
              {tr("%1 is %2 of %3 again").arg(person, nameFor(entry.role), ltr(text(project))), tr("The role of %1 was not given back").arg(person)},
              {nullptr, {}, [this] { Q_EMIT changed(); }});
}

void RolesTab::take(const std::string &project, const api::RoleEntry &entry, bool withUndo)
{
    const QString person = ltr(text(entry.user));
    QPointer<RolesTab> self(this);
    std::function<void()> undo;
    if (withUndo) {
        undo = [self, project, entry] {
            if (self)
                self->put(project, entry);
        };
    }
    runChange(this, m_context, ep::removeRole, {project, entry.user, {}},
              {tr("%1 has no role on %2 now").arg(person, ltr(text(project))), tr("The role of %1 was not taken away").arg(person)},
              {nullptr, std::move(undo), [this] { Q_EMIT changed(); }});
}

}  // namespace cm::ui
