// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/journal_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"

#include <QVBoxLayout>

namespace cm::ui {

JournalTab::JournalTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context),
      m_model(new Model(ProjectColumns::journal(), [](const api::JournalEntry &row) { return QString::number(row.serial); }, this)),
      m_table(new DataTable(tr("Journal of the project"), this)), m_faces(new FacesStack(this))
{
    m_model->setFetch([this](const WindowRequest &window) {
        api::ListJournal request;
        request.project = m_project.toStdString();
        request.offset = window.offset;
        request.limit = window.limit;
        whenDone(this, m_context.client.call(api::endpoints::listJournal, request),
                 [this, window](Result<api::Page<api::JournalEntry>> answer) { m_model->deliver(window, std::move(answer)); });
    });
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("Nothing has happened yet"));
    m_faces->setContent(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_faces);
    connect(m_model, &LazyWindowModel::loaded, m_faces, &FacesStack::showContent);
    connect(m_model, &LazyWindowModel::failed, this, [this](const Error &error) {
        m_faces->showError(error, [this] { m_model->reload(); });
    });
}

void JournalTab::setProject(const QString &project)
{
    m_project = project;
    if (isVisible())
        read();
    else
        m_read.clear();
}

void JournalTab::clear()
{
    m_project.clear();
    m_read.clear();
}

void JournalTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_project.isEmpty() && m_read != m_project)
        read();
}

void JournalTab::read()
{
    if (m_read == m_project) {
        m_model->refresh();
        return;
    }
    m_read = m_project;
    m_faces->showLoading();
    m_model->reload();
}

}  // namespace cm::ui
