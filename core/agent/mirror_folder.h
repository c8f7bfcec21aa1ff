// SPDX-License-Identifier: GPL-3.0-or-later
// The static mirror of this host, by its folder and its process: whether it runs, is paused, is out of rotation, and
// the orders that change it. How old the copy is says its own status.json. Any thread; blocks on the disk.
#pragma once

#include "core/api/agent.h"
#include "core/config/agent_config.h"

namespace cm::agent {

[[nodiscard]] api::AgentMirror lookAtMirror(const config::AgentMirrorConfig &mirror, Time now);

// GuardFailed while it is paused or does not run.
Result<api::AgentDone> syncMirror(const config::AgentMirrorConfig &mirror, Time now);
// Also of one that does not run: it obeys when it does.
Result<api::AgentDone> pauseMirror(const config::AgentMirrorConfig &mirror, const api::OrderDrain &order, Time now);
Result<api::AgentDone> resumeMirror(const config::AgentMirrorConfig &mirror);
// GuardFailed also when what is held back is not what the order is for.
Result<api::AgentDone> allowDeletions(const config::AgentMirrorConfig &mirror, const api::OrderAllow &order, Time now);
// InvalidInput for what is no name of a project.
Result<api::AgentDone> syncProject(const config::AgentMirrorConfig &mirror, const api::OrderProject &order, Time now);
Result<api::AgentDone> takeMirrorOut(const config::AgentMirrorConfig &mirror, const api::OrderDrain &order, Time now);
Result<api::AgentDone> returnMirror(const config::AgentMirrorConfig &mirror);
// What was out of rotation until a time that is over; its web server is ready again.
Result<std::optional<api::AgentOut>> endMirrorOut(const config::AgentMirrorConfig &mirror, Time now);

}  // namespace cm::agent
