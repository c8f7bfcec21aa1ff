// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/myprojects/my_projects_page.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/myprojects/own_releases.h"
#include "ui/pages/myprojects/tokens_card.h"
#include "ui/shell/project_trends.h"
#include "ui/shell/shell.h"
#include "ui/shell/ssh_keys_view.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"

#include <QAction>
#include <QGridLayout>
#include <QUrl>

namespace cm::ui {

PageFactory myProjectsPage()
{
    return {QStringLiteral("my-projects"), MyProjectsPage::tr("My projects"), Section::Publish, {}, true, false,
            [](const PageContext &context) { return new MyProjectsPage(context); }};
}

MyProjectsPage::MyProjectsPage(const PageContext &context, QWidget *parent)
    : ListPage(context, parent), m_open(new QAction(tr("&Open project"), this)), m_roles(new QAction(tr("People and &roles"), this)),
      m_upload(new QAction(tr("&Upload files"), this))
{
    using Row = api::ProjectSummary;
    m_trends = new ProjectTrends(context, this);
    m_model = new Model(
        {column<Row>({QStringLiteral("name"), tr("Project"), false, true, false, QStringLiteral("name"), 20, true}, [](const Row &row) { return text(row.name); },
                     [](const Row &row) { return text(row.summary); }),
         statusColumn<Row>({QStringLiteral("status"), tr("Status"), false, false, false, {}, 16},
                           [](const Row &row) { return nameFor(row.status); }, [](const Row &row) { return row.status; }),
         column<Row>({QStringLiteral("latest"), tr("Latest"), false, true, false, {}, 11},
                     [](const Row &row) { return row.latestVersion.empty() ? dash() : text(row.latestVersion); }),
         column<Row>({QStringLiteral("files"), tr("Files"), true, false, false, QStringLiteral("files"), 8}, [](const Row &row) { return formatCount(row.files); }),
         column<Row>({QStringLiteral("size"), tr("Size"), true, false, false, QStringLiteral("size"), 10}, [](const Row &row) { return formatBytes(row.totalSize); }),
         trendColumn<Row>({QStringLiteral("trend"), tr("Downloads, 30 d"), false, false, false, {}, 15}, [](const Row &row) { return text(row.normalizedName); },
                          *m_trends)},
        [](const Row &row) { return text(row.normalizedName); }, this);
    m_model->setInitialSort(0, Qt::AscendingOrder);
    setTitle(tr("My projects"));
    setContent(build());
    connectSignals();
}

QWidget *MyProjectsPage::build()
{
    auto *content = new QWidget;
    auto *layout = new QGridLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    m_releases = new OwnReleases(context());
    m_tokens = new TokensCard(context());
    layout->addWidget(buildProjects(), 0, 0);
    layout->addWidget(m_releases, 0, 1);
    layout->addWidget(m_tokens, 1, 0);
    layout->addWidget(buildKeys(), 1, 1);
    for (const int place : {0, 1}) {
        layout->setColumnStretch(place, 1);
        layout->setRowStretch(place, 1);
    }
    return content;
}

Card *MyProjectsPage::buildKeys()
{
    auto *card = new Card(tr("Keys for ssh"));
    m_keys = new SshKeysView(context());
    card->setContent(m_keys);
    connect(m_keys, &SshKeysView::counted, card, [card](int usable) { card->setNote(tr("%n key(s)", nullptr, usable)); });
    return card;
}

Card *MyProjectsPage::buildProjects()
{
    m_table = new DataTable(tr("My projects"));
    m_table->setTable(m_model);
    m_table->rememberLayout(context().settings, QStringLiteral("my-projects/list"));
    m_trends->serve(*m_table, [this](int row) { return m_model->keyAt(row); });
    m_table->addActions({m_open, m_roles, m_upload});
    m_projectFaces = new FacesStack;
    m_projectFaces->setContent(m_table);
    m_projectsCard = new Card(tr("Projects"));
    m_projectsCard->setContent(m_projectFaces);
    m_buttons = new QWidget;
    auto *row = new FlowLayout(m_buttons);
    for (QAction *action : {m_open, m_roles, m_upload})
        row->addWidget(actionButton(action));
    m_projectsCard->addRow(m_buttons);
    return m_projectsCard;
}

void MyProjectsPage::connectSignals()
{
    m_model->setFetch([this](const WindowRequest &window) {
        api::ListProjects request;
        request.mine = true;
        request.sort = api::enumNamed<api::ProjectSort>(window.sortKey.toStdString()).value_or(api::ProjectSort::Name);
        request.descending = window.descending;
        request.offset = window.offset;
        request.limit = window.limit;
        whenDone(this, context().client.call(api::endpoints::listProjects, request),
                 [this, window](Result<api::Page<api::ProjectSummary>> answer) { m_model->deliver(window, std::move(answer)); });
    });
    follow(m_model);
    m_followSoon.setSingleShot(true);
    m_followSoon.setInterval(100);
    connect(&m_followSoon, &QTimer::timeout, this, [this] { m_releases->showProject(m_table->currentKey()); });
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) {
        m_open->setEnabled(!key.isEmpty());
        m_roles->setEnabled(!key.isEmpty());
        m_followSoon.start();
    });
    connect(m_table, &DataTable::opened, m_open, &QAction::trigger);
    connect(m_open, &QAction::triggered, this, [this] { context().shell.go({QStringLiteral("project"), m_table->currentKey()}); });
    connect(m_roles, &QAction::triggered, this,
            [this] { context().shell.go({QStringLiteral("project"), m_table->currentKey() + QStringLiteral("/roles")}); });
    connect(m_upload, &QAction::triggered, this, [this] { context().shell.go({QStringLiteral("upload"), {}}); });
    m_open->setEnabled(false);
    m_roles->setEnabled(false);
}

void MyProjectsPage::onLoaded()
{
    faces()->showContent();
    m_projectsCard->setNote(tr("%1 of yours").arg(formatCount(m_model->total())));
    // Without a project the first step stands where the list would be.
    m_buttons->setVisible(m_model->total() > 0);
    if (m_model->total() == 0) {
        m_projectFaces->showEmpty(tr("No project of yours yet"), tr("Upload a first file; you become the owner of the project it creates."), m_upload);
        return;
    }
    m_projectFaces->showContent();
    if (!m_table->currentIndex().isValid())
        m_table->selectRow(0);
}

void MyProjectsPage::readBeside()
{
    // Before the list came nobody has chosen a project.
    if (m_model->isLoaded())
        m_releases->refresh();
    m_tokens->read();
    m_keys->read();
}

bool MyProjectsPage::takeFiles(const QList<QUrl> &files)
{
    return files.size() == 1 && m_keys->takeFile(files.first().toLocalFile());
}

QList<QAction *> MyProjectsPage::pageActions() const
{
    return QList<QAction *>{m_open, m_roles, m_upload} + m_releases->actions() + m_tokens->actions() + m_keys->actions();
}

}  // namespace cm::ui
