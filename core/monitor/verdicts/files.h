// SPDX-License-Identifier: GPL-3.0-or-later
// The servers of the files (GlusterFS) judged, by what the agent beside each tells of the volume: each sees all bricks,
// so the views are put together. A figure that nobody has is unknown, never 0. Pure: everything is an argument.
// Source: GlusterFS 10, afr-read-txn.c and afr.c on quorum; the traps are those of its heal info.
#pragma once

#include "core/api/agent.h"
#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

struct VolumeFacts {
    api::AgentVolume volume;
};
// A server with its brick, as the topology has them.
struct VolumeInput {
    std::string name;
    std::string address;
    bool arbiter = false;  // has names and no bytes
    Watched<VolumeFacts> watched;
};

// How what waits to be healed has gone on: of each minute the least, for under uploads there are always some files of which one
// server has more than the other for the moment.
struct HealTrack {
    std::int64_t minute = -1;  // since 1970, of the last of these
    std::vector<std::int64_t> least;  // oldest first, the current minute's last
};
// One look later. A minute of which nobody knows, or in which a brick does not serve, begins it anew.
[[nodiscard]] HealTrack followHealing(HealTrack track, const std::vector<VolumeInput> &servers, Time stillFresh, Time now);
// The least of each of the last minutes that are over, where each has more than the one before; empty: it does not grow.
[[nodiscard]] std::vector<std::int64_t> growthOf(const HealTrack &track);

// Of a volume that nobody tells of only that.
[[nodiscard]] RawFindings judgeFiles(const std::vector<VolumeInput> &servers, Time stillFresh, const HealTrack &healing = {});

// A brick as a view has it, and when that was taken; lives as long as the view.
struct SeenBrick {
    const api::AgentBrick *brick = nullptr;
    Time taken{};
};
// A file whose copies contradict each other. With a source that server has the bytes of its digest; without one `why` says
// why nobody can tell which are right, and what helps.
struct SplitFile {
    std::string path;  // in the volume, or "<gfid:…>"
    std::string source;
    std::string why;
};
// What a server tells of the volume; lives as long as what it was taken from.
struct VolumeView {
    std::string server;
    const api::AgentVolume *volume = nullptr;
};
// Of all that any of them tells, by path.
[[nodiscard]] std::vector<SplitFile> splitFilesOf(const std::vector<VolumeView> &views);

// A file of the volume for people: its name without the folders of its digest.
[[nodiscard]] std::string fileName(const std::string &path);
[[nodiscard]] bool isFresh(const VolumeInput &server, Time stillFresh);
// The brick of a server as the fresh views have it, its own first; none when nobody tells of it.
[[nodiscard]] SeenBrick brickOf(const VolumeInput &server, const std::vector<VolumeInput> &servers, Time stillFresh);

}  // namespace cm::monitor
