// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/releases_tab.h"

#include "core/api/endpoints.h"
#include "ui/format/format.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"

#include <QAction>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

ReleasesTab::ReleasesTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context),
      m_model(new Model(ProjectColumns::releases(), [](const api::ReleaseSummary &row) { return text(row.version); }, this)),
      m_table(new DataTable(tr("Releases"), this)), m_yank(new QAction(tr("&Yank release…"), this)),
      m_unyank(new QAction(tr("Take the &yank back"), this)), m_delete(new QAction(tr("De&lete release…"), this))
{
    m_model->setLess(QStringLiteral("files"), [](const auto &a, const auto &b) { return a.files < b.files; });
    m_model->setLess(QStringLiteral("size"), [](const auto &a, const auto &b) { return a.size < b.size; });
    m_model->setLess(QStringLiteral("created"), [](const auto &a, const auto &b) { return a.created < b.created; });
    m_table->setTable(m_model);
    m_table->rememberLayout(m_context.settings, QStringLiteral("projects/releases"));
    m_table->setEmptyText(tr("No release yet"));
    m_table->addActions(actions());
    m_yank->setToolTip(tr("Installers pass over it unless it is asked for exactly (PEP 592)"));

    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(8);
    for (QAction *action : actions())
        buttons->addWidget(actionButton(action));
    buttons->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_table, 1);
    layout->addLayout(buttons);

    connect(m_table, &DataTable::opened, this, [this] {
        if (const auto *row = current())
            Q_EMIT opened(text(row->version));
    });
    connect(m_table, &DataTable::currentKeyChanged, this, &ReleasesTab::updateActions);
    connect(m_yank, &QAction::triggered, this, &ReleasesTab::askYank);
    connect(m_unyank, &QAction::triggered, this, [this] {
        if (const auto *row = current())
            putUnyank(row->version, row->yankedReason);
    });
    connect(m_delete, &QAction::triggered, this, &ReleasesTab::askDelete);
    updateActions();
}

const api::ReleaseSummary *ReleasesTab::current() const
{
    return m_model->rowAt(m_model->rowOf(m_table->currentKey()));
}

void ReleasesTab::setProject(const api::ProjectDetail &detail)
{
    m_detail = detail;
    m_model->setRows(QList<api::ReleaseSummary>(detail.releases.begin(), detail.releases.end()));
    if (m_table->currentKey().isEmpty() && m_model->rowCount() > 0)
        m_table->selectRow(0);
    updateActions();
}

void ReleasesTab::clear()
{
    setProject({});
}

void ReleasesTab::updateActions()
{
    const auto may = [this](const char *endpoint) {
        return std::find(m_detail.allowed.begin(), m_detail.allowed.end(), endpoint) != m_detail.allowed.end();
    };
    const auto *row = current();
    m_yank->setEnabled(row && !row->yanked && may("yank-release"));
    m_yank->setVisible(!row || !row->yanked);
    m_unyank->setEnabled(row && row->yanked && may("unyank-release"));
    m_unyank->setVisible(row && row->yanked);
    m_delete->setEnabled(row && may("delete-release"));
}

void ReleasesTab::askYank()
{
    const auto *row = current();
    if (!row)
        return;
    const std::string project = m_detail.project.name;
    const std::string version = row->version;
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    auto *sheet = new ActionSheet(tr("Yank"), tr("&Yank %1").arg(text(project) + QLatin1Char(' ') + text(version)));
    sheet->setPlan({tr("Installers pass over this release unless it is asked for exactly."),
                    tr("Its %n file(s) stay where they are.", nullptr, static_cast<int>(row->files)),
                    tr("Installers show the reason to people.")});
    sheet->setUndoText(tr("Undo takes the yank back."));
    sheet->askReason(false);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project, version, shown] {
        QPointer<ReleasesTab> self(this);
        const std::string reason = sheet->reason().toStdString();
        runChange(this, m_context, ep::yankRelease, {project, version, reason}, {tr("%1 is yanked").arg(shown), {}},
                  {sheet,
                   [self, version, reason, project] {
                       if (self && self->m_detail.project.name == project)
                           self->putUnyank(version, reason);
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void ReleasesTab::putYank(const std::string &version, const std::string &reason)
{
    const std::string project = m_detail.project.name;
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    runChange(this, m_context, ep::yankRelease, {project, version, reason},
              {tr("%1 is yanked").arg(shown), tr("%1 was not yanked").arg(shown)}, {nullptr, {}, [this] { Q_EMIT changed(); }});
}

void ReleasesTab::putUnyank(const std::string &version, const std::string &yankedFor)
{
    const std::string project = m_detail.project.name;
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    QPointer<ReleasesTab> self(this);
    runChange(this, m_context, ep::unyankRelease, {project, version, {}},
              {tr("%1 is no longer yanked").arg(shown), tr("The yank of %1 was not taken back").arg(shown)},
              {nullptr,
               [self, project, version, yankedFor] {
                   if (self && self->m_detail.project.name == project)
                       self->putYank(version, yankedFor);
               },
               [this] { Q_EMIT changed(); }});
}

void ReleasesTab::askDelete()
{
    const auto *row = current();
    if (!row)
        return;
    const std::string project = m_detail.project.name;
    const std::string version = row->version;
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    auto *sheet = new ActionSheet(tr("Delete release"), tr("&Delete %1").arg(text(project) + QLatin1Char(' ') + text(version)));
    sheet->setDangerous(true);
    sheet->setPlan({tr("%n file(s), %1, go out of sight at once.", nullptr, static_cast<int>(row->files)).arg(formatBytes(row->size)),
                    tr("Whoever has pinned this version can no longer install it; a yank would let them.")});
    sheet->setUndoText(tr("It can be restored until the retention time has passed."));
    sheet->askReason(true);
    sheet->askTyped(text(version));
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project, version, shown] {
        QPointer<ReleasesTab> self(this);
        runChange(this, m_context, ep::deleteRelease, {project, version, sheet->typed().toStdString(), sheet->reason().toStdString()},
                  {tr("%1 is deleted").arg(shown), {}},
                  {sheet,
                   [self, project, version, shown] {
                       if (self)
                           runChange(self.data(), self->m_context, ep::restoreRelease, {project, version, "undone"},
                                     {tr("%1 is back").arg(shown), tr("%1 was not restored").arg(shown)},
                                     {nullptr, {}, [self] { Q_EMIT self->changed(); }});
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
