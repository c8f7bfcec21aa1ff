// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/clickhouse/event_rows.h"

#include "core/metrics/clickhouse/event_statements.h"
#include "core/metrics/line_ledger.h"
#include "core/metrics/mode.h"
#include "core/metrics/store/known_values.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace cm::metrics {
namespace {

namespace json = boost::json;

Result<std::int64_t> numberAt(const json::array &row, std::size_t column)
{
    if (column < row.size() && row[column].is_int64())
        return row[column].get_int64();
    if (column < row.size() && row[column].is_uint64())
        return static_cast<std::int64_t>(row[column].get_uint64());
    return fail(ErrorCode::Internal, "ClickHouse answers with another kind of column");
}

Result<std::string> textAt(const json::array &row, std::size_t column)
{
    if (column < row.size() && row[column].is_string())
        return std::string(row[column].get_string());
    return fail(ErrorCode::Internal, "ClickHouse answers with another kind of column");
}

Result<ClassCounts> countsAt(const json::array &row, std::size_t column)
{
    ClassCounts out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        CM_TRY_ASSIGN(out[i], numberAt(row, column + i));
    }
    return out;
}

// How many values are told by name, those with the highest counts; all others are one. Names are made up by whoever likes
// to, and an answer has a row for each in each bucket.
std::size_t mostNamed(const Run &run)
{
    constexpr Minute mostRows = 250'000;
    constexpr Minute fewest = 64;
    const Minute bucket = run.tier == Tier::Minute ? 1 : run.tier == Tier::Hour ? minutesOfHour : minutesOfDay;
    const Minute buckets = std::max<Minute>((run.until - run.from) / bucket, 1);
    return static_cast<std::size_t>(std::clamp<Minute>(mostRows / buckets, fewest, mostValues));
}

// As values are, of the projects of a registry.
constexpr std::size_t mostProjects = 100'000;
constexpr std::int64_t otherProjects = -1;

// Texts get codes, and subjects and projects ids, as they are met; they are good for one look.
class EventLook final : public CountLook {
public:
    EventLook(ClickHouse &clickHouse, CountSource &said) : m_clickHouse(clickHouse), m_said(said) {}

    Result<Writing> writing() override
    {
        CM_TRY_ASSIGN(const auto rows, ask("SELECT countIf(begun > done), sum(cityHash64(source, begun, done)) FROM (SELECT source,"
                                           " maxIf(until, step = 'begun') AS begun, maxIf(until, step = 'done') AS done FROM download_batches"
                                           " GROUP BY source)"));
        Writing out;
        if (rows.empty())
            return out;
        CM_TRY_ASSIGN(const std::int64_t underWay, numberAt(rows.front(), 0));
        CM_TRY_ASSIGN(const std::int64_t mark, numberAt(rows.front(), 1));
        out.underWay = underWay > 0;
        out.mark = static_cast<std::uint64_t>(mark);
        return out;
    }

    Result<std::optional<Minute>> firstKnown(Minute from) override
    {
        return minuteIn("SELECT count(), toUnixTimestamp(min(minute)) FROM download_lines WHERE minute >= toDateTime({bound:UInt32}, 'UTC')", from);
    }
    Result<std::optional<Minute>> lastKnown(Minute until) override
    {
        return minuteIn("SELECT count(), toUnixTimestamp(max(minute)) FROM download_lines WHERE minute < toDateTime({bound:UInt32}, 'UTC')", until);
    }

    Result<KnownHours> knownHours(Minute from, Minute until) override
    {
        KnownHours out;
        CM_TRY_ASSIGN(const auto rows,
                      ask("SELECT toUnixTimestamp(toStartOfHour(minute)) AS hour, groupBitOr(bitShiftLeft(toUInt64(1), toMinute(minute)))"
                                        " FROM download_lines WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({until:UInt32}, 'UTC')"
                                        " GROUP BY hour ORDER BY hour",
                                        {{"from", secondsOf(from)}, {"until", secondsOf(until)}}));
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t hour, numberAt(row, 0));
            CM_TRY_ASSIGN(const std::int64_t minutes, numberAt(row, 1));
            out.emplace_back(hour / 60, static_cast<std::uint64_t>(minutes));
        }
        return out;
    }

    Result<std::vector<api::DownloadAnnotation>> annotations(std::optional<Time> from, std::optional<Time> to) override
    {
        // No transaction of the database stands open while ClickHouse is asked.
        std::vector<api::DownloadAnnotation> out;
        CM_TRY(m_said.look([&](CountLook &said) -> Result<void> {
            CM_TRY_ASSIGN(out, said.annotations(from, to));
            return {};
        }));
        CM_TRY(addChangesOfMode(from, to, out));
        return out;
    }

    Result<std::optional<Place>> place(const std::string &project, const std::string &version, Dimension dimension, Request request) override
    {
        m_asked.push_back({project, version, request});
        return Place{static_cast<Subject>(m_asked.size() - 1), dimension, std::nullopt};
    }

    Result<std::optional<Code>> code(const std::string &text) override { return std::optional(codeOf(text)); }
    bool isAlwaysNamed(Dimension dimension, const std::string &value) override
    {
        if (isPlain(value))
            m_alwaysNamed[dimension].push_back(value);
        return isPlain(value);
    }

    Result<std::unordered_map<Code, std::string>> texts(const std::vector<Code> &codes) override
    {
        std::unordered_map<Code, std::string> out;
        for (const Code code : codes) {
            if (code != notTold && !isFolded(code))
                out[code] = m_texts.at(static_cast<std::size_t>(code - others - 1));
        }
        return out;
    }

    Result<std::unordered_map<std::int64_t, std::string>> projects(const std::vector<std::int64_t> &ids) override
    {
        std::unordered_map<std::int64_t, std::string> out;
        for (const std::int64_t id : ids) {
            if (id != otherProjects)
                out[id] = m_projects.at(static_cast<std::size_t>(id));
        }
        return out;
    }

    Result<void> counts(const Place &place, const Run &run, const OnCounts &onCounts) override
    {
        const Asked &asked = m_asked.at(static_cast<std::size_t>(place.subject));
        std::string where = "request = {request:String} AND time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({until:UInt32}, 'UTC')";
        ClickHouseParameters parameters{{"request", asked.request == Request::Simple ? "simple" : "download"},
                                        {"from", secondsOf(run.from)},
                                        {"until", secondsOf(run.until)}};
        if (!asked.project.empty()) {
            where += " AND project = {project:String}";
            parameters.emplace_back("project", asked.project);
        }
        if (!asked.version.empty()) {
            where += " AND version = {version:String}";
            parameters.emplace_back("version", asked.version);
        }
        const std::string_view value = columnOf(place.dimension);
        std::string isNamed = "1";
        if (place.dimension != Dimension::Total) {
            isNamed = fmt::format("value = ''{} OR value IN {{named:Array(String)}} OR value IN (SELECT {} AS value FROM downloads WHERE {} AND value != ''"
                                  " GROUP BY value ORDER BY count() DESC, value LIMIT {})",
                                  knownForm(place.dimension), value, where, mostNamed(run));
            parameters.emplace_back("named", arrayOf(namedOf(place.dimension)));
        }
        CM_TRY_ASSIGN(const auto rows,
                      ask(fmt::format("SELECT toUnixTimestamp(bucket) AS at, {} AS named, if(named, value, '') AS shown, {} FROM (SELECT {} AS bucket, {} AS value,"
                                      " toInt8(class) AS who, count() AS lines FROM downloads WHERE {} GROUP BY bucket, value, who)"
                                      " GROUP BY at, named, shown ORDER BY at",
                                      isNamed, sumsByClass(), bucketOf(run.tier), value, where),
                          parameters));
        return deliver(rows, place.dimension, onCounts);
    }

    Result<void> days(const std::vector<std::string> &projects, Request request, const Run &run, const OnDay &onDay) override
    {
        // By days of the line's own time, as a projection of the table has them added up.
        CM_TRY_ASSIGN(const auto rows,
                      ask("SELECT toUnixTimestamp(toStartOfDay(time)) AS bucket, project, toInt8(class) AS who, count() FROM downloads"
                          " WHERE request = {request:String} AND project IN {projects:Array(String)}"
                          " AND toStartOfDay(time) >= toDateTime({from:UInt32}, 'UTC') AND toStartOfDay(time) < toDateTime({until:UInt32}, 'UTC')"
                          " GROUP BY bucket, project, who",
                          {{"request", request == Request::Simple ? "simple" : "download"},
                           {"projects", arrayOf(projects)},
                           {"from", secondsOf(run.from)},
                           {"until", secondsOf(run.until)}}));
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(const std::string project, textAt(row, 1));
            const auto place = std::ranges::find(projects, project);
            if (place == projects.end())
                return fail(ErrorCode::Corrupt, "ClickHouse answers with a project that was not asked for");
            ClassCounts counts{};
            CM_TRY(addTo(counts, row, 2));
            onDay(static_cast<std::size_t>(place - projects.begin()), seconds / 60, counts);
        }
        return {};
    }

    Result<ProjectCounts> ranks(Request request, const std::vector<Run> &runs) override
    {
        ProjectCounts out;
        m_projects.clear();
        if (runs.empty())
            return out;
        // They follow each other.
        const std::string where = "request = {request:String} AND time >= toDateTime({from:UInt32}, 'UTC') AND time < toDateTime({until:UInt32}, 'UTC')";
        CM_TRY_ASSIGN(const auto rows,
                      ask(fmt::format("SELECT project IN (SELECT project FROM downloads WHERE {0} GROUP BY project ORDER BY count() DESC, project LIMIT {1}) AS named,"
                                      " if(named, project, '') AS shown, {2} FROM (SELECT project, toInt8(class) AS who, count() AS lines FROM downloads WHERE {0}"
                                      " GROUP BY project, who) GROUP BY named, shown ORDER BY shown",
                                      where, mostProjects, sumsByClass()),
                          {{"request", request == Request::Simple ? "simple" : "download"},
                           {"from", secondsOf(runs.front().from)},
                           {"until", secondsOf(runs.back().until)}}));
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t named, numberAt(row, 0));
            CM_TRY_ASSIGN(std::string project, textAt(row, 1));
            CM_TRY_ASSIGN(const ClassCounts counts, countsAt(row, 2));
            out.emplace_back(named != 0 ? static_cast<std::int64_t>(m_projects.size()) : otherProjects, counts);
            if (named != 0)
                m_projects.push_back(std::move(project));
        }
        return out;
    }

    Result<void> tallies(Tier tier, Minute from, Minute until, const OnTally &onTally) override
    {
        CM_TRY_ASSIGN(const auto rows,
                      ask(fmt::format("SELECT toUnixTimestamp({}) AS bucket, sum(received), sum(downloads), sum(simple), sum(ignored),"
                                                    " sum(unprocessed), sum(refused) FROM download_lines WHERE minute >= toDateTime({{from:UInt32}}, 'UTC')"
                                                    " AND minute < toDateTime({{until:UInt32}}, 'UTC') GROUP BY bucket ORDER BY bucket",
                                                    tier == Tier::Minute ? "minute" : "toStartOfHour(minute)"),
                                        {{"from", secondsOf(from)}, {"until", secondsOf(until)}}));
        for (const json::array &row : rows) {
            std::array<std::int64_t, 7> numbers{};
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                CM_TRY_ASSIGN(numbers[i], numberAt(row, i));
            }
            onTally(numbers[0] / 60, {numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], 0});
        }
        return {};
    }

    Result<void> senders(Minute from, Minute until, const OnSender &onSender) override
    {
        CM_TRY_ASSIGN(const auto received,
                      ask(fmt::format("SELECT toUnixTimestamp(hour) AS at, if(place <= {}, sender, '') AS name, sum(lines) FROM (SELECT hour, sender, lines,"
                                      " row_number() OVER (PARTITION BY hour ORDER BY sender = '', lines DESC, sender) AS place FROM ("
                                      "SELECT hour, sender, sum(lines) AS lines FROM download_senders WHERE hour >= toDateTime({{from:UInt32}}, 'UTC')"
                                      " AND hour < toDateTime({{until:UInt32}}, 'UTC') GROUP BY hour, sender)) GROUP BY at, name",
                                      mostSenderNames),
                          {{"from", secondsOf(from)}, {"until", secondsOf(until)}}));
        for (const json::array &row : received) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(std::string sender, textAt(row, 1));
            CM_TRY_ASSIGN(const std::int64_t lines, numberAt(row, 2));
            onSender(seconds / 60, {std::move(sender), lines, {}, {}});
        }
        CM_TRY_ASSIGN(const auto said, ask(senderStretches(), {{"from", secondsOf(from)},
                                                         {"until", secondsOf(until)},
                                                         {"before", secondsOf(from - minutesOfDay)},
                                                         {"after", secondsOf(until + minutesOfDay)}}));
        for (const json::array &row : said) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(std::string sender, textAt(row, 1));
            CM_TRY_ASSIGN(const std::int64_t sent, numberAt(row, 2));
            CM_TRY_ASSIGN(const std::int64_t told, numberAt(row, 3));
            onSender(seconds / 60, {std::move(sender), 0, sent, told});
        }
        return {};
    }

    Result<void> repeats(Tier tier, Minute from, Minute until, const OnRepeats &onRepeats) override
    {
        CM_TRY_ASSIGN(const auto rows, ask(fmt::format("SELECT toUnixTimestamp(toStartOf{}(minute)) AS at, sum(lines) FROM download_reasons"
                                                       " WHERE minute >= toDateTime({{from:UInt32}}, 'UTC') AND minute < toDateTime({{until:UInt32}}, 'UTC')"
                                                       " AND reason = {{reason:String}} GROUP BY at",
                                                       tier == Tier::Minute ? "Minute" : "Hour"),
                                           {{"from", secondsOf(from)}, {"until", secondsOf(until)}, {"reason", std::string(knownAgain)}}));
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(const std::int64_t lines, numberAt(row, 1));
            onRepeats(seconds / 60, lines);
        }
        return {};
    }

    Result<std::vector<api::LineReason>> reasons(Tier, Minute from, Minute until) override
    {
        CM_TRY_ASSIGN(const auto rows, ask("SELECT reason, sum(lines) AS sum FROM download_reasons WHERE minute >= toDateTime({from:UInt32}, 'UTC')"
                                           " AND minute < toDateTime({until:UInt32}, 'UTC') AND reason != {again:String} GROUP BY reason"
                                           " ORDER BY sum DESC, reason LIMIT 50",
                                           {{"from", secondsOf(from)}, {"until", secondsOf(until)}, {"again", std::string(knownAgain)}}));
        std::vector<api::LineReason> out;
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(std::string reason, textAt(row, 0));
            CM_TRY_ASSIGN(const std::int64_t lines, numberAt(row, 1));
            out.push_back({std::move(reason), lines});
        }
        return out;
    }

private:
    Result<std::optional<Minute>> minuteIn(std::string_view select, Minute bound)
    {
        CM_TRY_ASSIGN(const auto rows, ask(select, {{"bound", secondsOf(bound)}}));
        if (rows.empty())
            return std::nullopt;
        CM_TRY_ASSIGN(const std::int64_t count, numberAt(rows.front(), 0));
        CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(rows.front(), 1));
        return count > 0 ? std::optional(seconds / 60) : std::nullopt;
    }

    // Those that everybody knows, and those that are asked about.
    std::vector<std::string> namedOf(Dimension dimension) const
    {
        const auto known = knownNames(dimension);
        std::vector<std::string> out(known.begin(), known.end());
        if (const auto asked = m_alwaysNamed.find(dimension); asked != m_alwaysNamed.end())
            out.insert(out.end(), asked->second.begin(), asked->second.end());
        return out;
    }

    // As EventDatabase::readIn() notes them; the first is none.
    Result<void> addChangesOfMode(std::optional<Time> from, std::optional<Time> to, std::vector<api::DownloadAnnotation> &out)
    {
        CM_TRY_ASSIGN(const auto rows, ask("SELECT DISTINCT beginning, until FROM download_batches WHERE startsWith(source, {mode:String}) ORDER BY beginning, until",
                                           {{"mode", std::string(modeSource)}}));
        std::optional<std::int64_t> before;
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(const std::int64_t mode, numberAt(row, 1));
            const Time at{std::chrono::seconds(seconds)};
            // Several ingesters that go over to another one together say it once.
            if (const auto last = std::exchange(before, mode); last.value_or(mode) == mode || (from && at < *from) || (to && at >= *to))
                continue;
            out.push_back({{}, api::AnnotationKind::Definition, {}, at, {}, std::string(wordsOfChange(static_cast<Mode>(mode))), std::string(modeAuthor), at});
        }
        std::ranges::stable_sort(out, {}, &api::DownloadAnnotation::from);
        return {};
    }

    // Where nobody has written yet there is neither a database nor a table, and nothing was counted.
    Result<std::vector<json::array>> ask(std::string_view select, const ClickHouseParameters &parameters = {})
    {
        auto rows = m_clickHouse.rows(select, parameters);
        if (!rows && rows.error().code == ErrorCode::NotFound)
            return std::vector<json::array>();
        return rows;
    }

    struct Asked {
        std::string project, version;
        Request request = Request::Download;
    };

    Code codeOf(const std::string &text)
    {
        if (text.empty())
            return notTold;
        const auto [place, isNew] = m_codes.emplace(text, static_cast<Code>(m_texts.size()) + others + 1);
        if (isNew)
            m_texts.push_back(text);
        return place->second;
    }

    // Class and count of a row, from `column` on.
    static Result<void> addTo(ClassCounts &sums, const json::array &row, std::size_t column)
    {
        CM_TRY_ASSIGN(const std::int64_t who, numberAt(row, column));
        CM_TRY_ASSIGN(const std::int64_t count, numberAt(row, column + 1));
        if (who < 0 || who >= static_cast<std::int64_t>(classCount))
            return fail(ErrorCode::Corrupt, "ClickHouse holds a client class that does not exist");
        sums[static_cast<std::size_t>(who)] += count;
        return {};
    }

    Result<void> deliver(const std::vector<json::array> &rows, Dimension dimension, const OnCounts &onCounts)
    {
        std::map<Code, ClassCounts> sums;
        std::optional<Minute> bucket;
        const auto tell = [&] {
            if (bucket)
                onCounts(*bucket, CountList(sums.begin(), sums.end()));
            sums.clear();
        };
        for (const json::array &row : rows) {
            CM_TRY_ASSIGN(const std::int64_t seconds, numberAt(row, 0));
            CM_TRY_ASSIGN(const std::int64_t named, numberAt(row, 1));
            CM_TRY_ASSIGN(const std::string value, textAt(row, 2));
            CM_TRY_ASSIGN(const ClassCounts counts, countsAt(row, 3));
            if (bucket != seconds / 60) {
                tell();
                bucket = seconds / 60;
            }
            metrics::addTo(sums[dimension == Dimension::Total ? Code{0} : named != 0 ? codeOf(value) : strangers], counts);
        }
        tell();
        return {};
    }

    ClickHouse &m_clickHouse;
    CountSource &m_said;
    std::vector<Asked> m_asked{{{}, {}, Request::Download}, {{}, {}, Request::Simple}};  // by subject: registrySubject() first
    std::vector<std::string> m_texts, m_projects;
    std::map<std::string, Code> m_codes;
    std::map<Dimension, std::vector<std::string>> m_alwaysNamed;
};

}  // namespace

Result<void> EventRows::look(const std::function<Result<void>(CountLook &)> &work)
{
    EventLook look(m_clickHouse, m_said);
    return work(look);
}

}  // namespace cm::metrics
