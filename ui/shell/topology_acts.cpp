// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/topology_acts.h"

#include "core/api/findings.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

#include <algorithm>

namespace cm::ui {

namespace {

using api::ActionKind;
namespace code = api::finding;

ActChoice choice(ActionKind kind, const api::Node &node, bool sensible, const QString &why)
{
    api::ActionWish wish;
    wish.action = kind;
    wish.target = node.name;
    return {wish, sensible, sensible ? QString() : why};
}

bool isWell(const api::Node &node)
{
    return node.verdict == api::Verdict::Ok;
}

}  // namespace

std::optional<bool> TopologyActs::isStandby(const api::Node &node)
{
    for (const api::Signal &fact : node.facts) {
        if (fact.name == "role" && !fact.text.empty())
            return fact.text == "standby";
    }
    return std::nullopt;
}

QList<ActChoice> TopologyActs::onWeb(const api::Node &node)
{
    const QString name = text(node.name);
    const bool drained = hasFinding(node, code::drained);
    return {choice(ActionKind::DrainWeb, node, !drained, tr("%1 is drained already").arg(name)),
            choice(ActionKind::ReturnWeb, node, drained || !isWell(node), tr("%1 is not drained").arg(name)),
            choice(ActionKind::ReloadWeb, node, true, {})};
}

QList<ActChoice> TopologyActs::onDatabase(const api::Node &node)
{
    const QString name = text(node.name);
    const std::optional<bool> standby = isStandby(node);
    const bool primary = standby && !*standby;
    const bool fenced = hasFinding(node, code::fenced);
    const bool aside = hasFinding(node, code::setAside);
    const QString takes = tr("%1 takes writes").arg(name);
    const QString stopped = tr("%1 is fenced: unfence it first").arg(name);
    const QString noStandby = fenced ? stopped : takes;
    const bool usable = !primary && !fenced;
    return {choice(ActionKind::SwitchOver, node, usable, noStandby),
            choice(ActionKind::Promote, node, usable, noStandby),
            choice(ActionKind::ResumeReplay, node, usable, noStandby),
            choice(ActionKind::DetachBackend, node, usable && !aside, aside ? tr("%1 is left out by order already").arg(name) : noStandby),
            choice(ActionKind::AttachBackend, node, usable, noStandby),
            choice(ActionKind::Rejoin, node, usable, noStandby),
            choice(ActionKind::Fence, node, !fenced, tr("%1 is fenced already").arg(name)),
            choice(ActionKind::Unfence, node, fenced || !isWell(node), tr("%1 is not fenced").arg(name))};
}

QList<ActChoice> TopologyActs::onMirror(const api::Node &node)
{
    const QString name = text(node.name);
    const bool paused = hasFinding(node, code::paused);
    const bool out = hasFinding(node, code::outOfRotation);
    return {choice(ActionKind::SyncMirror, node, !paused, tr("%1 is paused: resume it first").arg(name)),
            choice(ActionKind::PauseMirror, node, !paused, tr("%1 is paused already").arg(name)),
            choice(ActionKind::ResumeMirror, node, paused, tr("%1 is not paused").arg(name)),
            choice(ActionKind::SyncProject, node, !paused, tr("%1 is paused: resume it first").arg(name)),
            choice(ActionKind::AllowDeletions, node, hasFinding(node, code::mirrorHolds), tr("%1 holds nothing back").arg(name)),
            choice(ActionKind::MirrorOut, node, !out, tr("%1 is out of rotation already").arg(name)),
            choice(ActionKind::MirrorReturn, node, out, tr("%1 is in rotation").arg(name))};
}

QList<ActChoice> TopologyActs::onFiles(const api::Node &node)
{
    // It is found once, and each server that has the file counts it.
    const bool split = hasFinding(node, code::fileSplitBrain) || std::any_of(node.facts.begin(), node.facts.end(), [](const api::Signal &fact) {
                           return fact.name == "split-brain" && fact.value.value_or(0) > 0;
                       });
    return {choice(ActionKind::ResolveSplit, node, split, tr("No file of %1 has two versions").arg(text(node.name))),
            choice(ActionKind::HealFiles, node, true, {}), choice(ActionKind::RestartBrick, node, true, {})};
}

QList<ActChoice> TopologyActs::on(const api::Node &node)
{
    if (node.role == "cdn")
        return {choice(ActionKind::DrillFallback, node, true, {})};
    return node.role == "web"        ? onWeb(node)
           : node.role == "postgres" ? onDatabase(node)
           : node.role == "mirror"   ? onMirror(node)
           : node.role == "gluster"  ? onFiles(node)
                                     : QList<ActChoice>();
}

ActChoice TopologyActs::dropOf(const api::ReplicationSlot &slot)
{
    api::ActionWish wish;
    wish.action = ActionKind::DropSlot;
    wish.target = slot.node;
    wish.slot = slot.name;
    return {wish, !slot.active, slot.active ? tr("Somebody uses %1 now").arg(text(slot.name)) : QString()};
}

std::optional<api::ActionWish> TopologyActs::next(const std::string &finding, const std::string &node, const api::Topology &topology)
{
    struct Next {
        std::string_view finding;
        ActionKind kind;
    };
    static constexpr std::array acts{Next{code::stalled, ActionKind::ResumeReplay},  Next{code::memoryCertOld, ActionKind::ReloadWeb},
                                     Next{code::drained, ActionKind::ReturnWeb},     Next{code::setAside, ActionKind::AttachBackend},
                                     Next{code::fenced, ActionKind::Unfence},        Next{code::rebuild, ActionKind::Rejoin},
                                     Next{code::diverged, ActionKind::Rejoin},
                                     Next{code::mirrorStale, ActionKind::SyncMirror}, Next{code::paused, ActionKind::ResumeMirror},
                                     Next{code::mirrorHolds, ActionKind::AllowDeletions}, Next{code::mirrorLacks, ActionKind::SyncProject},
                                     Next{code::mirrorEmpty, ActionKind::MirrorOut}, Next{code::digestMismatch, ActionKind::MirrorOut},
                                     Next{code::outOfRotation, ActionKind::MirrorReturn},
                                     Next{code::drillDue, ActionKind::DrillFallback}, Next{code::drillFailed, ActionKind::DrillFallback},
                                     Next{code::fileSplitBrain, ActionKind::ResolveSplit}, Next{code::brickDown, ActionKind::RestartBrick},
                                     Next{code::healPending, ActionKind::HealFiles}};
    const auto *found = std::find_if(acts.begin(), acts.end(), [&finding](const Next &one) { return one.finding == finding; });
    if (found == acts.end())
        return std::nullopt;
    api::ActionWish wish;
    wish.action = found->kind;
    wish.target = node;
    if (found->kind != ActionKind::ReloadWeb)
        return wish;
    // A certificate is read by the web node that presents it.
    const auto isWeb = [&topology](const std::string &name) {
        return std::any_of(topology.nodes.begin(), topology.nodes.end(), [&name](const api::TopologyNode &one) { return one.name == name && one.role == "web"; });
    };
    for (const api::TopologyEdge &edge : topology.edges) {
        if (edge.kind != "presents" || (edge.from != node && edge.to != node))
            continue;
        const std::string &other = edge.from == node ? edge.to : edge.from;
        if (isWeb(other)) {
            wish.target = other;
            return wish;
        }
    }
    return isWeb(node) ? std::optional(wish) : std::nullopt;
}

std::optional<api::ActionWish> TopologyActs::next(const api::NodeFinding &finding, const std::string &node, const api::Topology &topology)
{
    if (finding.act.empty())
        return next(finding.code, node, topology);
    // A newer monitor may name one that this desktop does not know.
    const auto kind = api::enumNamed<ActionKind>(finding.act);
    if (!kind || finding.actOn != node)
        return std::nullopt;
    api::ActionWish wish;
    wish.action = *kind;
    wish.target = finding.actOn;
    return wish;
}

}  // namespace cm::ui
