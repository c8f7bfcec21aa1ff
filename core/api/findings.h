// SPDX-License-Identifier: GPL-3.0-or-later
// What a monitor can find, by code: stable words for programs, of which people are shown the sentence
// beside them. A newer monitor may know more codes; whoever reads one it does not know shows the
// sentence. Constants, any thread.
#pragma once

#include <string_view>

namespace cm::api::finding {

// PostgreSQL, both ends of it.
inline constexpr std::string_view lagging = "LAGGING";
inline constexpr std::string_view stalled = "STALLED";            // WAL arrives and is not replayed
inline constexpr std::string_view disconnected = "DISCONNECTED";  // lag is unknown, never 0
inline constexpr std::string_view followsOther = "FOLLOWS_OTHER";
inline constexpr std::string_view monitorBlind = "MONITOR_BLIND";  // we cannot see what others can
inline constexpr std::string_view splitBrain = "SPLIT_BRAIN";
inline constexpr std::string_view diverged = "DIVERGED";  // timelines or system identifiers differ
inline constexpr std::string_view rebuild = "REBUILD";    // the WAL it needs is gone
inline constexpr std::string_view syncInName = "SYNC_IN_NAME_ONLY";
inline constexpr std::string_view noSecondCopy = "NO_SECOND_COPY";
inline constexpr std::string_view noPrimary = "NO_PRIMARY";
inline constexpr std::string_view slotInactive = "SLOT_INACTIVE";
inline constexpr std::string_view slotEndangered = "SLOT_ENDANGERED";
// Any node.
inline constexpr std::string_view down = "DOWN";
inline constexpr std::string_view noAnswer = "NO_ANSWER";
inline constexpr std::string_view unsteady = "UNSTEADY";  // it answers now and then
inline constexpr std::string_view refused = "ACCESS_REFUSED";  // it answers, but not to the monitor
inline constexpr std::string_view stale = "STALE_SAMPLE";
inline constexpr std::string_view noSpare = "NO_SPARE";
inline constexpr std::string_view uncleanStop = "UNCLEAN_STOP";  // came back from one
inline constexpr std::string_view slow = "SLOW";
inline constexpr std::string_view notWatched = "NOT_WATCHED";
// What an operator did, and has not undone.
inline constexpr std::string_view drained = "DRAINED";    // a web node that takes no new work
inline constexpr std::string_view setAside = "SET_ASIDE";  // a standby that is kept out of the pgpools
inline constexpr std::string_view readOnlyMode = "READ_ONLY_MODE";  // a registry that takes no changes for a while
inline constexpr std::string_view fenced = "FENCED";      // a database server that stays stopped
// Web nodes and their channels.
inline constexpr std::string_view readOnlyDatabase = "READ_ONLY_DB";
inline constexpr std::string_view channelBroken = "CHANNEL_BROKEN";
inline constexpr std::string_view serialBehind = "SERIAL_BEHIND";
// pgpool.
inline constexpr std::string_view disagree = "DISAGREE";
inline constexpr std::string_view noQuorum = "NO_QUORUM";
inline constexpr std::string_view roleMismatch = "ROLE_MISMATCH";
inline constexpr std::string_view statusMismatch = "STATUS_MISMATCH";
inline constexpr std::string_view backendDown = "BACKEND_DOWN";
inline constexpr std::string_view dangerousSetting = "DANGEROUS_SETTING";
// Certificates and disks.
inline constexpr std::string_view memoryCertOld = "MEMORY_CERT_OLD";
inline constexpr std::string_view certExpiring = "CERT_EXPIRING";
inline constexpr std::string_view certExpired = "CERT_EXPIRED";
inline constexpr std::string_view certUntrusted = "CERT_UNTRUSTED";
inline constexpr std::string_view diskFull = "DISK_FULL";
inline constexpr std::string_view diskFilling = "DISK_FILLING";
inline constexpr std::string_view diskReadOnly = "DISK_READ_ONLY";
// Files, edge, mirror, log stream, deprecations.
inline constexpr std::string_view noLeader = "NO_LEADER";  // an etcd by which Patroni votes
inline constexpr std::string_view brickDown = "BRICK_DOWN";
inline constexpr std::string_view fileSplitBrain = "FILE_SPLIT_BRAIN";
inline constexpr std::string_view healPending = "HEAL_PENDING";
inline constexpr std::string_view mirrorStale = "MIRROR_STALE";
inline constexpr std::string_view mirrorEmpty = "MIRROR_EMPTY_PAGE";
inline constexpr std::string_view mirrorStopped = "MIRROR_STOPPED";    // nothing refreshes it
inline constexpr std::string_view mirrorHolds = "MIRROR_HOLDS_BACK";   // too much is gone upstream: somebody has to say that it is meant
inline constexpr std::string_view mirrorLacks = "MIRROR_LACKS";        // projects that it tries to copy and cannot
inline constexpr std::string_view digestMismatch = "DIGEST_MISMATCH";  // of a mirror's file
inline constexpr std::string_view paused = "PAUSED";                   // a mirror, by order
inline constexpr std::string_view outOfRotation = "OUT_OF_ROTATION";   // a mirror, by order
inline constexpr std::string_view fallbackNotFiring = "FALLBACK_NOT_FIRING";
inline constexpr std::string_view fallbackInUse = "FALLBACK_IN_USE";
inline constexpr std::string_view fallbackUnneeded = "FALLBACK_UNNEEDED";
inline constexpr std::string_view edgeDiffers = "EDGE_DIFFERS";  // it holds for sick what works, or the other way round
inline constexpr std::string_view purgesWait = "PURGES_WAIT";  // caches are not told of what has changed
inline constexpr std::string_view cdnStale = "CDN_STALE";      // it serves clients old pages
inline constexpr std::string_view hitRatioDrop = "HIT_RATIO_DROP";
inline constexpr std::string_view edgeErrors = "EDGE_ERRORS";
inline constexpr std::string_view drillDue = "DRILL_DUE";
inline constexpr std::string_view drillFailed = "DRILL_FAILED";
inline constexpr std::string_view outlierPop = "OUTLIER_POP";
inline constexpr std::string_view streamDead = "STREAM_DEAD";
inline constexpr std::string_view streamLoss = "STREAM_LOSS";
inline constexpr std::string_view streamDoubled = "STREAM_DOUBLED";  // more came than was sent
inline constexpr std::string_view linesLate = "LINES_LATE";          // what they tell of happened long before they came
inline constexpr std::string_view countsLate = "COUNTS_LATE";  // lines wait to be counted
inline constexpr std::string_view spoolFull = "SPOOL_FULL";
inline constexpr std::string_view tombstoneBroken = "TOMBSTONE_BROKEN";
// Monitors.
inline constexpr std::string_view monitorsDiffer = "MONITORS_DIFFER";

}  // namespace cm::api::finding
