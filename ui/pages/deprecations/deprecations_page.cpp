// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/deprecations_page.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/deprecations/answers_tab.h"
#include "ui/pages/deprecations/calendar_tab.h"
#include "ui/pages/deprecations/deprecation_actions.h"
#include "ui/pages/deprecations/indirect_card.h"
#include "ui/pages/deprecations/mentions_tab.h"
#include "ui/pages/deprecations/messages_tab.h"
#include "ui/pages/deprecations/next_step_card.h"
#include "ui/pages/deprecations/people_card.h"
#include "ui/pages/deprecations/use_card.h"
#include "ui/shell/shell.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/stage_track.h"
#include "ui/widgets/time_chart.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QTabWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

constexpr int whileRunning = 5'000;
constexpr int mostRowsOfList = 4;

// "brown-out", "resting" words of where a record is.
QString stateWords(const api::DeprecationSummary &row)
{
    if (!row.unreadable.empty())
        return DeprecationsPage::tr("not readable here");
    if (row.next && row.next->state == api::BrownOutState::Running)
        return DeprecationsPage::tr("brown-out %1 runs").arg(row.next->number);
    return nameFor(row.state).toLower();
}

// Of those that are held one after the other: the one that runs, or the next.
QString brownOutWords(const api::DeprecationRecord &record, Time now)
{
    const auto in = [&](api::BrownOutState state) {
        return std::find_if(record.brownOuts.begin(), record.brownOuts.end(), [state](const api::BrownOut &one) { return one.state == state; });
    };
    if (const auto running = in(api::BrownOutState::Running); running != record.brownOuts.end())
        return DeprecationsPage::tr("until %1").arg(formatUntil(running->ends, now));
    const auto next = in(api::BrownOutState::Planned);
    return next == record.brownOuts.end() ? DeprecationsPage::tr("no further one planned") : DeprecationsPage::tr("next %1").arg(formatMinute(next->starts));
}

bool isHalted(api::DeprecationState state)
{
    using State = api::DeprecationState;
    return state == State::Paused || state == State::Cancelled || state == State::Frozen || state == State::RolledBack;
}

// The cards of a record: three columns where there is room for them, else two, else one.
class RecordGrid : public QWidget {
public:
    RecordGrid(QWidget *stages, QWidget *use, QWidget *indirect, QWidget *parts, QWidget *next)
        : m_grid(new QGridLayout(this)), m_stages(stages), m_use(use), m_indirect(indirect), m_parts(parts), m_next(next)
    {
        m_grid->setContentsMargins(0, 0, 0, 0);
        m_grid->setSpacing(metrics::gap);
        arrange(3);
    }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QWidget::resizeEvent(event);
        const int letters = width() / std::max(1, fontMetrics().averageCharWidth());
        arrange(letters >= 140 ? 3 : letters >= 90 ? 2 : 1);
    }
    // As narrow as one column; the area around it scrolls down, not aside.
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        int widest = 0;
        for (const QWidget *one : {m_stages, m_use, m_indirect, m_parts, m_next})
            widest = std::max(widest, one->minimumSizeHint().width());
        return {widest, QWidget::minimumSizeHint().height()};
    }

private:
    void arrange(int columns)
    {
        if (columns == m_columns)
            return;
        m_columns = columns;
        for (QWidget *one : {m_stages, m_use, m_indirect, m_parts, m_next})
            m_grid->removeWidget(one);
        m_grid->addWidget(m_stages, 0, 0, 1, columns);
        m_grid->addWidget(m_use, 1, 0);
        m_grid->addWidget(m_indirect, columns > 1 ? 1 : 2, columns > 1 ? 1 : 0);
        m_grid->addWidget(m_parts, columns > 1 ? 2 : 3, 0, 1, columns > 1 ? 2 : 1);
        if (columns == 3)
            m_grid->addWidget(m_next, 1, 2, 2, 1);
        else
            m_grid->addWidget(m_next, columns > 1 ? 3 : 4, 0, 1, columns);
        // What is left goes to the parts of the record.
        for (int row = 0; row < 5; ++row)
            m_grid->setRowStretch(row, row == (columns > 1 ? 2 : 3) ? 1 : 0);
        constexpr std::array shares{5, 4, 4};
        for (int i = 0; i < static_cast<int>(shares.size()); ++i)
            m_grid->setColumnStretch(i, i < columns ? shares[static_cast<std::size_t>(i)] : 0);
    }

    QGridLayout *m_grid;
    QWidget *m_stages, *m_use, *m_indirect, *m_parts, *m_next;
    int m_columns = 0;
};

}  // namespace

PageFactory deprecationsPage()
{
    return {QStringLiteral("deprecations"), DeprecationsPage::tr("Deprecations"), Section::Change, {}, true, false,
            [](const PageContext &context) { return new DeprecationsPage(context); }};
}

DeprecationsPage::DeprecationsPage(const PageContext &context, QWidget *parent) : Page(context, parent), m_actions(new DeprecationActions(context, this))
{
    setTitle(tr("Deprecations"));
    setContent(build());
    connectSignals();
}

QList<Column<api::DeprecationSummary>> DeprecationsPage::columns() const
{
    using Row = api::DeprecationSummary;
    return {column<Row>({QStringLiteral("title"), tr("What retires"), false, false, false, {}, 22, true}, [](const Row &row) { return text(row.title); },
                        [](const Row &row) { return row.unreadable.empty() ? tr("%1: %2").arg(nameFor(row.kind), text(row.subject)) : text(row.unreadable); }),
            column<Row>({QStringLiteral("kind"), tr("Kind"), false, false, true, {}, 14}, [](const Row &row) { return row.unreadable.empty() ? nameFor(row.kind) : dash(); }),
            column<Row>({QStringLiteral("state"), tr("Stage"), false, false, false, {}, 17}, [](const Row &row) { return stateWords(row); },
                        [](const Row &row) { return row.unreadable.empty() ? tr("since %1").arg(formatTime(row.since)) : text(row.unreadable); },
                        [](const Row &row) { return row.next && row.next->state == api::BrownOutState::Running ? std::optional(api::Verdict::Warning)
                                                  : row.unreadable.empty()                                               ? std::nullopt
                                                                                                                         : std::optional(api::Verdict::Unknown); }),
            column<Row>({QStringLiteral("next"), tr("Next date, UTC"), false, false, false, {}, 30},
                        [](const Row &row) {
                            if (!row.nextDate)
                                return dash();
                            return row.nextState ? tr("%1: %2").arg(formatMinute(*row.nextDate), nameFor(*row.nextState).toLower()) : formatMinute(*row.nextDate);
                        },
                        [](const Row &row) { return row.nextDate ? timeTip(*row.nextDate) : QString(); }),
            column<Row>({QStringLiteral("owner"), tr("Owner"), false, false, false, {}, 9}, [](const Row &row) { return row.owner.empty() ? dash() : text(row.owner); }),
            column<Row>({QStringLiteral("uses"), tr("Uses, 30 d"), true, false, false, {}, 11}, [](const Row &row) { return row.unreadable.empty() ? formatCount(row.uses + row.anonymous) : dash(); },
                        [](const Row &row) { return row.unreadable.empty() && row.anonymous > 0 ? tr("%1 of them without an account").arg(formatCount(row.anonymous)) : QString(); }),
            column<Row>({QStringLiteral("people"), tr("People, 30 d"), true, false, false, {}, 12}, [](const Row &row) { return row.unreadable.empty() ? formatCount(row.people) : dash(); })};
}

QWidget *DeprecationsPage::build()
{
    m_model = new Model(columns(), [](const api::DeprecationSummary &row) { return QString::number(row.id.value); }, this);
    m_list = new DataTable(tr("Everything on its way out"));
    m_list->setTable(m_model);
    m_list->rememberLayout(context().settings, QStringLiteral("deprecations/list"));
    m_detail = new FacesStack;
    m_detail->setContent(buildDetail());
    m_list->addActions({m_actions->edit(), m_actions->propose()});
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(m_list);
    layout->addWidget(m_detail, 1);
    return content;
}

QWidget *DeprecationsPage::buildDetail()
{
    m_stageCard = new Card;
    m_track = new StageTrack(tr("Stages"));
    m_about = wrappedLabel();
    m_about->setForegroundRole(QPalette::PlaceholderText);
    auto *head = new QWidget;
    auto *headRow = new QHBoxLayout(head);
    headRow->setContentsMargins(0, 0, 0, 0);
    headRow->setSpacing(2 * metrics::unit);
    headRow->addWidget(m_about, 1);
    headRow->addWidget(actionButton(m_actions->edit()));
    headRow->addWidget(actionButton(m_actions->propose()));
    m_stageCard->addRow(m_track);
    m_stageCard->addRow(head);
    m_use = new UseCard;
    m_indirect = new IndirectCard(context().client);
    m_next = new NextStepCard(context(), *m_actions);
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Parts of the record"));
    m_people = new PeopleCard(context());
    m_messages = new MessagesTab(context());
    m_answers = new AnswersTab(m_actions->answer());
    m_mentions = new MentionsTab(context());
    m_report = new ReportTab(context());
    m_calendar = new CalendarTab(context());
    m_tabs->addTab(m_people, tr("People"));
    m_tabs->addTab(m_messages, tr("Messages"));
    m_tabs->addTab(m_answers, tr("Answers and objections"));
    m_tabs->addTab(m_mentions, tr("Mentions"));
    m_tabs->addTab(m_report, tr("Report"));
    m_tabs->addTab(m_calendar, tr("Calendar"));
    m_tabs->setUsesScrollButtons(true);
    auto *tabsCard = new Card;
    tabsCard->setContent(m_tabs);
    tabsCard->setMinimumHeight(fontMetrics().lineSpacing() * 16);
    m_use->setMinimumHeight(fontMetrics().lineSpacing() * 13);

    auto *inside = new RecordGrid(m_stageCard, m_use, m_indirect, tabsCard, m_next);
    m_scroll = new QScrollArea;
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setAccessibleName(tr("Record"));
    m_scroll->setWidget(inside);
    m_scroll->viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
    return m_scroll;
}

void DeprecationsPage::connectSignals()
{
    m_soon.setSingleShot(true);
    m_soon.setInterval(100);
    connect(&m_soon, &QTimer::timeout, this, &DeprecationsPage::read);
    m_running.setInterval(whileRunning);
    connect(&m_running, &QTimer::timeout, this, [this] {
        if (isVisible() && context().connection.isLive())
            readRecord();
    });
    connect(m_list, &DataTable::currentKeyChanged, this, [this](const QString &key) {
        if (!key.isEmpty())
            choose(key.toLongLong());
    });
    connect(m_actions, &DeprecationActions::changed, &m_soon, qOverload<>(&QTimer::start));
    connect(m_messages, &MessagesTab::changed, &m_soon, qOverload<>(&QTimer::start));
    connect(m_next, &NextStepCard::readWanted, &m_soon, qOverload<>(&QTimer::start));
    connect(m_people, &PeopleCard::writeWanted, this, [this] {
        m_tabs->setCurrentWidget(m_messages);
        m_tabs->setFocus();
    });
    // A month is higher than the other parts: it is scrolled to once it has its room.
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        if (m_tabs->currentWidget() == m_calendar)
            m_scroll->ensureWidgetVisible(m_calendar);
    }, Qt::QueuedConnection);
    connect(m_calendar, &CalendarTab::opened, this, [this](std::int64_t id) { m_list->selectKey(QString::number(id)); });
    connect(m_people, &PeopleCard::exemptWanted, m_actions, &DeprecationActions::askExempt);
}

void DeprecationsPage::activate(const Route &route)
{
    if (bool number = false; route.subject.toLongLong(&number) > 0 && number) {
        m_wanted = route.subject.toLongLong();
        if (m_model->rowCount() > 0)
            m_list->selectKey(route.subject);
    }
    if (std::exchange(m_asked, true))
        return;
    faces()->showLoading();
    read();
}

void DeprecationsPage::refresh()
{
    if (m_asked)
        read();
}

void DeprecationsPage::onEvent(const api::Event &event)
{
    const QString kind = text(event.kind);
    if (m_asked && !m_soon.isActive() && kind.startsWith(QLatin1String("deprecation.")))
        m_soon.start();
}

QList<QAction *> DeprecationsPage::pageActions() const
{
    return m_actions->all() + m_next->actions() + m_people->actions() + m_messages->actions() + QList<QAction *>{m_mentions->scanAction(), m_report->saveAction(), m_calendar->tableAction()};
}

void DeprecationsPage::find()
{
    m_tabs->setCurrentWidget(m_people);
    m_people->find();
}

void DeprecationsPage::read()
{
    m_listCall.start(this, context().client.call(ep::listDeprecations, {}), [this](const Result<api::DeprecationList> &answer) {
        if (answer)
            showList(*answer);
        else
            faces()->showError(answer.error(), [this] { read(); });
    });
}

void DeprecationsPage::showList(const api::DeprecationList &list)
{
    m_actions->setRetirable(list.retirable);
    if (list.items.empty()) {
        m_chosen.reset();
        m_record.reset();
        m_actions->setRecord(std::nullopt);
        faces()->showEmpty(tr("Nothing is on its way out"),
                           tr("A channel, an endpoint, a file type or a client that is to go is measured first: who uses it, and what they could use instead."), m_actions->propose());
        return;
    }
    m_model->setRows(QList<api::DeprecationSummary>(list.items.begin(), list.items.end()));
    m_calendar->setList(list);
    m_list->setRowsHigh(std::min<int>(static_cast<int>(list.items.size()), mostRowsOfList));
    // Of one there is nothing to choose.
    m_list->setVisible(list.items.size() > 1);
    faces()->showContent();
    const auto has = [&](std::optional<std::int64_t> id) {
        return id && std::any_of(list.items.begin(), list.items.end(), [&](const auto &one) { return one.id.value == *id; });
    };
    const std::int64_t wanted = has(m_wanted) ? *m_wanted : has(m_chosen) ? *m_chosen : list.items.front().id.value;
    m_wanted.reset();
    if (m_chosen == wanted) {
        readRecord();
        return;
    }
    m_list->selectKey(QString::number(wanted));
    choose(wanted);
}

void DeprecationsPage::choose(std::int64_t id)
{
    if (m_chosen == id)
        return;
    m_chosen = id;
    m_record.reset();
    m_evidence.reset();
    m_detail->showLoading();
    readRecord();
}

void DeprecationsPage::readRecord()
{
    if (!m_chosen)
        return;
    const api::DeprecationRef which{{*m_chosen}};
    m_recordCall.start(this, context().client.call(ep::getDeprecation, which), [this](const Result<api::DeprecationRecord> &answer) {
        if (answer)
            showRecord(*answer);
        else
            m_detail->showError(answer.error(), [this] { readRecord(); });
    });
    m_evidenceCall.start(this, context().client.call(ep::deprecationEvidence, which), [this](const Result<api::DeprecationEvidence> &answer) {
        if (answer) {
            showEvidence(*answer);
            return;
        }
        // The rest of the record is still true.
        const QString problem = wordsFor(answer.error()).title;
        m_evidence.reset();
        m_use->showProblem(problem);
        m_people->clear(tr("Not known: %1").arg(problem));
        m_tabs->setTabText(0, tr("People"));
    });
}

void DeprecationsPage::showRecord(const api::DeprecationRecord &record)
{
    m_record = record;
    m_actions->setRecord(record);
    showStages();
    m_indirect->ask(record.terms, context().clock.now());
    m_messages->setRecord(record);
    m_answers->setRecord(record);
    m_mentions->setRecord(record);
    m_report->setRecord(record);
    m_calendar->setRecord(record);
    m_tabs->setTabText(2, tr("Answers and objections %1").arg(formatCount(static_cast<std::int64_t>(record.answers.size()))));
    m_next->show(record);
    if (m_evidence)
        m_use->show(record, *m_evidence, m_actions->isOfReads(record.terms), context().clock.now());
    m_detail->showContent();
    const bool runs = std::any_of(record.brownOuts.begin(), record.brownOuts.end(), [](const auto &one) { return one.state == api::BrownOutState::Running; });
    if (runs && !m_running.isActive())
        m_running.start();
    else if (!runs)
        m_running.stop();
}

void DeprecationsPage::showEvidence(const api::DeprecationEvidence &evidence)
{
    m_evidence = evidence;
    if (!m_record)
        return;
    m_use->show(*m_record, evidence, m_actions->isOfReads(m_record->terms), context().clock.now());
    m_people->show(evidence, !m_record->possible.empty() && context().connection.allows(ep::exemptFromDeprecation));
    m_tabs->setTabText(0, evidence.recordedSince ? tr("People %1").arg(formatCount(evidence.people90)) : tr("People"));
}

void DeprecationsPage::showStages()
{
    const api::DeprecationRecord &record = *m_record;
    m_stageCard->setTitle(text(record.terms.title));
    m_stageCard->setNote(isHalted(record.state) ? tr("%1 since %2").arg(nameFor(record.state).toLower(), formatDate(record.since)) : tr("since %1").arg(formatDate(record.since)));
    QStringList about{nameFor(record.terms.kind), tr("owner %1").arg(record.terms.owner.empty() ? dash() : text(record.terms.owner)),
                      tr("replacement: %1").arg(record.terms.replacement.empty() ? dash() : text(record.terms.replacement)), tr("record %1").arg(record.id.value),
                      tr("sample %1 old").arg(formatSampleAge(record.sampled, context().clock.now()))};
    m_about->setText(about.join(QStringLiteral(" · ")));
    const api::DeprecationState at = stageOf(record);
    std::int64_t held = 0, planned = 0;
    for (const api::BrownOut &one : record.brownOuts) {
        held += one.state == api::BrownOutState::Ended || one.state == api::BrownOutState::Aborted || one.state == api::BrownOutState::Running ? 1 : 0;
        planned += one.state == api::BrownOutState::Planned ? 1 : 0;
    }
    QList<StageTrack::Stage> shown;
    bool before = true;
    for (const api::DeprecationState stage : stages()) {
        StageTrack::Stage one{nameFor(stage), {}, {}, before ? StageTrack::State::Done : StageTrack::State::Ahead};
        if (stage == at) {
            one.state = StageTrack::State::Now;
            before = false;
        }
        if (stage == api::DeprecationState::BrownOut && held + planned > 0)
            one.name = held > 0 ? tr("Brown-out %1 of %2").arg(held).arg(held + planned) : tr("%n brown-out(s)", nullptr, static_cast<int>(planned));
        const auto date = stageDate(record, stage);
        one.detail = date ? formatDate(*date) : dash();
        one.tip = date ? timeTip(*date) : tr("no date");
        if (stage == at && isHalted(record.state))
            one.detail = nameFor(record.state).toLower();
        else if (stage == at && stage == api::DeprecationState::BrownOut)
            one.detail = brownOutWords(record, context().clock.now());
        shown.append(one);
    }
    m_track->setStages(shown, isHalted(record.state));
}

}  // namespace cm::ui
