// SPDX-License-Identifier: GPL-3.0-or-later
// One line of a log to its record, for people who look at a stream; counting has the Aggregator. Owned by whoever
// reads, used by one thread.
#pragma once

#include "core/metrics/line.h"
#include "core/metrics/record.h"

namespace cm::metrics {

struct Parsed {
    Outcome outcome = Outcome::Unprocessed;
    std::string reason;                             // why there is no record
    std::optional<api::ClientClass> clientClass;    // of a line that has a record
    std::optional<Record> record;                   // of Download and Simple
};

class Parser {
public:
    explicit Parser(Mode mode) : m_mode(mode), m_reader(mode) {}
    // One line without its newline. `arrival` is what its time is held against.
    Parsed parse(std::string_view line, Time arrival);

private:
    const Mode m_mode;
    LineReader m_reader;
};

}  // namespace cm::metrics
