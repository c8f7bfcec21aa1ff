// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/rolled_batch.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <iterator>
#include <set>

namespace cm::metrics {
namespace {

constexpr std::array tiersOfCounts{Tier::Minute, Tier::Hour, Tier::Day};
constexpr std::array tiersOfRanks{Tier::Hour, Tier::Day, Tier::Month};
constexpr std::array tiersOfTallies{Tier::Minute, Tier::Hour};

// Rows of one statement: few texts, so that engines know them again.
constexpr std::array<std::size_t, 3> statementRows{64, 8, 1};

std::size_t rowsAtOnce(std::size_t left)
{
    return *std::ranges::find_if(statementRows, [left](std::size_t rows) { return rows <= left; });
}

sql::Bytes bytesOf(const std::string &text)
{
    return {std::as_bytes(std::span(text.data(), text.size()))};
}

// "($1, $2), ($3, $4)" for rows of `columns`.
std::string valuesOf(std::size_t rows, std::size_t columns)
{
    std::string out;
    for (std::size_t row = 0; row < rows; ++row) {
        out += row == 0 ? "(" : ", (";
        for (std::size_t column = 0; column < columns; ++column)
            fmt::format_to(std::back_inserter(out), "{}${}", column == 0 ? "" : ", ", row * columns + column + 1);
        out += ')';
    }
    return out;
}

std::string parametersFrom(std::size_t first, std::size_t count)
{
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        fmt::format_to(std::back_inserter(out), "{}${}", i == 0 ? "" : ", ", first + i);
    return out;
}

const std::string &textOf(const Cell &cell, Dimension dimension)
{
    static const std::string none;
    switch (dimension) {
    case Dimension::FileType:
        return cell.fileType;
    case Dimension::Country:
        return cell.country;
    case Dimension::Installer:
        return cell.installer;
    case Dimension::Python:
        return cell.python;
    case Dimension::System:
        return cell.system;
    case Dimension::Version:
        return cell.version;
    case Dimension::Total:
        break;
    }
    return none;
}

ClassCounts countsOf(const Cell &cell)
{
    ClassCounts counts{};
    counts[static_cast<std::size_t>(cell.clientClass)] = cell.count;
    return counts;
}

// Texts of a batch, each once, with what their ids are.
template <class T>
class Once {
public:
    void add(const T &value) { m_values.insert(value); }
    template <class Ask>
    Result<void> resolve(Ask &&ask)
    {
        const std::vector<T> values(m_values.begin(), m_values.end());
        CM_TRY_ASSIGN(const std::vector<std::int64_t> ids, ask(values));
        for (std::size_t i = 0; i < values.size(); ++i)
            m_ids.emplace(values[i], ids[i]);
        return {};
    }
    [[nodiscard]] std::int64_t operator[](const T &value) const { return m_ids.at(value); }

private:
    std::set<T> m_values;
    std::map<T, std::int64_t> m_ids;
};

}  // namespace

Result<std::vector<RolledBatch::Numbered>> RolledBatch::numbered(const Batch &batch, Names &names)
{
    Once<std::string> texts;
    Once<std::string> projects;
    for (const Cell &cell : batch.cells) {
        projects.add(storedText(cell.project));
        for (std::size_t i = 0; i < dimensionCount; ++i) {
            if (const std::string &text = textOf(cell, static_cast<Dimension>(i)); !text.empty())
                texts.add(storedText(text));
        }
    }
    CM_TRY(texts.resolve([&](const auto &values) { return names.texts(values); }));
    CM_TRY(projects.resolve([&](const auto &values) { return names.projects(values); }));
    using Version = std::pair<std::int64_t, std::string>;
    Once<Version> versions;
    for (const Cell &cell : batch.cells) {
        if (!cell.version.empty())
            versions.add(Version(projects[storedText(cell.project)], storedText(cell.version)));
    }
    CM_TRY(versions.resolve([&](const auto &values) { return names.versions(values); }));

    std::vector<Numbered> out;
    out.reserve(batch.cells.size());
    for (const Cell &cell : batch.cells) {
        Numbered one{&cell, projects[storedText(cell.project)], 0, {}};
        if (!cell.version.empty())
            one.version = versions[Version(one.project, storedText(cell.version))];
        for (std::size_t i = 1; i < dimensionCount; ++i) {
            const std::string &text = textOf(cell, static_cast<Dimension>(i));
            one.codes[i] = text.empty() ? notTold : texts[storedText(text)] + textOffset;
        }
        out.push_back(one);
    }
    return out;
}

Result<RolledBatch> RolledBatch::of(const Batch &batch, Names &names, Minute now)
{
    CM_TRY_ASSIGN(const std::vector<Numbered> cells, numbered(batch, names));
    RolledBatch rolled;
    for (const Numbered &cell : cells)
        rolled.count(cell, now);
    rolled.count(batch, now);
    return rolled;
}

void RolledBatch::count(const Numbered &one, Minute now)
{
    const Cell &cell = *one.cell;
    const ClassCounts counts = countsOf(cell);
    const auto add = [&](std::map<Subject, Figures> &rows, Subject subject) {
        Figures &figures = rows[subject];
        // Versions of the whole registry say nothing, and that of a version is itself.
        const bool ofProject = subject == projectSubject(one.project, cell.request);
        for (std::size_t i = 0; i < dimensionCount; ++i) {
            const auto dimension = static_cast<Dimension>(i);
            if (dimension != Dimension::Version || ofProject)
                addTo(figures.of(dimension), one.codes[i], counts);
        }
    };
    for (const Tier tier : tiersOfCounts) {
        const Minute bucket = floorTo(tier, cell.minute);
        if (bucket < keptFrom(tier, now))
            continue;
        auto &rows = m_counts[{tier, bucket}];
        add(rows, registrySubject(cell.request));
        add(rows, projectSubject(one.project, cell.request));
        if (one.version != 0)
            add(rows, versionSubject(one.version, cell.request));
    }
    for (const Tier tier : tiersOfRanks) {
        const Minute bucket = floorTo(tier, cell.minute);
        if (bucket < ranksKeptFrom(tier, now))
            continue;
        const RankPlace place{tier, static_cast<std::int64_t>(cell.request), bucket};
        addTo(m_ranks[place][one.project / projectsOfShard], one.project, counts);
    }
}

void RolledBatch::count(const Batch &batch, Minute now)
{
    for (const Tier tier : tiersOfTallies) {
        for (const Tally &tally : batch.tallies) {
            const Minute bucket = floorTo(tier, tally.minute);
            if (tier == Tier::Minute && bucket < keptFrom(tier, now))
                continue;
            LineCounts &sum = m_tallies[{tier, bucket}];
            sum.tally.received += tally.received;
            sum.tally.downloads += tally.downloads;
            sum.tally.simple += tally.simple;
            sum.tally.ignored += tally.ignored;
            sum.tally.unprocessed += tally.unprocessed;
            sum.tally.refused += tally.refused;
            sum.minutes |= std::int64_t{1} << (tally.minute - bucket);
        }
        for (const ReasonTally &reason : batch.reasons) {
            const Minute bucket = floorTo(tier, reason.minute);
            if (tier == Tier::Hour || bucket >= keptFrom(tier, now))
                m_reasons[{tier, bucket, storedText(reason.reason)}] += reason.lines;
        }
    }
}

Result<void> RolledBatch::write(sql::Connection &connection) const
{
    CM_TRY(writeCounts(connection));
    CM_TRY(writeRanks(connection));
    return writeTallies(connection);
}

Result<void> RolledBatch::writeCounts(sql::Connection &connection) const
{
    for (const auto &[place, rows] : m_counts) {
        const Minute chunk = chunkOf(place.tier, place.bucket);
        for (auto row = rows.begin(); row != rows.end();) {
            const std::size_t count = rowsAtOnce(static_cast<std::size_t>(std::distance(row, rows.end())));
            std::vector<sql::Param> params{static_cast<int>(place.tier), chunk, place.bucket};
            std::map<Subject, Figures> sums;
            for (std::size_t i = 0; i < count; ++i, ++row) {
                params.emplace_back(row->first);
                sums.insert(sums.end(), *row);
            }
            CM_TRY_ASSIGN(const auto there,
                          connection.query("SELECT subject, data FROM download_counts WHERE tier = $1 AND chunk = $2"
                                           " AND bucket = $3 AND subject IN (" + parametersFrom(4, count) + ")",
                                           params));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, there->next());
                if (!more)
                    break;
                CM_TRY_ASSIGN(const Figures before, decodeFigures(there->blob(1)));
                sums[there->integer(0)].add(before);
            }
            std::vector<std::string> data;
            data.reserve(count);
            params.clear();
            for (const auto &[subject, figures] : sums) {
                data.push_back(encodeFigures(figures));
                params.insert(params.end(), {static_cast<int>(place.tier), chunk, subject, place.bucket, bytesOf(data.back())});
            }
            CM_TRY(connection.execute("INSERT INTO download_counts (tier, chunk, subject, bucket, data) VALUES " +
                                          valuesOf(count, 5) +
                                          " ON CONFLICT (tier, chunk, subject, bucket) DO UPDATE SET data = excluded.data",
                                      params));
        }
    }
    return {};
}

Result<void> RolledBatch::writeRanks(sql::Connection &connection) const
{
    for (const auto &[place, shards] : m_ranks) {
        for (auto shard = shards.begin(); shard != shards.end();) {
            const std::size_t count = rowsAtOnce(static_cast<std::size_t>(std::distance(shard, shards.end())));
            std::vector<sql::Param> params{static_cast<int>(place.tier), place.request, place.bucket};
            std::map<std::int64_t, CountList> sums;
            for (std::size_t i = 0; i < count; ++i, ++shard) {
                params.emplace_back(shard->first);
                sums.insert(sums.end(), *shard);
            }
            CM_TRY_ASSIGN(const auto there,
                          connection.query("SELECT shard, data FROM download_ranks WHERE tier = $1 AND request = $2"
                                           " AND bucket = $3 AND shard IN (" + parametersFrom(4, count) + ")",
                                           params));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, there->next());
                if (!more)
                    break;
                CM_TRY_ASSIGN(const CountList before, decodeList(there->blob(1)));
                addTo(sums[there->integer(0)], before);
            }
            std::vector<std::string> data;
            data.reserve(count);
            params.clear();
            for (const auto &[number, list] : sums) {
                data.push_back(encodeList(list));
                params.insert(params.end(), {static_cast<int>(place.tier), place.request, place.bucket, number, bytesOf(data.back())});
            }
            CM_TRY(connection.execute("INSERT INTO download_ranks (tier, request, bucket, shard, data) VALUES " +
                                          valuesOf(count, 5) +
                                          " ON CONFLICT (tier, request, bucket, shard) DO UPDATE SET data = excluded.data",
                                      params));
        }
    }
    return {};
}

Result<void> RolledBatch::writeTallies(sql::Connection &connection) const
{
    for (const auto &[place, sum] : m_tallies) {
        const Tally &tally = sum.tally;
        CM_TRY(connection.execute(
            "INSERT INTO download_tallies (tier, bucket, received, downloads, simple, ignored, unprocessed, refused, minutes)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tier, bucket) DO UPDATE SET"
            " received = download_tallies.received + excluded.received,"
            " downloads = download_tallies.downloads + excluded.downloads,"
            " simple = download_tallies.simple + excluded.simple,"
            " ignored = download_tallies.ignored + excluded.ignored,"
            " unprocessed = download_tallies.unprocessed + excluded.unprocessed,"
            " refused = download_tallies.refused + excluded.refused,"
            " minutes = download_tallies.minutes | excluded.minutes",
            {static_cast<int>(place.first), place.second, tally.received, tally.downloads, tally.simple, tally.ignored,
             tally.unprocessed, tally.refused, sum.minutes}));
    }
    for (const auto &[place, lines] : m_reasons) {
        const auto &[tier, bucket, reason] = place;
        CM_TRY(connection.execute("INSERT INTO download_reasons (tier, bucket, reason, lines) VALUES ($1, $2, $3, $4)"
                                  " ON CONFLICT (tier, bucket, reason) DO UPDATE SET"
                                  " lines = download_reasons.lines + excluded.lines",
                                  {static_cast<int>(tier), bucket, reason, lines}));
    }
    return {};
}

}  // namespace cm::metrics
