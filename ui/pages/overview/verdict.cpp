// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/verdict.h"

#include "core/api/findings.h"

#include "ui/format/cautions.h"
#include "ui/format/format.h"
#include "ui/shell/direct_words.h"

#include <QList>

#include <algorithm>

namespace cm::ui {

std::optional<Time> VerdictWords::oldestSample(const api::Node &node)
{
    std::optional<Time> oldest;
    for (const api::Signal &fact : node.facts) {
        if (!oldest || fact.sampled < *oldest)
            oldest = fact.sampled;
    }
    return oldest;
}

api::Verdict VerdictWords::of(const api::Node &node, Time now)
{
    const auto oldest = oldestSample(node);
    const bool fresh = oldest && now - *oldest <= freshFor;
    return fresh ? node.verdict : std::max(node.verdict, api::Verdict::Unknown);
}

OverviewVerdict VerdictWords::of(const api::MonitorState &state, std::optional<Time> since, bool fresh, bool registryLive, Time now)
{
    const api::VerdictLine &line = state.line;
    if (!fresh) {
        const QString registry = registryLive ? tr("The registry itself answers.") : tr("The registry does not answer either.");
        if (!since)
            return {api::Verdict::Unknown, tr("The monitor has not told anything yet"), registry};
        return {api::Verdict::Unknown, tr("The monitor has told nothing new for %1").arg(formatDuration(now - *since)),
                tr("%1 What is below is from then; last: %2").arg(registry, text(line.statement))};
    }
    OverviewVerdict out{line.verdict, text(line.statement), {}};
    if (line.verdict != api::Verdict::Ok)
        out.facts = factsOf(state);
    QStringList detail;
    if (!line.notAtRisk.empty() && line.verdict != api::Verdict::Ok)
        detail << tr("Not at risk: %1.").arg(text(line.notAtRisk));
    if (line.since && line.verdict != api::Verdict::Ok)
        detail << tr("Since %1, %2.").arg(formatClockUtc(*line.since), formatDuration(now - *line.since));
    if (line.verdict == api::Verdict::Ok)
        detail << tr("%n node(s) watched, each looked at within the last seconds.", nullptr, static_cast<int>(state.nodes.size()));
    if (!state.monitor.storeProblem.empty())
        detail << tr("The monitor keeps no history: %1").arg(text(state.monitor.storeProblem));
    for (const QString &part : std::as_const(detail))
        out.detail = out.detail.isEmpty() ? part : tr("%1 %2", "one sentence after the other").arg(out.detail, part);
    return out;
}

QList<VerdictFact> VerdictWords::factsOf(const api::MonitorState &state)
{
    const api::VerdictLine &line = state.line;
    QList<VerdictFact> facts;
    if (!line.affected.empty())
        facts << VerdictFact{tr("Who is hit"), text(line.affected), true};
    const auto node = std::find_if(state.nodes.begin(), state.nodes.end(), [&line](const api::Node &one) { return one.name == line.cause; });
    if (node == state.nodes.end())
        return facts;
    for (const api::NodeFinding &finding : node->findings) {
        if (finding.code == line.finding && !finding.runbook.empty()) {
            facts << VerdictFact{tr("Next"), text(finding.runbook)};
            break;
        }
    }
    // While the mirror carries the installs, what takes it from them is worse than all else.
    const auto carried = std::find_if(state.nodes.begin(), state.nodes.end(), [](const api::Node &one) { return one.finding == api::finding::fallbackInUse; });
    const QString caution = carried != state.nodes.end() ? cautionFor(carried->finding, carried->name, carried->role) : cautionFor(line.finding, line.cause, node->role);
    if (!caution.isEmpty())
        facts << VerdictFact{tr("Do not"), caution, true};
    return facts;
}

OverviewVerdict VerdictWords::of(const DirectProbe &direct, const api::MonitorState &state, std::optional<Time> since, OverviewVerdict told, Time now)
{
    const QString glance = DirectWords::glance(direct.report());
    const auto age = DirectWords::age(direct.report(), now);
    const QString looked = age ? tr("No look is older than %1.").arg(formatSampleAge(now - *age, now)) : QString();
    if (!direct.isRegistryAway()) {
        if (!glance.isEmpty())
            told.detail = tr("From this desktop: %1. %2\n%3", "what was seen, how old it is, what else").arg(glance, looked, told.detail);
        return told;
    }
    OverviewVerdict out;
    // Where nobody at all is reached, it may be us.
    out.verdict = direct.hasReachedAnybody() ? api::Verdict::Critical : api::Verdict::Unknown;
    out.sentence = glance.isEmpty() ? tr("Neither the registry nor the monitor answers")
                                    : tr("Neither the registry nor the monitor answers; from this desktop: %1").arg(glance);
    const QString last = since ? tr("The monitor has told nothing new for %1; its figures below are from then, last: %2").arg(formatDuration(now - *since), text(state.line.statement))
                               : tr("The monitor has not told anything yet.");
    out.detail = looked.isEmpty() ? last : tr("%1 %2", "one sentence after the other").arg(looked, last);
    out.facts = {VerdictFact{tr("Who is hit"), direct.hasReachedAnybody() ? tr("everybody, as far as this desktop sees") : tr("not known: this desktop reaches nobody"), true},
                 VerdictFact{tr("Next"), direct.hasReachedAnybody() ? tr("start what refuses connections, web nodes first; look from a second place at what does not answer")
                                                                    : tr("look from a second place before anything else")},
                 VerdictFact{tr("Do not"), tr("promote or fence anything: nobody sees who takes writes now"), true}};
    if (!direct.hasReachedAnybody())
        out.detail += QLatin1Char('\n') + tr("Nobody answers at all: it may be this desktop's own network.");
    return out;
}

OverviewVerdict VerdictWords::of(const api::NodeList &nodes, bool live, Time now)
{
    if (nodes.nodes.empty())
        return {api::Verdict::Unknown, tr("Nothing is known about this registry's nodes"), tr("No node has reported a signal.")};
    if (!live)
        return {api::Verdict::Unknown, tr("The registry has not answered lately"),
                tr("What is below is %1 old.").arg(formatSampleAge(nodes.sampled, now))};
    const api::Node *worst = nullptr;
    api::Verdict verdict = api::Verdict::Ok;
    int others = 0;
    for (const api::Node &node : nodes.nodes) {
        const auto mine = of(node, now);
        if (mine == api::Verdict::Ok)
            continue;
        if (!worst || mine > verdict) {
            others += worst ? 1 : 0;
            worst = &node;
            verdict = mine;
        } else {
            ++others;
        }
    }
    if (!worst)
        return {api::Verdict::Ok, tr("All is well: %n node(s) answer", nullptr, static_cast<int>(nodes.nodes.size())),
                tr("Every signal is younger than %1.").arg(formatDuration(freshFor))};
    const QString name = ltr(text(worst->name));
    const QString statement = text(worst->statement);
    OverviewVerdict out{verdict, {}, {}};
    if (verdict == api::Verdict::Unknown && worst->verdict < api::Verdict::Unknown)
        out.sentence = tr("%1 has not reported lately").arg(name);
    else
        out.sentence = statement.isEmpty() ? tr("%1 reports a problem").arg(name) : tr("%1: %2").arg(name, statement);
    const auto well = static_cast<int>(nodes.nodes.size()) - others - 1;
    out.detail = others > 0 ? tr("%n other node(s) need a look too.", nullptr, others)
                 : well > 0 ? tr("The other %n node(s) are well.", nullptr, well)
                            : tr("It is the only node.");
    return out;
}

}  // namespace cm::ui
