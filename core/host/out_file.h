// SPDX-License-Identifier: GPL-3.0-or-later
// The file by which a mirror is out of rotation: JSON of api::AgentOut. Its web server looks only whether it is there, so
// that whoever sees its time over takes it away: the mirror's process and the agent of the host. Any thread, any process;
// blocks on the disk.
#pragma once

#include "core/api/agent.h"

#include <filesystem>
#include <optional>

namespace cm::host {

// Of the mirror in that folder.
[[nodiscard]] std::filesystem::path outFile(const std::filesystem::path &tree);
// Nothing when it is in rotation. Of a file that somebody put there by hand nothing is known: it has no end either.
[[nodiscard]] Result<std::optional<api::AgentOut>> readOut(const std::filesystem::path &tree);
[[nodiscard]] Result<void> writeOut(const std::filesystem::path &tree, const api::AgentOut &out);
// What was over and is taken away; nothing when there is nothing to end yet. One that is written meanwhile stays.
[[nodiscard]] Result<std::optional<api::AgentOut>> endOut(const std::filesystem::path &tree, Time now);

}  // namespace cm::host
