// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/myprojects/own_releases.h"

#include "core/api/endpoints.h"
#include "ui/format/format.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

OwnReleases::OwnReleases(const PageContext &context, QWidget *parent)
    : Card(tr("Releases"), parent), m_context(context), m_faces(new FacesStack), m_yank(new QAction(tr("&Yank release…"), this)),
      m_unyank(new QAction(tr("Take the &yank back"), this))
{
    using Row = api::ReleaseSummary;
    m_model = new Model({column<Row>({QStringLiteral("version"), tr("Version"), false, true, false, {}, 14}, [](const Row &row) { return text(row.version); }),
                         column<Row>({QStringLiteral("state"), tr("State"), false, false, false, {}, 20, true},
                                     [](const Row &row) {
                                         if (row.yanked)
                                             return row.yankedReason.empty() ? tr("yanked") : tr("yanked: %1").arg(text(row.yankedReason));
                                         return row.prerelease ? tr("pre-release") : QString();
                                     },
                                     [](const Row &row) { return text(row.yankedReason); },
                                     [](const Row &row) { return row.yanked ? std::optional(api::Verdict::Warning) : std::nullopt; }),
                         column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, {}, 7}, [](const Row &row) { return formatCount(row.files); }),
                         column<Row>({QStringLiteral("created"), tr("Created, UTC"), false, false, true, {}, 20},
                                     [](const Row &row) { return formatMinute(row.created); }, [](const Row &row) { return timeTip(row.created); })},
                        [](const Row &row) { return text(row.version); }, this);
    m_table = new DataTable(tr("Releases of the project, newest first"));
    m_table->setTable(m_model);
    m_table->setEmptyText(tr("No project chosen"));
    m_table->addActions(actions());
    m_faces->setContent(m_table);
    m_faces->showContent();
    setContent(m_faces);
    auto *buttons = new QWidget;
    auto *row = new FlowLayout(buttons);
    row->addWidget(actionButton(m_yank));
    row->addWidget(actionButton(m_unyank));
    addRow(buttons);
    connect(m_table, &DataTable::currentKeyChanged, this, &OwnReleases::updateActions);
    connect(m_yank, &QAction::triggered, this, &OwnReleases::askYank);
    connect(m_unyank, &QAction::triggered, this, [this] {
        const auto *release = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
        if (release)
            put(m_project.toStdString(), release->version, release->yankedReason, false, true);
    });
    updateActions();
}

void OwnReleases::showProject(const QString &project)
{
    if (project == m_project)
        return;
    m_project = project;
    // A name as long as it likes must not widen the window.
    const QString shown = fontMetrics().elidedText(project, Qt::ElideMiddle, fontMetrics().averageCharWidth() * 20);
    setTitle(project.isEmpty() ? tr("Releases") : tr("Releases of %1").arg(ltr(shown)));
    m_model->setRows({});
    m_table->setEmptyText(project.isEmpty() ? tr("No project chosen") : tr("No release yet"));
    if (!project.isEmpty())
        m_faces->showLoading();
    refresh();
}

void OwnReleases::refresh()
{
    if (m_project.isEmpty()) {
        m_call.drop();
        m_faces->showContent();
        updateActions();
        return;
    }
    m_call.start(this, m_context.client.call(ep::getProject, {m_project.toStdString()}), [this](const Result<api::ProjectDetail> &answer) {
        if (!answer) {
            m_faces->showError(answer.error(), [this] { refresh(); });
            return;
        }
        m_allowed = answer->allowed;
        m_model->setRows(QList<api::ReleaseSummary>(answer->releases.begin(), answer->releases.end()));
        if (m_table->currentKey().isEmpty() && m_model->rowCount() > 0)
            m_table->selectRow(0);
        m_faces->showContent();
        updateActions();
    });
}

void OwnReleases::updateActions()
{
    const auto may = [this](const char *endpoint) { return std::find(m_allowed.begin(), m_allowed.end(), endpoint) != m_allowed.end(); };
    const auto *release = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    m_yank->setEnabled(release && !release->yanked && may("yank-release"));
    m_yank->setVisible(!release || !release->yanked);
    m_unyank->setEnabled(release && release->yanked && may("unyank-release"));
    m_unyank->setVisible(release && release->yanked);
}

void OwnReleases::askYank()
{
    const auto *release = m_model->rowAt(m_model->rowOf(m_table->currentKey()));
    if (!release)
        return;
    const std::string project = m_project.toStdString();
    const std::string version = release->version;
    const QString name = m_project + QLatin1Char(' ') + text(version);
    auto *sheet = new ActionSheet(tr("Yank"), tr("&Yank %1").arg(name));
    sheet->setPlan({tr("Installers pass over this release unless it is asked for exactly."), tr("Installers show the reason to people.")});
    sheet->setUndoText(tr("Undo takes the yank back."));
    sheet->askReason(false);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project, version, name] {
        QPointer<OwnReleases> self(this);
        const std::string reason = sheet->reason().toStdString();
        runChange(this, m_context, ep::yankRelease, {project, version, reason}, {tr("%1 is yanked").arg(ltr(name)), {}},
                  {sheet,
                   [self, project, version, reason] {
                       if (self)
                           self->put(project, version, reason, false, false);
                   },
                   [this] { refresh(); }});
    });
    m_context.shell.showSheet(sheet);
}

void OwnReleases::put(const std::string &project, const std::string &version, const std::string &reason, bool yank, bool withUndo)
{
    const QString name = ltr(text(project + ' ' + version));
    QPointer<OwnReleases> self(this);
    ChangeSteps steps{nullptr, {}, [this] { refresh(); }};
    if (withUndo) {
        steps.undo = [self, project, version, reason, yank] {
            if (self)
                self->put(project, version, reason, !yank, false);
        };
    }
    if (yank)
        runChange(this, m_context, ep::yankRelease, {project, version, reason}, {tr("%1 is yanked").arg(name), tr("%1 was not yanked").arg(name)}, steps);
    else
        runChange(this, m_context, ep::unyankRelease, {project, version, {}},
                  {tr("%1 is no longer yanked").arg(name), tr("The yank of %1 was not taken back").arg(name)}, steps);
}

}  // namespace cm::ui
