// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/people/people_page.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/format.h"
#include "ui/format/names.h"
#include "ui/pages/people/person_actions.h"
#include "ui/pages/people/person_view.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/search_field.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QSplitter>
#include <QUrl>
#include <QVBoxLayout>

namespace cm::ui {

namespace {

constexpr int anything = -1;

}  // namespace

PageFactory peoplePage()
{
    return {QStringLiteral("people"), PeoplePage::tr("Users & names"), Section::Moderate, {QStringLiteral("person")}, true, false,
            [](const PageContext &context) { return new PeoplePage(context); }};
}

PeoplePage::PeoplePage(const PageContext &context, QWidget *parent)
    : ListPage(context, parent), m_open(new QAction(tr("&Open person"), this)), m_add(new QAction(tr("Add perso&n…"), this))
{
    m_model = new Model(columns(), [](const api::User &row) { return text(row.name); }, this);
    m_model->setInitialSort(0, Qt::AscendingOrder);
    setTitle(tr("Users & names"));
    setContent(build());
    connectSignals();
}

QList<Column<api::User>> PeoplePage::columns()
{
    using Row = api::User;
    return {column<Row>({QStringLiteral("name"), tr("Name"), false, true, false, QStringLiteral("name"), 18, true}, [](const Row &row) { return text(row.name); }),
            column<Row>({QStringLiteral("role"), tr("Role"), false, false, false, QStringLiteral("role"), 12}, [](const Row &row) { return nameFor(row.role); }),
            column<Row>({QStringLiteral("state"), tr("State"), false, false, false, {}, 14},
                        [](const Row &row) { return row.active ? tr("may act") : tr("frozen"); }, {},
                        [](const Row &row) { return row.active ? std::nullopt : std::optional(api::Verdict::Warning); }),
            column<Row>({QStringLiteral("email"), tr("E-mail"), false, true, false, {}, 26}, [](const Row &row) { return row.email.empty() ? dash() : text(row.email); }),
            column<Row>({QStringLiteral("projects"), tr("Projects"), true, false, false, {}, 9}, [](const Row &row) { return formatCount(row.projects); }),
            column<Row>({QStringLiteral("created"), tr("Added, UTC"), false, false, true, QStringLiteral("created"), 20},
                        [](const Row &row) { return formatMinute(row.created); }, [](const Row &row) { return timeTip(row.created); })};
}

QWidget *PeoplePage::build()
{
    m_table = new DataTable(tr("People"));
    m_table->setObjectName(QStringLiteral("people"));
    m_table->setTable(m_model);
    m_table->rememberLayout(context().settings, QStringLiteral("people/list"));
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(buildBar());
    column->addWidget(m_table, 1);
    m_person = new PersonView(context());
    m_person->hide();
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(metrics::gap);
    m_splitter->addWidget(left);
    m_splitter->addWidget(m_person);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_table->addActions(pageActions());
    return m_splitter;
}

QWidget *PeoplePage::buildBar()
{
    auto *bar = new QWidget;
    auto *row = new FlowLayout(bar);
    m_search = new SearchField(tr("Search by name or address"));
    m_role = new QComboBox;
    m_role->addItem(tr("Any role"), anything);
    for (const auto role : {api::Role::Admin, api::Role::Operator, api::Role::Moderator, api::Role::Observer, api::Role::User})
        m_role->addItem(nameFor(role), static_cast<int>(role));
    m_role->setAccessibleName(tr("Role filter"));
    m_state = new QComboBox;
    m_state->addItem(tr("Any state"), anything);
    m_state->addItem(tr("May act"), 1);
    m_state->addItem(tr("Frozen"), 0);
    m_state->setAccessibleName(tr("State filter"));
    auto *roleLabel = new QLabel(tr("Ro&le"));
    roleLabel->setBuddy(m_role);
    auto *stateLabel = new QLabel(tr("S&tate"));
    stateLabel->setBuddy(m_state);
    m_count = new QLabel;
    m_count->setForegroundRole(QPalette::PlaceholderText);
    row->addWidget(m_search);
    row->addPair(roleLabel, m_role);
    row->addPair(stateLabel, m_state);
    row->addWidget(m_count);
    row->push();
    row->addWidget(actionButton(m_add));
    return bar;
}

void PeoplePage::connectSignals()
{
    m_model->setFetch([this](const WindowRequest &window) { fetch(window); });
    const auto reload = [this] { m_model->reload(); };
    connect(m_search, &SearchField::searched, this, reload);
    connect(m_role, &QComboBox::currentIndexChanged, this, reload);
    connect(m_state, &QComboBox::currentIndexChanged, this, reload);
    connect(m_search, &SearchField::leaveDown, this, [this] {
        m_table->setFocus();
        if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
            m_table->selectRow(0);
    });
    follow(m_model);
    connect(m_model, &LazyWindowModel::totalChanged, this,
            [this](qint64 total) { m_count->setText(tr("%n person(s)", nullptr, static_cast<int>(total))); });
    connect(m_table, &DataTable::opened, m_open, &QAction::trigger);
    connect(m_open, &QAction::triggered, this, [this] {
        if (const QString key = m_table->currentKey(); !key.isEmpty())
            context().shell.go({QStringLiteral("person"), key});
    });
    connect(m_add, &QAction::triggered, this, [this] { m_person->personActions()->askAdd(); });
    connect(m_table, &DataTable::currentKeyChanged, this, [this](const QString &key) {
        m_open->setEnabled(!key.isEmpty());
        // An open person follows the row, once the keys have come to rest.
        if (m_person->isVisible() && !key.isEmpty())
            m_followSoon.start();
    });
    m_open->setEnabled(false);
    m_followSoon.setSingleShot(true);
    m_followSoon.setInterval(120);
    connect(&m_followSoon, &QTimer::timeout, this, [this] {
        if (m_person->isVisible() && m_table->currentKey() != m_person->person())
            openPerson(m_table->currentKey(), {});
    });
    connect(m_person, &PersonView::closeRequested, this, &PeoplePage::closePerson);
    connect(m_person, &PersonView::changed, this, &PeoplePage::readSoon);
}

void PeoplePage::fetch(const WindowRequest &window)
{
    api::ListUsers request;
    request.query = m_search->text().trimmed().toStdString();
    if (const int role = m_role->currentData().toInt(); role != anything)
        request.role = static_cast<api::Role>(role);
    if (const int state = m_state->currentData().toInt(); state != anything)
        request.active = state == 1;
    request.sort = api::enumNamed<api::UserSort>(window.sortKey.toStdString()).value_or(api::UserSort::Name);
    request.descending = window.descending;
    request.offset = window.offset;
    request.limit = window.limit;
    whenDone(this, context().client.call(api::endpoints::listUsers, request),
             [this, window](Result<api::Page<api::User>> answer) { m_model->deliver(window, std::move(answer)); });
}

bool PeoplePage::isFiltered() const
{
    return !m_search->text().trimmed().isEmpty() || m_role->currentIndex() > 0 || m_state->currentIndex() > 0;
}

void PeoplePage::onLoaded()
{
    if (m_model->total() == 0 && !isFiltered()) {
        faces()->showEmpty(tr("Nobody is here yet"), tr("People who may upload, moderate or operate stand here, with their tokens and keys."), m_add);
        return;
    }
    m_table->setEmptyText(tr("Nobody matches"));
    if (m_person->isVisibleTo(m_splitter) && m_table->currentKey().isEmpty())
        m_table->selectKey(m_person->person());
    faces()->showContent();
}

void PeoplePage::point(const Route &route)
{
    if (route.page == QLatin1String("person") && !route.subject.isEmpty()) {
        const QStringList parts = route.subject.split(QLatin1Char('/'));
        openPerson(parts.first(), parts.value(1));
        m_table->selectKey(parts.first());
        // Who walks the list stays there. A list in focus would choose its first row while this one is not at hand.
        if (const QWidget *focus = QApplication::focusWidget(); !focus || !isAncestorOf(focus))
            faces()->focusContent(m_person->takeFocus());
    } else if (!isAsked()) {
        faces()->focusContent(m_search);
    }
}

void PeoplePage::openPerson(const QString &name, const QString &tab)
{
    if (!m_person->isVisibleTo(m_splitter)) {
        m_person->show();
        const int width = std::max(m_splitter->width(), 800);
        m_splitter->setSizes({width * 40 / 100, width * 60 / 100});
        showNarrow(true);
    }
    m_person->showPerson(name, tab);
    setTitle(name);
}

// Beside a person, the list keeps what tells people apart.
void PeoplePage::showNarrow(bool narrow)
{
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const QString key = m_model->columnInfo(column).key;
        const bool needed = key == QLatin1String("name") || key == QLatin1String("role") || key == QLatin1String("state");
        m_table->setColumnHidden(column, narrow && !needed);
    }
}

void PeoplePage::closePerson()
{
    m_person->hide();
    m_person->clear();
    showNarrow(false);
    setTitle(tr("Users & names"));
    m_table->setFocus();
}

void PeoplePage::refresh()
{
    ListPage::refresh();
    if (isAsked())
        m_person->refresh();
}

void PeoplePage::readBeside()
{
    m_add->setEnabled(context().connection.allows(api::endpoints::createUser));
}

bool PeoplePage::concerns(const api::Event &event) const
{
    const QString kind = text(event.kind);
    return kind.startsWith(QLatin1String("user.")) || kind.startsWith(QLatin1String("role."));
}

void PeoplePage::onEvent(const api::Event &event)
{
    ListPage::onEvent(event);
    const QString kind = text(event.kind);
    if (isAsked() && (concerns(event) || kind.startsWith(QLatin1String("token.")) || kind.startsWith(QLatin1String("ssh_key."))))
        m_person->refresh();
}

QList<QAction *> PeoplePage::pageActions() const
{
    return QList<QAction *>{m_open, m_add} + m_person->actions();
}

void PeoplePage::find()
{
    m_search->setFocus();
    m_search->selectAll();
}

bool PeoplePage::takeFiles(const QList<QUrl> &files)
{
    return files.size() == 1 && m_person->isVisible() && m_person->takeFile(files.first().toLocalFile());
}

bool PeoplePage::stepBack()
{
    if (!m_person->isVisible())
        return false;
    closePerson();
    return true;
}

}  // namespace cm::ui
