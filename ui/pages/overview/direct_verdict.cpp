// SPDX-License-Identifier: GPL-3.0-or-later
// The line on top of Overview while the monitor is silent and this desktop looks itself.
#include "ui/format/format.h"
#include "ui/pages/overview/verdict.h"
#include "ui/shell/direct_words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cm::ui {

namespace {

// A database that took writes when the monitor last spoke.
bool wasPrimary(const api::MonitorState &state, const std::string &name)
{
    const auto node = std::find_if(state.nodes.begin(), state.nodes.end(), [&name](const api::Node &one) { return one.name == name; });
    return node != state.nodes.end() && std::any_of(node->facts.begin(), node->facts.end(), [](const api::Signal &fact) { return fact.name == "role" && fact.text == "primary"; });
}

QStringList reached(const DirectReport &report)
{
    QStringList names;
    for (const DirectLook &look : report.nodes) {
        if (look.outcome == DirectOutcome::Answers || look.outcome == DirectOutcome::TakesConnections || look.outcome == DirectOutcome::Untrusted)
            names << ltr(text(look.name));
    }
    return names;
}

}  // namespace

QString VerdictWords::orderOf(const DirectProbe &direct, const api::MonitorState &state, QString *first)
{
    // Each needs those before it; a standby and a monitor serve nobody.
    constexpr std::array<std::string_view, 6> needs{"primary", "gluster", "pgpool", "web", "ssh", "cdn"};
    std::array<QString, needs.size()> stages;
    std::array<QString, needs.size()> begins;
    QStringList rest;
    for (const DirectLook &look : direct.report().nodes) {
        const bool refuses = look.outcome == DirectOutcome::Refuses;
        if (!refuses && look.outcome != DirectOutcome::NoAnswer && look.outcome != DirectOutcome::NoWay && look.outcome != DirectOutcome::AnswersWrong)
            continue;
        const QString name = ltr(text(look.name));
        const std::string_view role = look.role == "postgres" && wasPrimary(state, look.name) ? std::string_view("primary") : std::string_view(look.role);
        const auto at = static_cast<std::size_t>(std::find(needs.begin(), needs.end(), role) - needs.begin());
        if (at == needs.size()) {
            rest << name;
            continue;
        }
        const bool database = role == "primary";
        const QString act = database && refuses                           ? tr("start %1, if no other database has become the primary").arg(name)
                            : refuses                                     ? tr("start %1").arg(name)
                            : look.outcome == DirectOutcome::AnswersWrong ? tr("read the log of %1").arg(name)
                                                                          : tr("look at the host of %1 from a second place").arg(name);
        stages[at] = stages[at].isEmpty() ? act : tr("%1, %2", "two acts of one stage").arg(stages[at], act);
        if (begins[at].isEmpty())
            begins[at] = text(look.name);
    }
    QString all;
    const auto then = [&all](const QString &stage) { all = all.isEmpty() ? stage : tr("%1; then %2", "one stage of a start after the other").arg(all, stage); };
    for (std::size_t i = 0; i < stages.size(); ++i) {
        if (stages[i].isEmpty())
            continue;
        if (first->isEmpty())
            *first = begins[i];
        then(stages[i]);
    }
    if (!rest.isEmpty())
        then(tr("last %1", "what nobody needs for now").arg(rest.join(QStringLiteral(", "))));
    return all;
}

OverviewVerdict VerdictWords::of(const DirectProbe &direct, const api::MonitorState &state, std::optional<Time> since, OverviewVerdict told, Time now)
{
    const QString glance = DirectWords::glance(direct.report());
    const auto age = DirectWords::age(direct.report(), now);
    const QString looked = age ? tr("Looked from here within the last %1.").arg(formatDuration(*age)) : QString();
    if (!direct.isRegistryAway()) {
        if (!glance.isEmpty())
            told.detail = tr("From this desktop: %1. %2\n%3", "what was seen, how old it is, what else").arg(glance, looked, told.detail);
        return told;
    }
    const bool anybody = direct.hasReachedAnybody();
    OverviewVerdict out;
    // Where nobody at all is reached, it may be us.
    out.verdict = anybody ? api::Verdict::Critical : api::Verdict::Unknown;
    const QString webs = DirectWords::glance(direct.report(), "web");
    out.sentence = webs.isEmpty() ? tr("Neither the registry nor the monitor answers") : tr("Neither the registry nor the monitor answers: %1").arg(webs);
    const QString last = since ? tr("All else on this page is the monitor's last word, %1 old: %2").arg(formatDuration(now - *since), text(state.line.statement))
                               : tr("The monitor has not told anything yet.");
    out.detail = looked.isEmpty() ? last : tr("%1 %2", "one sentence after the other").arg(looked, last);
    out.facts << VerdictFact{tr("Who is hit"), anybody ? tr("everybody, as far as this desktop sees") : tr("not known: this desktop reaches nobody"), true};
    if (!anybody) {
        out.facts << VerdictFact{tr("Next"), tr("try this desktop's own network first: nobody answers at all, so it may be that alone. Then look from a second place")};
    } else {
        const QString order = orderOf(direct, state, &out.look);
        out.facts << VerdictFact{tr("Your own link"), tr("works: %1 can be reached").arg(DirectWords::someOf(reached(direct.report())))};
        if (!order.isEmpty())
            out.facts << VerdictFact{tr("Next"), order};
    }
    out.facts << VerdictFact{tr("Do not"), tr("promote or fence anything: nobody sees who takes writes now"), true};
    return out;
}

}  // namespace cm::ui
