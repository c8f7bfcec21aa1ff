// SPDX-License-Identifier: GPL-3.0-or-later
// The ten rows of the lag table, and the row that comes before them: seen by nobody.
#include "core/monitor/verdicts/replication.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

bool streams(const PostgresFacts &standby, const Thresholds &limits)
{
    const double longest = longestPause(standby, limits.silentSeconds);
    return standby.receiver && standby.receiver->status == "streaming" &&
           standby.receiver->messageAge.value_or(longest) < longest;
}

double gap(Lsn ahead, Lsn behind)
{
    return ahead > behind ? static_cast<double>(ahead - behind) : 0.0;
}

std::string sinceLastMessage(const PostgresFacts *standby)
{
    if (standby && standby->receiver && standby->receiver->messageAge)
        return fmt::format(", last heard {} ago", secondsText(*standby->receiver->messageAge));
    return {};
}

LagJudgement judged(int row, Verdict verdict, std::string_view found, std::string statement, int raiseAfter = 2)
{
    LagJudgement judgement;
    judgement.row = row;
    judgement.verdict = verdict;
    judgement.code = found;
    judgement.statement = std::move(statement);
    judgement.raiseAfter = raiseAfter;
    return judgement;
}

// Rows 7 to 9: nothing that lag could be measured of.
std::optional<LagJudgement> judgeBeyondRepair(const LagInput &in, const Thresholds &limits)
{
    const PostgresFacts *standby = in.standbyFacts;
    const PostgresFacts *primary = in.primaryFacts;
    if (standby && primary && !standby->inRecovery && !primary->inRecovery)
        return judged(7, Verdict::Critical, code::splitBrain,
                      fmt::format("{} and {} both take writes", in.primary, in.standby), 1);
    if (standby && primary && !standby->systemIdentifier.empty() && !primary->systemIdentifier.empty() &&
        standby->systemIdentifier != primary->systemIdentifier)
        return judged(8, Verdict::Critical, code::diverged,
                      fmt::format("{} is not a copy of {}: another system identifier", in.standby, in.primary));
    const SlotFacts *slot = slotOf(in);
    if (slot && slot->walStatus == "lost")
        return judged(9, Verdict::Critical, code::rebuild,
                      fmt::format("{} cannot catch up: its slot has lost the WAL it needs", in.standby));
    const WalSender *row = senderOf(in);
    const bool streaming = row && row->state == "streaming" && standby && streams(*standby, limits);
    if (standby && primary && !streaming && standby->timeline && primary->timeline &&
        *standby->timeline != *primary->timeline)
        // A standby that changes over to a new timeline passes through here: not at the first sight.
        return judged(8, Verdict::Critical, code::diverged,
                      fmt::format("{} is on timeline {}, {} on {}", in.standby, *standby->timeline, in.primary,
                                  *primary->timeline), 3);
    return std::nullopt;
}

// Rows 6, and 0: what can be said with one end or none.
LagJudgement judgeOneSided(const LagInput &in, const Thresholds &limits)
{
    const PostgresFacts *standby = in.standbyFacts;
    if (!standby)
        return judged(0, Verdict::Unknown, code::stale, fmt::format("Nobody can say how far {} is", in.standby));
    if (streams(*standby, limits))
        return judged(6, Verdict::Unknown, code::monitorBlind,
                      fmt::format("{} still streams from {}, which the monitor cannot reach", in.standby, in.primary));
    return judged(0, Verdict::Critical, code::disconnected,
                  fmt::format("{} receives nothing and {} does not answer{}", in.standby, in.primary,
                              sinceLastMessage(standby)));
}

// Rows 4 and 5: the primary knows of no such standby.
LagJudgement judgeWithoutRow(const LagInput &in, const Thresholds &limits)
{
    const PostgresFacts *standby = in.standbyFacts;
    if (standby && streams(*standby, limits)) {
        const std::string from = standby->receiver->senderHost.empty() ? "somebody" : standby->receiver->senderHost;
        return judged(5, Verdict::Unknown, code::followsOther,
                      fmt::format("{} streams from {}, and {} knows nothing of it", in.standby, from, in.primary));
    }
    LagJudgement judgement = judged(4, Verdict::Critical, code::disconnected,
                                    fmt::format("{} is not connected to {}{}", in.standby, in.primary,
                                                sinceLastMessage(standby)));
    // Whatever it has replayed, it does not know what it has not received.
    if (const SlotFacts *slot = slotOf(in); slot && slot->retained)
        judgement.bytes = *slot->retained;
    return judgement;
}

LagJudgement judgeBehind(const LagInput &in, double bytes, std::optional<double> seconds, const Thresholds &limits)
{
    const double late = seconds.value_or(0);
    const bool critical = late >= limits.lagCriticalSeconds || bytes >= limits.lagCriticalBytes;
    const bool warning = late >= limits.lagWarnSeconds || bytes >= limits.lagWarnBytes;
    const std::string much = seconds ? fmt::format("{}, {}", bytesText(bytes), secondsText(*seconds)) : bytesText(bytes);
    if (!warning)
        return judged(2, Verdict::Ok, {}, fmt::format("{} is {} behind and replays", in.standby, much));
    LagJudgement judgement =
        judged(2, critical ? Verdict::Critical : Verdict::Warning, code::lagging,
               fmt::format("{} is {} behind", in.standby, much),
               critical ? limits.lagCriticalPolls : limits.lagWarnPolls);
    judgement.warnAfter = limits.lagWarnPolls;
    return judgement;
}

// Rows 1, 2 and 3: both ends see each other.
LagJudgement judgeConnected(const LagInput &in, const WalSender &row, const Thresholds &limits)
{
    const PostgresFacts *standby = in.standbyFacts;
    const double message = standby && standby->receiver ? standby->receiver->messageAge.value_or(0) : 0.0;
    const double heard = std::max(row.replyAge.value_or(0), message);
    // The time columns freeze when a walreceiver stops; the ages of the messages do not.
    if (row.replyAge.value_or(0) >= limits.silentSeconds || (standby && message >= longestPause(*standby, limits.silentSeconds)))
        return judged(4, Verdict::Critical, code::disconnected,
                      fmt::format("{} and {} have not spoken for {}", in.standby, in.primary, secondsText(heard)));
    if (!row.replayed || !in.primaryFacts->current)
        return judged(2, Verdict::Unknown, code::lagging,
                      fmt::format("{} is in state {} and tells no position", in.standby, row.state));
    const double bytes = gap(*in.primaryFacts->current, *row.replayed);
    const std::optional<double> seconds = in.heartbeatLag ? in.heartbeatLag : row.replayLag;
    const bool paused = standby && !standby->pauseState.empty() && standby->pauseState != "not paused";
    LagJudgement judgement;
    if (paused || (bytes > 0 && in.unmovedPolls >= limits.unmovedPolls)) {
        const bool late = bytes >= limits.lagCriticalBytes || seconds.value_or(0) >= limits.lagCriticalSeconds;
        judgement = judged(3, late ? Verdict::Critical : Verdict::Warning, code::stalled,
                           paused ? fmt::format("{} has stopped replaying: replay is paused", in.standby)
                                  : fmt::format("{} has stopped replaying, {} wait", in.standby, bytesText(bytes)),
                           paused ? 1 : 2);
    } else if (bytes > 0) {
        judgement = judgeBehind(in, bytes, seconds, limits);
    } else {
        judgement = judged(1, Verdict::Ok, {}, fmt::format("{} has replayed all of {}", in.standby, in.primary));
    }
    judgement.bytes = bytes;
    // With nothing to replay the standby is up to date, however long ago it last replayed something.
    judgement.seconds = bytes > 0 ? seconds : 0.0;
    return judgement;
}

}  // namespace

double longestPause(const PostgresFacts &standby, double least)
{
    // Half of the sender's timeout, which is as a rule the receiver's, and what the way takes.
    return std::max(least, 0.6 * standby.receiverTimeout.value_or(0));
}

const WalSender *senderOf(const LagInput &in)
{
    if (!in.primaryFacts)
        return nullptr;
    const auto isBackup = [](const WalSender &sender) { return sender.state == "backup"; };
    const WalSender *byAddress = nullptr;
    int found = 0;
    for (const WalSender &sender : in.primaryFacts->senders) {
        if (isBackup(sender))  // pg_basebackup and pg_rewind are no standbys
            continue;
        if (!in.application.empty() && sender.application == in.application)
            return &sender;
        if (in.application.empty() && (in.standbyAddress.empty() || sender.clientAddress == in.standbyAddress)) {
            byAddress = &sender;
            ++found;
        }
    }
    return found == 1 ? byAddress : nullptr;
}

const SlotFacts *slotOf(const LagInput &in)
{
    if (!in.primaryFacts)
        return nullptr;
    std::string name = in.slot;
    if (name.empty() && in.standbyFacts && in.standbyFacts->receiver)
        name = in.standbyFacts->receiver->slot;
    const auto &slots = in.primaryFacts->slots;
    const auto found = std::find_if(slots.begin(), slots.end(), [&](const SlotFacts &slot) { return slot.name == name; });
    return name.empty() || found == slots.end() ? nullptr : &*found;
}

LagJudgement judgeLag(const LagInput &in, const Thresholds &limits)
{
    if (auto beyond = judgeBeyondRepair(in, limits))
        return *beyond;
    if (!in.primaryFacts)
        return judgeOneSided(in, limits);
    const WalSender *row = senderOf(in);
    if (!row)
        return judgeWithoutRow(in, limits);
    LagJudgement judgement = judgeConnected(in, *row, limits);
    const std::string &commit = in.primaryFacts->synchronousCommit;
    judgement.syncInName =
        (row->syncState == "sync" || row->syncState == "quorum") && (commit == "local" || commit == "off");
    return judgement;
}

ReplayTrack follow(ReplayTrack before, const PostgresFacts &standby, const PostgresFacts *primary, Time taken)
{
    if (taken <= before.counted)
        return before;
    ReplayTrack now{standby.replayed, taken, 0};
    const Lsn target = primary && primary->current ? *primary->current : standby.received.value_or(0);
    const bool something = standby.replayed && target > *standby.replayed;
    if (something && before.replayed == standby.replayed)
        now.unmoved = before.unmoved + 1;
    return now;
}

}  // namespace cm::monitor
