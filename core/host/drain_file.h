// SPDX-License-Identifier: GPL-3.0-or-later
// The file by which the agent of a host tells its web node that it is drained: JSON of api::AgentDrain. It ends
// by itself at its time, whoever wrote it. Readable by the web node's user; nothing secret in it.
#pragma once

#include "core/api/agent.h"
#include "core/base/log.h"

#include <filesystem>
#include <mutex>
#include <optional>
#include <sys/stat.h>

namespace cm::host {

// Nothing when there is no file; InvalidInput for what is none.
[[nodiscard]] Result<std::optional<api::AgentDrain>> readDrain(const std::filesystem::path &file);
[[nodiscard]] Result<void> writeDrain(const std::filesystem::path &file, const api::AgentDrain &drain);

// The web node's view of it: a stat for each question, read again only when it has changed. Any thread.
class DrainWatch {
public:
    // An empty path: never drained.
    DrainWatch(std::filesystem::path file, Log &log) : m_file(std::move(file)), m_log(log) {}

    // While drained. What cannot be read drains nobody and is logged once.
    [[nodiscard]] std::optional<api::AgentDrain> at(Time now);

private:
    const std::filesystem::path m_file;
    Log &m_log;
    std::mutex m_mutex;
    struct stat m_seen {};
    std::optional<api::AgentDrain> m_drain;
};

}  // namespace cm::host
