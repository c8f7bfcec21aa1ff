// SPDX-License-Identifier: GPL-3.0-or-later
// Names that a power cut took from the brick of this host. What was made a moment before and acknowledged by every brick
// is nobody's debt: no copy is blamed for it, so GlusterFS never gives it back, and whatever lies below it waits to be
// healed for ever, with one copy less than promised. A lookup by somebody who has not looked before gives it back to a
// brick with bytes. To an arbiter none does, and a full heal only where the server with the largest identity, which does
// it by the names on its own brick, is another one. So the folder is marked as that of a replaced brick is, and the
// self-heal daemon makes its names those of a brick with bytes. As that one may have lost others, every name that the
// arbiter has there is looked up before. Of one replicated set of three alone.
// Source: GlusterFS 10 and 11, xlators/cluster/afr/src/afr-common.c (afr_lookup_entry_heal), afr-inode-write.c
// (afr_handle_empty_brick), afr-self-heal-entry.c (__afr_selfheal_entry_finalize_source), glusterd-replace-brick.c (which marks).
#pragma once

#include "core/agent/lone_names.h"
#include "core/agent/tries.h"
#include "core/agent/volume.h"
#include "core/api/agent.h"
#include "core/base/result.h"

#include <compare>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cm::agent {

struct Gap {
    std::string folder;   // of the volume: "" is its root, "/files/packages/83"; it is on the brick
    std::string missing;  // the name in it that is not
    friend auto operator<=>(const Gap &, const Gap &) = default;
};

// What is missing on the way to each of these paths of the volume, each once. What only its last name is missing of is
// healed as usual when its folder waits as well. Blocks on the brick's disk.
[[nodiscard]] std::vector<Gap> gapsOf(const std::string &brick, const std::vector<std::string> &pending);
// How clients call a brick, from the volfile they get; NotFound.
[[nodiscard]] Result<std::string> clientNameOf(std::string_view volfile, const std::string &host, const std::string &path);

// Whether healing stands still: something waits, all bricks are there to heal it, and for several looks it has not become
// less. One thread.
class Standstill {
public:
    void look(const api::AgentVolume &volume);
    void forget() { *this = Standstill(); }  // a look that failed
    [[nodiscard]] bool lasts() const;

private:
    std::int64_t m_waiting = 0;
    int m_looks = 0;
};

// Since the start.
struct Mended {
    std::int64_t givenBack = 0;  // names that are there again
    std::int64_t removed = 0;    // names that a killed brick had begun to make (half_made.h)
    std::int64_t shared = 0;     // names that only this brick had (lone_names.h)
};

// As root, while healing stands still: mounts the volume below `folder`, where nobody else gets to, and takes the mount
// away again. told() from one thread, mend() from another.
class LostNames {
public:
    LostNames(std::string volume, std::filesystem::path folder) : m_volume(std::move(volume)), m_folder(std::move(folder)) {}
    void told(const Result<api::AgentVolume> &look);
    // Blocks for some commands, a mount and a minute; longer where the volume
    // does not answer. After a failure the same error until a try succeeds or nothing is missing any more.
    [[nodiscard]] Result<Mended> mend();

private:
    using Clock = Tries::Clock;

    [[nodiscard]] std::vector<Gap> look(const api::AgentBrick &own, const std::vector<std::string> &pending);
    void removeHalfMade(const api::AgentBrick &own, const std::vector<std::string> &pending);
    // And looks up the names that the others lack.
    [[nodiscard]] Result<void> giveBack(const std::vector<Gap> &gaps, const std::vector<std::string> &lone);
    [[nodiscard]] Result<void> openFolder() const;

    const std::string m_volume;
    const std::filesystem::path m_folder;
    std::mutex m_mutex;
    Standstill m_standstill;
    api::AgentVolume m_told;
    // Of the thread that mends.
    bool m_swept = false;
    std::vector<Gap> m_seen;  // by the look before
    std::map<Gap, Tries> m_tried;
    std::vector<std::string> m_halfMade;  // by the look before
    LoneNames m_lone;
    Mended m_mended;
    Result<void> m_last{};
};

}  // namespace cm::agent
