// SPDX-License-Identifier: GPL-3.0-or-later
// Where counts are read, whatever keeps them: one look at one moment, in the words of core/metrics/store. Lent to one
// thread for the time of a question. Errors: Unavailable, Timeout, Corrupt, Internal.
#pragma once

#include "core/api/downloads.h"
#include "core/base/result.h"
#include "core/metrics/store/figures.h"
#include "core/metrics/store/subject.h"
#include "core/metrics/store/tiers.h"

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cm::metrics {

// Where the answer to a question lies.
struct Place {
    Subject subject = 0;
    Dimension dimension = Dimension::Total;
    // Of that dimension, as if it were all there is; what is folded is told beside it.
    std::optional<Code> only;
};

using OnCounts = std::function<void(Minute bucket, const CountList &counts)>;
using OnTally = std::function<void(Minute bucket, const api::LineFigures &lines)>;
using OnRepeats = std::function<void(Minute bucket, std::int64_t lines)>;
using OnSender = std::function<void(Minute hour, const api::LineSender &sender)>;
// The sums of all projects.
using ProjectCounts = std::vector<std::pair<std::int64_t, ClassCounts>>;
using OnDay = std::function<void(std::size_t project, Minute day, const ClassCounts &counts)>;
// By the first minute of an hour: a bit for each minute of it of which anything is known.
using KnownHours = std::vector<std::pair<Minute, std::uint64_t>>;

// Of a store in which a batch becomes visible piece by piece: its downloads before what is told of its lines.
struct Writing {
    bool underWay = false;
    std::uint64_t mark = 0;  // another one when a batch was begun or done
};

class CountLook {
public:
    virtual ~CountLook() = default;

    virtual Result<Writing> writing() = 0;

    // The first minute from `from` on of which anything is known, and the last one before `until`.
    virtual Result<std::optional<Minute>> firstKnown(Minute from) = 0;
    virtual Result<std::optional<Minute>> lastKnown(Minute until) = 0;
    // Of all hours that begin in [from, until).
    virtual Result<KnownHours> knownHours(Minute from, Minute until) = 0;
    // Those that touch [from, to), by their beginning.
    virtual Result<std::vector<api::DownloadAnnotation>> annotations(std::optional<Time> from, std::optional<Time> to) = 0;
    // Nothing for what was never counted.
    virtual Result<std::optional<Place>> place(const std::string &project, const std::string &version, Dimension dimension, Request request) = 0;
    virtual Result<std::optional<Code>> code(const std::string &text) = 0;
    // Whether counts tell it by name, however many values there are: nothing of it is among the strangers. Of a value that is
    // asked about, before its counts are.
    virtual bool isAlwaysNamed(Dimension dimension, const std::string &value) = 0;
    virtual Result<std::unordered_map<Code, std::string>> texts(const std::vector<Code> &codes) = 0;
    virtual Result<std::unordered_map<std::int64_t, std::string>> projects(const std::vector<std::int64_t> &ids) = 0;
    // For each bucket of the run of which there is anything, by time.
    virtual Result<void> counts(const Place &place, const Run &run, const OnCounts &onCounts) = 0;
    // Of each project, by its place in the list, the days of the run on which there is anything; in no order. The run's tier
    // is Day.
    virtual Result<void> days(const std::vector<std::string> &projects, Request request, const Run &run, const OnDay &onDay) = 0;
    virtual Result<ProjectCounts> ranks(Request request, const std::vector<Run> &runs) = 0;
    virtual Result<void> tallies(Tier tier, Minute from, Minute until, const OnTally &onTally) = 0;
    // Of the hours that begin in [from, until), each sender of each; in no order.
    virtual Result<void> senders(Minute from, Minute until, const OnSender &onSender) = 0;
    // Of which bucket how many lines came again and were dropped, where any did; in no order.
    virtual Result<void> repeats(Tier tier, Minute from, Minute until, const OnRepeats &onRepeats) = 0;
    // The most frequent first, those that came again not among them.
    virtual Result<std::vector<api::LineReason>> reasons(Tier tier, Minute from, Minute until) = 0;
};

// Owned by the composition root; any thread.
class CountSource {
public:
    virtual ~CountSource() = default;
    virtual Result<void> look(const std::function<Result<void>(CountLook &)> &work) = 0;
};

}  // namespace cm::metrics
