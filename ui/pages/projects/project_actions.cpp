// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/project_actions.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/projects/limits_form.h"
#include "ui/shell/changes.h"
#include "ui/shell/purge_sheet.h"
#include "ui/shell/shell.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QWidget>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

ProjectActions::ProjectActions(const PageContext &context, QWidget *parent)
    : QObject(parent), quarantine(new QAction(this)), lift(new QAction(this)),
      archive(new QAction(tr("&Archive…"), this)), deprecate(new QAction(tr("&Deprecate…"), this)),
      activateAgain(new QAction(tr("Make &active"), this)), limits(new QAction(tr("Size &limits…"), this)),
      remove(new QAction(tr("De&lete project…"), this)), purge(new QAction(tr("P&urge from the CDN…"), this)), copyInstall(new QAction(tr("&Copy install line"), this)),
      m_context(context)
{
    quarantine->setText(tr("&Quarantine…"));
    quarantine->setToolTip(tr("Take the project out of sight of every installer; can be undone"));
    lift->setText(tr("Lift quaran&tine"));
    lift->setToolTip(tr("Show the project to installers again"));
    archive->setToolTip(tr("No more uploads; installers still find it"));
    deprecate->setToolTip(tr("Installers still find it and say that it is deprecated"));
    remove->setToolTip(tr("Can be restored until the retention time has passed"));
    connect(quarantine, &QAction::triggered, this, &ProjectActions::askQuarantine);
    connect(lift, &QAction::triggered, this, &ProjectActions::doLift);
    connect(archive, &QAction::triggered, this, [this] { askStatus(api::ProjectStatus::Archived); });
    connect(deprecate, &QAction::triggered, this, [this] { askStatus(api::ProjectStatus::Deprecated); });
    connect(activateAgain, &QAction::triggered, this, [this] { setStatus(api::ProjectStatus::Active, {}); });
    connect(limits, &QAction::triggered, this, &ProjectActions::askLimits);
    connect(remove, &QAction::triggered, this, &ProjectActions::askDelete);
    connect(purge, &QAction::triggered, this, [this] { PurgeSheet::open(m_context, text(m_project->project.normalizedName)); });
    for (const auto signal : {&Connection::whoChanged, &Connection::stateChanged})
        connect(&m_context.connection, signal, this, &ProjectActions::allowPurge);
    connect(copyInstall, &QAction::triggered, this, [this] {
        const auto &registry = m_context.connection.registry();
        QApplication::clipboard()->setText(
            QStringLiteral("pip install --index-url %1 %2").arg(registry ? text(registry->simpleUrl) : QString(), name()));
    });
    setProject(std::nullopt);
}

QList<QAction *> ProjectActions::all() const
{
    return {quarantine, lift, archive, deprecate, activateAgain, limits, purge, remove, copyInstall};
}

bool ProjectActions::may(const char *endpoint) const
{
    return m_project && std::find(m_project->allowed.begin(), m_project->allowed.end(), endpoint) != m_project->allowed.end();
}

QString ProjectActions::name() const
{
    return m_project ? text(m_project->project.name) : QString();
}

void ProjectActions::setProject(std::optional<api::ProjectDetail> project)
{
    m_project = std::move(project);
    const auto status = m_project ? m_project->project.status : api::ProjectStatus::Active;
    const bool held = status == api::ProjectStatus::Quarantined;
    quarantine->setEnabled(may("quarantine-project") && !held);
    quarantine->setVisible(!held);
    lift->setEnabled(may("lift-quarantine") && held);
    lift->setVisible(held);
    const bool mayStatus = may("set-project-status") && !held;
    archive->setEnabled(mayStatus && status != api::ProjectStatus::Archived);
    deprecate->setEnabled(mayStatus && status != api::ProjectStatus::Deprecated);
    activateAgain->setEnabled(mayStatus && status != api::ProjectStatus::Active);
    limits->setEnabled(may("set-project-limits"));
    remove->setEnabled(may("delete-project"));
    allowPurge();
    copyInstall->setEnabled(m_project.has_value());
}

// A matter of the whole registry's, of which the project's own list of what is allowed says nothing.
void ProjectActions::allowPurge()
{
    PurgeSheet::allow(*purge, m_context.connection);
    purge->setEnabled(purge->isEnabled() && m_project.has_value());
}

void ProjectActions::putQuarantine(const std::string &name, const std::string &reason)
{
    runChange(this, m_context, ep::quarantineProject, {name, reason},
              {tr("%1 is in quarantine").arg(ltr(text(name))), tr("%1 was not quarantined").arg(ltr(text(name)))},
              {nullptr, {}, [this] { Q_EMIT changed(false); }});
}

void ProjectActions::putLift(const std::string &name, const std::string &reason)
{
    const std::string before = m_project && m_project->project.name == name ? m_project->statusReason : std::string();
    QPointer<ProjectActions> self(this);
    runChange(this, m_context, ep::liftQuarantine, {name, reason},
              {tr("%1 is out of quarantine").arg(ltr(text(name))), tr("The quarantine of %1 was not lifted").arg(ltr(text(name)))},
              {nullptr,
               [self, name, before] {
                   if (self)
                       self->putQuarantine(name, before);
               },
               [this] { Q_EMIT changed(false); }});
}

void ProjectActions::askQuarantine()
{
    const std::string project = m_project->project.name;
    auto *sheet = new ActionSheet(tr("Quarantine"), tr("&Quarantine %1").arg(name()));
    sheet->setPlan({tr("Installers no longer find the project; its files answer as missing."),
                    tr("Nobody can upload to it."),
                    tr("Nothing is removed: %n release(s) stay as they are.", nullptr, static_cast<int>(m_project->project.releases))});
    sheet->setGuards({{m_context.connection.isLive() ? Mark::Ok : Mark::Unknown,
                       m_context.connection.isLive() ? tr("The registry answers") : tr("The registry has not answered lately")}});
    sheet->setUndoText(tr("Undo lifts the quarantine, with every side effect."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project] {
        QPointer<ProjectActions> self(this);
        runChange(this, m_context, ep::quarantineProject, {project, sheet->reason().toStdString()},
                  {tr("%1 is in quarantine").arg(ltr(text(project))), {}},
                  {sheet,
                   [self, project] {
                       if (self)
                           self->putLift(project, "undone");
                   },
                   [this] { Q_EMIT changed(false); }});
    });
    m_context.shell.showSheet(sheet);
}

void ProjectActions::doLift()
{
    putLift(m_project->project.name, {});
}

void ProjectActions::askStatus(api::ProjectStatus status)
{
    const bool archiving = status == api::ProjectStatus::Archived;
    auto *sheet = new ActionSheet(archiving ? tr("Archive") : tr("Deprecate"),
                                  archiving ? tr("Arch&ive %1").arg(name()) : tr("&Deprecate %1").arg(name()));
    sheet->setPlan(archiving ? QStringList{tr("Installers still find every release."), tr("No new files are taken.")}
                             : QStringList{tr("Installers still find every release and may say that the project is deprecated."),
                                           tr("Uploads go on.")});
    sheet->setUndoText(tr("Undo brings back the status it has now: %1.").arg(nameFor(m_project->project.status)));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, status, project = m_project->project.name,
                                                   before = m_project->project.status, reasonBefore = m_project->statusReason] {
        QPointer<ProjectActions> self(this);
        runChange(this, m_context, ep::setProjectStatus, {project, status, sheet->reason().toStdString()},
                  {tr("%1 is %2 now").arg(ltr(text(project)), nameFor(status)), {}},
                  {sheet,
                   [self, before, reasonBefore, project] {
                       if (self && self->m_project && self->m_project->project.name == project)
                           self->setStatus(before, reasonBefore);
                   },
                   [this] { Q_EMIT changed(false); }});
    });
    m_context.shell.showSheet(sheet);
}

void ProjectActions::setStatus(api::ProjectStatus status, const std::string &reason)
{
    const std::string project = m_project->project.name;
    const auto before = m_project->project.status;
    const std::string reasonBefore = m_project->statusReason;
    QPointer<ProjectActions> self(this);
    runChange(this, m_context, ep::setProjectStatus, {project, status, reason},
              {tr("%1 is %2 now").arg(ltr(text(project)), nameFor(status)), tr("The status of %1 was not changed").arg(ltr(text(project)))},
              {nullptr,
               [self, project, before, reasonBefore] {
                   if (self && self->m_project && self->m_project->project.name == project)
                       self->setStatus(before, reasonBefore);
               },
               [this] { Q_EMIT changed(false); }});
}

void ProjectActions::askLimits()
{
    const api::ProjectDetail detail = *m_project;
    auto *sheet = new ActionSheet(tr("Size limits"), tr("&Set limits of %1").arg(name()));
    auto *form = new LimitsForm(detail.ownLimits ? std::optional(detail.fileLimit) : std::nullopt,
                                detail.ownLimits ? std::optional(detail.totalLimit) : std::nullopt, sheet);
    sheet->setPlan({tr("In force now: %1 a file, %2 in all%3.")
                        .arg(formatBytes(detail.fileLimit), formatBytes(detail.totalLimit),
                             detail.ownLimits ? QString() : tr(" (the registry's own)"))});
    sheet->addField(tr("&Limit of one file"), form->fileField());
    sheet->addField(tr("Limit of the &whole project"), form->totalField());
    sheet->setUndoText(tr("Undo sets the limits that are in force now."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, form, detail] {
        const std::string project = detail.project.name;
        QPointer<ProjectActions> self(this);
        const api::SetProjectLimits back{project, detail.ownLimits ? std::optional(detail.fileLimit) : std::nullopt,
                                         detail.ownLimits ? std::optional(detail.totalLimit) : std::nullopt, "undone"};
        runChange(this, m_context, ep::setProjectLimits, {project, form->fileLimit(), form->totalLimit(), sheet->reason().toStdString()},
                  {tr("%1 has new size limits").arg(ltr(text(project))), {}},
                  {sheet,
                   [self, back] {
                       if (!self)
                           return;
                       const QString shown = ltr(text(back.project));
                       runChange(self.data(), self->m_context, ep::setProjectLimits, back,
                                 {tr("%1 has its limits back").arg(shown), tr("The limits of %1 were not set back").arg(shown)},
                                 {nullptr, {}, [self] { Q_EMIT self->changed(false); }});
                   },
                   [this] { Q_EMIT changed(false); }});
    });
    m_context.shell.showSheet(sheet);
}

void ProjectActions::askDelete()
{
    const api::ProjectDetail detail = *m_project;
    const auto &registry = m_context.connection.registry();
    auto *sheet = new ActionSheet(tr("Delete project"), tr("&Delete %1").arg(name()));
    sheet->setDangerous(true);
    sheet->setPlan({tr("%n release(s)", nullptr, static_cast<int>(detail.project.releases)) + QLatin1String(", ") +
                        tr("%n file(s), %1, go out of sight at once.", nullptr, static_cast<int>(detail.project.files))
                            .arg(formatBytes(detail.project.totalSize)),
                    tr("File names that were used stay taken.")});
    sheet->setUndoText(registry ? tr("It can be restored for %n day(s), then the bytes are removed for good.", nullptr,
                                     static_cast<int>(registry->retentionDays))
                                : tr("It can be restored until the retention time has passed."));
    sheet->askReason(true);
    sheet->askTyped(name());
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project = detail.project.name] {
        QPointer<ProjectActions> self(this);
        runChange(this, m_context, ep::deleteProject, {project, sheet->typed().toStdString(), sheet->reason().toStdString()},
                  {tr("%1 is deleted").arg(ltr(text(project))), {}},
                  {sheet,
                   [self, project] {
                       if (self)
                           self->restore(project);
                   },
                   [this] { Q_EMIT changed(true); }});
    });
    m_context.shell.showSheet(sheet);
}

void ProjectActions::restore(const std::string &name)
{
    runChange(this, m_context, ep::restoreProject, {name, "undone"},
              {tr("%1 is back").arg(ltr(text(name))), tr("%1 was not restored").arg(ltr(text(name)))},
              {nullptr, {}, [this] { Q_EMIT changed(false); }});
}

}  // namespace cm::ui
