// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ingest FILE…: counts files of log lines, each line once (core/metrics/intake/backfill.h). One thread.
#pragma once

#include "app/daemon/ingest_options.h"

namespace cm::daemon {

// Answers the exit code: a file that cannot be counted is told, and the next one taken.
int countFiles(const IngestSettings &settings, const std::vector<std::string> &files);

}  // namespace cm::daemon
