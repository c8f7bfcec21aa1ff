// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/finding.h"

#include "core/monitor/verdicts/facts.h"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace cm::monitor {
namespace {

namespace code = api::finding;

constexpr std::array runbooks{
    std::pair{code::lagging, std::string_view("Look for a long write or a slow disk on the standby; reads of it are "
                                              "that old. It needs no action while it falls.")},
    std::pair{code::stalled, std::string_view("On the standby: select pg_get_wal_replay_pause_state(); then select "
                                              "pg_wal_replay_resume(). Not paused: look for a query that conflicts.")},
    std::pair{code::disconnected,
              std::string_view("Read the standby's log for the walreceiver's last words; check the network from the "
                               "standby to the primary, the slot and pg_hba.conf. Do not promote it meanwhile.")},
    std::pair{code::followsOther, std::string_view("Compare sender_host in pg_stat_wal_receiver with the primary: the "
                                                   "standby follows somebody else, or we look at the wrong primary.")},
    std::pair{code::monitorBlind, std::string_view("The monitor cannot see what others still can. Repair the "
                                                   "monitor's way there; promote nothing on its word.")},
    std::pair{code::splitBrain, std::string_view("Fence the one on the older timeline that fewer pgpools call primary: what it alone "
                                                 "committed stays on its disk. Where the two do not point to the same one, "
                                                 "order read-only mode and call a second person.")},
    std::pair{code::diverged, std::string_view("The standby cannot follow: pg_rewind against the primary, else a new "
                                               "base backup.")},
    std::pair{code::rebuild, std::string_view("The WAL it needs is gone: take a new base backup, and drop the lost "
                                              "slot.")},
    std::pair{code::syncInName, std::string_view("synchronous_commit makes the standby no part of a commit: set it "
                                                 "to on, or do not count on the second copy.")},
    std::pair{code::noSecondCopy, std::string_view("A loss of the primary now loses work. Bring a standby back "
                                                   "before anything else.")},
    std::pair{code::noPrimary, std::string_view("Nobody takes writes. Find out why nobody was promoted; promote the "
                                                "standby with the most WAL only when the old primary is fenced.")},
    std::pair{code::slotInactive, std::string_view("An unused slot keeps WAL until the disk is full: bring its "
                                                   "standby back or drop the slot.")},
    std::pair{code::slotEndangered, std::string_view("The slot is about to lose WAL: bring its standby back now, or "
                                                     "it needs a new base backup.")},
    std::pair{code::down, std::string_view("The host answers, the program does not: read its log, start it.")},
    std::pair{code::noAnswer, std::string_view("Nothing comes back: host, network or a program that hangs. Look from "
                                               "a second place before you act.")},
    std::pair{code::refused, std::string_view("It works, but not for the monitor: check the monitor's password and "
                                              "pg_hba.conf, pcp.conf or token.")},
    std::pair{code::uncleanStop, std::string_view("It came back by itself or by its supervisor. Read its log and the kernel's "
                                                  "messages for why it ended: power, memory, a crash.")},
    std::pair{code::drained, std::string_view("It is meant to be so. It ends by itself; return the node when the work is done.")},
    std::pair{code::setAside, std::string_view("It is meant to be so. It ends by itself; attach it when the work is done.")},
    std::pair{code::fenced, std::string_view("It is meant to be so, and does not end by itself. Before it is unfenced make sure "
                                             "that another server is the primary.")},
    std::pair{code::noSpare, std::string_view("One more failure ends the service: repair the spare first.")},
    std::pair{code::readOnlyDatabase, std::string_view("The web node writes to a database that takes no writes: check "
                                                       "where pgpool or the address leads, and who is primary.")},
    std::pair{code::channelBroken, std::string_view("Health is fine, this way in is not: try it by hand, read the web "
                                                    "node's log.")},
    std::pair{code::disagree, std::string_view("The pgpools do not believe the same: compare show pool_nodes on each; "
                                               "attach or detach on the one that is wrong.")},
    std::pair{code::noQuorum, std::string_view("Automatic failover is off until a majority of watchdogs is back: "
                                               "start the missing pgpool.")},
    std::pair{code::roleMismatch, std::string_view("pgpool sends writes to a standby: pcp_promote_node -s, or attach "
                                                   "the real primary.")},
    std::pair{code::statusMismatch, std::string_view("pgpool keeps a server out that works, or counts on one that "
                                                     "does not: pcp_attach_node or pcp_detach_node.")},
    std::pair{code::readOnlyMode, std::string_view("Somebody has ordered it for the time of a maintenance. It ends by "
                                                   "itself; \"End now\" in the desktop ends it earlier.")},
    std::pair{code::mirrorStale, std::string_view("Who installs is hit once the CDN falls back to it. Read its log and the errors of its status.json, \"Sync now\" "
                                                  "when nothing is wrong there. Do not delete its folder: an old copy serves better than none.")},
    std::pair{code::mirrorStopped, std::string_view("Start it again on its host (cheesemongerd mirror). The copy that is there goes on being served; "
                                                    "do not take it out of rotation for that.")},
    std::pair{code::mirrorEmpty, std::string_view("Take the mirror out of rotation: installers believe an empty page. Then cheesemongerd mirror --check on its host, "
                                                  "and sync. Do not purge the CDN before: it would fetch the empty page.")},
    std::pair{code::digestMismatch, std::string_view("Take the mirror out of rotation: pip refuses these bytes, older clients do not. cheesemongerd mirror --check finds the "
                                                     "rest; look at the disk's health. Do not sync over it before the bytes are kept for a look.")},
    std::pair{code::paused, std::string_view("It is meant to be so, and the copy grows old meanwhile. It ends by itself; resume it when the work is done.")},
    std::pair{code::outOfRotation, std::string_view("It is meant to be so, and while it lasts nothing stands behind the web nodes. What has an end ends by itself; "
                                                    "return it when the work is done.")},
    std::pair{code::fallbackNotFiring, std::string_view("Everybody who installs is hit. Bring a web node back first. Meanwhile look at the CDN's view of the mirror (backend.list) "
                                                        "and its VCL; set its backend healthy by hand there. Do not restart or purge the CDN: that empties what it can still serve.")},
    std::pair{code::fallbackInUse, std::string_view("Installs go on from the copy, uploads wait. Bring a web node back; the CDN returns to it by itself. Do not take the mirror "
                                                    "out of rotation now.")},
    std::pair{code::fallbackUnneeded, std::string_view("Look why the CDN holds the web nodes to be sick (backend.list, its way to them). Do not take the mirror out of rotation "
                                                       "before it serves from a web node again.")},
    std::pair{code::edgeDiffers, std::string_view("Something is between the CDN and that node, or the CDN's probe asks something else: try the probe's address from the CDN's "
                                                  "host. Act on neither view alone.")},
    std::pair{code::purgesWait, std::string_view("What was changed or withdrawn may still be served by the CDN until its time is over. See what the node's last purge was answered; "
                                                 "purges go on by themselves, in their order, when the way is free. Purge by hand only what must go now.")},
    std::pair{code::hitRatioDrop, std::string_view("Look for a purge, a new VCL or a client that asks past the cache, before the web nodes are full. Do not purge now.")},
    std::pair{code::edgeErrors, std::string_view("Those get an error whose request is not in the cache. Look which backend fails (the CDN's details), and read its log.")},
    std::pair{code::drillDue, std::string_view("Run the fallback drill when nothing else is wrong: one page and one file through the mirror, no client notices.")},
    std::pair{code::drillFailed, std::string_view("The day the web nodes fail, this fails too: repair what the drill's steps name, then run it again.")},
    std::pair{code::brickDown, std::string_view("Files are still written, with one copy fewer: restart the brick; look at its disk and its log when it does not stay. "
                                                "Do not stop another server of files: nobody could write.")},
    std::pair{code::fileSplitBrain, std::string_view("Who asks for this file gets an error, unless a cache or the mirror has it. \"Resolve by digest\" takes the bytes that the "
                                                     "catalog names. Do not set a quorum before, nor a policy of time or size: GlusterFS then takes the larger file for the truth.")},
    std::pair{code::healPending, std::string_view("Until they are healed one server alone has the newest bytes: do not restart it. \"Heal now\" when every brick serves; "
                                                  "what does not grow less is in the log of the self-heal daemon.")},
    std::pair{code::memoryCertOld, std::string_view("The file was renewed, the program still presents the old one: "
                                                    "reload it.")},
    std::pair{code::certExpiring, std::string_view("Renew it, then reload what presents it.")},
    std::pair{code::certExpired, std::string_view("Clients refuse it already: renew, reload.")},
    std::pair{code::diskFull, std::string_view("Make room now: old WAL behind a slot and logs first.")},
    std::pair{code::diskFilling, std::string_view("Find what grows (WAL behind a slot, logs) before it is full.")},
    std::pair{code::diskReadOnly, std::string_view("The kernel has remounted it: read its messages; the disk may be "
                                                   "failing.")},
};

}  // namespace

std::string_view runbookOf(std::string_view wanted)
{
    for (const auto &[name, text] : runbooks) {
        if (name == wanted)
            return text;
    }
    return {};
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
