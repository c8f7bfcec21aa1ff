// SPDX-License-Identifier: GPL-3.0-or-later
// Names that a power cut took from the brick of this host. What was made a moment before and acknowledged by every brick
// is nobody's debt: no copy is blamed for it, so GlusterFS never gives it back, and whatever lies below it waits to be
// healed for ever, with one copy less than promised. A lookup by somebody who has not looked before gives it back to a
// brick with bytes. To an arbiter none does, and a full heal only where the server with the largest identity, which does
// it by the names on its own brick, is another one. So the folder is marked as that of a replaced brick is, and the
// self-heal daemon compares all names in it.
// Runs as root, mounts the volume below a folder of ours while it works, and takes that away again. One thread at a time.
// Source: GlusterFS 10 and 11, xlators/cluster/afr/src/afr-common.c (afr_lookup_entry_heal) and afr-inode-write.c
// (afr_handle_empty_brick).
#pragma once

#include "core/api/agent.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cm::agent {

struct Gap {
    std::string folder;   // of the volume: "" is its root, "/files/packages/83"; it is on the brick
    std::string missing;  // the name in it that is not
    friend bool operator==(const Gap &, const Gap &) = default;
};

// What is missing on the way to each of these paths of the volume, each once. What only its last name is missing of is
// healed as usual when its folder waits as well. Blocks on the brick's disk.
[[nodiscard]] std::vector<Gap> gapsOf(const std::string &brick, const std::vector<std::string> &pending);
// How clients call a brick, from the volfile they get; NotFound.
[[nodiscard]] Result<std::string> clientNameOf(std::string_view volfile, const std::string &host, const std::string &path);

// Told what is seen of the volume, it looks for gaps when healing stands still. told() from any thread, mend() from one.
class LostNames {
public:
    LostNames(std::string volume, std::filesystem::path folder) : m_volume(std::move(volume)), m_folder(std::move(folder)) {}
    void told(const api::AgentVolume &volume);
    // How many have been given back since the start. Blocks up to a minute.
    [[nodiscard]] Result<std::int64_t> mend();

private:
    [[nodiscard]] bool standsStill(const api::AgentVolume &volume);
    [[nodiscard]] Result<void> giveBack(const api::AgentBrick &own, const std::vector<Gap> &gaps);

    const std::string m_volume;
    const std::filesystem::path m_folder;
    std::mutex m_mutex;
    api::AgentVolume m_told;
    std::int64_t m_waiting = 0, m_mended = 0;
    int m_still = 0;
};

}  // namespace cm::agent
