// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/verdict.h"

#include "core/api/findings.h"

#include "ui/format/cautions.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

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
    if (!nodeIn(state, line.cause))
        return facts;
    if (const api::NodeFinding *leads = leadingFinding(state); leads && !leads->runbook.empty())
        facts << VerdictFact{tr("Next"), text(leads->runbook)};
    if (const QString caution = cautionFor(state); !caution.isEmpty())
        facts << VerdictFact{tr("Do not"), caution, true};
    return facts;
}

QString VerdictWords::changedBefore(const api::MonitorState &state, const std::vector<api::TimelineEvent> &events)
{
    constexpr auto shortly = std::chrono::minutes(15);
    const api::Node *cause = nodeIn(state, state.line.cause);
    if (!cause || !state.line.since)
        return {};
    const Time since = *state.line.since;
    // The newest of each node: its own before those of its like.
    std::vector<const api::TimelineEvent *> found;
    for (const api::TimelineEvent &event : events) {
        const bool change = event.kind == "version.changed" || event.kind == "action.ended";
        const api::Node *node = nodeIn(state, event.node);
        const bool near = event.time <= since && since - event.time <= shortly;
        if (!change || !near || !node || (node->name != cause->name && node->role != cause->role))
            continue;
        const auto same = std::find_if(found.begin(), found.end(), [&event](const api::TimelineEvent *one) { return one->node == event.node; });
        if (same == found.end())
            found.push_back(&event);
        else if (event.time > (*same)->time)
            *same = &event;
    }
    std::stable_sort(found.begin(), found.end(), [cause](const auto *a, const auto *b) {
        return (a->node == cause->name) != (b->node == cause->name) ? a->node == cause->name : a->time > b->time;
    });
    QStringList words;
    for (const api::TimelineEvent *event : found)
        words << tr("%1, %2 before", "a change and for how long").arg(text(event->statement), formatDuration(since - event->time));
    return words.join(QStringLiteral("; "));
}

QList<VerdictFact> VerdictWords::factsOf(const api::Node &node, std::optional<StoredBytes> stored)
{
    const auto figure = [&node](std::string_view name) -> std::optional<double> {
        const api::Signal *fact = factOf(node, name);
        return fact ? fact->value : std::nullopt;
    };
    if (node.role != "files")
        return {};
    QList<VerdictFact> facts;
    const bool full = node.verdict == api::Verdict::Critical;
    facts << VerdictFact{tr("Who is hit"), full ? tr("uploads; installs go on") : tr("nobody yet; every upload once the disk is full"), true};
    const auto free = figure("free"), total = figure("total");
    if (free && total && stored) {
        const double used = *total - *free;
        const QString left = tr("%1 are left; how fast they go only a monitor measures.").arg(formatBytes(static_cast<qint64>(*free)));
        // What the packages take says whether it helps to remove some.
        facts << VerdictFact{tr("Next"), stored->packages * 2 > used
                                             ? tr("Make room, or give the registry a larger disk: the packages fill most of this one. %1").arg(left)
                                             : tr("Find what else fills this disk: the packages are only %1 of it. %2").arg(formatBytes(static_cast<qint64>(stored->packages)), left)};
    }
    facts << VerdictFact{tr("Do not"), tr("delete files in the registry's folder by hand: a release would lack its bytes"), true};
    return facts;
}

OverviewVerdict VerdictWords::of(const api::NodeList &nodes, bool live, Time now, std::optional<StoredBytes> stored)
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
    if (worst->verdict == verdict)
        out.facts = factsOf(*worst, stored);
    const auto well = static_cast<int>(nodes.nodes.size()) - others - 1;
    out.detail = others > 0 ? tr("%n other node(s) need a look too.", nullptr, others)
                 : well > 0 ? tr("The other %n node(s) are well.", nullptr, well)
                            : tr("It is the only node.");
    return out;
}

}  // namespace cm::ui
