// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the rows of core/metrics/store: counts of a subject, ranks, tallies, names. Internal to this folder, on a
// connection's thread, inside a read transaction of the caller. Errors: as the connection's, and Corrupt.
#pragma once

#include "core/api/downloads.h"
#include "core/metrics/store/figures.h"
#include "core/metrics/store/subject.h"
#include "core/metrics/store/tiers.h"
#include "core/sql/connection.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace cm::metrics {

[[nodiscard]] api::ClassFigures toApi(const ClassCounts &counts);
// Of the classes whose bit is set in `classes`.
[[nodiscard]] std::int64_t sumOf(const ClassCounts &counts, unsigned classes);

// Of which minutes anything is known: of every hour of a window a bit for each minute.
class Coverage {
public:
    // `from` and `until` within hours that are read as a whole. Minutes that somebody calls a gap are not known.
    static Result<Coverage> read(sql::Connection &connection, Minute from, Minute until,
                                 const std::vector<api::DownloadAnnotation> &annotations, const std::string &project);
    [[nodiscard]] std::int64_t known(Minute from, Minute until) const;

private:
    void forget(Minute from, Minute until);
    Minute m_start = 0;  // of the first hour
    std::vector<std::uint64_t> m_hours;
};

// The first and the newest minute of which anything is known.
struct Extent {
    std::optional<Minute> first;
    std::optional<Minute> newest;
};
[[nodiscard]] Result<Extent> extentOf(sql::Connection &connection);

// Those that touch [from, until), by their beginning.
[[nodiscard]] Result<std::vector<api::DownloadAnnotation>> annotationsOf(sql::Connection &connection,
                                                                         std::optional<Time> from, std::optional<Time> to);

[[nodiscard]] Result<std::optional<Code>> findCode(sql::Connection &connection, const std::string &text);
[[nodiscard]] Result<std::unordered_map<Code, std::string>> textsOf(sql::Connection &connection, const std::vector<Code> &codes);
[[nodiscard]] Result<std::unordered_map<std::int64_t, std::string>> projectsOf(sql::Connection &connection,
                                                                               const std::vector<std::int64_t> &ids);

// Where the answer to a question lies.
struct Place {
    Subject subject = 0;
    Dimension dimension = Dimension::Total;
    std::optional<Code> only;  // of that dimension, as if it were all there is
};
// Whether rows of minutes and hours tell it: what a version is split by but its classes is kept by day.
[[nodiscard]] bool isKeptByDayOnly(const std::string &version, Dimension dimension);
// Nothing for what was never counted.
[[nodiscard]] Result<std::optional<Place>> findPlace(sql::Connection &connection, const std::string &project,
                                                     const std::string &version, Dimension dimension, Request request);

using OnCounts = std::function<void(Minute bucket, const CountList &counts)>;
// For each bucket of the run that has a row, by time.
[[nodiscard]] Result<void> readCounts(sql::Connection &connection, const Place &place, const Run &run, const OnCounts &onCounts);
// The sums of all projects.
using ProjectCounts = std::vector<std::pair<std::int64_t, ClassCounts>>;
[[nodiscard]] Result<ProjectCounts> readRanks(sql::Connection &connection, Request request, const std::vector<Run> &runs);

using OnTally = std::function<void(Minute bucket, const api::LineFigures &lines)>;
[[nodiscard]] Result<void> readTallies(sql::Connection &connection, Tier tier, Minute from, Minute until, const OnTally &onTally);
[[nodiscard]] Result<std::vector<api::LineReason>> readReasons(sql::Connection &connection, Tier tier, Minute from, Minute until);

}  // namespace cm::metrics
