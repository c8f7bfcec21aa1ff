// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of core/metrics/store as a look at one moment, in one read transaction; and what is reckoned from looks.
// Owned by the composition root; any thread. Errors: as the database's, and Corrupt.
#pragma once

#include "core/metrics/store/count_look.h"
#include "core/sql/database.h"

namespace cm::metrics {

[[nodiscard]] api::ClassFigures toApi(const ClassCounts &counts);
// Of the classes whose bit is set in `classes`.
[[nodiscard]] std::int64_t sumOf(const ClassCounts &counts, unsigned classes);
// Whether rows of minutes and hours tell it: what a version is split by but its classes is kept by day.
[[nodiscard]] bool isKeptByDayOnly(const std::string &version, Dimension dimension);

// Of which minutes anything is known: of every hour of a window a bit for each minute.
class Coverage {
public:
    // `from` and `until` within hours that are read as a whole. Minutes that somebody calls a gap are not known.
    static Result<Coverage> read(CountLook &look, Minute from, Minute until, const std::vector<api::DownloadAnnotation> &annotations,
                                 const std::string &project);
    // This of the whole registry for one of its projects: without the project's own gaps.
    [[nodiscard]] Coverage ofProject(const std::vector<api::DownloadAnnotation> &annotations, const std::string &project) const;
    [[nodiscard]] std::int64_t known(Minute from, Minute until) const;

private:
    void forget(const api::DownloadAnnotation &gap);
    Minute m_start = 0;  // of the first hour
    Minute m_from = 0;
    Minute m_until = 0;
    std::vector<std::uint64_t> m_hours;
};

class CountRows final : public CountSource {
public:
    // It outlives this.
    explicit CountRows(sql::Database &database) : m_database(database) {}
    Result<void> look(const std::function<Result<void>(CountLook &)> &work) override;

private:
    sql::Database &m_database;
};

}  // namespace cm::metrics
