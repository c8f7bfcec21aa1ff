// SPDX-License-Identifier: GPL-3.0-or-later
// How a check of files against the catalog is told: one line for each finding, one for all. One thread.
#pragma once

#include "core/registry/housekeeping.h"

namespace cm::daemon {

void printReport(const registry::FsckReport &report);

}  // namespace cm::daemon
