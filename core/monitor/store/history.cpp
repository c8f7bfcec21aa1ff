// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/store/history.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace cm::monitor {
namespace {

struct Tier {
    std::int64_t chunk;   // seconds of one row
    std::int64_t bucket;  // seconds of one of its 60 figures
    std::int64_t kept;    // seconds
};
constexpr std::array<Tier, 3> tiers{{{60, 1, 3600}, {600, 10, 6 * 3600}, {3600, 60, std::chrono::seconds(History::longest).count()}}};
constexpr std::size_t perChunk = 60;
constexpr std::int64_t mostPoints = 5000;

std::int64_t secondOf(Time time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::int64_t floorTo(std::int64_t second, std::int64_t unit)
{
    return second - second % unit;
}

std::string_view textOf(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

sql::Bytes bytesOf(const std::string &text)
{
    return {std::as_bytes(std::span(text.data(), text.size()))};
}

api::SeriesPoint pointOf(std::int64_t second, const Bucket &bucket)
{
    api::SeriesPoint point;
    point.time = Time(std::chrono::seconds(second));
    point.count = bucket.count;
    if (bucket.count > 0) {
        point.min = bucket.min;
        point.average = bucket.average;
        point.max = bucket.max;
        point.p95 = bucket.p95;
        point.p99 = bucket.p99;
    }
    return point;
}

}  // namespace

Result<void> History::open(Time now)
{
    const std::int64_t second = secondOf(now);
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        const std::lock_guard lock(m_mutex);
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT id, target, signal, unit FROM series"));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                break;
            auto line = std::make_unique<Line>();
            line->id = rows->integer(0);
            line->target = rows->string(1);
            line->signal = rows->string(2);
            line->unit = rows->string(3);
            m_lines[{line->target, line->signal}] = std::move(line);
        }
        return {};
    }));
    m_newest = second;
    m_written = floorTo(second, 60);
    CM_TRY(readHour(second));
    return findRolled(second);
}

// What the store has of the hour before.
Result<void> History::readHour(std::int64_t now)
{
    struct Row {
        std::int64_t start, series;
        std::vector<float> samples;
    };
    std::vector<Row> rows;
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto chunks, connection.query("SELECT start, series, data FROM chunks WHERE tier = 0 AND start > $1 AND start <= $2",
                                                          {now - tiers[0].kept, now}));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, chunks->next());
            if (!more)
                break;
            rows.push_back({chunks->integer(0), chunks->integer(1), decodeSamples(textOf(chunks->blob(2)), perChunk)});
        }
        return {};
    }));
    const std::lock_guard lock(m_mutex);
    std::map<std::int64_t, Line *> byId;
    for (const auto &[key, line] : m_lines)
        byId[line->id] = line.get();
    for (const Row &row : rows) {
        const auto line = byId.find(row.series);
        for (std::size_t i = 0; line != byId.end() && i < row.samples.size(); ++i) {
            const std::int64_t second = row.start + static_cast<std::int64_t>(i);
            if (!std::isnan(row.samples[i]) && second < now)
                put(*line->second, second, row.samples[i]);
        }
    }
    return {};
}

// Up to where roll-ups are in the store. One for a time that is still to come was made by a clock that was wrong.
Result<void> History::findRolled(std::int64_t now)
{
    return m_database.read([&](sql::Connection &connection) -> Result<void> {
        for (int tier = 1; tier < 3; ++tier) {
            CM_TRY_ASSIGN(const auto newest, connection.query("SELECT max(start) FROM chunks WHERE tier = $1 AND start <= $2", {tier, now}));
            CM_TRY(newest->next());
            CM_TRY_ASSIGN(const auto oldest, connection.query("SELECT min(start) FROM chunks WHERE tier = 0"));
            CM_TRY(oldest->next());
            const std::int64_t chunk = tiers[static_cast<std::size_t>(tier)].chunk;
            const std::int64_t next = !newest->isNull(0)   ? newest->integer(0) + chunk
                                      : !oldest->isNull(0) ? floorTo(oldest->integer(0), chunk)
                                                           : floorTo(now, chunk);
            m_rolled[tier] = std::min(next, floorTo(now, chunk));
        }
        return {};
    });
}

void History::put(Line &line, std::int64_t second, float value) const
{
    if (line.ring.empty())
        line.ring.assign(ringSeconds, std::numeric_limits<float>::quiet_NaN());
    if (second <= line.newest - ringSeconds)
        return;
    // What lies between the newest and this one is a gap, not what stood there an hour ago.
    const std::int64_t from = std::max(line.newest + 1, second - ringSeconds + 1);
    for (std::int64_t gap = from; gap < second; ++gap)
        line.ring[static_cast<std::size_t>(gap % ringSeconds)] = std::numeric_limits<float>::quiet_NaN();
    line.ring[static_cast<std::size_t>(second % ringSeconds)] = value;
    line.newest = std::max(line.newest, second);
}

// Leaves nothing after a second.
void History::cut(Line &line, std::int64_t second) const
{
    if (line.ring.empty() || line.newest <= second)
        return;
    for (std::int64_t ahead = std::max(second, line.newest - ringSeconds) + 1; ahead <= line.newest; ++ahead)
        line.ring[static_cast<std::size_t>(ahead % ringSeconds)] = std::numeric_limits<float>::quiet_NaN();
    // What lies before what the ring holds is not in it.
    line.newest = second;
}

History::Line *History::lineOf(const FigureSample &sample)
{
    const auto found = m_lines.find({sample.target, sample.signal});
    if (found != m_lines.end())
        return found->second.get();
    if (m_lines.size() >= maxSeries)
        return nullptr;
    auto line = std::make_unique<Line>();
    line->target = sample.target;
    line->signal = sample.signal;
    line->unit = sample.unit;
    Line *made = line.get();
    m_lines[{sample.target, sample.signal}] = std::move(line);
    return made;
}

void History::add(Time time, const std::vector<FigureSample> &samples)
{
    const std::int64_t second = secondOf(time);
    const std::lock_guard lock(m_mutex);
    for (auto line = m_lines.begin(); second < m_newest && line != m_lines.end(); ++line)
        cut(*line->second, second);
    m_newest = second;
    for (const FigureSample &sample : samples) {
        if (Line *line = lineOf(sample); line && std::isfinite(sample.value))
            put(*line, second, sample.value);
    }
}

std::vector<float> History::seconds(const Line &line, std::int64_t from, std::int64_t until) const
{
    std::vector<float> out(static_cast<std::size_t>(until - from), std::numeric_limits<float>::quiet_NaN());
    if (line.ring.empty())
        return out;
    for (std::int64_t second = std::max(from, line.newest - ringSeconds + 1); second < until && second <= line.newest; ++second)
        out[static_cast<std::size_t>(second - from)] = line.ring[static_cast<std::size_t>(second % ringSeconds)];
    return out;
}

Result<void> History::flush(Time now)
{
    const std::int64_t second = secondOf(now);
    // The clock was set back.
    if (m_written > floorTo(second, 60)) {
        m_written = floorTo(second, 60);
        CM_TRY(readHour(second));
        CM_TRY(findRolled(second));
    }
    // A second later, so that nothing more comes for the minute.
    const std::int64_t whole = floorTo(second - 1, 60);
    for (; m_written < whole; m_written += 60) {
        if (m_written < second - tiers[0].kept)  // the machine slept
            m_written = floorTo(second - tiers[0].kept, 60);
        CM_TRY(writeMinutes(m_written, m_written + 60));
    }
    for (auto &[tier, next] : m_rolled) {
        const Tier &unit = tiers[static_cast<std::size_t>(tier)];
        next = std::max(next, floorTo(second - unit.kept, unit.chunk));
        for (; next + unit.chunk <= m_written; next += unit.chunk)
            CM_TRY(rollUp(tier, next));
    }
    return {};
}

Result<void> History::writeMinutes(std::int64_t from, std::int64_t until)
{
    struct Row {
        std::int64_t id;
        std::string target, signal, unit;
        std::string data;
    };
    std::vector<Row> rows;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[key, line] : m_lines) {
            const std::vector<float> samples = seconds(*line, from, until);
            if (std::all_of(samples.begin(), samples.end(), [](float sample) { return std::isnan(sample); }))
                continue;
            rows.push_back({line->id, line->target, line->signal, line->unit, encodeSamples(samples)});
        }
    }
    CM_TRY(m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        for (Row &row : rows) {
            if (row.id == 0) {
                CM_TRY_ASSIGN(const auto made, connection.query("INSERT INTO series (target, signal, unit) VALUES ($1, $2, $3) "
                                                                "ON CONFLICT (target, signal) DO UPDATE SET unit = excluded.unit "
                                                                "RETURNING id", {row.target, row.signal, row.unit}));
                CM_TRY(made->next());
                row.id = made->integer(0);
            }
            CM_TRY(connection.execute("INSERT INTO chunks (tier, start, series, data) VALUES (0, $1, $2, $3) "
                                      "ON CONFLICT (tier, start, series) DO UPDATE SET data = excluded.data",
                                      {from, row.id, bytesOf(row.data)}));
        }
        return {};
    }));
    const std::lock_guard lock(m_mutex);
    for (const Row &row : rows) {
        if (const auto line = m_lines.find({row.target, row.signal}); line != m_lines.end())
            line->second->id = row.id;
    }
    return {};
}

Result<void> History::rollUp(int tier, std::int64_t start)
{
    const Tier &unit = tiers[static_cast<std::size_t>(tier)];
    return m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        std::map<std::int64_t, std::vector<float>> bySeries;
        {
            CM_TRY_ASSIGN(const auto rows, connection.query("SELECT start, series, data FROM chunks WHERE tier = 0 AND "
                                                            "start >= $1 AND start < $2", {start, start + unit.chunk}));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, rows->next());
                if (!more)
                    break;
                auto &samples = bySeries[rows->integer(1)];
                samples.resize(static_cast<std::size_t>(unit.chunk), std::numeric_limits<float>::quiet_NaN());
                const auto minute = decodeSamples(textOf(rows->blob(2)), perChunk);
                std::copy(minute.begin(), minute.end(), samples.begin() + (rows->integer(0) - start));
            }
        }
        for (const auto &[series, samples] : bySeries) {
            std::vector<Bucket> buckets;
            for (std::size_t i = 0; i < perChunk; ++i)
                buckets.push_back(summarise(std::span(samples).subspan(i * static_cast<std::size_t>(unit.bucket),
                                                                       static_cast<std::size_t>(unit.bucket))));
            const std::string data = encodeBuckets(buckets);
            CM_TRY(connection.execute("INSERT INTO chunks (tier, start, series, data) VALUES ($1, $2, $3, $4) "
                                      "ON CONFLICT (tier, start, series) DO UPDATE SET data = excluded.data",
                                      {tier, start, series, bytesOf(data)}));
        }
        return {};
    });
}

Result<void> History::dropOld(Time time)
{
    const std::int64_t now = secondOf(time);
    // Seconds stay until every roll-up has had them.
    std::int64_t seconds = now - tiers[0].kept;
    for (const auto &[tier, next] : m_rolled)
        seconds = std::min(seconds, next);
    CM_TRY(m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        for (std::size_t tier = 0; tier < tiers.size(); ++tier)
            CM_TRY(connection.execute("DELETE FROM chunks WHERE tier = $1 AND start < $2",
                                      {static_cast<std::int64_t>(tier), tier == 0 ? seconds - 3600 : now - tiers[tier].kept}));
        return {};
    }));
    return dropSilent(now);
}

// A series of which nothing is kept any more, such as one of a node that was taken away, gives up its place.
Result<void> History::dropSilent(std::int64_t now)
{
    const std::int64_t last = now - tiers.back().kept;
    std::set<std::int64_t> silent;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto &[key, line] : m_lines) {
            if (line->id != 0 && line->newest < last)
                silent.insert(line->id);
        }
    }
    if (silent.empty())
        return {};
    // Since a restart it has said nothing; before, it may have.
    CM_TRY(m_database.writeAlone([&](sql::Connection &connection) -> Result<void> {
        {
            CM_TRY_ASSIGN(const auto kept, connection.query("SELECT DISTINCT series FROM chunks"));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, kept->next());
                if (!more)
                    break;
                silent.erase(kept->integer(0));
            }
        }
        for (const std::int64_t id : silent)
            CM_TRY(connection.execute("DELETE FROM series WHERE id = $1", {id}));
        return {};
    }));
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_lines, [&](const auto &named) {
        Line &line = *named.second;
        if (silent.contains(line.id))
            line.id = 0;  // it is made anew where it has spoken meanwhile
        return line.id == 0 && line.newest < last;
    });
    return {};
}

Result<std::vector<Bucket>> History::stored(int tier, std::int64_t series, std::int64_t from, std::int64_t until,
                                            std::int64_t step)
{
    const Tier &unit = tiers[static_cast<std::size_t>(tier)];
    std::vector<Bucket> fine(static_cast<std::size_t>((until - from) / unit.bucket));
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        for (std::int64_t start = floorTo(from, unit.chunk); start < until; start += unit.chunk) {
            CM_TRY_ASSIGN(const auto row, connection.query("SELECT data FROM chunks WHERE tier = $1 AND start = $2 AND series = $3",
                                                           {tier, start, series}));
            CM_TRY_ASSIGN(const bool there, row->next());
            if (!there)
                continue;
            const auto buckets = decodeBuckets(textOf(row->blob(0)), perChunk);
            for (std::size_t i = 0; i < buckets.size(); ++i) {
                const std::int64_t at = start + static_cast<std::int64_t>(i) * unit.bucket - from;
                if (at >= 0 && at / unit.bucket < static_cast<std::int64_t>(fine.size()))
                    fine[static_cast<std::size_t>(at / unit.bucket)] = buckets[i];
            }
        }
        return {};
    }));
    std::vector<Bucket> out;
    const auto each = static_cast<std::size_t>(step / unit.bucket);
    for (std::size_t at = 0; at < fine.size(); at += each)
        out.push_back(merge(std::span(fine).subspan(at, std::min(each, fine.size() - at))));
    return out;
}

Result<api::Series> History::read(const api::SeriesQuery &query, Time now)
{
    const std::int64_t today = secondOf(now);
    std::int64_t until = query.until ? secondOf(*query.until) : today + 1;
    until = std::min(until, today + 1);
    std::int64_t from = query.from ? secondOf(*query.from) : until - 3600;
    from = std::max(from, today - tiers[2].kept);
    if (from >= until || query.stepSeconds < 0)
        return fail(ErrorCode::InvalidInput, "the span of time is empty");
    std::int64_t step = query.stepSeconds == 0 ? std::max<std::int64_t>(1, (until - from) / 300) : query.stepSeconds;
    const bool inMemory = from > today - 3600;
    const int tier = inMemory ? 0 : from >= today - tiers[1].kept ? 1 : 2;
    const std::int64_t unit = tiers[static_cast<std::size_t>(tier)].bucket;
    step = std::max(unit, (step + unit - 1) / unit * unit);
    from = floorTo(from, step);
    until = floorTo(until + step - 1, step);
    if ((until - from) / step > mostPoints)
        return fail(ErrorCode::InvalidInput, fmt::format("more than {} points: ask for a longer step", mostPoints));

    api::Series series;
    series.target = query.target;
    series.signal = query.signal;
    series.from = Time(std::chrono::seconds(from));
    series.until = Time(std::chrono::seconds(until));
    series.stepSeconds = step;
    std::int64_t id = 0;
    std::vector<float> memory;
    const std::int64_t memoryFrom = std::max(from, floorTo(today - 3600 + step - 1, step));
    {
        const std::lock_guard lock(m_mutex);
        const auto line = m_lines.find({query.target, query.signal});
        if (line == m_lines.end())
            return fail(ErrorCode::NotFound, fmt::format("there is no history of {} of {}", query.signal, query.target));
        id = line->second->id;
        series.unit = line->second->unit;
        if (memoryFrom < until)
            memory = seconds(*line->second, memoryFrom, until);
    }
    std::vector<Bucket> buckets;
    if (tier > 0 && from < memoryFrom) {
        CM_TRY_ASSIGN(buckets, stored(tier, id, from, std::min(memoryFrom, until), step));
    }
    for (std::size_t at = 0; at < memory.size(); at += static_cast<std::size_t>(step))
        buckets.push_back(summarise(std::span(memory).subspan(at, std::min<std::size_t>(static_cast<std::size_t>(step), memory.size() - at))));
    for (std::size_t i = 0; i < buckets.size(); ++i)
        series.points.push_back(pointOf(from + static_cast<std::int64_t>(i) * step, buckets[i]));
    return series;
}

bool History::isFull() const
{
    const std::lock_guard lock(m_mutex);
    return m_lines.size() >= maxSeries;
}

std::vector<api::SeriesInfo> History::list(const std::string &target) const
{
    std::vector<api::SeriesInfo> out;
    const std::lock_guard lock(m_mutex);
    for (const auto &[key, line] : m_lines) {
        if (!target.empty() && line->target != target)
            continue;
        api::SeriesInfo info{line->target, line->signal, line->unit, std::nullopt};
        if (line->newest > 0)
            info.newest = Time(std::chrono::seconds(line->newest));
        out.push_back(std::move(info));
    }
    return out;
}

}  // namespace cm::monitor
