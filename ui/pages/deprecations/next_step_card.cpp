// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/next_step_card.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/pages/deprecations/deprecation_actions.h"
#include "ui/pages/deprecations/live_brown_out.h"
#include "ui/pages/deprecations/step_sheet.h"
#include "ui/theme/fonts.h"
#include "ui/theme/metrics.h"
#include "ui/widgets/buttons.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/flow_layout.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int lookEach = 15'000;
// Rows of the short tables; the rest is scrolled to.
constexpr int refusedRows = 4;
constexpr int brownOutRows = 5;
// The year stands in the tip.
constexpr int yearLetters = 5;

QLabel *heading(const QString &text, const QFont &font)
{
    QLabel *label = wrappedLabel();
    label->setText(text);
    label->setFont(headingFont(font));
    return label;
}

std::int64_t nextNumber(const api::DeprecationRecord &record)
{
    for (const api::BrownOut &one : record.brownOuts) {
        if (one.state == api::BrownOutState::Planned)
            return one.number;
    }
    return static_cast<std::int64_t>(record.brownOuts.size()) + 1;
}

// With all that the word binds: who takes the step differently needs another one.
QString agreedWords(const api::DeprecationRecord &record)
{
    QStringList words{NextStepCard::tr("%1 has confirmed: %2").arg(text(record.confirmedBy), nameFor(*record.confirmedStep).toLower())};
    if (!record.agreed)
        return words.first();
    const api::AgreedStep &agreed = *record.agreed;
    if (agreed.starts && agreed.ends) {
        words << NextStepCard::tr("%1 UTC for %2").arg(formatMinute(*agreed.starts), formatDuration(*agreed.ends - *agreed.starts));
        words << NextStepCard::tr("on call %1").arg(agreed.onCall.empty() ? dash() : text(agreed.onCall));
        words << (agreed.abortAt > 0 ? NextStepCard::tr("aborts at %1 refusals").arg(formatCount(agreed.abortAt)) : NextStepCard::tr("never aborts by itself"));
    }
    if (agreed.overrideGuards)
        words << NextStepCard::tr("in spite of guards");
    return words.join(QStringLiteral(", "));
}

}  // namespace

NextStepCard::NextStepCard(const PageContext &context, DeprecationActions &actions, QWidget *parent)
    : QWidget(parent), m_context(context), m_actions(actions), m_live(new LiveBrownOut(context.clock)), m_card(new Card), m_end(new QAction(tr("Call &off…"), this))
{
    auto *inner = new QWidget;
    auto *layout = new QVBoxLayout(inner);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(metrics::gap);
    layout->addWidget(buildPlan());
    layout->addWidget(buildBrownOuts());
    layout->addStretch(1);
    m_card->setContent(inner);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::gap);
    column->addWidget(m_live);
    column->addWidget(m_card, 1);
    m_live->hide();
    m_again.setInterval(lookEach);
    connect(&m_again, &QTimer::timeout, this, [this] {
        // Nobody looks: nobody asks.
        if (isVisible() && m_context.connection.isLive())
            plan();
        tellAge();
    });
    connect(m_live, &LiveBrownOut::over, this, &NextStepCard::readWanted);
    connect(m_live->abort(), &QAction::triggered, this, [this] { m_actions.askEnd(m_live->brownOut()); });
    connect(m_end, &QAction::triggered, this, [this] {
        if (const auto *one = chosen())
            m_actions.askEnd(*one);
    });
    updateActions();
}

QWidget *NextStepCard::buildPlan()
{
    auto *part = new QWidget;
    auto *layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    m_guards = new QVBoxLayout;
    m_guards->setSpacing(metrics::unit);
    m_confirmed = wrappedLabel();
    m_confirmed->setForegroundRole(QPalette::PlaceholderText);
    m_dryHeading = heading(tr("Dry run, last 30 days: who would be refused"), font());
    m_dryNote = wrappedLabel();
    m_dryNote->setForegroundRole(QPalette::PlaceholderText);
    using Row = api::RefusedPerson;
    m_refused = new ListTableModel<Row>({column<Row>({QStringLiteral("person"), tr("Person"), false, true, false, {}, 11}, [](const Row &row) { return text(row.user); },
                                                     [](const Row &row) {
                                                         const QString mail = row.reachable ? tr("reachable by mail") : tr("not reachable by mail");
                                                         return row.exemptUntil ? tr("%1, exempt until %2").arg(mail, formatDate(*row.exemptUntil)) : mail;
                                                     }),
                                         column<Row>({QStringLiteral("uses"), tr("Uses"), true, false, false, {}, 6}, [](const Row &row) { return formatCount(row.uses); }),
                                         column<Row>({QStringLiteral("projects"), tr("Projects"), false, true, false, {}, 14, true},
                                                     [](const Row &row) {
                                                         QStringList names;
                                                         for (const auto &name : row.projects)
                                                             names << text(name);
                                                         return names.join(QStringLiteral(", "));
                                                     },
                                                     [](const Row &row) { return timeTip(row.lastUse); })},
                                        [](const Row &row) { return text(row.user); }, this);
    m_refusedTable = new DataTable(tr("Who would be refused"));
    m_refusedTable->setTable(m_refused);
    m_refusedTable->setEmptyText(tr("Nobody"));
    m_refusedTable->setRowsHigh(refusedRows);
    m_buttons = new QWidget;
    new FlowLayout(m_buttons);
    for (QAction *action : m_actions.steps() + QList<QAction *>{m_actions.confirm(), m_actions.forgetNode()})
        m_buttonOf.insert(action, actionButton(action, m_buttons));
    orderButtons();
    layout->addLayout(m_guards);
    layout->addWidget(m_confirmed);
    layout->addWidget(m_dryHeading);
    layout->addWidget(m_refusedTable);
    layout->addWidget(m_dryNote);
    layout->addWidget(m_buttons);
    return part;
}

QWidget *NextStepCard::buildBrownOuts()
{
    auto *part = new QWidget;
    auto *layout = new QVBoxLayout(part);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2 * metrics::unit);
    m_brownOutHeading = heading(tr("Brown-outs, planned and past"), font());
    using Row = api::BrownOut;
    m_brownOuts = new ListTableModel<Row>(
        {column<Row>({QStringLiteral("number"), tr("No."), true, false, false, {}, 4}, [](const Row &row) { return formatCount(row.number); }),
         column<Row>({QStringLiteral("starts"), tr("Begins, UTC"), false, false, false, {}, 13}, [](const Row &row) { return formatMinute(row.starts).mid(yearLetters); }, [](const Row &row) { return timeTip(row.starts); }),
         column<Row>({QStringLiteral("length"), tr("Lasts"), false, false, true, {}, 8}, [](const Row &row) { return formatDuration((row.endedEarly ? *row.endedEarly : row.ends) - row.starts); },
                     [](const Row &row) { return timeTip(row.ends); }),
         column<Row>({QStringLiteral("state"), tr("What came of it"), false, false, false, {}, 18, true},
                     [](const Row &row) {
                         if (row.state == api::BrownOutState::Planned || row.state == api::BrownOutState::CalledOff)
                             return nameFor(row.state);
                         const QString figures = tr("%1 refused, %2 moved").arg(formatCount(row.refused), formatCount(row.movedOver));
                         return row.state == api::BrownOutState::Ended ? figures : tr("%1: %2").arg(nameFor(row.state), figures);
                     },
                     [](const Row &row) {
                         return row.endedBy.empty() ? tr("on call: %1").arg(row.onCall.empty() ? dash() : text(row.onCall)) : tr("by %1: %2").arg(text(row.endedBy), text(row.endReason));
                     })},
        [](const Row &row) { return QString::number(row.id.value); }, this);
    m_brownOutTable = new DataTable(tr("Brown-outs"));
    m_brownOutTable->setTable(m_brownOuts);
    m_brownOutTable->setEmptyText(tr("None planned"));
    m_brownOutTable->addAction(m_end);
    m_brownOutTable->setRowsHigh(brownOutRows);
    connect(m_brownOutTable, &DataTable::currentKeyChanged, this, &NextStepCard::updateActions);
    auto *foot = new QWidget;
    auto *row = new FlowLayout(foot);
    row->addWidget(actionButton(m_end));
    layout->addWidget(m_brownOutHeading);
    layout->addWidget(m_brownOutTable);
    layout->addWidget(foot);
    return part;
}

QList<QAction *> NextStepCard::actions() const
{
    return {m_end, m_live->abort()};
}

const api::BrownOut *NextStepCard::chosen() const
{
    return m_brownOuts->rowAt(m_brownOuts->rowOf(m_brownOutTable->currentKey()));
}

void NextStepCard::updateActions()
{
    const auto *one = chosen();
    m_end->setEnabled(one && one->state == api::BrownOutState::Planned && m_context.connection.allows(api::endpoints::endBrownOut));
}

// The ordinary next step stands first, also for the Tab key.
void NextStepCard::orderButtons()
{
    QLayout *row = m_buttons->layout();
    while (QLayoutItem *item = row->takeAt(0))
        delete item;
    QWidget *before = nullptr;
    for (const QAction *action : m_actions.steps() + QList<QAction *>{m_actions.confirm(), m_actions.forgetNode()}) {
        QWidget *button = m_buttonOf.value(action);
        row->addWidget(button);
        if (before)
            QWidget::setTabOrder(before, button);
        before = button;
    }
}

void NextStepCard::watch(const api::BrownOut &running)
{
    const api::BrownOutRef which{m_record->id, running.id};
    m_watchCall.start(this, m_context.client.call(api::endpoints::watchBrownOut, which), [this](const Result<api::BrownOutView> &answer) {
        if (answer)
            m_live->setView(*answer);
        else
            m_live->setProblem(wordsFor(answer.error()).title);
    });
}

void NextStepCard::show(const api::DeprecationRecord &record)
{
    const bool another = !m_record || m_record->id.value != record.id.value;
    m_record = record;
    const auto running = std::find_if(record.brownOuts.begin(), record.brownOuts.end(), [](const api::BrownOut &one) { return one.state == api::BrownOutState::Running; });
    m_live->setVisible(running != record.brownOuts.end());
    if (running != record.brownOuts.end()) {
        m_live->show(*running, record.sampled, m_context.connection.allows(api::endpoints::endBrownOut));
        watch(*running);
    } else {
        m_watchCall.drop();
    }
    orderButtons();
    m_live->abort()->setEnabled(running != record.brownOuts.end() && m_context.connection.allows(api::endpoints::endBrownOut));
    m_brownOuts->setRows(QList<api::BrownOut>(record.brownOuts.begin(), record.brownOuts.end()));
    m_brownOutTable->setRowsHigh(std::clamp(m_brownOuts->rowCount(), 1, brownOutRows));
    updateActions();
    const bool open = !record.possible.empty();
    if (open)
        m_card->setTitle(tr("Next step: %1").arg(stepName(record.possible.front(), record.pausedFrom == record.possible.front(), nextNumber(record))));
    else
        m_card->setTitle(tr("No further step"));
    for (QWidget *part : {static_cast<QWidget *>(m_dryHeading), static_cast<QWidget *>(m_dryNote), static_cast<QWidget *>(m_refusedTable), m_buttons})
        part->setVisible(open);
    m_confirmed->setVisible(record.confirmedStep.has_value());
    if (record.confirmedStep)
        m_confirmed->setText(agreedWords(record));
    if (another) {
        showGuards({});
        m_refused->setRows({});
        m_dryNote->clear();
        m_looked.reset();
    }
    if (open) {
        plan();
        m_again.start();
    } else {
        m_call.drop();
        m_again.stop();
        m_looked.reset();
        showGuards({});
    }
    tellAge();
}

void NextStepCard::plan()
{
    if (!m_record || m_record->possible.empty())
        return;
    api::PlanDeprecationStep wish;
    wish.deprecation = m_record->id;
    wish.to = m_record->possible.front();
    m_call.start(this, m_context.client.call(api::endpoints::planDeprecationStep, wish), [this](const Result<api::DeprecationPlan> &answer) {
        if (answer) {
            m_looked = m_context.clock.now();
            showPlan(*answer);
        } else {
            m_looked.reset();
            showGuards({});
            m_guards->addWidget(markedLine(Mark::Unknown, tr("Not checked now: %1").arg(wordsFor(answer.error()).title)));
            m_refused->setRows({});
            m_refusedTable->setEmptyText(dash());
            m_dryNote->setText(tr("Whom it would refuse is not known."));
        }
        tellAge();
    });
}

void NextStepCard::showGuards(const std::vector<api::DeprecationGuard> &guards)
{
    while (QLayoutItem *item = m_guards->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const api::DeprecationGuard &guard : guards) {
        // When it begins is asked by the sheet.
        if (guard.name != "window")
            m_guards->addWidget(markedLine(markOf(guard), guardWords(guard)));
    }
}

void NextStepCard::showPlan(const api::DeprecationPlan &plan)
{
    showGuards(plan.guards);
    m_refusedTable->setEmptyText(plan.recordedSince ? tr("Nobody") : dash());
    m_refused->setRows(QList<api::RefusedPerson>(plan.refused.begin(), plan.refused.end()));
    m_refusedTable->setRowsHigh(std::clamp(m_refused->rowCount(), 1, refusedRows));
    QStringList words;
    if (!plan.recordedSince)
        words << tr("Nothing was recorded yet: whom it would refuse is not known.");
    else if (m_context.clock.now() - *plan.recordedSince < std::chrono::days(30))
        words << tr("Recorded since %1 alone: no evidence of 30 days.").arg(formatDate(*plan.recordedSince));
    if (plan.refusedAnonymous > 0)
        words << tr("%n use(s) that no account stands behind.", nullptr, static_cast<int>(std::min<std::int64_t>(plan.refusedAnonymous, 1'000'000'000)));
    m_dryNote->setText(words.join(QLatin1Char(' ')));
    m_dryNote->setVisible(!words.isEmpty());
}

void NextStepCard::tellAge()
{
    m_card->setNote(m_looked ? tr("checked %1").arg(formatAge(*m_looked, m_context.clock.now())) : QString());
}

}  // namespace cm::ui
