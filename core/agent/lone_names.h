// SPDX-License-Identifier: GPL-3.0-or-later
// Names that only the brick of this host still has. Every brick had removed them and said so, and a power cut took the
// removal back on one of them. No copy is blamed for it: the self-heal daemon finds the identity of the file in what waits,
// meets it on no other brick, and tries again for ever. A lookup by a client that has not looked before gives such a name
// to the others, bytes and all, after which it is removed for good by whoever wants it removed. Nothing is lost by that,
// as it would be where an administrator deletes the file on the brick. Not on an arbiter, which has names without bytes:
// from it the others would get an empty file.
// Blocks on the brick's disk; any thread, as root.
// Source: GlusterFS 10 and 11, xlators/storage/posix/src/posix-gfid-path.c (trusted.gfid2path), posix-handle.c (what
// .glusterfs holds of folders), xlators/cluster/afr/src/afr-self-heal-name.c, afr-self-heald.c (afr_shd_index_heal).
#pragma once

#include "core/agent/tries.h"

#include <map>
#include <string>
#include <vector>

namespace cm::agent {

// Of what waits (readPending) the files that are told by identity alone, are on this brick, and have names there: these, as
// paths in the volume.
[[nodiscard]] std::vector<std::string> loneNamesIn(const std::string &brick, const std::vector<std::string> &pending);

// Which of them to look up, and which have been since. One thread.
class LoneNames {
public:
    using Clock = Tries::Clock;
    // Those that were so at the look before as well, and were not tried just now: what is being written or removed is on
    // one brick alone for a moment.
    [[nodiscard]] std::vector<std::string> look(const std::vector<std::string> &found, Clock::time_point now);
    void tried(const std::vector<std::string> &names, Clock::time_point now);
    // Whether one has been tried and waits still.
    [[nodiscard]] bool waits() const;
    // Since the start: tried, and no longer so.
    [[nodiscard]] int ended() const { return m_ended; }

private:
    std::map<std::string, Tries> m_known;
    int m_ended = 0;
};

}  // namespace cm::agent
