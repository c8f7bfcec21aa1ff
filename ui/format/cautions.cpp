// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/cautions.h"

#include "core/api/findings.h"
#include "ui/format/acts.h"
#include "ui/format/format.h"
#include "ui/format/signals.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string_view>

namespace cm::ui {

namespace {

namespace code = api::finding;
using api::ActionKind;

QString tr(const char *source)
{
    return QCoreApplication::translate("cautions", source);
}

struct Caution {
    std::string_view finding;
    std::string_view role;  // empty: of any
    const char *words;
};

// %1: the node.
constexpr std::array cautions{
    Caution{code::splitBrain, "", QT_TRANSLATE_NOOP("cautions", "promote, rejoin or restart a database before one of the two is fenced")},
    Caution{code::noPrimary, "", QT_TRANSLATE_NOOP("cautions", "promote a standby before the old primary is proven to have stopped")},
    Caution{code::monitorBlind, "", QT_TRANSLATE_NOOP("cautions", "promote or fence anything: what the monitor does not see may work")},
    Caution{code::disconnected, "", QT_TRANSLATE_NOOP("cautions", "promote %1: what was committed meanwhile is missing there")},
    Caution{code::followsOther, "", QT_TRANSLATE_NOOP("cautions", "promote %1 before it is known whom it follows")},
    Caution{code::stalled, "", QT_TRANSLATE_NOOP("cautions", "promote or switch over to %1 before it replays again")},
    Caution{code::lagging, "", QT_TRANSLATE_NOOP("cautions", "switch over to %1 before it has caught up")},
    Caution{code::diverged, "", QT_TRANSLATE_NOOP("cautions", "promote %1: its history is another one")},
    Caution{code::rebuild, "", QT_TRANSLATE_NOOP("cautions", "promote %1: it lacks what was written since")},
    Caution{code::noSecondCopy, "", QT_TRANSLATE_NOOP("cautions", "stop or restart %1: nobody else has what it commits")},
    Caution{code::slotEndangered, "", QT_TRANSLATE_NOOP("cautions", "drop the slot: its standby would need a new copy")},
    Caution{code::down, "postgres", QT_TRANSLATE_NOOP("cautions", "promote another before %1 is proven to have stopped")},
    Caution{code::noAnswer, "postgres", QT_TRANSLATE_NOOP("cautions", "promote another before %1 is proven to have stopped")},
    Caution{code::down, "web", QT_TRANSLATE_NOOP("cautions", "drain or restart another web node before %1 is back")},
    Caution{code::noAnswer, "web", QT_TRANSLATE_NOOP("cautions", "drain or restart another web node before %1 is back")},
    Caution{code::readOnlyDatabase, "", QT_TRANSLATE_NOOP("cautions", "promote anything before it is known who is primary, or restart web nodes: they serve installs")},
    Caution{code::noQuorum, "", QT_TRANSLATE_NOOP("cautions", "stop or restart %1 or the primary: %1 works, and nobody would take over")},
    Caution{code::disagree, "", QT_TRANSLATE_NOOP("cautions", "switch over, or restart a pgpool, before they agree")},
    Caution{code::memoryCertOld, "", QT_TRANSLATE_NOOP("cautions", "restart the node for that: a reload is enough, and nobody notices it")},
    Caution{code::roleMismatch, "", QT_TRANSLATE_NOOP("cautions", "promote by hand before it is known who is primary")},
    Caution{code::fenced, "", QT_TRANSLATE_NOOP("cautions", "unfence %1 before another server is the primary")},
    Caution{code::noLeader, "", QT_TRANSLATE_NOOP("cautions", "make a new etcd or promote a database by hand: two could write")},
    Caution{code::fallbackNotFiring, "", QT_TRANSLATE_NOOP("cautions", "restart %1 or purge it hard: that empties what it can still serve")},
    Caution{code::fallbackInUse, "", QT_TRANSLATE_NOOP("cautions", "take the mirror out of rotation, or purge the CDN hard: they are what serves")},
    Caution{code::fallbackUnneeded, "", QT_TRANSLATE_NOOP("cautions", "take the mirror out of rotation before a web node serves again")},
    Caution{code::mirrorStale, "", QT_TRANSLATE_NOOP("cautions", "delete the folder of %1: an old copy serves better than none")},
    Caution{code::mirrorHolds, "", QT_TRANSLATE_NOOP("cautions", "allow the deletions of %1 before the registry is known to be whole")},
    Caution{code::mirrorEmpty, "", QT_TRANSLATE_NOOP("cautions", "purge the CDN before %1 is out of rotation")},
    Caution{code::digestMismatch, "", QT_TRANSLATE_NOOP("cautions", "sync over the bytes before they are kept for a look")},
    Caution{code::outlierPop, "", QT_TRANSLATE_NOOP("cautions", "purge %1 or fail over for it: everybody else is served")},
    Caution{code::cdnStale, "", QT_TRANSLATE_NOOP("cautions", "tell anybody that what was withdrawn is gone, or purge everything for it")},
    Caution{code::hitRatioDrop, "", QT_TRANSLATE_NOOP("cautions", "purge anything now")},
    Caution{code::fileSplitBrain, "", QT_TRANSLATE_NOOP("cautions", "change the quorum or resolve by time or size: the larger file would win, whatever is in it")},
    Caution{code::brickDown, "", QT_TRANSLATE_NOOP("cautions", "stop or restart another server of files: nobody could write")},
    Caution{code::streamDead, "", QT_TRANSLATE_NOOP("cautions", "delete the CDN's log files: they can still be counted")},
    Caution{code::countsLate, "", QT_TRANSLATE_NOOP("cautions", "delete the spool of %1: its lines are nowhere else")},
    Caution{code::spoolFull, "", QT_TRANSLATE_NOOP("cautions", "delete the spool of %1: its lines are nowhere else")},
    Caution{code::diskFull, "", QT_TRANSLATE_NOOP("cautions", "delete files of PostgreSQL to make room")},
};

// Who takes writes now, and nothing is wrong with it.
QString primaryOf(const api::MonitorState &state)
{
    for (const api::Node &node : state.nodes) {
        if (node.role == "postgres" && node.verdict == api::Verdict::Ok && isPrimary(node))
            return text(node.name);
    }
    return {};
}

// Whoever takes writes, whatever else is to be said of it; null: nobody, or more than one.
const api::Node *writerOf(const api::MonitorState &state)
{
    const api::Node *found = nullptr;
    for (const api::Node &node : state.nodes) {
        if (node.role != "postgres" || node.verdict == api::Verdict::Critical || !isPrimary(node))
            continue;
        if (found)
            return nullptr;
        found = &node;
    }
    return found;
}

// A database is gone. What is dangerous depends on whether another one takes writes.
QString cautionForGone(const api::MonitorState &state, const api::Node &gone)
{
    const api::Node *writer = writerOf(state);
    if (writer && writer != &gone) {
        const bool alone = hasFinding(*writer, code::noSecondCopy);
        const QString words = alone ? tr(QT_TRANSLATE_NOOP("cautions", "stop or restart %2: nobody else has what it commits. Nor start %1 as a primary"))
                                    : tr(QT_TRANSLATE_NOOP("cautions", "start %1 as a primary: %2 is the one"));
        return QString(words).replace(QStringLiteral("%1"), text(gone.name)).replace(QStringLiteral("%2"), text(writer->name));
    }
    const bool none = std::all_of(state.nodes.begin(), state.nodes.end(), [](const api::Node &node) {
        return node.role != "postgres" || hasFinding(node, code::down) || hasFinding(node, code::noAnswer);
    });
    return none ? tr(QT_TRANSLATE_NOOP("cautions", "promote whichever comes back first: it may lack what another has acknowledged")) : QString();
}

}  // namespace

QString cautionFor(const std::string &finding, const std::string &node, const std::string &role)
{
    for (const Caution &caution : cautions) {
        if (caution.finding == finding && (caution.role.empty() || caution.role == role))
            return tr(caution.words).replace(QStringLiteral("%1"), text(node));
    }
    return {};
}

QString cautionFor(const api::MonitorState &state)
{
    const api::VerdictLine &line = state.line;
    const auto named = [&state](const auto &matches) {
        return std::find_if(state.nodes.begin(), state.nodes.end(), matches);
    };
    // While the mirror carries the installs, what takes it from them is worse than all else.
    const auto carried = named([](const api::Node &node) { return node.finding == code::fallbackInUse; });
    if (carried != state.nodes.end())
        return cautionFor(carried->finding, carried->name, carried->role);
    const api::NodeFinding *leads = leadingFinding(state);
    if (line.finding == code::splitBrain && leads && !leads->actOn.empty()) {
        const auto keep = named([leads](const api::Node &node) { return node.finding == code::splitBrain && node.name != leads->actOn; });
        if (keep != state.nodes.end())
            return tr(QT_TRANSLATE_NOOP("cautions", "fence %2, or promote, rejoin or restart a database before %1 is fenced"))
                .replace(QStringLiteral("%1"), text(leads->actOn)).replace(QStringLiteral("%2"), text(keep->name));
    }
    const QString primary = primaryOf(state);
    if (line.finding == code::readOnlyDatabase && !primary.isEmpty() && text(line.cause) != primary)
        return tr(QT_TRANSLATE_NOOP("cautions", "promote anything: %1 takes writes. Nor restart web nodes: they serve installs")).replace(QStringLiteral("%1"), primary);
    const api::Node *cause = nodeIn(state, line.cause);
    if (cause && cause->role == "postgres" && (line.finding == code::down || line.finding == code::noAnswer)) {
        if (const QString gone = cautionForGone(state, *cause); !gone.isEmpty())
            return gone;
    }
    return cautionFor(line.finding, line.cause, cause ? cause->role : std::string());
}

QString cautionFor(const api::Action &action)
{
    switch (action.state) {
    case api::ActionState::Running:
        if (isTakeover(action.wish.action))
            return tr(QT_TRANSLATE_NOOP("cautions", "promote, fence or restart a database by hand meanwhile"));
        if (action.wish.action == ActionKind::Rejoin)
            return tr(QT_TRANSLATE_NOOP("cautions", "call it off without need: %1 would have no copy and begin anew; nor stop the primary, from which it copies")).replace(QStringLiteral("%1"), text(action.wish.target));
        return tr(QT_TRANSLATE_NOOP("cautions", "restart %1 by hand meanwhile")).replace(QStringLiteral("%1"), text(action.wish.target));
    case api::ActionState::Failed:
    case api::ActionState::Cancelled:
        if (isTakeover(action.wish.action))
            return tr(QT_TRANSLATE_NOOP("cautions", "start, promote or fence a database past its plan before it is known who takes writes"));
        if (action.wish.action == ActionKind::Fence)
            return tr(QT_TRANSLATE_NOOP("cautions", "promote another before %1 is proven to have stopped")).replace(QStringLiteral("%1"), text(action.wish.target));
        return {};
    case api::ActionState::Done:
        break;
    }
    return {};
}

}  // namespace cm::ui
