// SPDX-License-Identifier: GPL-3.0-or-later
// The public journal over HTTP, for mirrors: a mirror that knows everything up to a serial asks what came after.
//
//   GET /journal/?since=SERIAL&limit=ROWS        (from the beginning without `since`; 10,000 rows, at most 50,000)
//   {"meta": {"api-version": "1.0", "_last-serial": 4711}, "registry": "16 hexadecimal digits",
//    "since": 4700, "through": 4711,
//    "changes": [{"serial": 4701, "name": "Demo", "version": "1.0" or null, "action": "new release", "time": RFC 3339}]}
//
// `through` is up to where `changes` tells everything; while it is less than `_last-serial`, ask again with
// `since=through`. Serials rise one by one, so whoever asks with one less than the last serial it knows gets that very
// row again and sees that the history is still the one it knows. `registry` differs between any two registries
// and stays when one moves to another database. No project's page is older than a journal that was read
// before it. The answer has an ETag; X-PyPI-Last-Serial is `_last-serial`. Pure, any thread.
#pragma once

#include "core/http/request_head.h"
#include "core/registry/pages.h"

#include <string>

namespace cm::server {

struct JournalQuestion {
    catalog::Serial since = 0;
    std::int64_t limit = 10'000;
};

// InvalidInput, with the sentence for the client.
[[nodiscard]] Result<JournalQuestion> journalQuestion(const http::RequestHead &head);
[[nodiscard]] std::string renderJournal(const registry::JournalPiece &piece, catalog::Serial since);

}  // namespace cm::server
