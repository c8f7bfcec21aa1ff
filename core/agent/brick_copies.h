// SPDX-License-Identifier: GPL-3.0-or-later
// What the brick of this host has of the files whose copies contradict each other, against the digest that a file's path
// names; of the metadata beside a wheel, against the METADATA inside the wheel of this brick, when that has the bytes of its digest. Reads the brick's own folder, as root. One thread at a time; blocks for as long as it takes to read a file
// that has changed since the last look.
#pragma once

#include "core/api/agent.h"
#include "core/base/result.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cm::agent {

class BrickCopies {
public:
    // Empty on an arbiter, which has no bytes. Files that GlusterFS has no name for are not among them.
    [[nodiscard]] std::vector<api::AgentCopy> look(const api::AgentVolume &volume);

private:
    struct Known {
        std::int64_t size = 0, changed = 0;  // bytes, ns: of which the digests are
        std::string digest;
        std::string metadata;  // of what a wheel has as METADATA; empty: not asked yet
    };
    [[nodiscard]] Result<void> read(const std::string &brick, api::AgentCopy &copy);
    [[nodiscard]] Result<Known *> known(const std::string &brick, const std::string &path);
    [[nodiscard]] Result<std::string> metadataIn(const std::string &brick, const std::string &wheel);

    std::map<std::string, Known> m_known;
};

// Between the look at the volume, which is not to wait for digests of large files, and the reading of them. Any thread.
class SplitWatch {
public:
    void told(const api::AgentVolume &volume);
    // Blocks on reading; one thread.
    [[nodiscard]] std::vector<api::AgentCopy> read();

private:
    std::mutex m_mutex;
    api::AgentVolume m_volume;  // as it was told last
    BrickCopies m_copies;       // of the reading thread
};

}  // namespace cm::agent
