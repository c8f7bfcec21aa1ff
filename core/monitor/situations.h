// SPDX-License-Identifier: GPL-3.0-or-later
// From the board to what plans are made from: of a look that was taken for a plan, or of what is watched anyway. Pure.
#pragma once

#include "core/monitor/landscape.h"
#include "core/monitor/plans/situation.h"

namespace cm::monitor {

// What plans are about, with the hosts.
[[nodiscard]] std::vector<Place> placesOf(const Surroundings &around);

// Samples that were taken before `stillFresh` do not count. What Patronis say is for the caller to add.
[[nodiscard]] Situation situationOf(const Surroundings &around, Snapshot board, std::vector<HostAgent> agents, Time stillFresh, Time time);

// Of a board that was looked at for a plan: whoever has not answered a question that was put since `begun` counts as
// silent, for guards are not to rest on what was said before. A pgpool may be what it was when its answer came since
// `slow`, for it tries each database first, unless it answered within `hurry` and does not any more.
void forgetBefore(Snapshot &board, Time begun, Time slow, std::chrono::milliseconds hurry);

// In place of what was heard of them in between: what the agents of this situation tell of volumes, and of certificates
// on their disks.
void takeFromAgents(Situation &now, const Surroundings &around);

// The same from the samples of the board alone, agents' included, each as old as it may be to be judged: what a plan
// would say if nothing had changed since.
[[nodiscard]] Situation watchedSituation(const Surroundings &around, Snapshot board, Time time);

}  // namespace cm::monitor
