// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/rolled_batch.h"

#include "core/metrics/store/day_values.h"
#include "core/metrics/store/known_values.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <set>
#include <span>
#include <unordered_map>

namespace cm::metrics {
namespace {

constexpr std::array tiersOfCounts{Tier::Minute, Tier::Hour, Tier::Day};
constexpr std::array tiersOfRanks{Tier::Hour, Tier::Day, Tier::Month};
constexpr std::array tiersOfTallies{Tier::Minute, Tier::Hour};

// Rows of one statement: few texts, so that engines know them again.
constexpr std::array<std::size_t, 4> statementRows{256, 32, 4, 1};
// What a day has room for was found before the batch is written, by each of those who add to it: a row may have more, within
// this bound.
constexpr std::size_t mostOfRow = 2 * mostValues;

sql::Bytes bytesOf(const std::string &text)
{
    return {std::as_bytes(std::span(text.data(), text.size()))};
}

// The statements of a table whose rows lie at places, one column telling the rows of a place apart.
struct Statements {
    struct OfRows {
        std::size_t rows;
        std::string select;
        std::string upsert;
    };
    std::vector<OfRows> bySize;

    [[nodiscard]] const OfRows &ofMost(std::size_t rows) const
    {
        return *std::ranges::find_if(bySize, [rows](const OfRows &one) { return one.rows <= rows; });
    }
};

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

Statements statementsFor(std::string_view table, const std::vector<std::string> &place, std::string_view row)
{
    std::string condition;
    for (std::size_t i = 0; i < place.size(); ++i)
        fmt::format_to(std::back_inserter(condition), "{} = ${} AND ", place[i], i + 1);
    std::string key;
    for (const std::string &column : place)
        key += column + ", ";
    key += row;
    Statements out;
    for (const std::size_t rows : statementRows) {
        out.bySize.push_back({rows,
                              fmt::format("SELECT {0}, data FROM {1} WHERE {2}{0} IN ({3})", row, table, condition,
                                          parametersFrom(place.size() + 1, rows)),
                              fmt::format("INSERT INTO {0} ({1}, data) VALUES {2} ON CONFLICT ({1}) DO UPDATE SET data = excluded.data",
                                          table, key, valuesOf(rows, place.size() + 2))});
    }
    return out;
}

// Adds each row to what its place has under its number already.
template <class Value, class Decode, class Encode, class Add>
Result<void> addRows(sql::Connection &connection, const Statements &statements, std::span<const std::int64_t> place,
                     const std::vector<std::pair<std::int64_t, Value>> &rows, Decode &&decode, Encode &&encode, Add &&add)
{
    std::vector<sql::Param> params;
    std::vector<std::string> data;
    for (std::size_t from = 0; from < rows.size();) {
        const Statements::OfRows &statement = statements.ofMost(rows.size() - from);
        const std::span group(rows.data() + from, statement.rows);
        from += statement.rows;
        params.assign(place.begin(), place.end());
        for (const auto &[number, value] : group)
            params.emplace_back(number);
        data.assign(group.size(), {});
        CM_TRY_ASSIGN(const auto there, connection.query(statement.select, params));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, there->next());
            if (!more)
                break;
            const auto row = std::ranges::lower_bound(group, there->integer(0), {}, &std::pair<std::int64_t, Value>::first);
            CM_TRY_ASSIGN(Value sum, decode(there->blob(1)));
            add(sum, row->second);
            data[static_cast<std::size_t>(row - group.begin())] = encode(sum);
        }
        params.clear();
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (data[i].empty())
                data[i] = encode(group[i].second);
            params.insert(params.end(), place.begin(), place.end());
            params.emplace_back(group[i].first);
            params.emplace_back(bytesOf(data[i]));
        }
        CM_TRY(connection.execute(statement.upsert, params));
    }
    return {};
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

// Whether it is one of the values that nobody knows, of which a day tells so many by name.
bool isOfDay(Dimension dimension, std::string_view text)
{
    return dimension != Dimension::Version && !isKnownValue(dimension, text);
}

ClassCounts countsOf(const Cell &cell)
{
    ClassCounts counts{};
    counts[static_cast<std::size_t>(cell.clientClass)] = cell.count;
    return counts;
}

// Rows in the order in which they lie in their table.
template <class Rows, class Place, class Value>
std::vector<std::pair<Place, Rows>> inOrder(std::map<Place, std::unordered_map<std::int64_t, Value>> places)
{
    std::vector<std::pair<Place, Rows>> out;
    for (auto &[place, rows] : places) {
        out.emplace_back(place, Rows(std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end())));
        std::ranges::sort(out.back().second, {}, &Rows::value_type::first);
    }
    return out;
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

Result<std::vector<RolledBatch::Numbered>> RolledBatch::numbered(const Batch &batch, sql::Database &database, Names &names)
{
    Once<std::string> texts;
    Once<std::string> projects;
    DayValues dayValues;
    for (const Cell &cell : batch.cells) {
        projects.add(storedText(cell.project));
        for (std::size_t i = 0; i < dimensionCount; ++i) {
            const auto dimension = static_cast<Dimension>(i);
            const std::string text = storedText(textOf(cell, dimension));
            if (text.empty())
                continue;
            if (isOfDay(dimension, text))
                dayValues.add(cell.request, cell.minute, dimension, text, cell.count);
            else
                texts.add(text);
        }
    }
    CM_TRY(texts.resolve([&](const auto &values) { return names.texts(values); }));
    CM_TRY(dayValues.resolve(database, names));
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
            const auto dimension = static_cast<Dimension>(i);
            const std::string text = storedText(textOf(cell, dimension));
            if (text.empty()) {
                one.codes[i] = notTold;
            } else if (isOfDay(dimension, text)) {
                one.codes[i] = dayValues.codeOf(cell.request, cell.minute, dimension, text);
            } else {
                one.codes[i] = texts[text] + textOffset;
                if (dimension != Dimension::Version)
                    m_known.insert(one.codes[i]);
            }
        }
        out.push_back(one);
    }
    return out;
}

Result<RolledBatch> RolledBatch::of(const Batch &batch, sql::Database &database, Names &names, Minute now)
{
    RolledBatch rolled;
    CM_TRY_ASSIGN(const std::vector<Numbered> cells, rolled.numbered(batch, database, names));
    rolled.count(cells, now);
    rolled.count(batch, now);
    return rolled;
}

void RolledBatch::count(const std::vector<Numbered> &cells, Minute now)
{
    std::map<Place, std::unordered_map<Subject, Figures>> counts;
    std::map<RankPlace, std::unordered_map<std::int64_t, CountList>> ranks;
    for (const Numbered &one : cells) {
        const Cell &cell = *one.cell;
        const ClassCounts own = countsOf(cell);
        const Subject project = projectSubject(one.project, cell.request);
        for (const Tier tier : tiersOfCounts) {
            const Minute bucket = floorTo(tier, cell.minute);
            if (bucket < keptFrom(tier, now))
                continue;
            auto &rows = counts[{tier, bucket}];
            const auto add = [&](Subject subject) {
                Figures &figures = rows[subject];
                for (std::size_t i = 0; i < dimensionCount; ++i) {
                    const auto dimension = static_cast<Dimension>(i);
                    // Versions of the whole registry say nothing, and that of a version is itself.
                    if (dimension != Dimension::Version || subject == project)
                        addTo(figures.of(dimension), one.codes[i], own, {mostOfRow, &m_known});
                }
            };
            add(registrySubject(cell.request));
            add(project);
            // What a version is by class is in its project's rows, for every tier.
            if (one.version != 0 && tier == Tier::Day)
                add(versionSubject(one.version, cell.request));
        }
        for (const Tier tier : tiersOfRanks) {
            const Minute bucket = floorTo(tier, cell.minute);
            if (bucket >= ranksKeptFrom(tier, now))
                addTo(ranks[{tier, static_cast<std::int64_t>(cell.request), bucket}][one.project / projectsOfShard], one.project, own);
        }
    }
    m_counts = inOrder<Rows<Figures>>(std::move(counts));
    m_ranks = inOrder<Rows<CountList>>(std::move(ranks));
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
    static const Statements statements = statementsFor("download_counts", {"tier", "bucket"}, "subject");
    for (const auto &[place, rows] : m_counts) {
        const std::array<std::int64_t, 2> key{static_cast<int>(place.tier), place.bucket};
        CM_TRY(addRows(connection, statements, key, rows, decodeFigures, encodeFigures,
                       [this](Figures &sum, const Figures &more) { sum.add(more, {mostOfRow, &m_known}); }));
    }
    return {};
}

Result<void> RolledBatch::writeRanks(sql::Connection &connection) const
{
    static const Statements statements = statementsFor("download_ranks", {"tier", "request", "bucket"}, "shard");
    for (const auto &[place, rows] : m_ranks) {
        const std::array<std::int64_t, 3> key{static_cast<int>(place.tier), place.request, place.bucket};
        CM_TRY(addRows(connection, statements, key, rows, decodeList, encodeList,
                       [](CountList &sum, const CountList &more) { addTo(sum, more); }));
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
