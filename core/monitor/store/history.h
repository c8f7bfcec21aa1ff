// SPDX-License-Identifier: GPL-3.0-or-later
// Every figure over time: single seconds of the last hour in memory, written each minute; 10 s of six
// hours and minutes of a day behind them in the store. Owned by the monitor; any thread. What a kill
// takes is the last minute of single seconds, never what is behind it. Bounded: so many series, so long.
#pragma once

#include "core/api/monitoring.h"
#include "core/base/clock.h"
#include "core/monitor/store/buckets.h"
#include "core/sql/database.h"

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cm::monitor {

struct FigureSample {
    std::string target;
    std::string signal;
    std::string unit;
    float value = 0;
};

class History {
public:
    static constexpr std::size_t maxSeries = 20'000;
    // How far back anything is known.
    static constexpr std::chrono::hours longest{24};

    explicit History(sql::Database &database) : m_database(database) {}
    // Reads the last hour, and makes what roll-ups a crash has left out.
    Result<void> open(Time now);

    // The samples of one moment; a later one in the same second replaces it. A moment before those that were had means that the
    // clock was set back: what was had for the time ahead of it gives way to what comes.
    void add(Time time, const std::vector<FigureSample> &samples);
    // Writes whole minutes and roll-ups that are due. Each few seconds.
    Result<void> flush(Time now);
    // Drops what is past its time. Each hour or so; not while nobody knows whether the clock is right.
    Result<void> dropOld(Time now);

    // InvalidInput for a span or step that cannot be; NotFound for a series that never was.
    [[nodiscard]] Result<api::Series> read(const api::SeriesQuery &query, Time now);
    [[nodiscard]] std::vector<api::SeriesInfo> list(const std::string &target) const;
    // There is no place for another series: what comes of one is not kept.
    [[nodiscard]] bool isFull() const;

private:
    static constexpr std::int64_t ringSeconds = 3720;  // an hour, and two minutes to write them
    struct Line {
        std::string target, signal, unit;
        std::int64_t id = 0;     // 0: not in the store yet
        std::int64_t newest = 0;  // second
        std::vector<float> ring;
    };

    Line *lineOf(const FigureSample &sample);
    void put(Line &line, std::int64_t second, float value) const;
    void cut(Line &line, std::int64_t second) const;
    [[nodiscard]] std::vector<float> seconds(const Line &line, std::int64_t from, std::int64_t until) const;
    Result<void> writeMinutes(std::int64_t from, std::int64_t until);
    Result<void> rollUp(int tier, std::int64_t start);
    Result<void> dropSilent(std::int64_t now);
    Result<void> readHour(std::int64_t now);
    Result<void> findRolled(std::int64_t now);
    Result<std::vector<Bucket>> stored(int tier, std::int64_t series, std::int64_t from, std::int64_t until,
                                       std::int64_t step);

    sql::Database &m_database;
    mutable std::mutex m_mutex;  // of the lines; never held while the database works
    std::map<std::pair<std::string, std::string>, std::unique_ptr<Line>> m_lines;
    std::int64_t m_newest = 0;                    // second of the samples that were had last
    std::int64_t m_written = 0;                   // all seconds before it are in the store
    std::map<int, std::int64_t> m_rolled;         // by tier: all chunks before it are
};

}  // namespace cm::monitor
