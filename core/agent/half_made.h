// SPDX-License-Identifier: GPL-3.0-or-later
// What a brick began to make when it was killed: a name without the identity that GlusterFS gives it in the same call.
// Nobody was told that it is there, and no other brick has it as such. The self-heal daemon wants to take it away, looks
// it up for that by an identity which it has not, is refused, and tries again for ever; the folder never heals. What has
// bytes or names in it is left alone: somebody may have put it there by hand. Blocks on the brick's disk; any thread, as root.
// Source: GlusterFS 10 and 11, xlators/storage/posix/src/posix-entry-ops.c (posix_create sets trusted.gfid after the
// file is made), xlators/cluster/afr/src/afr-self-heal-entry.c (afr_selfheal_entry_delete).
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace cm::agent {

// Paths in the volume of such names in these of its folders that are on the brick; what changed within the last `settled`
// may still be on its way.
[[nodiscard]] std::vector<std::string> halfMadeIn(const std::string &brick, const std::vector<std::string> &folders, std::chrono::seconds settled);
// Takes away those that are still so, empty and without an identity. Answers how many.
std::size_t removeHalfMade(const std::string &brick, const std::vector<std::string> &paths);

}  // namespace cm::agent
