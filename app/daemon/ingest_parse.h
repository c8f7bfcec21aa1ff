// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd ingest --parse: each line of some files as one JSON object {outcome, reason, class, record} on the
// standard output, for people who debug a stream. Memory does not grow with a file or a line. One thread.
#pragma once

#include "core/metrics/mode.h"

#include <string>
#include <vector>

namespace cm::daemon {

// Files may be gzip, found by their first bytes; "-" is the standard input. Answers the exit code: a file that cannot
// be read to its end is told, and the next one read.
int parseFiles(const std::vector<std::string> &files, metrics::Mode mode);

}  // namespace cm::daemon
