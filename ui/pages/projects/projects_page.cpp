// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/projects/projects_page.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/client/documentation_check.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/projects/deleted_list.h"
#include "ui/pages/projects/project_columns.h"
#include "ui/pages/projects/project_detail_view.h"
#include "ui/shell/project_trends.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QUrl>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr int anyStatus = -1;
constexpr int deletedStatus = -2;

}  // namespace

PageFactory projectsPage()
{
    return {QStringLiteral("projects"), ProjectsPage::tr("Projects"), Section::Moderate, {QStringLiteral("project")}, true, false,
            [](const PageContext &context) { return new ProjectsPage(context); }};
}

ProjectsPage::ProjectsPage(const PageContext &context, QWidget *parent) : ListPage(context, parent)
{
    m_trends = new ProjectTrends(context, this);
    m_model = new Model(ProjectColumns::projects(*m_trends), [](const api::ProjectSummary &row) { return text(row.normalizedName); }, this);
    m_model->setInitialSort(0, Qt::AscendingOrder);
    m_open = new QAction(tr("&Open project"), this);
    m_upload = new QAction(tr("&Upload files"), this);
    setTitle(tr("Projects"));
    setContent(build());
    connectSignals();
}

QWidget *ProjectsPage::build()
{
    m_table = new DataTable(tr("Projects"));
    m_table->setObjectName(QStringLiteral("projects"));
    m_table->setTable(m_model);
    m_table->rememberLayout(context().settings, QStringLiteral("projects/list"));
    m_trends->serve(*m_table, [this](int row) { return m_model->keyAt(row); });
    m_deleted = new DeletedList(context());
    m_lists = new QStackedWidget;
    m_lists->addWidget(m_table);
    m_lists->addWidget(m_deleted);

    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(buildBar());
    column->addWidget(m_lists, 1);

    m_detail = new ProjectDetailView(context());
    m_detail->hide();
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(metrics::gap);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_detail);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_table->addActions(pageActions());
    return m_splitter;
}

QWidget *ProjectsPage::buildBar()
{
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    m_search = new SearchField(tr("Search projects by name"));
    m_status = new QComboBox;
    m_status->addItem(tr("Any status"), anyStatus);
    for (const auto status : {api::ProjectStatus::Active, api::ProjectStatus::Archived, api::ProjectStatus::Deprecated,
                              api::ProjectStatus::Quarantined})
        m_status->addItem(nameFor(status), static_cast<int>(status));
    m_status->addItem(tr("Deleted, restorable"), deletedStatus);
    m_status->setAccessibleName(tr("Status filter"));
    auto *label = new QLabel(tr("Stat&us"));
    label->setBuddy(m_status);
    m_count = new QLabel;
    m_count->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_search);
    row->addPair(label, m_status);
    row->addWidget(m_count);
    return bar;
}

void ProjectsPage::connectSignals()
{
    m_model->setFetch([this](const WindowRequest &window) { fetch(window); });
    connect(m_search, &SearchField::searched, this, &ProjectsPage::filterChanged);
    connect(m_search, &SearchField::leaveDown, this, [this] {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
            m_table->selectRow(0);
    });
    connect(m_status, &QComboBox::currentIndexChanged, this, &ProjectsPage::filterChanged);
    follow(m_model);
    connect(m_model, &LazyWindowModel::totalChanged, this, [this](qint64 total) {
        m_count->setText(tr("%1 projects").arg(formatCount(total)));
    });
    connect(m_table, &DataTable::opened, m_open, &QAction::trigger);
    connect(m_open, &QAction::triggered, this, [this] {
        if (const QString key = m_table->currentKey(); !key.isEmpty())
            context().shell.go({QStringLiteral("project"), key});
    });
    connect(m_upload, &QAction::triggered, this, [this] { context().shell.go({QStringLiteral("upload"), {}}); });
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) {
        m_open->setEnabled(!key.isEmpty());
        // An open detail follows the row, once the keys have come to rest.
        if (m_detail->isVisible() && !key.isEmpty())
            m_followSoon.start();
    });
    m_open->setEnabled(false);
    m_followSoon.setSingleShot(true);
    m_followSoon.setInterval(120);
    connect(&m_followSoon, &QTimer::timeout, this, [this] {
        if (m_detail->isVisible() && m_table->currentKey() != m_detail->project())
            openDetail(m_table->currentKey(), {});
    });
    connect(m_detail, &ProjectDetailView::closeRequested, this, &ProjectsPage::closeDetail);
    connect(m_detail, &ProjectDetailView::changed, this, [this](bool gone) {
        if (gone)
            closeDetail();
        readSoon();
    });
}

void ProjectsPage::fetch(const WindowRequest &window)
{
    api::ListProjects request;
    request.query = m_search->text().trimmed().toStdString();
    if (const int status = m_status->currentData().toInt(); status >= 0)
        request.status = static_cast<api::ProjectStatus>(status);
    request.sort = api::enumNamed<api::ProjectSort>(window.sortKey.toStdString()).value_or(api::ProjectSort::Name);
    request.descending = window.descending;
    request.offset = window.offset;
    request.limit = window.limit;
    whenDone(this, context().client.call(api::endpoints::listProjects, request),
             [this, window](Result<api::Page<api::ProjectSummary>> answer) { m_model->deliver(window, std::move(answer)); });
}

bool ProjectsPage::showsDeleted() const
{
    return m_status->currentData().toInt() == deletedStatus;
}

bool ProjectsPage::isFiltered() const
{
    return !m_search->text().trimmed().isEmpty() || m_status->currentData().toInt() != anyStatus;
}

void ProjectsPage::filterChanged()
{
    m_lists->setCurrentIndex(showsDeleted() ? 1 : 0);
    m_search->setEnabled(!showsDeleted());
    m_count->setVisible(!showsDeleted());
    if (showsDeleted())
        m_deleted->read();
    else
        m_model->reload();
}

void ProjectsPage::onLoaded()
{
    if (m_model->total() == 0 && !isFiltered()) {
        faces()->showEmpty(tr("No projects yet"), tr("Everything that is uploaded to this registry appears here."), m_upload);
        return;
    }
    m_table->setEmptyText(tr("No project matches"));
    if (m_detail->isVisibleTo(m_splitter) && m_table->currentKey().isEmpty())
        m_table->selectKey(m_detail->project());
    faces()->showContent();
}

void ProjectsPage::point(const Route &route)
{
    if (route.page == QLatin1String("project") && !route.subject.isEmpty()) {
        const QStringList parts = route.subject.split(QLatin1Char('/'));
        openDetail(parts.first(), parts.value(1));
        m_table->selectKey(parts.first());
        // Who walks the list stays there. A list in focus would choose its first row while this one is not at hand.
        if (const QWidget *focus = QApplication::focusWidget(); !focus || !isAncestorOf(focus))
            faces()->focusContent(m_detail->takeFocus());
    } else if (!isAsked()) {
        faces()->focusContent(m_search);
    }
}

void ProjectsPage::openDetail(const QString &project, const QString &tab)
{
    if (!m_detail->isVisibleTo(m_splitter)) {
        m_detail->show();
        const int width = std::max(m_splitter->width(), 800);
        m_splitter->setSizes({width * 40 / 100, width * 60 / 100});
        showNarrow(true);
    }
    m_detail->showProject(project, tab);
    setTitle(project);
}

// Beside a detail, the list keeps what tells projects apart.
void ProjectsPage::showNarrow(bool narrow)
{
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const QString key = m_model->columnInfo(column).key;
        const bool needed = key == QLatin1String("name") || key == QLatin1String("status") || key == QLatin1String("latest");
        m_table->setColumnHidden(column, narrow && !needed);
    }
}

void ProjectsPage::closeDetail()
{
    m_detail->hide();
    m_detail->clear();
    showNarrow(false);
    setTitle(tr("Projects"));
    m_table->setFocus();
}

void ProjectsPage::refresh()
{
    ListPage::refresh();
    if (isAsked())
        m_detail->refresh();
}

void ProjectsPage::readBeside()
{
    if (showsDeleted())
        m_deleted->read();
}

bool ProjectsPage::concerns(const api::Event &event) const
{
    const QString kind = text(event.kind);
    return kind.startsWith(QLatin1String("project.")) || kind.startsWith(QLatin1String("release.")) ||
           kind.startsWith(QLatin1String("file.")) || kind.startsWith(QLatin1String("role.")) ||
           kind.startsWith(QLatin1String("documentation."));
}

void ProjectsPage::onEvent(const api::Event &event)
{
    ListPage::onEvent(event);
    if (isAsked() && concerns(event) && m_detail->concerns(text(event.subject)))
        m_detail->refresh();
}

QList<QAction *> ProjectsPage::pageActions() const
{
    QList<QAction *> actions{m_open, m_upload};
    if (m_detail) {
        actions += m_detail->actions();
        actions.append(m_deleted->restoreAction());
    }
    return actions;
}

void ProjectsPage::find()
{
    m_search->setFocus();
    m_search->selectAll();
}

bool ProjectsPage::takeFiles(const QList<QUrl> &files)
{
    if (files.size() != 1 || !m_detail->isVisible() || !isNamedLikeDocumentation(files.first().toLocalFile()))
        return false;
    m_detail->putDocumentation(files.first().toLocalFile());
    return true;
}

bool ProjectsPage::stepBack()
{
    if (!m_detail->isVisible())
        return false;
    closeDetail();
    return true;
}

}  // namespace cm::ui
