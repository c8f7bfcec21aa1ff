// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/deprecation_actions.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/format.h"
#include "ui/pages/deprecations/step_sheet.h"
#include "ui/pages/deprecations/terms_sheet.h"
#include "ui/shell/changes.h"
#include "ui/shell/shell.h"

#include <QAction>
#include <QComboBox>
#include <QDateEdit>
#include <QLineEdit>
#include <QPlainTextEdit>

#include <algorithm>
#include <memory>

namespace cm::ui {

namespace ep = api::endpoints;

namespace {

constexpr int exemptDays = 30;

QDate dateOf(Time time)
{
    return QDateTime::fromSecsSinceEpoch(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(), Qt::UTC).date();
}

}  // namespace

DeprecationActions::DeprecationActions(const PageContext &context, QObject *parent)
    : QObject(parent), m_context(context), m_propose(new QAction(tr("Propose a &deprecation…"), this)), m_edit(new QAction(tr("Change &terms…"), this)),
      m_confirm(new QAction(tr("Conf&irm a step…"), this)), m_answer(new QAction(tr("Add an answe&r…"), this)),
      m_forget(new QAction(tr("Forget a node that stays away…"), this))
{
    for (const auto &[state, name] : api::EnumNames<api::DeprecationState>::values) {
        auto *action = new QAction(stepEntry(state, false), this);
        connect(action, &QAction::triggered, this, [this, to = state] { askStep(to); });
        m_steps.append(action);
        m_byState.insert(static_cast<int>(state), action);
    }
    connect(m_propose, &QAction::triggered, this, &DeprecationActions::askPropose);
    connect(m_edit, &QAction::triggered, this, &DeprecationActions::askEdit);
    connect(m_confirm, &QAction::triggered, this, [this] { askConfirm(m_record->possible.front()); });
    connect(m_answer, &QAction::triggered, this, &DeprecationActions::askAnswer);
    connect(m_forget, &QAction::triggered, this, &DeprecationActions::askForget);
    setRecord(std::nullopt);
}

QList<QAction *> DeprecationActions::all() const
{
    return m_steps + QList<QAction *>{m_confirm, m_answer, m_edit, m_propose, m_forget};
}

void DeprecationActions::setRecord(const std::optional<api::DeprecationRecord> &record)
{
    m_record = record;
    const Connection &connection = m_context.connection;
    for (auto it = m_byState.cbegin(); it != m_byState.cend(); ++it) {
        const auto state = static_cast<api::DeprecationState>(it.key());
        const bool possible = record && std::find(record->possible.begin(), record->possible.end(), state) != record->possible.end();
        (*it)->setText(stepEntry(state, record && record->pausedFrom == state));
        (*it)->setVisible(possible);
        (*it)->setEnabled(possible && connection.allows(ep::takeDeprecationStep));
    }
    // Not as the stages follow each other: what leads back is no first choice.
    QList<QAction *> first;
    for (const api::DeprecationState state : record ? record->possible : std::vector<api::DeprecationState>())
        first.append(m_byState.value(static_cast<int>(state)));
    first.removeAll(nullptr);
    std::stable_partition(m_steps.begin(), m_steps.end(), [&first](QAction *step) { return first.contains(step); });
    std::copy(first.cbegin(), first.cend(), m_steps.begin());
    m_forget->setEnabled(connection.allows(ep::forgetServingNode));
    const bool open = record && !record->possible.empty();
    m_propose->setEnabled(connection.allows(ep::proposeDeprecation));
    m_edit->setEnabled(open && connection.allows(ep::editDeprecation));
    m_confirm->setVisible(open && record->terms.secondPerson);
    m_confirm->setEnabled(open && record->terms.secondPerson && connection.allows(ep::confirmDeprecationStep));
    m_answer->setEnabled(record && connection.allows(ep::answerDeprecation));
}

bool DeprecationActions::isOfReads(const api::DeprecationTerms &terms) const
{
    return isRead(m_retirable, terms.kind, terms.subject);
}

void DeprecationActions::askStep(api::DeprecationState to)
{
    auto *sheet = new StepSheet(m_context, *m_record, to);
    const QString title = text(m_record->terms.title);
    const bool back = m_record->pausedFrom == to;
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, title, to, back] {
        sheet->setBusy(true);
        QPointer<StepSheet> open(sheet);
        whenDone(this, m_context.client.call(ep::takeDeprecationStep, sheet->request()), [this, open, title, to, back](const Result<api::Change> &answer) {
            if (answer) {
                if (open)
                    open->close();
                m_context.shell.offerUndo(stepDone(to, back, title), {});
                Q_EMIT changed();
            } else if (open) {
                open->showError(answer.error());
                // Whatever has moved since is shown before it is pressed again.
                open->look();
                Q_EMIT changed();
            }
        });
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askConfirm(api::DeprecationState to)
{
    const api::DeprecationRecord record = *m_record;
    auto *sheet = new StepSheet(m_context, record, to, StepSheet::Purpose::Confirm);
    connect(sheet, &StepSheet::otherStepWanted, this, [this, sheet, id = record.id](api::DeprecationState other) {
        sheet->close();
        if (m_record && m_record->id.value == id.value)
            askConfirm(other);
    });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, record] {
        runChange(this, m_context, ep::confirmDeprecationStep, sheet->word(), {tr("%1: the step is confirmed").arg(text(record.terms.title)), {}},
                  {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askPropose()
{
    const auto &who = m_context.connection.who();
    auto *sheet = new TermsSheet(who ? text(who->name) : QString(), m_retirable);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet] {
        const api::ProposeDeprecation request{sheet->terms(), sheet->reason().toStdString()};
        runChange(this, m_context, ep::proposeDeprecation, request, {tr("%1 is proposed").arg(text(request.terms.title)), {}},
                  {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askEdit()
{
    const api::DeprecationRecord record = *m_record;
    auto *sheet = new TermsSheet(record, m_retirable);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, record] {
        const QString title = text(record.terms.title);
        runChange(this, m_context, ep::editDeprecation, {record.id, record.revision, sheet->terms(), sheet->reason().toStdString()},
                  {tr("The terms of %1 are changed").arg(title), {}}, {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askAnswer()
{
    auto *sheet = new ActionSheet(tr("What somebody said"), tr("&Keep it beside the record"));
    auto *who = new QLineEdit;
    who->setPlaceholderText(tr("need be no user"));
    auto *stance = new QComboBox;
    for (const auto one : {api::Stance::Note, api::Stance::For, api::Stance::Against})
        stance->addItem(nameFor(one), static_cast<int>(one));
    auto *words = new QPlainTextEdit;
    words->setTabChangesFocus(true);
    words->setFixedHeight(words->fontMetrics().lineSpacing() * 6 + 12);
    sheet->setPlan({tr("The words are kept beside the decision and stand in its report.")});
    sheet->addField(tr("&Who"), who);
    sheet->addField(tr("&Stance"), stance);
    sheet->addField(tr("What the&y said"), words);
    sheet->setUndoText(tr("It stays; a further answer can correct it."));
    sheet->setReady(false);
    const auto check = [sheet, who, words] { sheet->setReady(!who->text().trimmed().isEmpty() && !words->toPlainText().trimmed().isEmpty()); };
    connect(who, &QLineEdit::textChanged, sheet, check);
    connect(words, &QPlainTextEdit::textChanged, sheet, check);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, who, stance, words, id = m_record->id] {
        const api::AnswerDeprecation request{id, who->text().trimmed().toStdString(), static_cast<api::Stance>(stance->currentData().toInt()),
                                             words->toPlainText().trimmed().toStdString()};
        runChange(this, m_context, ep::answerDeprecation, request, {tr("What %1 said is kept").arg(text(request.who)), {}},
                  {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

// No tombstone is rehearsed on a node that is lost for good: no step need wait for it.
void DeprecationActions::askForget()
{
    auto *sheet = new ActionSheet(tr("Forget a node"), tr("Forge&t it"));
    auto *node = new QComboBox;
    sheet->setPlan({tr("No step waits any more for the tombstone of this node."), tr("Other nodes go on enforcing what retires.")});
    sheet->addField(tr("&Node"), node);
    sheet->setUndoText(tr("If it is not lost, it is back by itself with its next sign of life."));
    sheet->askReason(true);
    sheet->setReady(false);
    sheet->setGuards({{Mark::Unknown, tr("Not known yet when each was heard of")}});
    const auto nodes = std::make_shared<api::ServingNodes>();
    const auto check = [this, sheet, node, nodes] {
        const auto chosen = std::find_if(nodes->items.begin(), nodes->items.end(), [&](const api::ServingNode &one) { return text(one.node) == node->currentData().toString(); });
        if (chosen == nodes->items.end()) {
            sheet->setGuards({{Mark::Unknown, tr("No node enforces anything")}});
            sheet->setReady(false);
            return;
        }
        sheet->setGuards({{chosen->mayForget ? Mark::Ok : Mark::Critical, chosen->mayForget ? tr("Not heard of since %1").arg(formatTime(chosen->seen))
                                                                                            : tr("Heard of %1: it is not lost").arg(formatAge(chosen->seen, m_context.clock.now()))}});
        sheet->setReady(chosen->mayForget);
    };
    connect(node, &QComboBox::currentIndexChanged, sheet, check);
    whenDone(sheet, m_context.client.call(ep::listServingNodes, {}), [sheet, node, nodes, check](const Result<api::ServingNodes> &answer) {
        if (!answer) {
            sheet->showError(answer.error());
            return;
        }
        *nodes = *answer;
        // Who was silent longest first.
        std::sort(nodes->items.begin(), nodes->items.end(), [](const api::ServingNode &a, const api::ServingNode &b) { return a.seen < b.seen; });
        for (const api::ServingNode &one : nodes->items)
            node->addItem(ltr(text(one.node)), text(one.node));
        check();
    });
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, node] {
        const QString name = node->currentData().toString();
        runChange(this, m_context, ep::forgetServingNode, {name.toStdString(), sheet->reason().toStdString()}, {tr("%1 is forgotten").arg(ltr(name)), {}},
                  {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askEnd(const api::BrownOut &brownOut)
{
    const bool running = brownOut.state == api::BrownOutState::Running;
    const QString name = tr("brown-out %1").arg(brownOut.number);
    auto *sheet = new ActionSheet(running ? tr("Abort") : tr("Call off"), running ? tr("A&bort %1").arg(name) : tr("Call &off %1").arg(name));
    sheet->setDangerous(running);
    sheet->setPlan(running ? QStringList{tr("Uses are taken again within a minute, on every node."), tr("What was refused until now stays in the record.")}
                           : QStringList{tr("It does not begin; the other brown-outs stay as they are planned.")});
    sheet->setUndoText(running ? tr("It is over for good; another one can be scheduled.") : tr("Another one can be scheduled."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, id = m_record->id, one = brownOut.id, name, running] {
        runChange(this, m_context, ep::endBrownOut, {id, one, sheet->reason().toStdString()},
                  {running ? tr("%1 is aborted").arg(name) : tr("%1 is called off").arg(name), {}}, {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askExempt(const QString &user, const std::optional<Time> &until)
{
    auto *sheet = new ActionSheet(tr("Exempt"), tr("E&xempt %1").arg(user));
    const Time now = m_context.clock.now();
    auto *date = new QDateEdit(dateOf(until.value_or(now + std::chrono::days(exemptDays))));
    date->setMinimumDate(dateOf(now));
    date->setDisplayFormat(QStringLiteral("yyyy-MM-dd"));
    sheet->setPlan({tr("%1 goes on as before until that day, also in brown-outs and after the sunset.").arg(ltr(user)),
                    until ? tr("Exempt now until %1; today ends it.").arg(formatDate(*until)) : tr("Nobody else is exempt by it.")});
    sheet->addField(tr("&Until, UTC"), date);
    sheet->setUndoText(tr("Undo sets back what holds now."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, date, user, until, id = m_record->id] {
        QPointer<DeprecationActions> self(this);
        api::ExemptFromDeprecation request{id, user.toStdString(), std::nullopt, sheet->reason().toStdString()};
        if (date->date() > dateOf(m_context.clock.now()))
            request.until = Time(std::chrono::seconds(QDateTime(date->date(), QTime(0, 0), Qt::UTC).toSecsSinceEpoch()));
        const api::ExemptFromDeprecation back{id, request.user, until, "undone"};
        const QString name = ltr(user);
        runChange(this, m_context, ep::exemptFromDeprecation, request,
                  {request.until ? tr("%1 is exempt until %2").arg(name, formatDate(*request.until)) : tr("%1 is no longer exempt").arg(name), {}},
                  {sheet,
                   [self, back, name] {
                       if (!self)
                           return;
                       runChange(self.data(), self->m_context, ep::exemptFromDeprecation, back,
                                 {tr("%1 is as before").arg(name), tr("The exemption of %1 was not set back").arg(name)}, {nullptr, {}, [self] { Q_EMIT self->changed(); }});
                   },
                   [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

}  // namespace cm::ui
