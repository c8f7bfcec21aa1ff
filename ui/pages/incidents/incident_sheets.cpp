// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/incidents/incident_sheets.h"

#include "ui/format/error_words.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

#include "ui/widgets/state_mark.h"

#include <QComboBox>

namespace cm::ui {

namespace {

enum What { FindingOnNode, Node, FindingAnywhere, Role };

}  // namespace

SpanField::SpanField(const QString &name) : m_field(new QComboBox)
{
    m_field->setAccessibleName(name);
    for (const int minutes : {30, 2 * 60, 8 * 60, 24 * 60, 7 * 24 * 60})
        m_field->addItem(formatDuration(std::chrono::minutes(minutes)), minutes);
    m_field->setCurrentIndex(1);
}

Time SpanField::until(Time now) const
{
    return now + std::chrono::minutes(m_field->currentData().toInt());
}

AcknowledgeSheet::AcknowledgeSheet(const PageContext &context, const std::optional<api::Alert> &alert, QWidget *parent)
    : ActionSheet(alert ? text(alert->statement) : tr("Everything that fires now"), alert ? tr("Ac&knowledge the alert") : tr("Ac&knowledge all alerts"), parent),
      m_context(context), m_alert(alert), m_span(tr("For"))
{
    addField(tr("F&or"), m_span.field());
    askReason(true);
    nameReason(tr("&Note for the others"));
    setUndoText(alert ? tr("Undo gives it back: it fires again.") : tr("Each can be given back by itself."));
    connect(m_span.field(), &QComboBox::currentIndexChanged, this, &AcknowledgeSheet::showPlan);
    showPlan();
}

Time AcknowledgeSheet::until() const
{
    return m_span.until(m_context.clock.now());
}

void AcknowledgeSheet::showPlan()
{
    const QString at = formatTime(until());
    QStringList plan{m_alert ? tr("The alert is yours until %1; then it fires again.").arg(at)
                             : tr("What fires now is yours until %1; then it fires again. What comes later is not.").arg(at),
                     tr("Nobody is called about it meanwhile; it stays on the screens with your name and note.")};
    if (m_alert && !m_alert->runbook.empty())
        plan << tr("Next: %1").arg(text(m_alert->runbook));
    setPlan(plan);
}

SilenceSheet::SilenceSheet(const PageContext &context, const api::Alert &alert, QWidget *parent)
    : ActionSheet(tr("Silence"), tr("Hold &back"), parent), m_context(context), m_alert(alert), m_what(new QComboBox), m_span(tr("For"))
{
    m_what->setAccessibleName(tr("What is held back"));
    // As wide as the sheet, however long a name is.
    m_what->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_what->setMinimumContentsLength(12);
    m_what->addItem(tr("This finding on %1").arg(text(alert.node)), FindingOnNode);
    m_what->addItem(tr("All of %1").arg(text(alert.node)), Node);
    m_what->addItem(tr("This finding anywhere"), FindingAnywhere);
    m_what->addItem(tr("All nodes of role %1").arg(roleWords(alert.role)), Role);
    addField(tr("&What"), m_what);
    addField(tr("F&or"), m_span.field());
    askReason(true);
    setUndoText(tr("Undo ends the silence: what it held back fires again."));
    connect(m_what, &QComboBox::currentIndexChanged, this, &SilenceSheet::preview);
    connect(m_span.field(), &QComboBox::currentIndexChanged, this, &SilenceSheet::preview);
    preview();
}

Time SilenceSheet::until() const
{
    return m_span.until(m_context.clock.now());
}

api::SilenceMatch SilenceSheet::match() const
{
    api::SilenceMatch match;
    switch (m_what->currentData().toInt()) {
    case Node:
        match.node = m_alert.node;
        break;
    case FindingAnywhere:
        match.finding = m_alert.finding;
        break;
    case Role:
        match.role = m_alert.role;
        break;
    default:
        match.node = m_alert.node;
        match.finding = m_alert.finding;
    }
    return match;
}

void SilenceSheet::preview()
{
    setPlan({tr("Alerts of %1 are held back until %2.").arg(matchWords(match()), formatTime(until())),
             tr("They stay in the list, marked as silenced; the verdict stays as it is.")});
    setGuards({{Mark::Unknown, tr("Asking what that would hold back now")}});
    m_call.start(this, m_context.monitor->call(api::endpoints::previewSilence, {match()}),
                 [this](const Result<api::SilencePreview> &answer) { showPreview(answer); });
}

void SilenceSheet::showPreview(const Result<api::SilencePreview> &answer)
{
    if (!answer) {
        setGuards({{Mark::Unknown, tr("What it would hold back is not known: %1").arg(wordsFor(answer.error()).title)}});
        return;
    }
    const auto alerts = static_cast<int>(answer->alerts.size());
    QList<Guard> guards{{Mark::Ok, alerts == 0 ? tr("No alert that is open now falls silent") : tr("%n open alert(s) fall(s) silent", nullptr, alerts)}};
    for (const api::Alert &alert : answer->alerts)
        guards << Guard{markOf(alert.verdict) == Mark::Critical ? Mark::Warning : markOf(alert.verdict), text(alert.statement)};
    if (!answer->nodes.empty()) {
        QStringList names;
        for (const std::string &node : answer->nodes)
            names << text(node);
        guards << Guard{Mark::Ok, tr("Coming alerts of %1 would be silent").arg(names.join(QStringLiteral(", ")))};
    }
    for (const std::string &warning : answer->warnings)
        guards << Guard{Mark::Warning, text(warning)};
    // A guard that is unknown would keep the button shut; an unknown node is no reason to.
    for (Guard &guard : guards) {
        if (guard.mark == Mark::Unknown)
            guard.mark = Mark::Warning;
    }
    setGuards(guards);
}

}  // namespace cm::ui
