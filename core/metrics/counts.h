// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of downloads on their way from a stream of lines to a store: what an aggregator gives and a store
// takes. Plain values, any thread. Minutes are whole minutes since 1970, UTC.
#pragma once

#include "core/api/client_class.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cm::metrics {

// What was asked for: a file, or a project's page of the simple index.
enum class Request : std::uint8_t { Download, Simple };

// How often the same was asked for by the same kind of client in one minute. A text that the line does not
// have, or that does not apply, is empty.
struct Cell {
    std::int64_t minute = 0;  // of the line's own time
    Request request = Request::Download;
    api::ClientClass clientClass = api::ClientClass::Unknown;
    std::string project;    // normalised
    std::string version;    // as the line spells it
    std::string fileType;   // "sdist", "bdist_wheel", …
    std::string country;    // two letters as the CDN writes them
    std::string installer;  // "pip", "uv", "bandersnatch", …: of the user agent's details
    std::string python;     // "3.11": major and minor
    std::string system;     // "Linux", "Darwin", "Windows", …
    std::int64_t count = 0;
    friend bool operator==(const Cell &, const Cell &) = default;
};

// What became of lines: received = downloads + simple + ignored + unprocessed + refused. One whose figures are all 0
// says that the minute was listened to and nothing came: without any the minute is a gap, not a 0.
struct Tally {
    std::int64_t minute = 0;  // of the line's own time; of its arrival where it has none that can be read
    std::int64_t received = 0;
    std::int64_t downloads = 0;
    std::int64_t simple = 0;
    std::int64_t ignored = 0;      // clients of which no record is kept, as PyPI does
    std::int64_t unprocessed = 0;  // lines that the parser could not make a record of
    std::int64_t refused = 0;      // no line of a log at all: too long, no text, a time that cannot be
    friend bool operator==(const Tally &, const Tally &) = default;
};

// Why lines were not counted: "ValueError" in the compatible mode's words, and so on.
struct ReasonTally {
    std::int64_t minute = 0;
    std::string reason;
    std::int64_t lines = 0;
    friend bool operator==(const ReasonTally &, const ReasonTally &) = default;
};

// So many names of senders are told apart, beyond which they are one without a name: nothing keeps anybody from making
// names up.
inline constexpr std::size_t mostSenderNames = 256;

// How many lines a sender, by the name that it gives itself, sent in the hour in which they came, and when the first and the
// last of them came: seconds since 1970, UTC.
struct SenderTally {
    std::int64_t hour = 0;  // its first minute
    std::string sender;     // empty: lines that name none
    std::int64_t lines = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    friend bool operator==(const SenderTally &, const SenderTally &) = default;
};

// What a sender says of itself, in its order.
struct SenderReport {
    std::string sender;
    std::int64_t seconds = 0;  // since 1970, UTC
    std::int64_t sent = 0;     // lines since it started
    // Lines that came from it since its last report; nothing: it is the first one that is known.
    std::optional<std::int64_t> heard;
    std::int64_t arrived = 0;  // seconds since 1970, UTC, by our clock
    friend bool operator==(const SenderReport &, const SenderReport &) = default;
};

// Where to go on. What was begun and perhaps half written has to be given again with the same bounds, by which the
// store knows it again.
struct Resume {
    std::int64_t offset = 0;
    std::optional<std::int64_t> until;
};

// What was counted of the bytes of `source` from `from` until `until`.
struct Batch {
    std::string source;
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::vector<Cell> cells;
    std::vector<Tally> tallies;
    std::vector<ReasonTally> reasons;
    std::vector<SenderTally> senders;
    std::vector<SenderReport> reports;
};

}  // namespace cm::metrics
