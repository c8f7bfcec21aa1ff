// SPDX-License-Identifier: GPL-3.0-or-later
// The fallback rehearsed: the canary's page and file through the cache, with the header that has it ask the mirror, held
// against what the mirror has to answer. Any thread; blocks within the time that is given.
#pragma once

#include "core/monitor/landscape.h"
#include "core/monitor/plans/plan.h"
#include "core/monitor/probes/probe.h"

namespace cm::monitor {

// Of an order DrillPage or DrillFile. What was not as it should be is a GuardFailed that says it.
[[nodiscard]] Result<api::AgentDone> drill(const Surroundings &around, const Order &order, const ProbeTime &time);

}  // namespace cm::monitor
