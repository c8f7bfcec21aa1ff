// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ingest as a daemon: takes lines, keeps them on disk, counts them, tells monitors, until SIGTERM. Then it
// takes nothing more, acknowledges what is on disk, and counts that as far as the database lets it; the rest is counted
// by the next run. One thread.
#pragma once

#include "app/daemon/ingest_options.h"

namespace cm::daemon {

Result<void> ingestUntilStop(const IngestSettings &settings);

}  // namespace cm::daemon
