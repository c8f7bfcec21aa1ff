// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/deleted_list.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/shell/changes.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"

#include <QAction>
#include <QVBoxLayout>

namespace cm::ui {

namespace ep = api::endpoints;

DeletedList::DeletedList(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_model(new Model(
                                               ProjectColumns::deleted(),
                                               [](const api::DeletedThing &row) {
                                                   return text(row.kind + '/' + row.project + '/' + row.version + '/' + row.filename);
                                               },
                                               this)),
      m_table(new DataTable(tr("Deleted things"), this)), m_faces(new FacesStack(this)), m_restore(new QAction(tr("&Restore"), this))
{
    m_model->setFetch([this](const WindowRequest &window) {
        whenDone(this, m_context.client.call(ep::listDeleted, {window.offset, window.limit}),
                 [this, window](Result<api::Page<api::DeletedThing>> answer) { m_model->deliver(window, std::move(answer)); });
    });
    m_table->setTable(m_model);
    m_table->addAction(m_restore);
    m_restore->setEnabled(false);
    m_faces->setContent(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_faces, 1);
    layout->addWidget(actionButton(m_restore), 0, Qt::AlignLeft);
    connect(m_model, &LazyWindowModel::loaded, this, [this] {
        if (m_model->total() == 0)
            m_faces->showEmpty(tr("Nothing waits to be restored"), tr("What is deleted stays here until its retention time has passed."));
        else
            m_faces->showContent();
    });
    connect(m_model, &LazyWindowModel::failed, this, [this](const Error &error) { m_faces->showError(error, [this] { read(); }); });
    connect(m_table, &DataTable::currentKeyChanged, this,
            [this](const QString &key) { m_restore->setEnabled(!key.isEmpty() && m_context.connection.allows(ep::restoreProject)); });
    connect(m_restore, &QAction::triggered, this, &DeletedList::restore);
}

void DeletedList::focusTable()
{
    m_table->setFocus();
}

void DeletedList::read()
{
    if (m_model->isLoaded()) {
        m_model->refresh();
        return;
    }
    m_faces->showLoading();
    m_model->reload();
}

void DeletedList::restore()
{
    const auto *row = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (!row)
        return;
    const api::DeletedThing thing = *row;
    const ChangeSteps steps{nullptr, {}, [this] { m_model->reload(); }};
    const QString name = ltr(text(thing.kind == "file"                                      ? thing.filename
                                  : thing.kind == "release" || thing.kind == "documentation" ? thing.project + ' ' + thing.version
                                                                                             : thing.project));
    const ChangeWords words{tr("%1 is back").arg(name), tr("%1 was not restored").arg(name)};
    if (thing.kind == "file")
        runChange(this, m_context, ep::restoreFile, {thing.filename, {}}, words, steps);
    else if (thing.kind == "documentation")
        runChange(this, m_context, ep::restoreDocumentation, {thing.project, thing.version, {}},
                  {tr("The documentation of %1 is back").arg(name), tr("The documentation of %1 was not restored").arg(name)}, steps);
    else if (thing.kind == "release")
        runChange(this, m_context, ep::restoreRelease, {thing.project, thing.version, {}}, words, steps);
    else
        runChange(this, m_context, ep::restoreProject, {thing.project, {}}, words, steps);
}

}  // namespace cm::ui
