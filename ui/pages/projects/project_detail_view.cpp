// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/project_detail_view.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/projects/documentation_tab.h"
#include "ui/pages/projects/downloads_tab.h"
#include "ui/pages/projects/files_tab.h"
#include "ui/pages/projects/journal_tab.h"
#include "ui/pages/projects/project_actions.h"
#include "ui/pages/projects/releases_tab.h"
#include "ui/pages/projects/roles_tab.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/state_mark.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace cm::ui {

ProjectDetailView::ProjectDetailView(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_actions(new ProjectActions(context, this))
{
    m_close = new QAction(tr("Close &detail"), this);
    connect(m_close, &QAction::triggered, this, &ProjectDetailView::closeRequested);
    connect(m_actions, &ProjectActions::changed, this, [this](bool gone) {
        if (!gone)
            refresh();
        Q_EMIT changed(gone);
    });
    m_faces = new FacesStack(this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_faces);
    m_faces->setContent(build());
}

QWidget *ProjectDetailView::takeFocus()
{
    m_faces->focusContent(m_tabs);
    return m_tabs;
}

QWidget *ProjectDetailView::build()
{
    auto *card = new Card;
    card->setContent([this] {
        auto *inner = new QWidget;
        auto *layout = new QVBoxLayout(inner);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(metrics::gap);
        layout->addWidget(buildHeader());
        m_tabs = new QTabWidget;
        m_tabs->setDocumentMode(true);
        m_tabs->setAccessibleName(tr("Parts of the project"));
        m_releases = new ReleasesTab(m_context, m_tabs);
        m_files = new FilesTab(m_context, m_tabs);
        m_docs = new DocumentationTab(m_context, m_tabs);
        m_downloads = new DownloadsTab(m_context, m_tabs);
        m_roles = new RolesTab(m_context, m_tabs);
        m_journal = new JournalTab(m_context, m_tabs);
        m_tabs->addTab(m_releases, tr("&Releases"));
        m_tabs->addTab(m_files, tr("Fil&es"));
        m_tabs->addTab(m_docs, tr("&Docs"));
        m_tabs->addTab(m_downloads, tr("Do&wnloads"));
        m_tabs->addTab(m_roles, tr("R&oles"));
        m_tabs->addTab(m_journal, tr("&Journal"));
        layout->addWidget(m_tabs, 1);
        return inner;
    }());
    const auto changedHere = [this] {
        refresh();
        Q_EMIT changed(false);
    };
    connect(m_releases, &ReleasesTab::changed, this, changedHere);
    connect(m_files, &FilesTab::changed, this, changedHere);
    connect(m_docs, &DocumentationTab::changed, this, changedHere);
    connect(m_roles, &RolesTab::changed, this, changedHere);
    connect(m_releases, &ReleasesTab::opened, this, [this](const QString &version) {
        m_files->showRelease(version);
        m_tabs->setCurrentWidget(m_files);
    });
    return card;
}

QWidget *ProjectDetailView::buildHeader()
{
    auto *header = new QWidget;
    auto *layout = new QVBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);

    auto *top = new QHBoxLayout;
    m_title = new ElidedLabel({}, ElidedLabel::Kind::Identifier);
    m_title->setFont(titleFont(font()));
    m_status = new StateMark;
    top->addWidget(m_title, 1);
    top->addWidget(m_status);
    top->addWidget(closeDetailButton(m_close));
    layout->addLayout(top);

    m_summary = new QLabel;
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::PlainText);
    m_story = new QLabel;
    m_story->setWordWrap(true);
    m_story->setTextFormat(Qt::PlainText);
    m_facts = new QLabel;
    m_facts->setWordWrap(true);
    m_facts->setTextFormat(Qt::PlainText);
    m_facts->setForegroundRole(QPalette::PlaceholderText);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_summary);
    layout->addWidget(m_story);
    layout->addWidget(m_facts);

    auto *bar = new QWidget;
    auto *buttons = new FlowLayout(bar);
    buttons->addWidget(actionButton(m_actions->quarantine));
    buttons->addWidget(actionButton(m_actions->lift));
    buttons->addWidget(actionButton(m_actions->copyInstall));
    auto *more = new QPushButton(tr("&More"));
    auto *menu = new QMenu(more);
    menu->addActions({m_actions->archive, m_actions->deprecate, m_actions->activateAgain});
    menu->addSeparator();
    menu->addActions({m_actions->limits, m_actions->purge});
    menu->addSeparator();
    menu->addAction(m_actions->remove);
    more->setMenu(menu);
    buttons->addWidget(more);
    layout->addSpacing(4);
    layout->addWidget(bar);
    return header;
}

QList<QAction *> ProjectDetailView::actions() const
{
    QList<QAction *> all = m_actions->all();
    all += m_releases->actions();
    all += m_files->actions();
    all += m_docs->actions();
    all += m_roles->actions();
    all.append(m_close);
    return all;
}

bool ProjectDetailView::concerns(const QString &subject) const
{
    return !m_name.isEmpty() && (subject.contains(m_name, Qt::CaseInsensitive) || subject.contains(m_normalized, Qt::CaseInsensitive));
}

void ProjectDetailView::showProject(const QString &project, const QString &tab)
{
    if (tab == QLatin1String("files"))
        m_tabs->setCurrentWidget(m_files);
    else if (tab == QLatin1String("docs"))
        m_tabs->setCurrentWidget(m_docs);
    else if (tab == QLatin1String("downloads"))
        m_tabs->setCurrentWidget(m_downloads);
    else if (tab == QLatin1String("roles"))
        m_tabs->setCurrentWidget(m_roles);
    else if (tab == QLatin1String("journal"))
        m_tabs->setCurrentWidget(m_journal);
    else if (tab == QLatin1String("releases"))
        m_tabs->setCurrentWidget(m_releases);
    const bool again = project == m_name;
    m_name = project;
    m_normalized = project;
    read(again);
}

void ProjectDetailView::clear()
{
    m_name.clear();
    m_call.drop();
    m_actions->setProject(std::nullopt);
    m_releases->clear();
    m_files->clear();
    m_docs->clear();
    m_downloads->clear();
    m_roles->clear();
    m_journal->clear();
}

void ProjectDetailView::putDocumentation(const QString &path)
{
    m_tabs->setCurrentWidget(m_docs);
    m_docs->put(path);
}

void ProjectDetailView::refresh()
{
    if (!m_name.isEmpty())
        read(true);
}

void ProjectDetailView::read(bool again)
{
    if (!again)
        m_faces->showLoading();
    m_call.start(this, m_context.client.call(api::endpoints::getProject, {m_name.toStdString()}),
                 [this](const Result<api::ProjectDetail> &answer) {
                     if (answer)
                         fill(*answer);
                     else
                         m_faces->showError(answer.error(), [this] { read(false); });
                 });
}

void ProjectDetailView::fill(const api::ProjectDetail &detail)
{
    const api::ProjectSummary &project = detail.project;
    m_normalized = text(project.normalizedName);
    m_title->setText(text(project.name));
    m_status->setState(markOf(project.status), nameFor(project.status));
    m_summary->setText(text(project.summary));
    m_summary->setVisible(!project.summary.empty());

    QStringList story;
    if (detail.statusSince && project.status != api::ProjectStatus::Active) {
        story << tr("%1 since %2 by %3").arg(nameFor(project.status), formatTime(*detail.statusSince),
                                             detail.statusActor.empty() ? dash() : text(detail.statusActor));
    }
    if (!detail.statusReason.empty())
        story << tr("Reason: %1").arg(text(detail.statusReason));
    m_story->setText(story.join(QLatin1Char('\n')));
    m_story->setVisible(!story.isEmpty());
    m_facts->setText(tr("%1 releases · %2 files · %3 · at most %4 a file, %5 in all%6")
                         .arg(formatCount(project.releases), formatCount(project.files), formatBytes(project.totalSize),
                              formatBytes(detail.fileLimit), formatBytes(detail.totalLimit),
                              detail.ownLimits ? tr(" (its own)") : QString()));
    m_tabs->setTabText(0, tr("&Releases %1").arg(formatCount(static_cast<std::int64_t>(detail.releases.size()))));
    m_tabs->setTabText(m_tabs->indexOf(m_roles), tr("R&oles %1").arg(formatCount(static_cast<std::int64_t>(detail.roles.size()))));
    m_actions->setProject(detail);
    m_releases->setProject(detail);
    m_files->setProject(detail);
    m_docs->setProject(detail);
    m_downloads->setProject(text(project.name));
    m_roles->setProject(detail);
    m_journal->setProject(text(project.name));
    m_faces->showContent();
}

}  // namespace cm::ui
