// SPDX-License-Identifier: GPL-3.0-or-later
// Files of log lines into the counts, each line once: the same file again, renamed, packed, or grown since counts only
// what is new. Blocks; one thread.
//
// A file is known by what it holds. Where its lines end within its first 64 KiB (at least 64 bytes apart) a digest is
// taken of everything up to there; the longest of these beginnings that the store knows is the file's name there, and
// the bytes of the unpacked file that are counted are its position. For a new file it is the longest there is. So a file
// that was small when it was counted is found again by the beginning that it had then, and goes on under its longest, which
// takes over what the other had: a further file that begins with the same lines is one that has grown from there on its
// own. What this cannot tell apart: two files whose first 64 KiB are the same are one, of which the longer has grown; a file
// that was cut off within its first 64 KiB after it was counted is a new one; of a last line that is shorter than 64 bytes,
// what follows the same lines.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/metrics/line_ledger.h"

#include <functional>
#include <string>

namespace cm::metrics::intake {

struct BackfillProgress {
    std::uint64_t lines = 0;      // counted by this run
    std::int64_t bytes = 0;       // of the unpacked file that are in the counts
    std::int64_t known = 0;       // of them, those that were there before
    std::int64_t unfinished = 0;  // bytes behind the last end of a line of a file that may still grow: left for later
    double share = 0;             // of the file that was read; 0 where that is not known
};

struct BackfillOptions {
    std::uint64_t batchLines = 200'000;
    std::size_t batchRows = 16'000;  // of LineLedger::size()
    std::function<void(const BackfillProgress &)> progress;  // after each batch, and now and then; may be empty
    int tries = 10;  // of a store that is away, with pauses up to five seconds
};

// `file`: plain or gzip, "-" for the standard input, whose last line needs no end, as that of a gzip file. NotFound and
// Unavailable for a file that cannot be read, Corrupt for a gzip file that is damaged or cut off (what comes before is
// counted), Conflict when somebody else counts the same file meanwhile, and the store's errors.
Result<BackfillProgress> backfill(const std::string &file, LineLedger &ledger, const Clock &clock, const BackfillOptions &options);

}  // namespace cm::metrics::intake
