// SPDX-License-Identifier: GPL-3.0-or-later
// The services of a host by their pid files and processes: who runs, and who ended without a farewell, that is
// left a pid file behind whose process is gone. Never waits. One thread at a time.
#pragma once

#include "core/api/agent.h"
#include "core/config/agent_config.h"
#include "core/host/machine_marker.h"
#include "core/host/process.h"

namespace cm::agent {

// The one process of a service. NotFound when there is none, Conflict when several might be meant.
[[nodiscard]] Result<host::Process> processOf(const std::filesystem::path &pidFile, const std::string &words);

// `stops` remembers what was found ended uncleanly, so that it is told once and survives a restart.
[[nodiscard]] api::AgentService lookAtService(const config::AgentServiceConfig &service, host::RememberedTimes &stops, Time now);

}  // namespace cm::agent
