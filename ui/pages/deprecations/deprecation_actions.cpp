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
      m_confirm(new QAction(tr("Conf&irm a step…"), this)), m_answer(new QAction(tr("Add an answe&r…"), this))
{
    for (const auto &[state, name] : api::EnumNames<api::DeprecationState>::values) {
        auto *action = new QAction(stepEntry(state, false), this);
        connect(action, &QAction::triggered, this, [this, to = state] { askStep(to); });
        m_steps.append(action);
        m_byState.insert(static_cast<int>(state), action);
    }
    connect(m_propose, &QAction::triggered, this, &DeprecationActions::askPropose);
    connect(m_edit, &QAction::triggered, this, &DeprecationActions::askEdit);
    connect(m_confirm, &QAction::triggered, this, &DeprecationActions::askConfirm);
    connect(m_answer, &QAction::triggered, this, &DeprecationActions::askAnswer);
    setRecord(std::nullopt);
}

QList<QAction *> DeprecationActions::all() const
{
    return m_steps + QList<QAction *>{m_confirm, m_answer, m_edit, m_propose};
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
    const bool open = record && !record->possible.empty();
    m_propose->setEnabled(connection.allows(ep::proposeDeprecation));
    m_edit->setEnabled(open && connection.allows(ep::editDeprecation));
    m_confirm->setVisible(open && record->terms.secondPerson);
    m_confirm->setEnabled(open && record->terms.secondPerson && connection.allows(ep::confirmDeprecationStep));
    m_answer->setEnabled(record && connection.allows(ep::answerDeprecation));
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

void DeprecationActions::askConfirm()
{
    const api::DeprecationRecord record = *m_record;
    auto *sheet = new ActionSheet(tr("Confirm a step"), tr("Conf&irm it"));
    auto *step = new QComboBox;
    for (const api::DeprecationState state : record.possible)
        step->addItem(record.pausedFrom == state ? tr("Resume") : nameFor(state), static_cast<int>(state));
    sheet->setPlan({tr("You are the second person: the step can then be taken by somebody else."),
                    tr("It holds for the record as it is now (revision %1); any change of it makes this void.").arg(record.revision)});
    sheet->addField(tr("&Step"), step);
    sheet->setUndoText(tr("Any change of the terms takes the confirmation back."));
    sheet->askReason(true);
    connect(sheet, &ActionSheet::confirmed, this, [this, sheet, step, record] {
        const auto to = static_cast<api::DeprecationState>(step->currentData().toInt());
        runChange(this, m_context, ep::confirmDeprecationStep, {record.id, to, record.revision, sheet->reason().toStdString()},
                  {tr("%1: the step is confirmed").arg(text(record.terms.title)), {}}, {sheet, {}, [this] { Q_EMIT changed(); }});
    });
    m_context.shell.showSheet(sheet);
}

void DeprecationActions::askPropose()
{
    const auto &who = m_context.connection.who();
    auto *sheet = new TermsSheet(who ? text(who->name) : QString());
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
    auto *sheet = new TermsSheet(record);
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
