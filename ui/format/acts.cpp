// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/acts.h"

#include "ui/format/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace cm::ui {

namespace {

using api::ActionKind;

QString tr(const char *source)
{
    return QCoreApplication::translate("acts", source);
}

struct Words {
    const char *entry;
    const char *verb;
    const char *sentence;
};

// %1: the node, %2: the slot, %3: the project.
Words wordsOf(ActionKind kind)
{
    switch (kind) {
    case ActionKind::DrainWeb:
        return {QT_TRANSLATE_NOOP("acts", "&Drain…"), QT_TRANSLATE_NOOP("acts", "&Drain %1"), QT_TRANSLATE_NOOP("acts", "%1 gets no new requests")};
    case ActionKind::ReturnWeb:
        return {QT_TRANSLATE_NOOP("acts", "Re&turn…"), QT_TRANSLATE_NOOP("acts", "Re&turn %1"), QT_TRANSLATE_NOOP("acts", "%1 takes requests again")};
    case ActionKind::DetachBackend:
        return {QT_TRANSLATE_NOOP("acts", "Detach fro&m pgpools…"), QT_TRANSLATE_NOOP("acts", "De&tach %1"),
                QT_TRANSLATE_NOOP("acts", "No pgpool uses %1")};
    case ActionKind::AttachBackend:
        return {QT_TRANSLATE_NOOP("acts", "A&ttach again…"), QT_TRANSLATE_NOOP("acts", "A&ttach %1"),
                QT_TRANSLATE_NOOP("acts", "The pgpools use %1 again")};
    case ActionKind::SwitchOver:
        return {QT_TRANSLATE_NOOP("acts", "S&witch over to this…"), QT_TRANSLATE_NOOP("acts", "S&witch over to %1"),
                QT_TRANSLATE_NOOP("acts", "%1 becomes the primary")};
    case ActionKind::Promote:
        return {QT_TRANSLATE_NOOP("acts", "&Promote…"), QT_TRANSLATE_NOOP("acts", "&Promote %1"),
                QT_TRANSLATE_NOOP("acts", "%1 becomes the primary without the old one")};
    case ActionKind::Fence:
        return {QT_TRANSLATE_NOOP("acts", "F&ence…"), QT_TRANSLATE_NOOP("acts", "F&ence %1"), QT_TRANSLATE_NOOP("acts", "%1 stops and stays stopped")};
    case ActionKind::Unfence:
        return {QT_TRANSLATE_NOOP("acts", "&Unfence…"), QT_TRANSLATE_NOOP("acts", "&Unfence %1"), QT_TRANSLATE_NOOP("acts", "%1 may start again")};
    case ActionKind::Rejoin:
        return {QT_TRANSLATE_NOOP("acts", "Re&join…"), QT_TRANSLATE_NOOP("acts", "Re&join %1"),
                QT_TRANSLATE_NOOP("acts", "%1 is made to follow the primary")};
    case ActionKind::ResumeReplay:
        return {QT_TRANSLATE_NOOP("acts", "Resume repla&y…"), QT_TRANSLATE_NOOP("acts", "Resume repla&y of %1"),
                QT_TRANSLATE_NOOP("acts", "%1 replays again")};
    case ActionKind::DropSlot:
        return {QT_TRANSLATE_NOOP("acts", "Drop s&lot…"), QT_TRANSLATE_NOOP("acts", "Drop s&lot %2"),
                QT_TRANSLATE_NOOP("acts", "The slot %2 on %1 is dropped")};
    case ActionKind::SyncMirror:
        return {QT_TRANSLATE_NOOP("acts", "S&ync now…"), QT_TRANSLATE_NOOP("acts", "S&ync %1 now"), QT_TRANSLATE_NOOP("acts", "%1 compares itself with the registry")};
    case ActionKind::PauseMirror:
        return {QT_TRANSLATE_NOOP("acts", "P&ause…"), QT_TRANSLATE_NOOP("acts", "P&ause %1"), QT_TRANSLATE_NOOP("acts", "%1 stays as it is for a while")};
    case ActionKind::ResumeMirror:
        return {QT_TRANSLATE_NOOP("acts", "Res&ume…"), QT_TRANSLATE_NOOP("acts", "Res&ume %1"), QT_TRANSLATE_NOOP("acts", "%1 follows the registry again")};
    case ActionKind::AllowDeletions:
        return {QT_TRANSLATE_NOOP("acts", "Allow &deletions once…"), QT_TRANSLATE_NOOP("acts", "Allow these &deletions once"),
                QT_TRANSLATE_NOOP("acts", "%1 follows the deletions that it held back")};
    case ActionKind::SyncProject:
        return {QT_TRANSLATE_NOOP("acts", "Sync one project a&gain…"), QT_TRANSLATE_NOOP("acts", "Sync the project a&gain"),
                QT_TRANSLATE_NOOP("acts", "%1 looks at %3 anew")};
    case ActionKind::MirrorOut:
        return {QT_TRANSLATE_NOOP("acts", "Take &out of rotation…"), QT_TRANSLATE_NOOP("acts", "Take %1 &out of rotation"),
                QT_TRANSLATE_NOOP("acts", "The CDN no longer falls back to %1")};
    case ActionKind::MirrorReturn:
        return {QT_TRANSLATE_NOOP("acts", "Re&turn to rotation…"), QT_TRANSLATE_NOOP("acts", "Re&turn %1 to rotation"),
                QT_TRANSLATE_NOOP("acts", "The CDN falls back to %1 again")};
    case ActionKind::DrillFallback:
        return {QT_TRANSLATE_NOOP("acts", "Fallback dr&ill…"), QT_TRANSLATE_NOOP("acts", "Run the fallback dr&ill through %1"),
                QT_TRANSLATE_NOOP("acts", "One page and one file go through %1 from the mirror")};
    case ActionKind::HealFiles:
        return {QT_TRANSLATE_NOOP("acts", "&Heal now…"), QT_TRANSLATE_NOOP("acts", "&Heal from %1"), QT_TRANSLATE_NOOP("acts", "%1 heals what waits")};
    case ActionKind::RestartBrick:
        return {QT_TRANSLATE_NOOP("acts", "Restart &brick…"), QT_TRANSLATE_NOOP("acts", "Restart the &brick of %1"), QT_TRANSLATE_NOOP("acts", "The brick of %1 starts anew")};
    case ActionKind::ResolveSplit:
        return {QT_TRANSLATE_NOOP("acts", "Resol&ve all by digest…"), QT_TRANSLATE_NOOP("acts", "Resol&ve all by digest"),
                QT_TRANSLATE_NOOP("acts", "Files with two versions get the bytes of their digest")};
    case ActionKind::ReloadWeb:
        break;
    }
    return {QT_TRANSLATE_NOOP("acts", "Re&load certificate…"), QT_TRANSLATE_NOOP("acts", "Re&load the certificate of %1"),
            QT_TRANSLATE_NOOP("acts", "%1 reads its certificate again")};
}

QString filled(const char *words, const api::ActionWish &wish)
{
    QString out = tr(words);
    return out.replace(QStringLiteral("%1"), text(wish.target)).replace(QStringLiteral("%2"), text(wish.slot)).replace(QStringLiteral("%3"), text(wish.project));
}

bool allDone(const std::vector<api::ActionStep> &steps)
{
    return std::all_of(steps.begin(), steps.end(), [](const api::ActionStep &step) { return step.state == api::StepState::Done; });
}

bool anyDone(const std::vector<api::ActionStep> &steps)
{
    return std::any_of(steps.begin(), steps.end(), [](const api::ActionStep &step) { return step.state == api::StepState::Done; });
}

}  // namespace

QString actEntry(ActionKind kind)
{
    return tr(wordsOf(kind).entry);
}

QString actVerb(const api::ActionWish &wish)
{
    if (!wish.file.empty())
        return tr(QT_TRANSLATE_NOOP("acts", "Resol&ve this file by digest"));
    return filled(wordsOf(wish.action).verb, wish);
}

QString actSentence(const api::ActionWish &wish)
{
    if (!wish.file.empty())
        return tr(QT_TRANSLATE_NOOP("acts", "%1 gets the bytes of its digest")).arg(text(wish.file.substr(wish.file.rfind('/') + 1)));
    return filled(wordsOf(wish.action).sentence, wish);
}

QString nameFor(api::StepState state)
{
    switch (state) {
    case api::StepState::Waiting:
        return tr(QT_TRANSLATE_NOOP("acts", "waits"));
    case api::StepState::Running:
        return tr(QT_TRANSLATE_NOOP("acts", "under way"));
    case api::StepState::Done:
        return tr(QT_TRANSLATE_NOOP("acts", "done"));
    case api::StepState::Failed:
        return tr(QT_TRANSLATE_NOOP("acts", "failed"));
    case api::StepState::Skipped:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("acts", "not done"));
}

QString nameFor(api::ActionState state)
{
    switch (state) {
    case api::ActionState::Running:
        return tr(QT_TRANSLATE_NOOP("acts", "under way"));
    case api::ActionState::Done:
        return tr(QT_TRANSLATE_NOOP("acts", "done"));
    case api::ActionState::Failed:
        return tr(QT_TRANSLATE_NOOP("acts", "failed"));
    case api::ActionState::Cancelled:
        break;
    }
    return tr(QT_TRANSLATE_NOOP("acts", "cancelled"));
}

bool isTakeover(ActionKind kind)
{
    return kind == ActionKind::SwitchOver || kind == ActionKind::Promote;
}

QString actRemedy(const api::Action &action)
{
    if (action.state != api::ActionState::Failed && action.state != api::ActionState::Cancelled)
        return {};
    const bool takeover = isTakeover(action.wish.action);
    const bool tells = action.wish.action == ActionKind::AllowDeletions || action.wish.action == ActionKind::SyncProject;
    if (allDone(action.steps) && !tells) {
        return takeover ? tr(QT_TRANSLATE_NOOP("acts", "Every step was done. Look at Replication: who takes writes, and who follows; repeat nothing before that."))
                        : tr(QT_TRANSLATE_NOOP("acts", "Every step was done. Look at the node: what was expected may only come later."));
    }
    if (takeover && anyDone(action.steps))
        return tr(QT_TRANSLATE_NOOP("acts", "Look at Replication at once: who takes writes? If nobody does, promote %1 by its plan: it proves that the old primary has stopped.")).replace(QStringLiteral("%1"), text(action.wish.target));
    switch (action.wish.action) {
    case ActionKind::DrillFallback:
        return tr(QT_TRANSLATE_NOOP("acts", "No client noticed. Repair what the step names: the day the web nodes fail, this fails too. Then run the drill again."));
    case ActionKind::AllowDeletions:
        return tr(QT_TRANSLATE_NOOP("acts", "What was not followed is served as before. Look at what the mirror holds back now, then plan it again."));
    case ActionKind::SyncProject:
        return tr(QT_TRANSLATE_NOOP("acts", "What the mirror has of it is served as before, and it tries again by itself. Mend what it names, then sync the project again."));
    case ActionKind::Rejoin:
        return tr(QT_TRANSLATE_NOOP("acts", "The old data are kept beside the new ones. Read what the agent said, then rejoin with a new copy."));
    case ActionKind::Promote:
    case ActionKind::SwitchOver:
        return tr(QT_TRANSLATE_NOOP("acts", "Nobody was promoted. Look at Replication: who takes writes now; then plan it again."));
    case ActionKind::Fence:
        return tr(QT_TRANSLATE_NOOP("acts", "It may still run. Do not promote another one before it is proven to have stopped."));
    default:
        return tr(QT_TRANSLATE_NOOP("acts", "Look at the node, then plan it again: the plan says what stands in the way now."));
    }
}

}  // namespace cm::ui
