// SPDX-License-Identifier: GPL-3.0-or-later
// From the board to what plans are made from: of a look that was taken for a plan, or of what is watched anyway. Pure.
#pragma once

#include "core/monitor/landscape.h"
#include "core/monitor/plans/situation.h"

namespace cm::monitor {

// Samples that were taken before `stillFresh` do not count. What Patronis say is for the caller to add.
[[nodiscard]] Situation situationOf(const Surroundings &around, Snapshot board, std::vector<HostAgent> agents, Time stillFresh, Time time);

// The same from the samples of the board alone, agents' included, each as old as it may be to be judged: what a plan
// would say if nothing had changed since.
[[nodiscard]] Situation watchedSituation(const Surroundings &around, Snapshot board, Time time);

}  // namespace cm::monitor
