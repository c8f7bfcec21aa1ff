// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/count_rows.h"

#include "core/metrics/line_ledger.h"
#include "core/metrics/store/known_values.h"
#include "core/metrics/store/names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <map>
#include <memory>

namespace cm::metrics {
namespace {

constexpr std::size_t listedAtOnce = 64;
// Projects of one answer of days(): their names and their shards are lists of this length.
constexpr std::size_t mostOfDays = 100;
constexpr std::size_t mostReasons = 50;

template <class OnRow>
Result<void> eachRow(sql::Connection &connection, std::string_view text, std::span<const sql::Param> params, OnRow &&onRow)
{
    CM_TRY_ASSIGN(const auto rows, connection.query(text, params));
    for (;;) {
        CM_TRY_ASSIGN(const bool more, rows->next());
        if (!more)
            return {};
        CM_TRY(onRow(*rows));
    }
}

template <class OnRow>
Result<void> eachRow(sql::Connection &connection, std::string_view text, std::initializer_list<sql::Param> params, OnRow &&onRow)
{
    return eachRow(connection, text, std::span<const sql::Param>(params.begin(), params.size()), onRow);
}

Result<std::optional<std::int64_t>> firstNumber(sql::Connection &connection, std::string_view text,
                                                std::initializer_list<sql::Param> params)
{
    const auto rows = connection.query(text, params);
    // A text that the engine cannot hold is in no row.
    if (!rows && rows.error().code == ErrorCode::InvalidInput)
        return std::nullopt;
    if (!rows)
        return fail(rows.error());
    CM_TRY_ASSIGN(const bool found, (*rows)->next());
    return found && !(*rows)->isNull(0) ? std::optional((*rows)->integer(0)) : std::nullopt;
}

// " IN ($3, $4, …)": lists have one length, so that engines know the statement again; what is missing is the last again.
std::string inList(std::size_t first, std::size_t length = listedAtOnce)
{
    std::string text;
    for (std::size_t i = 0; i < length; ++i)
        fmt::format_to(std::back_inserter(text), "{}${}", i == 0 ? " IN (" : ", ", first + i);
    return text + ')';
}

Result<std::unordered_map<std::int64_t, std::string>> namesOf(sql::Connection &connection, std::string_view select,
                                                              const std::vector<std::int64_t> &ids)
{
    std::unordered_map<std::int64_t, std::string> names;
    const std::string text = std::string(select) + " WHERE id" + inList(1);
    for (std::size_t from = 0; from < ids.size(); from += listedAtOnce) {
        std::vector<sql::Param> params;
        for (std::size_t i = 0; i < listedAtOnce; ++i)
            params.emplace_back(ids[std::min(from + i, ids.size() - 1)]);
        CM_TRY(eachRow(connection, text, params, [&](const sql::Cursor &row) -> Result<void> {
            names[row.integer(0)] = row.string(1);
            return {};
        }));
    }
    return names;
}

api::LineFigures linesOf(const sql::Cursor &row, int column)
{
    return {row.integer(column), row.integer(column + 1), row.integer(column + 2),
            row.integer(column + 3), row.integer(column + 4), row.integer(column + 5), 0, 0};
}

Time timeAt(const sql::Cursor &row, int column)
{
    return Time(std::chrono::microseconds(row.integer(column)));
}

// What is asked of the rows of one transaction.
class RowLook final : public CountLook {
public:
    explicit RowLook(sql::Connection &connection) : m_connection(connection) {}

    // A batch is one transaction, and so is a look.
    Result<Writing> writing() override { return Writing{}; }
    Result<std::optional<Minute>> firstKnown(Minute from) override;
    Result<std::optional<Minute>> lastKnown(Minute until) override;
    Result<KnownHours> knownHours(Minute from, Minute until) override;
    Result<std::vector<api::DownloadAnnotation>> annotations(std::optional<Time> from, std::optional<Time> to) override;
    Result<std::optional<Place>> place(const std::string &project, const std::string &version, Dimension dimension, Request request) override;
    Result<std::optional<Code>> code(const std::string &text) override;
    bool isAlwaysNamed(Dimension dimension, const std::string &value) override { return isKnownValue(dimension, value); }
    Result<std::unordered_map<Code, std::string>> texts(const std::vector<Code> &codes) override;
    Result<std::unordered_map<std::int64_t, std::string>> projects(const std::vector<std::int64_t> &ids) override;
    Result<void> counts(const Place &place, const Run &run, const OnCounts &onCounts) override;
    Result<void> days(const std::vector<std::string> &projects, Request request, const Run &run, const OnDay &onDay) override;
    Result<ProjectCounts> ranks(Request request, const std::vector<Run> &runs) override;
    Result<void> tallies(Tier tier, Minute from, Minute until, const OnTally &onTally) override;
    Result<void> senders(Minute from, Minute until, const OnSender &onSender) override;
    Result<void> repeats(Tier tier, Minute from, Minute until, const OnRepeats &onRepeats) override;
    Result<std::vector<api::LineReason>> reasons(Tier tier, Minute from, Minute until) override;

private:
    sql::Connection &m_connection;
};

}  // namespace

api::ClassFigures toApi(const ClassCounts &counts)
{
    return {counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

std::int64_t sumOf(const ClassCounts &counts, unsigned classes)
{
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        sum += ((classes >> i) & 1U) != 0 ? counts[i] : 0;
    return sum;
}

Result<Coverage> Coverage::read(CountLook &look, Minute from, Minute until, const std::vector<api::DownloadAnnotation> &annotations,
                                const std::string &project)
{
    Coverage coverage;
    coverage.m_start = floorTo(Tier::Hour, from);
    coverage.m_from = from;
    coverage.m_until = until;
    coverage.m_hours.assign(static_cast<std::size_t>((until - coverage.m_start + minutesOfHour - 1) / minutesOfHour), 0);
    CM_TRY_ASSIGN(const KnownHours hours, look.knownHours(coverage.m_start, until));
    for (const auto &[hour, minutes] : hours)
        coverage.m_hours.at(static_cast<std::size_t>((hour - coverage.m_start) / minutesOfHour)) = minutes;
    for (const api::DownloadAnnotation &said : annotations) {
        if (said.kind == api::AnnotationKind::Gap && (said.project.empty() || said.project == project))
            coverage.forget(said);
    }
    return coverage;
}

Coverage Coverage::ofProject(const std::vector<api::DownloadAnnotation> &annotations, const std::string &project) const
{
    Coverage coverage = *this;
    for (const api::DownloadAnnotation &said : annotations) {
        if (said.kind == api::AnnotationKind::Gap && said.project == project)
            coverage.forget(said);
    }
    return coverage;
}

void Coverage::forget(const api::DownloadAnnotation &gap)
{
    const Minute until = gap.to ? std::min(m_until, minuteOf(*gap.to + std::chrono::minutes(1) - Time::duration(1))) : m_until;
    for (Minute minute = std::max(m_from, minuteOf(gap.from)); minute < until; ++minute) {
        const Minute at = minute - m_start;
        m_hours[static_cast<std::size_t>(at / minutesOfHour)] &= ~(std::uint64_t{1} << (at % minutesOfHour));
    }
}

std::int64_t Coverage::known(Minute from, Minute until) const
{
    std::int64_t sum = 0;
    while (from < until) {
        const auto hour = static_cast<std::size_t>((from - m_start) / minutesOfHour);
        const Minute begin = (from - m_start) % minutesOfHour;
        const Minute length = std::min(until - from, minutesOfHour - begin);
        if (hour < m_hours.size())
            sum += std::popcount((m_hours[hour] >> begin) & ((std::uint64_t{1} << length) - 1));
        from += length;
    }
    return sum;
}

bool isKeptByDayOnly(const std::string &version, Dimension dimension)
{
    return !version.empty() && dimension != Dimension::Total;
}

namespace {

// The first row's minute: that of its bits which `bitOf` picks. An hour that is cut by a bound is asked for by itself.
template <class BitOf>
Result<std::optional<Minute>> minuteIn(sql::Connection &connection, std::string_view text, Minute bound, BitOf &&bitOf)
{
    std::optional<Minute> out;
    CM_TRY(eachRow(connection, text, {static_cast<int>(Tier::Hour), bound}, [&](const sql::Cursor &row) -> Result<void> {
        if (const std::optional<int> bit = bitOf(row.integer(0), static_cast<std::uint64_t>(row.integer(1))); bit && !out)
            out = row.integer(0) + *bit;
        return {};
    }));
    return out;
}

}  // namespace

Result<std::optional<Minute>> RowLook::firstKnown(Minute from)
{
    return minuteIn(m_connection, "SELECT bucket, minutes FROM download_tallies WHERE tier = $1 AND bucket >= $2 AND minutes <> 0 ORDER BY bucket LIMIT 2",
                    floorTo(Tier::Hour, from), [&](Minute hour, std::uint64_t bits) -> std::optional<int> {
                        if (hour < from)
                            bits &= ~std::uint64_t{0} << (from - hour);
                        return bits == 0 ? std::nullopt : std::optional(std::countr_zero(bits));
                    });
}

Result<std::optional<Minute>> RowLook::lastKnown(Minute until)
{
    return minuteIn(m_connection, "SELECT bucket, minutes FROM download_tallies WHERE tier = $1 AND bucket < $2 AND minutes <> 0 ORDER BY bucket DESC LIMIT 2",
                    until, [&](Minute hour, std::uint64_t bits) -> std::optional<int> {
                        if (hour + minutesOfHour > until)
                            bits &= (std::uint64_t{1} << (until - hour)) - 1;
                        return bits == 0 ? std::nullopt : std::optional(63 - std::countl_zero(bits));
                    });
}

Result<std::vector<api::DownloadAnnotation>> RowLook::annotations(std::optional<Time> from,
                                                           std::optional<Time> to)
{
    const std::int64_t first = from ? from->time_since_epoch().count() : std::numeric_limits<std::int64_t>::min();
    const std::int64_t last = to ? to->time_since_epoch().count() : std::numeric_limits<std::int64_t>::max();
    std::vector<api::DownloadAnnotation> out;
    CM_TRY(eachRow(m_connection,
                   "SELECT id, kind, project, begins, ends, text, author, created FROM download_annotations WHERE begins < $1"
                   " AND (ends > $2 OR begins >= $2 OR (ends IS NULL AND kind = 'gap')) ORDER BY begins, id",
                   {last, first}, [&](const sql::Cursor &row) -> Result<void> {
                       api::DownloadAnnotation said;
                       said.id = {row.integer(0)};
                       said.kind = api::enumNamed<api::AnnotationKind>(row.text(1)).value_or(api::AnnotationKind::Note);
                       said.project = row.string(2);
                       said.from = timeAt(row, 3);
                       if (!row.isNull(4))
                           said.to = timeAt(row, 4);
                       said.text = row.string(5);
                       said.author = row.string(6);
                       said.created = timeAt(row, 7);
                       out.push_back(std::move(said));
                       return {};
                   }));
    return out;
}

Result<std::optional<Place>> RowLook::place(const std::string &project, const std::string &version,
                                       Dimension dimension, Request request)
{
    if (project.empty())
        return Place{registrySubject(request), dimension, std::nullopt};
    CM_TRY_ASSIGN(const auto id, firstNumber(m_connection, "SELECT id FROM download_projects WHERE name = $1", {project}));
    if (!id)
        return std::nullopt;
    if (version.empty())
        return Place{projectSubject(*id, request), dimension, std::nullopt};
    if (!isKeptByDayOnly(version, dimension)) {
        CM_TRY_ASSIGN(const auto code, code(version));
        return code ? std::optional(Place{projectSubject(*id, request), Dimension::Version, code}) : std::nullopt;
    }
    CM_TRY_ASSIGN(const auto own, firstNumber(m_connection, "SELECT id FROM download_versions WHERE project_id = $1 AND version = $2",
                                              {*id, version}));
    return own ? std::optional(Place{versionSubject(*own, request), dimension, std::nullopt}) : std::nullopt;
}

Result<std::optional<Code>> RowLook::code(const std::string &text)
{
    CM_TRY_ASSIGN(const auto id, firstNumber(m_connection, "SELECT id FROM download_texts WHERE text = $1", {text}));
    return id ? std::optional(*id + textOffset) : std::nullopt;
}

Result<std::unordered_map<Code, std::string>> RowLook::texts(const std::vector<Code> &codes)
{
    std::vector<std::int64_t> ids;
    for (const Code code : codes) {
        if (code != notTold && !isFolded(code))
            ids.push_back(code - textOffset);
    }
    CM_TRY_ASSIGN(const auto names, namesOf(m_connection, "SELECT id, text FROM download_texts", ids));
    std::unordered_map<Code, std::string> texts;
    for (const auto &[id, text] : names)
        texts[id + textOffset] = text;
    return texts;
}

Result<std::unordered_map<std::int64_t, std::string>> RowLook::projects(const std::vector<std::int64_t> &ids)
{
    return namesOf(m_connection, "SELECT id, name FROM download_projects", ids);
}

Result<void> RowLook::counts(const Place &place, const Run &run, const OnCounts &onCounts)
{
    const auto onRow = [&](const sql::Cursor &row) -> Result<void> {
        CM_TRY_ASSIGN(CountList counts, decodeDimension(row.blob(1), place.dimension));
        if (place.only)
            std::erase_if(counts, [&](const auto &value) { return value.first != *place.only && !isFolded(value.first); });
        onCounts(row.integer(0), counts);
        return {};
    };
    // By name rather than as a range: a bucket's rows are those of all subjects.
    static const std::string text = "SELECT bucket, data FROM download_counts WHERE tier = $1 AND subject = $2 AND bucket" + inList(3) +
                                    " ORDER BY bucket";
    for (Minute from = run.from; from < run.until;) {
        std::vector<sql::Param> params{static_cast<int>(run.tier), place.subject};
        Minute last = from;
        for (std::size_t i = 0; i < listedAtOnce; ++i) {
            last = from < run.until ? from : last;
            from = std::min(run.until, nextOf(run.tier, from));
            params.emplace_back(last);
        }
        CM_TRY(eachRow(m_connection, text, params, onRow));
    }
    return {};
}

Result<void> RowLook::days(const std::vector<std::string> &projects, Request request, const Run &run, const OnDay &onDay)
{
    if (projects.empty() || projects.size() > mostOfDays)
        return fail(ErrorCode::Internal, "days of a list that is too long or empty");
    static const std::string byName = "SELECT id, name FROM download_projects WHERE name" + inList(1, mostOfDays);
    // A text that no engine can hold is in no row.
    std::vector<std::string> known;
    std::ranges::copy_if(projects, std::back_inserter(known), [](const std::string &name) { return storedText(name) == name; });
    if (known.empty())
        return {};
    std::vector<sql::Param> names;
    for (std::size_t i = 0; i < mostOfDays; ++i)
        names.emplace_back(known[std::min(i, known.size() - 1)]);
    std::map<std::int64_t, std::size_t> places;  // by id
    std::vector<std::int64_t> shards;
    CM_TRY(eachRow(m_connection, byName, names, [&](const sql::Cursor &row) -> Result<void> {
        const auto place = std::ranges::find(projects, row.text(1)) - projects.begin();
        places[row.integer(0)] = static_cast<std::size_t>(place);
        shards.push_back(row.integer(0) / projectsOfShard);
        return {};
    }));
    if (places.empty())
        return {};
    // A shard has the totals of many projects in a row that lies beside its like, where counts would be a row each, with all
    // that there is of it.
    static const std::string text = "SELECT bucket, data FROM download_ranks WHERE tier = $1 AND request = $2 AND bucket" + inList(3) + " AND shard" +
                                    inList(3 + listedAtOnce, mostOfDays);
    for (Minute day = run.from; day < run.until;) {
        std::vector<sql::Param> params{static_cast<int>(Tier::Day), static_cast<int>(request)};
        for (std::size_t i = 0; i < listedAtOnce; ++i, day += minutesOfDay)
            params.emplace_back(std::min(day, run.until - minutesOfDay));
        for (std::size_t i = 0; i < mostOfDays; ++i)
            params.emplace_back(shards[std::min(i, shards.size() - 1)]);
        CM_TRY(eachRow(m_connection, text, params, [&](const sql::Cursor &row) -> Result<void> {
            CM_TRY_ASSIGN(const CountList counts, decodeList(row.blob(1)));
            for (const auto &[id, figures] : counts) {
                if (const auto place = places.find(id); place != places.end())
                    onDay(place->second, row.integer(0), figures);
            }
            return {};
        }));
    }
    return {};
}

Result<ProjectCounts> RowLook::ranks(Request request, const std::vector<Run> &runs)
{
    using Shard = std::array<ClassCounts, static_cast<std::size_t>(projectsOfShard)>;
    std::map<std::int64_t, std::unique_ptr<Shard>> shards;
    for (const Run &run : runs) {
        CM_TRY(eachRow(m_connection,
                       "SELECT shard, data FROM download_ranks WHERE tier = $1 AND request = $2 AND bucket >= $3 AND bucket < $4",
                       {static_cast<int>(run.tier), static_cast<int>(request), run.from, run.until},
                       [&](const sql::Cursor &row) -> Result<void> {
                           CM_TRY_ASSIGN(const CountList counts, decodeList(row.blob(1)));
                           auto &shard = shards[row.integer(0)];
                           if (!shard)
                               shard = std::make_unique<Shard>();
                           for (const auto &[id, figures] : counts)
                               addTo((*shard)[static_cast<std::size_t>(id % projectsOfShard)], figures);
                           return {};
                       }));
    }
    ProjectCounts out;
    for (const auto &[number, shard] : shards) {
        for (std::int64_t i = 0; i < projectsOfShard; ++i) {
            const ClassCounts &counts = (*shard)[static_cast<std::size_t>(i)];
            if (counts != ClassCounts{})
                out.emplace_back(number * projectsOfShard + i, counts);
        }
    }
    return out;
}

Result<void> RowLook::tallies(Tier tier, Minute from, Minute until, const OnTally &onTally)
{
    return eachRow(m_connection,
                   "SELECT bucket, received, downloads, simple, ignored, unprocessed, refused FROM download_tallies"
                   " WHERE tier = $1 AND bucket >= $2 AND bucket < $3 ORDER BY bucket",
                   {static_cast<int>(tier), from, until}, [&](const sql::Cursor &row) -> Result<void> {
                       onTally(row.integer(0), linesOf(row, 1));
                       return {};
                   });
}

Result<void> RowLook::senders(Minute from, Minute until, const OnSender &onSender)
{
    const auto orNone = [](const sql::Cursor &row, int column) { return row.isNull(column) ? std::nullopt : std::optional(row.integer(column)); };
    return eachRow(m_connection, "SELECT bucket, sender, received, sent, told FROM download_sender_hours WHERE bucket >= $1 AND bucket < $2",
                   {from, until}, [&](const sql::Cursor &row) -> Result<void> {
                       onSender(row.integer(0), {row.string(1), row.integer(2), orNone(row, 3), orNone(row, 4)});
                       return {};
                   });
}

Result<void> RowLook::repeats(Tier tier, Minute from, Minute until, const OnRepeats &onRepeats)
{
    return eachRow(m_connection, "SELECT bucket, lines FROM download_reasons WHERE tier = $1 AND bucket >= $2 AND bucket < $3 AND reason = $4",
                   {static_cast<int>(tier), from, until, knownAgain}, [&](const sql::Cursor &row) -> Result<void> {
                       onRepeats(row.integer(0), row.integer(1));
                       return {};
                   });
}

Result<std::vector<api::LineReason>> RowLook::reasons(Tier tier, Minute from, Minute until)
{
    std::vector<api::LineReason> out;
    CM_TRY(eachRow(m_connection,
                   "SELECT reason, CAST(sum(lines) AS BIGINT) AS lines FROM download_reasons WHERE tier = $1 AND bucket >= $2"
                   " AND bucket < $3 AND reason <> $4 GROUP BY reason ORDER BY 2 DESC, reason LIMIT $5",
                   {static_cast<int>(tier), from, until, knownAgain, mostReasons}, [&](const sql::Cursor &row) -> Result<void> {
                       out.push_back({row.string(0), row.integer(1)});
                       return {};
                   }));
    return out;
}

Result<KnownHours> RowLook::knownHours(Minute from, Minute until)
{
    KnownHours hours;
    CM_TRY(eachRow(m_connection, "SELECT bucket, minutes FROM download_tallies WHERE tier = $1 AND bucket >= $2 AND bucket < $3",
                   {static_cast<int>(Tier::Hour), from, until}, [&](const sql::Cursor &row) -> Result<void> {
                       hours.emplace_back(row.integer(0), static_cast<std::uint64_t>(row.integer(1)));
                       return {};
                   }));
    return hours;
}

Result<void> CountRows::look(const std::function<Result<void>(CountLook &)> &work)
{
    return m_database.read([&work](sql::Connection &connection) -> Result<void> {
        RowLook look(connection);
        return work(look);
    });
}

}  // namespace cm::metrics
