// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/finding.h"

#include "core/monitor/verdicts/facts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// What helps, the act first; then what makes it worse.
struct Advice {
    std::string_view code;
    std::string_view helps;
    std::string_view worse;
};

constexpr std::array advices{
    Advice{code::lagging,
           "Look for a long write or a slow disk on the standby; its reads are that old. It needs no act while the lag falls.",
           "Do not switch over to it before it has caught up."},
    Advice{code::stalled,
           "Resume its replay (select pg_wal_replay_resume() there). Where it is not paused, look on the standby for a query that conflicts (pg_stat_activity).",
           "Do not promote it before it replays again."},
    Advice{code::disconnected,
           "Read the standby's log for the walreceiver's last words; then check the network to the primary, the slot and pg_hba.conf.",
           "Do not promote it meanwhile: it lacks what was committed since."},
    Advice{code::followsOther,
           "Compare sender_host in pg_stat_wal_receiver with the primary: the standby follows somebody else, or the monitor looks at the wrong "
           "primary.",
           "Do not promote it before it is known whom it follows."},
    Advice{code::monitorBlind,
           "Leave it alone: others still reach it. On the monitor's host look what is between the two: route, firewall, name. What another monitor says of it stands below.",
           "Do not promote or fence anything on this monitor's word."},
    Advice{code::splitBrain,
           "Fence one of the two. Replication shows both: the pgpools and the newer timeline say which one stays.",
           "Do not promote, rejoin or restart a database before one of the two is fenced."},
    Advice{code::diverged,
           "Rejoin it: it is rewound to the primary, or copied anew.",
           "Do not promote it: its history is another one."},
    Advice{code::rebuild,
           "Rejoin it with a new copy: the WAL that it needs is gone. Drop the lost slot.",
           "Do not promote it: it lacks what was written since."},
    Advice{code::syncInName,
           "Set synchronous_commit to on, or do not count on the second copy: the standby is no part of a commit now.",
           ""},
    Advice{code::noSecondCopy,
           "Bring a standby back before anything else: a loss of the primary now loses work.",
           "Do not stop or restart the primary."},
    Advice{code::noPrimary,
           "Find out why nobody was promoted. Once the old primary is proven to have stopped, promote the standby with the most WAL: its plan "
           "checks both.",
           "Do not promote one by hand, past the plan."},
    Advice{code::slotInactive,
           "Bring the slot's standby back, or drop the slot: unused it keeps WAL until the disk is full.",
           ""},
    Advice{code::slotEndangered,
           "Bring the slot's standby back now, or it needs a new copy.",
           "Do not drop the slot."},
    Advice{code::down,
           "Read its log and start it: its host answers, the program does not.",
           ""},
    Advice{code::unsteady,
           "Look whether packets are lost on the way to it (ip -s link at both ends, a minute of ping), or whether its host stalls: load, memory, disk.",
           "Do not fence it or promote another for one look that failed."},
    Advice{code::noAnswer,
           "Look from a second place first: host, network, or a program that hangs. Nothing comes back.",
           ""},
    Advice{code::refused,
           "Check the monitor's password and pg_hba.conf, pcp.conf or token: it works, but not for the monitor.",
           ""},
    Advice{code::uncleanStop,
           "Read its log and the kernel's messages for why it ended: power, memory, a crash. It came back by itself or by its supervisor.",
           ""},
    Advice{code::drained,
           "Return it when the work is done; it is meant to be so, and ends by itself.",
           ""},
    Advice{code::setAside,
           "Attach it when the work is done; it is meant to be so, and ends by itself.",
           ""},
    Advice{code::fenced,
           "Leave it stopped until another server is the primary; then unfence it and let it rejoin. It does not end by itself.",
           "Do not unfence it before another server is the primary."},
    Advice{code::noSpare,
           "Repair the spare first: one more failure ends the service.",
           ""},
    Advice{code::readOnlyDatabase,
           "Find out who is primary, and where the pgpools and the web nodes' addresses lead: they write to a database that takes no writes.",
           "Do not restart web nodes: they still serve installs."},
    Advice{code::channelBroken,
           "Try this way in by hand and read the web node's log: its health is fine.",
           ""},
    Advice{code::disagree,
           "Compare show pool_nodes on each, with what the database says of itself; attach or detach on the one that is wrong.",
           "Do not switch over before they agree."},
    Advice{code::noQuorum,
           "Start the pgpools that are missing: automatic failover is off until a majority is back.",
           "Do not stop or restart the primary or the pgpool that still works."},
    Advice{code::roleMismatch,
           "Attach the real primary, or tell the pgpool (pcp_promote_node -s): it sends writes to a standby.",
           ""},
    Advice{code::statusMismatch,
           "Attach it where it works, detach it where it does not (pcp_attach_node, pcp_detach_node).",
           ""},
    Advice{code::readOnlyMode,
           "Wait, or press \"End now\" in the desktop: somebody has ordered it for a maintenance, and it ends by itself.",
           ""},
    Advice{code::mirrorStale,
           "Read its log and the errors of its status.json; \"Sync now\" when nothing is wrong there. Who installs is hit once the CDN falls back "
           "to it.",
           "Do not delete its folder: an old copy serves better than none."},
    Advice{code::mirrorStopped,
           "Start it again on its host (cheesemongerd mirror). The copy that is there goes on being served.",
           "Do not take it out of rotation for that."},
    Advice{code::mirrorHolds,
           "See in the registry's audit whether these are gone on purpose. If so, \"Allow deletions once\" on the mirror; if not, mend the registry: "
           "the mirror serves what it has.",
           "Do not allow the deletions before the registry is known to be whole: the mirror may have the last copy."},
    Advice{code::mirrorLacks,
           "Cut off, another digest, missing or behind: purge the project in the cache before the registry. 5xx or wrong: see the registry. "
           "A full disk: make room. Then \"Sync one project again\".",
           "Do not delete its folder: what it has of these projects is served as it was."},
    Advice{code::mirrorEmpty,
           "Take the mirror out of rotation: installers believe an empty page. Then cheesemongerd mirror --check on its host, and sync.",
           "Do not purge the CDN before: it would fetch the empty page."},
    Advice{code::digestMismatch,
           "Take the mirror out of rotation: pip refuses these bytes, older clients do not. cheesemongerd mirror --check finds the rest; look at "
           "the disk's health.",
           "Do not sync over it before the bytes are kept for a look."},
    Advice{code::paused,
           "Resume it when the work is done; it is meant to be so, ends by itself, and the copy grows old meanwhile.",
           ""},
    Advice{code::outOfRotation,
           "Return it when the work is done: nothing stands behind the web nodes meanwhile. What has an end ends by itself.",
           ""},
    Advice{code::fallbackNotFiring,
           "Bring a web node back first: nobody can install. Meanwhile look at the CDN's view of the mirror (backend.list) and its VCL, and set "
           "its backend healthy by hand there.",
           "Do not restart or purge the CDN: that empties what it can still serve."},
    Advice{code::fallbackInUse,
           "Bring a web node back: the CDN returns to it by itself. Installs go on from the copy, uploads fail until then.",
           "Do not take the mirror out of rotation now."},
    Advice{code::fallbackUnneeded,
           "Look why the CDN holds the web nodes to be sick (backend.list, its way to them).",
           "Do not take the mirror out of rotation before it serves from a web node again."},
    Advice{code::edgeDiffers,
           "Try the probe's address from the CDN's host: something is between the CDN and that node, or its probe asks something else.",
           "Do not act on either view alone."},
    Advice{code::purgesWait,
           "See what the node's last purge was answered: purges go on by themselves, in their order, when the way to the CDN is free. Purge by hand what must go now.",
           "Do not purge everything: all of it would be asked for anew."},
    Advice{code::cdnStale,
           "Purge that project by hand and see whether its page changes. When it does, look at the web nodes' purges and the addresses they go to "
           "([cdn]); when not, at what stands before or in the CDN and keeps pages for itself.",
           "Do not purge everything: all of it would be asked for anew."},
    Advice{code::hitRatioDrop,
           "Look for a purge, a new VCL or a client that asks past the cache, before the web nodes are full.",
           "Do not purge now."},
    Advice{code::edgeErrors,
           "Look which backend fails (the CDN's details) and read its log: who asks for what is not in the cache gets an error.",
           ""},
    Advice{code::outlierPop,
           "Ask a page from near that point of presence (X-Served-By, curl --resolve), and tell the CDN's support which one it is: the web nodes are well "
           "elsewhere.",
           "Do not purge or fail over for it: everybody else is served."},
    Advice{code::drillDue,
           "Run the fallback drill when nothing else is wrong: one page and one file through the mirror, no client notices.",
           ""},
    Advice{code::drillFailed,
           "Repair what the drill's steps name, then run it again: the day the web nodes fail, this fails too.",
           ""},
    Advice{code::streamDead,
           "Look at the sender first: whether the CDN's log still goes to this ingester, and whether its connection is alive at both ends. Installs "
           "are not hit; what is not sent is missing in the counts, unless the sender keeps it.",
           "Do not delete the CDN's log files: they can be counted later."},
    Advice{code::streamLoss,
           "Look what drops lines on their way: UDP and plain TCP lose what finds no room. RELP does not. Where a sender says how many it sent, "
           "the completeness of the downloads has the hours.",
           "Do not delete the CDN's log files: they can be counted later."},
    Advice{code::streamDoubled,
           "Look whether a sender went from one ingester to another, or sends to two: what the first had not acknowledged came twice. Mark the "
           "hours as a gap on Downloads.",
           ""},
    Advice{code::linesLate,
           "Look at the senders' queues and clocks: they send what happened long ago. Figures of the last minutes are too low until they have "
           "caught up.",
           "Do not empty a sender's queue: its lines are nowhere else."},
    Advice{code::countsLate,
           "Bring back what it writes to (the database of the counts) and read its log: the lines are safe in its spool and are counted then.",
           "Do not delete the spool: the lines in it are nowhere else."},
    Advice{code::spoolFull,
           "Bring back what it writes to, or give the spool more room: at its limit senders have to wait.",
           "Do not delete the spool: the lines in it are nowhere else."},
    Advice{code::noLeader,
           "Start the members of etcd that are missing, or let them reach each other: a majority of them has to vote. The databases come back by "
           "themselves then.",
           "Do not make a new etcd or promote a database by hand: two could write."},
    Advice{code::brickDown,
           "Restart the brick; look at its disk and its log when it does not stay. Files are still written, with one copy fewer.",
           "Do not stop another server of files: nobody could write."},
    Advice{code::fileSplitBrain,
           "Resolve it by digest: that takes the bytes that the catalog names, whichever copy is newer or larger.",
           "Do not set a quorum before, nor a policy of time or size: GlusterFS then takes the larger file for the truth."},
    Advice{code::healPending,
           "\"Heal now\" when every brick serves; what does not grow less is in the log of the self-heal daemon. Until then one server alone has "
           "the newest bytes.",
           "Do not restart that server."},
    Advice{code::memoryCertOld,
           "Reload what presents it: the file was renewed, the program still shows the old one. Nobody notices a reload.",
           "Do not restart it for that."},
    Advice{code::certExpiring,
           "Renew it, then reload what presents it.",
           ""},
    Advice{code::certExpired,
           "Renew it and reload what presents it: clients refuse it already.",
           ""},
    Advice{code::diskFull,
           "Make room now: delete old logs, or give the disk more. Where WAL fills it, Replication names the slot that keeps it: bring back who "
           "uses that slot, or drop it when nobody does.",
           "Do not delete files of PostgreSQL by hand, WAL least of all: PostgreSQL removes it when no slot keeps it."},
    Advice{code::diskFilling,
           "Find what grows (WAL behind a slot, logs) before it is full.",
           ""},
    Advice{code::diskReadOnly,
           "Read the kernel's messages: it has remounted the disk, which may be failing.",
           ""},
};

const Advice *adviceOf(std::string_view wanted)
{
    const auto *found = std::find_if(advices.begin(), advices.end(), [wanted](const Advice &one) { return one.code == wanted; });
    return found == advices.end() ? nullptr : found;
}

}  // namespace

std::string_view runbookOf(std::string_view wanted)
{
    const Advice *advice = adviceOf(wanted);
    return advice ? advice->helps : std::string_view();
}

std::string_view warningOf(std::string_view wanted)
{
    const Advice *advice = adviceOf(wanted);
    return advice ? advice->worse : std::string_view();
}

std::string listOf(const std::vector<std::string> &names, std::size_t most)
{
    if (names.empty())
        return {};
    if (names.size() == 1)
        return names.front();
    // "1 more" says no less than its name.
    if (names.size() > most + 1)
        return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(most), ", "), names.size() - most);
    return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

std::string bytesText(double bytes)
{
    constexpr std::array units{"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (std::abs(bytes) >= 1000 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string secondsText(double seconds)
{
    if (seconds < 10)
        return fmt::format("{:.1f} s", seconds);
    if (seconds < 120)
        return fmt::format("{:.0f} s", seconds);
    const auto minutes = static_cast<std::int64_t>(seconds / 60);
    if (minutes < 120)
        return fmt::format("{} min", minutes);
    if (minutes < 48 * 60)
        return fmt::format("{} h {} min", minutes / 60, minutes % 60);
    return fmt::format("{} days", minutes / 60 / 24);
}

std::string notWatched(const std::string &node)
{
    return node + " is no longer watched";
}

std::string countText(std::int64_t count, std::string_view what)
{
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::optional<Lsn> parseLsn(std::string_view text)
{
    const auto slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash > 8 || text.size() - slash > 9)
        return std::nullopt;
    const auto half = [](std::string_view digits) -> std::optional<std::uint64_t> {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc() || end != digits.data() + digits.size())
            return std::nullopt;
        return value;
    };
    const auto high = half(text.substr(0, slash));
    const auto low = half(text.substr(slash + 1));
    return high && low ? std::optional<Lsn>((*high << 32) | *low) : std::nullopt;
}

std::string formatLsn(Lsn lsn)
{
    return fmt::format("{:X}/{:X}", lsn >> 32, lsn & 0xffffffffU);
}

}  // namespace cm::monitor
