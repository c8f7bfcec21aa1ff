// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/deprecations/step_sheet.h"

#include "core/api/endpoints.h"
#include "ui/client/connection.h"
#include "ui/format/deprecation_words.h"
#include "ui/format/error_words.h"
#include "ui/format/format.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QLineEdit>
#include <QSpinBox>

#include <algorithm>

namespace cm::ui {

namespace {

constexpr int firstHour = 10;
constexpr int mostRefusals = 1'000'000;
constexpr std::size_t namedPeople = 5;

// Ten in the morning of the next day that is no weekend.
QDateTime proposedStart(Time now)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    QDate day = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC).date().addDays(1);
    while (day.dayOfWeek() > Qt::Friday)
        day = day.addDays(1);
    return QDateTime(day, QTime(firstHour, 0), Qt::UTC);
}

}  // namespace

Mark markOf(const api::DeprecationGuard &guard, bool overridden)
{
    switch (guard.state) {
    case api::GuardState::Met:
        return Mark::Ok;
    case api::GuardState::Unmet:
        return overridden && guard.overridable ? Mark::Warning : Mark::Critical;
    case api::GuardState::Advice:
        return Mark::Warning;
    case api::GuardState::Unknown:
        break;
    }
    return overridden && guard.overridable ? Mark::Warning : Mark::Unknown;
}

StepSheet::StepSheet(const PageContext &context, const api::DeprecationRecord &record, api::DeprecationState to, Purpose purpose, QWidget *parent)
    : ActionSheet(purpose == Purpose::Confirm ? StepSheet::tr("Confirm a step")
                                              : StepSheet::tr("Next stage: %1").arg(stepName(to, record.pausedFrom == to, static_cast<std::int64_t>(record.brownOuts.size()) + 1)),
                  purpose == Purpose::Confirm ? StepSheet::tr("Confir&m it") : stepVerb(to, record.pausedFrom == to, text(record.terms.title)), parent),
      m_context(context), m_record(record), m_to(to), m_back(record.pausedFrom == to), m_purpose(purpose)
{
    using State = api::DeprecationState;
    m_soon.setSingleShot(true);
    m_soon.setInterval(250);
    connect(&m_soon, &QTimer::timeout, this, &StepSheet::look);
    const bool takes = purpose == Purpose::Take;
    if (takes)
        setPlan(stepPlan(record, to, m_back));
    else
        buildChoice();
    if (to == State::BrownOut && !m_back)
        buildBrownOut();
    buildOverride();
    setUndoText(takes ? stepUndo(to, m_back) : tr("Any change of the terms takes the confirmation back."));
    setDangerous(takes && (to == State::Sunset || to == State::Removed));
    askReason(true);
    if (takes && (to == State::Sunset || to == State::Removed || to == State::Cancelled))
        askTyped(text(record.terms.subject));
    if (takes && record.agreed && record.agreed->to == to && record.agreed->revision == record.revision)
        fillIn(*record.agreed);
    setReady(false);
    look();
}

void StepSheet::buildChoice()
{
    setPlan({tr("You are the second person: the step can then be taken by somebody else, exactly as it stands here."),
             tr("It holds for the record as it is now (revision %1); any change of it makes this void.").arg(m_record.revision)});
    auto *step = new QComboBox;
    for (const api::DeprecationState state : m_record.possible)
        step->addItem(m_record.pausedFrom == state ? tr("Resume") : nameFor(state), static_cast<int>(state));
    step->setCurrentIndex(step->findData(static_cast<int>(m_to)));
    addField(tr("&Step"), step);
    connect(step, &QComboBox::currentIndexChanged, this,
            [this, step] { Q_EMIT otherStepWanted(static_cast<api::DeprecationState>(step->currentData().toInt())); });
}

// As the second person has agreed: a step that differs needs another word.
void StepSheet::fillIn(const api::AgreedStep &agreed)
{
    m_override->setChecked(agreed.overrideGuards);
    if (!m_start || !agreed.starts || !agreed.ends)
        return;
    const auto minutes = static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(*agreed.ends - *agreed.starts).count());
    m_start->setDateTime(QDateTime::fromSecsSinceEpoch(std::chrono::duration_cast<std::chrono::seconds>(agreed.starts->time_since_epoch()).count(), Qt::UTC));
    if (m_length->findData(minutes) < 0)
        m_length->addItem(formatDuration(std::chrono::minutes(minutes)), minutes);
    m_length->setCurrentIndex(m_length->findData(minutes));
    m_onCall->setText(text(agreed.onCall));
    m_abortAt->setValue(static_cast<int>(std::min<std::int64_t>(agreed.abortAt, mostRefusals)));
}

void StepSheet::buildBrownOut()
{
    m_start = new QDateTimeEdit(proposedStart(m_context.clock.now()));
    m_start->setTimeSpec(Qt::UTC);
    m_start->setDisplayFormat(QStringLiteral("yyyy-MM-dd HH:mm"));
    m_start->setCalendarPopup(true);
    m_length = new QComboBox;
    for (const int minutes : {10, 60, 12 * 60, 24 * 60})
        m_length->addItem(formatDuration(std::chrono::minutes(minutes)), minutes);
    const auto &who = m_context.connection.who();
    // Who takes the step is on call as a rule, who confirms it is not.
    m_onCall = new QLineEdit(m_purpose == Purpose::Confirm ? text(m_record.terms.owner) : who ? text(who->name) : QString());
    m_abortAt = new QSpinBox;
    m_abortAt->setRange(0, mostRefusals);
    m_abortAt->setSpecialValueText(tr("never"));
    m_abortAt->setValue(20);
    addField(tr("&Begins, UTC"), m_start);
    addField(tr("&Lasts"), m_length);
    addField(tr("&On call"), m_onCall);
    addField(tr("Aborts by itself at so man&y refusals"), m_abortAt);
    const auto again = [this] { m_soon.start(); };
    connect(m_start, &QDateTimeEdit::dateTimeChanged, this, again);
    connect(m_length, &QComboBox::currentIndexChanged, this, again);
    connect(m_onCall, &QLineEdit::textChanged, this, again);
    connect(m_abortAt, &QSpinBox::valueChanged, this, again);
}

void StepSheet::buildOverride()
{
    m_override = new QCheckBox(tr("Go ahead &in spite of it"));
    m_override->hide();
    addField({}, m_override);
    connect(m_override, &QCheckBox::toggled, this, [this] {
        if (m_planned)
            show(*m_planned);
        // The second person's word binds this as well.
        m_soon.start();
    });
}

std::optional<Time> StepSheet::starts() const
{
    if (!m_start)
        return std::nullopt;
    return Time(std::chrono::seconds(m_start->dateTime().toSecsSinceEpoch() / 60 * 60));
}

api::TakeDeprecationStep StepSheet::request() const
{
    api::TakeDeprecationStep request;
    request.deprecation = m_record.id;
    request.to = m_to;
    request.revision = m_planned ? m_planned->revision : m_record.revision;
    request.reason = reason().toStdString();
    // Before anything is known of the guards, as it was agreed.
    request.overrideGuards = m_override->isChecked() && (m_override->isVisibleTo(this) || !m_planned);
    if (m_start) {
        request.starts = starts();
        request.ends = *request.starts + std::chrono::minutes(m_length->currentData().toInt());
        request.onCall = m_onCall->text().trimmed().toStdString();
        request.abortAt = m_abortAt->value();
    }
    return request;
}

api::ConfirmDeprecationStep StepSheet::word() const
{
    const api::TakeDeprecationStep step = request();
    return {step.deprecation, step.to, step.revision, step.reason, step.overrideGuards, step.starts, step.ends, step.onCall, step.abortAt};
}

bool StepSheet::mayOverride(const api::DeprecationPlan &plan) const
{
    if (m_purpose == Purpose::Take)
        return !plan.allowed && plan.allowedByOverride;
    return std::any_of(plan.guards.begin(), plan.guards.end(), [](const api::DeprecationGuard &guard) {
        return guard.overridable && (guard.state == api::GuardState::Unmet || guard.state == api::GuardState::Unknown);
    });
}

void StepSheet::look()
{
    setReady(false);
    if (!m_planned)
        setGuards({{Mark::Unknown, tr("Everything is being looked at")}});
    const api::TakeDeprecationStep wish = request();
    m_call.start(this, m_context.client.call(api::endpoints::planDeprecationStep, {m_record.id, m_to, wish.starts, wish.ends, wish.onCall, wish.abortAt, wish.overrideGuards}),
                 [this](const Result<api::DeprecationPlan> &answer) {
                     if (answer) {
                         show(*answer);
                         return;
                     }
                     const ErrorWords words = wordsFor(answer.error());
                     setGuards({{Mark::Unknown, tr("Not checked now: %1").arg(words.fields.isEmpty() ? words.title : words.fields.join(QLatin1String("; ")))}});
                 });
}

void StepSheet::show(const api::DeprecationPlan &plan)
{
    m_planned = plan;
    m_override->setVisible(mayOverride(plan));
    const bool overridden = m_override->isVisibleTo(this) && m_override->isChecked();
    QList<Guard> shown;
    for (const api::DeprecationGuard &guard : plan.guards) {
        // The word may be given before all else holds; whoever takes the step waits for that.
        const Mark mark = markOf(guard, overridden);
        if (m_purpose == Purpose::Take)
            shown.append({mark, guardWords(guard)});
        else if (guard.name != "second-person")
            shown.append({mark == Mark::Ok ? mark : Mark::Warning, guardWords(guard)});
    }
    setGuards(shown);
    QStringList hit;
    for (std::size_t i = 0; i < std::min(plan.refused.size(), namedPeople); ++i) {
        const api::RefusedPerson &one = plan.refused[i];
        hit << tr("%1: %2 uses in 30 days").arg(ltr(text(one.user)), formatCount(one.uses)) + (one.exemptUntil ? tr(", exempt until %1").arg(formatDate(*one.exemptUntil)) : QString());
    }
    if (plan.refused.size() > namedPeople)
        hit << tr("%n more person(s)", nullptr, static_cast<int>(plan.refused.size() - namedPeople));
    if (plan.refusedAnonymous > 0)
        hit << tr("%n use(s) that no account stands behind", nullptr, static_cast<int>(std::min<std::int64_t>(plan.refusedAnonymous, 1'000'000'000)));
    setEffects(hit);
    setReady(m_purpose == Purpose::Confirm || plan.allowed || (overridden && plan.allowedByOverride));
}

}  // namespace cm::ui
