// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/people/person_view.h"

#include "core/api/endpoints.h"
#include "ui/client/admin_client.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/people/person_actions.h"
#include "ui/pages/people/person_tokens.h"
#include "ui/shell/shell.h"
#include "ui/shell/ssh_keys_view.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/faces.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_mark.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace cm::ui {

namespace ep = api::endpoints;

PersonView::PersonView(const PageContext &context, QWidget *parent)
    : QWidget(parent), m_context(context), m_actions(new PersonActions(context, this)), m_close(new QAction(tr("Close &detail"), this)),
      m_openProject(new QAction(tr("Open &project"), this))
{
    connect(m_close, &QAction::triggered, this, &PersonView::closeRequested);
    connect(m_actions, &PersonActions::changed, this, [this] {
        refresh();
        Q_EMIT changed();
    });
    m_faces = new FacesStack(this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_faces);
    m_faces->setContent(build());
}

QWidget *PersonView::takeFocus()
{
    m_faces->focusContent(m_tabs);
    return m_tabs;
}

QWidget *PersonView::build()
{
    auto *card = new Card;
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(buildHeader());
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Parts of the person"));
    m_tokens = new PersonTokens(m_context);
    m_keys = new SshKeysView(m_context);
    m_keys->layout()->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    m_tabs->addTab(buildProjects(), tr("Pro&jects"));
    m_tabs->addTab(m_tokens, tr("To&kens"));
    m_tabs->addTab(m_keys, tr("Ke&ys for ssh"));
    layout->addWidget(m_tabs, 1);
    card->setContent(inner);
    return card;
}

QWidget *PersonView::buildHeader()
{
    auto *header = new QWidget;
    auto *layout = new QVBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    auto *top = new QHBoxLayout;
    m_title = new ElidedLabel({}, ElidedLabel::Kind::Identifier);
    m_title->setFont(titleFont(font()));
    m_state = new StateMark;
    top->addWidget(m_title, 1);
    top->addWidget(m_state);
    top->addWidget(closeDetailButton(m_close));
    m_facts = wrappedLabel();
    m_facts->setForegroundRole(QPalette::PlaceholderText);
    auto *bar = new QWidget;
    auto *buttons = new FlowLayout(bar);
    for (QAction *action : m_actions->all())
        buttons->addWidget(actionButton(action));
    layout->addLayout(top);
    layout->addWidget(m_facts);
    layout->addSpacing(4);
    layout->addWidget(bar);
    return header;
}

QWidget *PersonView::buildProjects()
{
    using Row = api::UserProject;
    m_projects = new LazyTableModel<Row>(
        {column<Row>({QStringLiteral("project"), tr("Project"), false, true, false, {}, 24, true}, [](const Row &row) { return text(row.project); }),
         column<Row>({QStringLiteral("role"), tr("Role"), false, false, false, {}, 14}, [](const Row &row) { return nameFor(row.role); }),
         column<Row>({QStringLiteral("since"), tr("Since, UTC"), false, false, true, {}, 20}, [](const Row &row) { return formatMinute(row.since); },
                     [](const Row &row) { return timeTip(row.since); })},
        [](const Row &row) { return text(row.project); }, this);
    m_projects->setFetch([this](const WindowRequest &window) {
        whenDone(this, m_context.client.call(ep::listUserProjects, {m_name.toStdString(), window.offset, window.limit}),
                 [this, window](Result<api::Page<Row>> answer) { m_projects->deliver(window, std::move(answer)); });
    });
    m_projectTable = new DataTable(tr("Projects of the person"));
    m_projectTable->setTable(m_projects);
    m_projectTable->setEmptyText(tr("No role on any project"));
    m_projectTable->addAction(m_openProject);
    m_projectFaces = new FacesStack;
    m_projectFaces->setContent(m_projectTable);
    connect(m_projects, &LazyWindowModel::loaded, this, [this] {
        m_projectFaces->showContent();
        m_tabs->setTabText(0, tr("Pro&jects %1").arg(formatCount(m_projects->total())));
    });
    connect(m_projects, &LazyWindowModel::failed, this,
            [this](const Error &error) { m_projectFaces->showError(error, [this] { m_projects->reload(); }); });
    connect(m_projectTable, &DataTable::opened, m_openProject, &QAction::trigger);
    connect(m_projectTable, &DataTable::currentKeyChanged, this, [this](const QString &key) { m_openProject->setEnabled(!key.isEmpty()); });
    connect(m_openProject, &QAction::triggered, this,
            [this] { m_context.shell.go({QStringLiteral("project"), m_projectTable->currentKey()}); });
    m_openProject->setEnabled(false);
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 2 * metrics::unit, 0, 0);
    layout->addWidget(m_projectFaces);
    return page;
}

QList<QAction *> PersonView::actions() const
{
    return m_actions->all() + QList<QAction *>{m_openProject} + m_tokens->actions() + m_keys->actions() + QList<QAction *>{m_close};
}

bool PersonView::takeFile(const QString &path)
{
    return m_keys->takeFile(path);
}

void PersonView::showPerson(const QString &name, const QString &tab)
{
    if (tab == QLatin1String("tokens"))
        m_tabs->setCurrentWidget(m_tokens);
    else if (tab == QLatin1String("keys"))
        m_tabs->setCurrentWidget(m_keys);
    else if (tab == QLatin1String("projects"))
        m_tabs->setCurrentIndex(0);
    const bool again = name == m_name;
    m_name = name;
    read(again);
    readParts(again);
}

void PersonView::clear()
{
    m_name.clear();
    m_call.drop();
    m_actions->setPerson(std::nullopt);
}

void PersonView::refresh()
{
    if (m_name.isEmpty())
        return;
    read(true);
    readParts(true);
}

void PersonView::readParts(bool again)
{
    if (again && m_projects->isLoaded()) {
        m_projects->refresh();
    } else {
        m_projectFaces->showLoading();
        m_projects->reload();
    }
    m_tokens->setPerson(m_name);
    m_tokens->read();
    m_keys->setPerson(m_name);
    m_keys->read();
}

void PersonView::read(bool again)
{
    if (!again)
        m_faces->showLoading();
    api::ListUsers request;
    request.user = m_name.toStdString();
    request.limit = 1;
    m_call.start(this, m_context.client.call(ep::listUsers, request), [this](const Result<api::Page<api::User>> &answer) {
        if (!answer) {
            m_faces->showError(answer.error(), [this] { read(false); });
            return;
        }
        for (const api::User &user : answer->items) {
            if (text(user.name).compare(m_name, Qt::CaseInsensitive) == 0) {
                fill(user);
                return;
            }
        }
        m_faces->showError(Error{ErrorCode::NotFound, "nobody has that name", {}, {}}, [this] { read(false); });
    });
}

void PersonView::fill(const api::User &user)
{
    m_actions->setPerson(user);
    m_title->setText(text(user.name));
    m_state->setState(user.active ? Mark::Ok : Mark::Warning, user.active ? tr("may act") : tr("frozen"));
    QStringList facts{nameFor(user.role), user.email.empty() ? tr("no e-mail") : ltr(text(user.email)),
                      user.hasPassword ? tr("signs in with a password") : tr("no password, tokens only"), tr("added %1").arg(formatTime(user.created))};
    m_facts->setText(facts.join(QStringLiteral(" · ")));
    m_faces->showContent();
}

}  // namespace cm::ui
