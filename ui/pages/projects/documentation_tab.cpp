// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/documentation_tab.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/shell/changes.h"
#include "ui/shell/documentation_job.h"
#include "ui/shell/shell.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/progress_row.h"

#include <QAction>
#include <QComboBox>
#include <QDesktopServices>
#include <QFileDialog>
#include <QLabel>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

QString keyOf(const DocumentationLine &row)
{
    return text(row.version) + (row.removed ? QLatin1Char('/') + QString::number(row.removedAt.time_since_epoch().count()) : QString());
}

DocumentationLine lineOf(const api::DocumentationVersion &version, const std::string &chosen)
{
    DocumentationLine line;
    line.version = version.version;
    line.latest = version.latest;
    line.chosen = version.version == chosen;
    line.files = version.files;
    line.size = version.size;
    line.uploaded = version.uploaded;
    line.uploadedBy = version.uploadedBy;
    line.url = version.url;
    return line;
}

DocumentationLine lineOf(const api::RemovedDocumentation &removed)
{
    DocumentationLine line;
    line.version = removed.version;
    line.removed = true;
    line.replaced = removed.replaced;
    line.files = removed.files;
    line.size = removed.size;
    line.uploaded = removed.uploaded;
    line.uploadedBy = removed.uploadedBy;
    line.removedAt = removed.removed;
    line.purgeAfter = removed.purgeAfter;
    line.actor = removed.actor;
    line.reason = removed.reason;
    return line;
}

}  // namespace

DocumentationTab::DocumentationTab(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_model(new Model(ProjectColumns::documentation(), keyOf, this)),
      m_table(new DataTable(tr("Documentation"), this)), m_faces(new FacesStack(this)), m_where(new QLabel(this)),
      m_progress(new ProgressRow(tr("Upload of documentation"), this)), m_open(new QAction(tr("Open in &browser"), this)),
      m_put(new QAction(tr("&Put documentation…"), this)), m_latest(new QAction(tr("Show as &latest"), this)),
      m_remove(new QAction(tr("Remove docume&ntation…"), this)), m_restore(new QAction(tr("Bring it bac&k"), this))
{
    m_model->setLess(QStringLiteral("files"), [](const auto &a, const auto &b) { return a.files < b.files; });
    m_model->setLess(QStringLiteral("size"), [](const auto &a, const auto &b) { return a.size < b.size; });
    m_model->setLess(QStringLiteral("uploaded"), [](const auto &a, const auto &b) { return a.uploaded < b.uploaded; });
    m_put->setToolTip(tr("A zip archive with index.html at its top; it can be dropped here as well"));
    m_latest->setToolTip(tr("What the address of the latest documentation leads to; otherwise the newest version"));
    build();
    connect(m_table, &DataTable::currentKeyChanged, this, &DocumentationTab::updateActions);
    connect(m_table, &DataTable::opened, m_open, &QAction::trigger);
    connect(m_open, &QAction::triggered, this, [this] {
        if (const auto *row = current(); row && !row->url.empty())
            QDesktopServices::openUrl(QUrl(text(row->url)));
    });
    connect(m_put, &QAction::triggered, this, &DocumentationTab::browse);
    connect(m_latest, &QAction::triggered, this, &DocumentationTab::putLatest);
    connect(m_remove, &QAction::triggered, this, &DocumentationTab::askRemove);
    connect(m_restore, &QAction::triggered, this, [this] {
        if (const auto *row = current())
            putRestore(m_detail.project.name, row->version, {});
    });
    connect(m_progress, &ProgressRow::cancelled, this, [this] {
        if (m_job)
            m_job->cancel();
    });
    updateActions();
}

void DocumentationTab::build()
{
    m_table->setTable(m_model);
    m_table->rememberLayout(m_context.settings, QStringLiteral("projects/documentation"));
    m_table->addActions(actions());
    m_faces->setContent(m_table);
    m_where->setWordWrap(true);
    m_where->setTextFormat(Qt::PlainText);
    m_where->setForegroundRole(QPalette::PlaceholderText);
    m_where->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_progress->hide();
    auto *bar = new QWidget;
    auto *buttons = new FlowLayout(bar);
    for (QAction *action : actions())
        buttons->addWidget(actionButton(action));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_where);
    layout->addWidget(m_faces, 1);
    layout->addWidget(m_progress);
    layout->addWidget(bar);
}

const DocumentationLine *DocumentationTab::current() const
{
    return m_model->rowAt(m_model->rowOf(m_table->currentKey()));
}

bool DocumentationTab::may(const char *endpoint) const
{
    return std::find(m_detail.allowed.begin(), m_detail.allowed.end(), endpoint) != m_detail.allowed.end();
}

bool DocumentationTab::has(const QString &version) const
{
    return std::any_of(m_list.versions.begin(), m_list.versions.end(), [&](const auto &one) { return text(one.version) == version; });
}

void DocumentationTab::setProject(const api::ProjectDetail &detail)
{
    m_detail = detail;
    if (isVisible())
        read();
    else
        m_read.clear();
    updateActions();
}

void DocumentationTab::clear()
{
    m_call.drop();
    m_detail = {};
    m_list = {};
    m_read.clear();
    m_model->setRows({});
    updateActions();
}

void DocumentationTab::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_detail.project.name.empty() && m_read != text(m_detail.project.name))
        read();
}

void DocumentationTab::read()
{
    const QString project = text(m_detail.project.name);
    if (project.isEmpty())
        return;
    if (m_read != project)
        m_faces->showLoading();
    m_call.start(this, m_context.client.call(ep::listDocumentation, {m_detail.project.name}),
                 [this, project](const Result<api::DocumentationList> &answer) {
                     if (!answer) {
                         m_faces->showError(answer.error(), [this] { read(); });
                         return;
                     }
                     m_read = project;
                     fill(*answer);
                 });
}

void DocumentationTab::fill(const api::DocumentationList &list)
{
    m_list = list;
    QList<DocumentationLine> rows;
    for (const auto &version : list.versions)
        rows.append(lineOf(version, list.chosen));
    for (const auto &removed : list.removed)
        rows.append(lineOf(removed));
    m_model->setRows(rows);
    const auto &registry = m_context.connection.registry();
    const bool served = registry && !registry->documentation.url.empty();
    m_where->setText(!list.url.empty() ? tr("Latest: %1").arg(ltr(text(list.url)))
                     : registry && !served ? tr("Kept, but served nowhere: this registry has no address for documentation.")
                                           : QString());
    m_where->setVisible(!m_where->text().isEmpty());
    if (rows.isEmpty())
        m_faces->showEmpty(tr("No documentation"), tr("A zip archive with index.html at its top becomes the pages of a version. Drop one here."));
    else
        m_faces->showContent();
    if (m_table->currentKey().isEmpty() && m_model->rowCount() > 0)
        m_table->selectRow(0);
    updateActions();
}

void DocumentationTab::updateActions()
{
    const DocumentationLine *row = current();
    const bool there = row && !row->removed;
    m_open->setEnabled(there && !row->url.empty());
    m_put->setText(there ? tr("Re&place documentation…") : tr("&Put documentation…"));
    m_put->setEnabled(may("put-documentation") && !m_detail.releases.empty() && (!m_job || !m_job->isBusy()));
    m_latest->setText(there && row->chosen ? tr("Show the newest as &latest") : tr("Show as &latest"));
    m_latest->setEnabled(there && (!row->latest || row->chosen) && may("set-latest-documentation"));
    m_remove->setEnabled(there && may("remove-documentation"));
    m_restore->setEnabled(row && row->removed && may("restore-documentation"));
}

void DocumentationTab::browse()
{
    auto *dialog = new QFileDialog(this, tr("Choose an archive of documentation"), m_lastFolder, tr("Zip archives (*.zip)"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this, dialog](const QString &path) {
        m_lastFolder = dialog->directory().absolutePath();
        put(path);
    });
    dialog->open();
}

void DocumentationTab::put(const QString &path)
{
    const QString project = text(m_detail.project.name);
    auto *sheet = new ActionSheet(tr("Documentation"), tr("&Upload to %1").arg(project));
    auto *job = new DocumentationJob(m_context, path, sheet);
    auto *version = new QComboBox(sheet);
    for (const auto &release : m_detail.releases)
        version->addItem(text(release.version));
    if (const auto *row = current())
        version->setCurrentIndex(std::max(0, version->findText(text(row->version))));
    const auto plan = [this, sheet, version, job] {
        const QString chosen = version->currentText();
        sheet->setPlan({tr("%1 is sent and unpacked by the registry.").arg(ltr(job->filename())),
                        has(chosen) ? tr("It takes the place of the documentation of %1.").arg(ltr(chosen))
                                    : tr("It becomes the documentation of %1.").arg(ltr(chosen))});
        sheet->setUndoText(has(chosen) ? tr("Undo brings back what is there now.") : tr("Undo removes it again."));
    };
    const auto guard = [this, sheet, job] {
        sheet->setGuards({{job->archiveMark(), job->archiveText()},
                          {may("put-documentation") ? Mark::Ok : Mark::Critical,
                           may("put-documentation") ? tr("You may upload to this project") : tr("Only owners and maintainers may")}});
    };
    sheet->addField(tr("Ver&sion"), version);
    plan();
    guard();
    connect(version, &QComboBox::currentTextChanged, sheet, plan);
    connect(job, &DocumentationJob::changed, sheet, guard);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, job, version] {
        const QString chosen = version->currentText();
        job->setParent(this);
        job->disconnect(sheet);
        follow(job, chosen);
        sheet->close();
    });
    m_context.shell.showSheet(sheet);
    job->check();
}

void DocumentationTab::follow(DocumentationJob *job, const QString &version)
{
    m_job = job;
    const std::string project = m_detail.project.name;
    const bool replaces = has(version);
    const auto show = [this, job] {
        m_progress->setVisible(job->state() == DocumentationJob::State::Sending);
        const Upload::Progress progress = job->progress();
        m_progress->setCancellable(true);
        m_progress->setProgress(progress.sent, progress.total, progress.bytesPerSecond, progress.secondsLeft);
        if (progress.total > 0 && progress.sent >= progress.total)
            m_progress->setState(Mark::None, job->statement());
    };
    connect(job, &DocumentationJob::progressed, this, show);
    connect(job, &DocumentationJob::changed, this, [this, job, show, project, version, replaces] {
        show();
        updateActions();
        if (!job->isBusy())
            finished(job, project, version, replaces);
    });
    job->send(text(project), version);
}

void DocumentationTab::finished(DocumentationJob *job, const std::string &project, const QString &version, bool replaces)
{
    const QString shown = ltr(text(project) + QLatin1Char(' ') + version);
    if (job->state() == DocumentationJob::State::Done) {
        QPointer<DocumentationTab> self(this);
        m_context.shell.offerUndo(tr("The documentation of %1 is there").arg(shown), [self, project, replaces, version = version.toStdString()] {
            if (!self)
                return;
            if (replaces)
                self->putRestore(project, version, "undone");
            else
                self->putRemove(project, version);
        });
        Q_EMIT changed();
    } else if (job->error()) {
        const QString said = text(job->error()->detail);
        m_context.shell.notify(Mark::Critical, tr("The documentation of %1 was not taken").arg(shown),
                               said.isEmpty() ? wordsFor(*job->error()).title : said);
    }
    job->deleteLater();
    m_job.clear();
    updateActions();
}

void DocumentationTab::askRemove()
{
    const auto *row = current();
    if (!row || row->removed)
        return;
    const DocumentationLine line = *row;
    const std::string project = m_detail.project.name;
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(line.version));
    auto *sheet = new ActionSheet(tr("Remove documentation"), tr("Re&move it"));
    QStringList plan{tr("%n file(s), %1, of %2 go out of sight at once.", nullptr, static_cast<int>(line.files)).arg(formatBytes(line.size), shown)};
    if (line.latest)
        plan << (m_list.versions.size() > 1 ? tr("The latest documentation becomes that of another version.")
                                            : tr("The project has no documentation then."));
    sheet->setPlan(plan);
    sheet->setUndoText(tr("It can be brought back until the retention time has passed."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, project, line, shown] {
        QPointer<DocumentationTab> self(this);
        runChange(this, m_context, ep::removeDocumentation, {project, line.version, sheet->reason().toStdString()},
                  {tr("The documentation of %1 is removed").arg(shown), {}},
                  {sheet,
                   [self, project, line] {
                       if (self)
                           self->putRestore(project, line.version, "undone");
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DocumentationTab::putRemove(const std::string &project, const std::string &version)
{
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    runChange(this, m_context, ep::removeDocumentation, {project, version, "undone"},
              {tr("The documentation of %1 is removed").arg(shown), tr("The documentation of %1 was not removed").arg(shown)},
              {nullptr, {}, [this] { Q_EMIT changed(); }});
}

void DocumentationTab::putRestore(const std::string &project, const std::string &version, const std::string &reason)
{
    const QString shown = ltr(text(project) + QLatin1Char(' ') + text(version));
    runChange(this, m_context, ep::restoreDocumentation, {project, version, reason},
              {tr("The documentation of %1 is back").arg(shown), tr("The documentation of %1 was not restored").arg(shown)},
              {nullptr, {}, [this] { Q_EMIT changed(); }});
}

void DocumentationTab::putLatest()
{
    const auto *row = current();
    if (!row || row->removed)
        return;
    const std::string project = m_detail.project.name;
    const std::string before = m_list.chosen;
    const std::string wanted = row->chosen ? std::string() : row->version;
    const QString shown = ltr(text(project));
    QPointer<DocumentationTab> self(this);
    const ChangeWords words{wanted.empty() ? tr("Latest is the newest version of %1").arg(shown)
                                           : tr("Latest of %1 is %2").arg(shown, ltr(text(wanted))),
                            tr("The latest documentation of %1 was not changed").arg(shown)};
    const ChangeWords back{tr("The latest documentation of %1 is as before").arg(shown), words.failed};
    runChange(this, m_context, ep::setLatestDocumentation, {project, wanted, {}}, words,
              {nullptr,
               [self, project, before, back] {
                   if (self)
                       runChange(self.data(), self->m_context, ep::setLatestDocumentation, {project, before, "undone"}, back,
                                 {nullptr, {}, [self] { Q_EMIT self->changed(); }});
               },
               [this] { Q_EMIT changed(); }});
}

}  // namespace cm::ui
