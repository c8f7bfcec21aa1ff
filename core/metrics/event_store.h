// SPDX-License-Identifier: GPL-3.0-or-later
// Where downloads are kept one by one, for a registry that has more of them than counts in one database can tell. As
// the ingester sees it; owned by the composition root; any thread; every call may block. Errors: Unavailable (try
// again), Timeout (whether it took place is not known: give the same batch again), Unauthorized, Internal.
#pragma once

#include "core/base/result.h"
#include "core/metrics/counts.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cm::metrics {

// A text that the line does not have is empty; one that is long is cut (core/metrics/cell_text.h).
struct Event {
    std::int64_t seconds = 0;  // since 1970, UTC, of the line's own time
    Request request = Request::Download;
    api::ClientClass clientClass = api::ClientClass::Unknown;
    std::string project;  // normalised
    std::string version;
    std::string fileType;
    std::string filename;
    std::string country;
    std::string installer, installerVersion;
    std::string python;  // as the client spells it: "3.11.4"
    std::string implementation;
    std::string system, systemRelease;
    std::string distribution;
    std::string cpu;
    std::string tls;
};
inline constexpr std::array eventTexts{&Event::project,          &Event::version, &Event::fileType,       &Event::filename, &Event::country,
                                       &Event::installer,        &Event::installerVersion, &Event::python, &Event::implementation, &Event::system,
                                       &Event::systemRelease,    &Event::distribution,     &Event::cpu,    &Event::tls};

// What the bytes of `source` from `from` until `until` say, line by line.
struct EventBatch {
    std::string source;
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::vector<Event> events;
    std::vector<Tally> tallies;
    std::vector<ReasonTally> reasons;
    std::vector<SenderTally> senders;
    std::vector<SenderReport> reports;
};

class EventStore {
public:
    virtual ~EventStore() = default;

    virtual Result<Resume> resume(const std::string &source) = 0;
    // However often the same batch is given, its lines are there once.
    virtual Result<void> add(const EventBatch &batch) = 0;
};

}  // namespace cm::metrics
