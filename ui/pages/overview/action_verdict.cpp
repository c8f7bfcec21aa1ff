// SPDX-License-Identifier: GPL-3.0-or-later
// The line on top of Overview while an action is at work, and after one that did not end well.
#include "core/api/findings.h"
#include "ui/format/acts.h"
#include "ui/format/cautions.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"
#include "ui/pages/overview/verdict.h"

#include <algorithm>
#include <functional>

namespace cm::ui {

namespace {

using Steps = std::vector<api::ActionStep>;

Steps::const_iterator firstOf(const Steps &steps, api::StepState state)
{
    return std::find_if(steps.begin(), steps.end(), [state](const api::ActionStep &step) { return step.state == state; });
}

QString joined(const Steps &steps, const std::function<bool(const api::ActionStep &)> &wanted)
{
    QStringList all;
    for (const api::ActionStep &step : steps) {
        if (wanted(step))
            all << text(step.statement);
    }
    return all.join(QStringLiteral("; "));
}

// Nothing is wrong but what is being mended.
bool isMeant(const api::Action &action, const api::MonitorState &state)
{
    return action.wish.action == api::ActionKind::Rejoin && std::all_of(state.nodes.begin(), state.nodes.end(), [&action](const api::Node &node) {
               return node.verdict < api::Verdict::Unknown || node.name == action.wish.target || node.cause == action.wish.target;
           });
}

}  // namespace

QString VerdictWords::progressOf(const api::Action &action)
{
    auto at = firstOf(action.steps, api::StepState::Running);
    if (at == action.steps.end())
        at = firstOf(action.steps, api::StepState::Waiting);
    if (at == action.steps.end()) {
        const QString open = joined(action.aftermath, [](const api::ActionStep &step) { return step.state != api::StepState::Done; });
        return open.isEmpty() ? tr("every step is done") : tr("every step is done; still to come: %1").arg(open);
    }
    const auto number = static_cast<int>(at - action.steps.begin()) + 1;
    const QString words = tr("step %1 of %2, %3").arg(number).arg(action.steps.size()).arg(text(at->statement));
    return at->progress ? tr("%1 (%2)", "a step and its share").arg(words, formatPercent(*at->progress)) : words;
}

// A step-down without its promotion leaves nobody who takes writes, or the old primary again.
void VerdictWords::addHalfWay(OverviewVerdict &out, const api::Action &action, const api::MonitorState &state)
{
    const QString target = text(action.wish.target);
    QString old, writer;
    bool nobody = false, agentAway = false;
    std::string host;
    for (const api::Node &node : state.nodes) {
        nobody = nobody || hasFinding(node, api::finding::noPrimary);
        host = node.name == action.wish.target ? node.host : host;
        if (node.role != "postgres")
            continue;
        if (node.name != action.wish.target && (hasFinding(node, api::finding::down) || hasFinding(node, api::finding::noAnswer) || hasFinding(node, api::finding::fenced)))
            old = text(node.name);
        else if (node.verdict < api::Verdict::Unknown && isPrimary(node))
            writer = text(node.name);
    }
    for (const api::Node &node : state.nodes)
        agentAway = agentAway || (node.role == "agent" && node.host == host && node.verdict >= api::Verdict::Unknown);
    if (nobody && !old.isEmpty()) {
        out.sentence = tr("Nothing takes writes: %1 stopped halfway. %2", "an act and why").arg(actVerb(action.wish).remove(QLatin1Char('&')), text(action.statement));
        const QString proof = tr("its plan proves first that %1 has stopped and that nothing is lost").arg(old);
        out.facts << VerdictFact{tr("Next"), agentAway ? tr("Start the agent on %1, which carries out the order. Then promote %2: %3.").arg(text(host), target, proof)
                                                       : tr("Promote %1: %2.").arg(target, proof)};
        out.facts << VerdictFact{tr("Do not"), tr("start %1, which was stopped on purpose, or promote %2 past its plan: two databases could take writes").arg(old, target), true};
        api::ActionWish wish;
        wish.action = api::ActionKind::Promote;
        wish.target = action.wish.target;
        // Who carries it out has to be there first.
        if (!agentAway)
            out.act = wish;
    } else if (!writer.isEmpty()) {
        out.facts << VerdictFact{tr("Next"), tr("Look why the step failed, then plan it again: %1 takes writes.").arg(writer)};
        out.facts << VerdictFact{tr("Do not"), tr("promote, fence or restart a database by hand"), true};
    } else {
        out.facts << VerdictFact{tr("Next"), actRemedy(action)};
        out.facts << VerdictFact{tr("Do not"), cautionFor(action), true};
    }
}

OverviewVerdict VerdictWords::of(const api::Action &action, const api::MonitorState &state, const OverviewVerdict &told)
{
    const QString verb = actVerb(action.wish).remove(QLatin1Char('&'));
    const bool running = action.state == api::ActionState::Running;
    // Who does it, since when and why stands over its steps.
    OverviewVerdict out{told.verdict, {}, told.detail};
    if (running) {
        if (isMeant(action, state))
            out.verdict = std::min(out.verdict, api::Verdict::Warning);
        out.sentence = tr("%1 is under way: %2", "an act and its step").arg(verb, progressOf(action));
    } else {
        const bool failed = action.state == api::ActionState::Failed;
        out.sentence = (failed ? tr("%1 failed: %2", "an act and why") : tr("%1 did not finish: %2", "an act and why")).arg(verb, text(action.statement));
        out.verdict = std::max(told.verdict, failed ? api::Verdict::Critical : api::Verdict::Warning);
    }
    const bool well = state.line.verdict == api::Verdict::Ok;
    if (!well && !state.line.affected.empty())
        out.facts << VerdictFact{tr("Who is hit"), text(state.line.affected), true};
    addNext(out, action, state);
    // What the monitor concludes is said as well, and never in place of what is done; history comes last.
    out.facts << VerdictFact{running ? tr("Meanwhile") : tr("Now"), told.sentence};
    if (!running) {
        const QString done = joined(action.steps, [](const api::ActionStep &step) { return step.state == api::StepState::Done; });
        out.facts << VerdictFact{tr("Done before"), done.isEmpty() ? tr("nothing") : done};
    }
    return out;
}

// The next safe act, and what is not one.
void VerdictWords::addNext(OverviewVerdict &out, const api::Action &action, const api::MonitorState &state)
{
    const bool running = action.state == api::ActionState::Running;
    const bool begun = firstOf(action.steps, api::StepState::Done) != action.steps.end();
    const bool whole = std::all_of(action.steps.begin(), action.steps.end(), [](const api::ActionStep &step) { return step.state == api::StepState::Done; });
    if (!running && isTakeover(action.wish.action) && begun && !whole) {
        addHalfWay(out, action, state);
        return;
    }
    const bool steps = firstOf(action.steps, api::StepState::Running) != action.steps.end() || firstOf(action.steps, api::StepState::Waiting) != action.steps.end();
    const QString next = !running ? actRemedy(action)
        : steps                   ? tr("wait: it ends by itself, and nothing else can be begun before")
                                  : tr("wait: what is still to come is looked for each second");
    if (!next.isEmpty())
        out.facts << VerdictFact{tr("Next"), next};
    if (const QString caution = cautionFor(action); !caution.isEmpty())
        out.facts << VerdictFact{tr("Do not"), caution, true};
}

}  // namespace cm::ui
