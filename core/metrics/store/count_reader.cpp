// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/count_reader.h"

#include "core/metrics/store/window.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace cm::metrics {
namespace {

constexpr std::size_t mostCompared = 10;
constexpr std::int64_t mostLines = 50;
constexpr std::int64_t mostItems = 1'000;
constexpr std::size_t mostSenders = 50;

Request fromApi(api::DownloadRequest request)
{
    return request == api::DownloadRequest::Simple ? Request::Simple : Request::Download;
}

// Figures of one subject over the buckets of a window, by value or by class.
class LineSheet {
public:
    LineSheet(const Window &window, const api::DownloadSeriesQuery &query, unsigned classes)
        : m_window(window), m_query(query), m_classes(classes)
    {}

    Result<void> read(CountLook &look, const std::string &project)
    {
        CM_TRY_ASSIGN(const Dimension dimension, dimensionOf(m_query.split));
        CM_TRY_ASSIGN(const auto place, look.place(project, m_query.version, dimension, fromApi(m_query.request)));
        if (!place)
            return {};
        m_isOne = place->only.has_value();
        return look.counts(*place, {m_window.tier, m_window.from(), m_window.until},
                          [this](Minute minute, const CountList &counts) { add(m_window.bucketOf(minute), counts); });
    }

    // Of values that are not told apart.
    [[nodiscard]] std::int64_t folded() const { return m_folded; }

    // In the order of the contract.
    Result<std::vector<api::DownloadLine>> lines(CountLook &look, const std::string &project)
    {
        if (m_query.split == api::DownloadSplit::None)
            return std::vector{lineOf(project, api::DownloadLineKind::All, {}, m_values[0])};
        std::vector<api::DownloadLine> out;
        if (m_query.split == api::DownloadSplit::Class) {
            for (const auto &[value, name] : api::EnumNames<api::ClientClass>::values) {
                if (((m_classes >> static_cast<unsigned>(value)) & 1U) != 0)
                    out.push_back(lineOf(project, api::DownloadLineKind::Value, std::string(name), m_values[static_cast<Code>(value)]));
            }
            return out;
        }
        return byValue(look, project);
    }

private:
    // By bucket, rising: names that somebody made up are many, each in few of them.
    struct Counts {
        std::int64_t total = 0;
        std::vector<std::pair<std::size_t, std::int64_t>> points;

        void add(std::size_t bucket, std::int64_t count)
        {
            total += count;
            if (points.empty() || points.back().first != bucket)
                points.emplace_back(bucket, 0);
            points.back().second += count;
        }
    };

    void add(std::size_t bucket, const CountList &list)
    {
        for (const auto &[code, counts] : list) {
            if (isFolded(code)) {
                m_folded += sumOf(counts, m_classes);
                if (m_isOne)
                    continue;
            }
            if (m_query.split == api::DownloadSplit::Class) {
                for (std::size_t i = 0; i < counts.size(); ++i) {
                    if (counts[i] != 0)
                        m_values[static_cast<Code>(i)].add(bucket, counts[i]);
                }
            } else if (const std::int64_t sum = sumOf(counts, m_classes); sum != 0) {
                // Without a split there is one line, whatever it was read from.
                m_values[m_query.split == api::DownloadSplit::None ? 0 : code].add(bucket, sum);
            }
        }
    }

    api::DownloadLine lineOf(const std::string &project, api::DownloadLineKind kind, std::string value, const Counts &counts) const
    {
        api::DownloadLine line{project, kind, std::move(value), 0, std::vector<std::int64_t>(m_window.starts.size())};
        addTo(line, counts);
        return line;
    }

    Result<std::vector<api::DownloadLine>> byValue(CountLook &look, const std::string &project)
    {
        std::vector<Code> codes;
        for (const auto &[code, counts] : m_values)
            codes.push_back(code);
        CM_TRY_ASSIGN(const auto texts, look.texts(codes));
        std::vector<std::pair<std::string_view, const Counts *>> named;
        api::DownloadLine rest = lineOf(project, api::DownloadLineKind::Other, {}, {});
        const Counts *untold = nullptr;
        for (const auto &[code, counts] : m_values) {
            const auto text = texts.find(code);
            if (code == notTold)
                untold = &counts;
            else if (text != texts.end())
                named.emplace_back(text->second, &counts);
            else
                addTo(rest, counts);
        }
        std::ranges::sort(named, [](const auto &one, const auto &other) {
            return one.second->total != other.second->total ? one.second->total > other.second->total : one.first < other.first;
        });
        std::vector<api::DownloadLine> lines;
        for (std::size_t i = 0; i < named.size(); ++i) {
            if (i < static_cast<std::size_t>(m_query.most))
                lines.push_back(lineOf(project, api::DownloadLineKind::Value, std::string(named[i].first), *named[i].second));
            else
                addTo(rest, *named[i].second);
        }
        if (untold != nullptr)
            lines.push_back(lineOf(project, api::DownloadLineKind::NotTold, {}, *untold));
        if (rest.total.value_or(0) > 0)
            lines.push_back(std::move(rest));
        return lines;
    }

    static void addTo(api::DownloadLine &line, const Counts &counts)
    {
        for (const auto &[bucket, count] : counts.points)
            line.counts[bucket] += count;
        line.total = line.total.value_or(0) + counts.total;
    }

    const Window &m_window;
    const api::DownloadSeriesQuery &m_query;
    unsigned m_classes;
    std::unordered_map<Code, Counts> m_values;  // by class where these are the split
    bool m_isOne = false;  // of a version, read from its project's
    std::int64_t m_folded = 0;
};

// All values that are not told apart are one, and none of a single value that they may be of; how many lines that are.
void fold(CountList &sums, const Place &place, unsigned classes, std::int64_t &lines)
{
    ClassCounts folded{};
    for (const auto &[code, counts] : sums) {
        if (isFolded(code))
            addTo(folded, counts);
    }
    lines = sumOf(folded, classes);
    if (std::erase_if(sums, [](const auto &sum) { return isFolded(sum.first); }) > 0 && !place.only)
        sums.emplace_back(strangers, folded);
}

// What was counted where nothing is known is no figure.
void withoutUnknown(api::DownloadSeries &series)
{
    for (api::DownloadLine &line : series.lines) {
        for (std::size_t i = 0; i < series.buckets.size(); ++i)
            line.counts[i] = series.buckets[i].known > 0 ? line.counts[i] : 0;
        if (series.known == 0)
            line.total.reset();
    }
}

// One share for each class, of the counts of all.
std::vector<api::DownloadShare> sharesByClass(const ClassCounts &counts, unsigned classes)
{
    std::vector<api::DownloadShare> out;
    for (const auto &[value, name] : api::EnumNames<api::ClientClass>::values) {
        const auto number = static_cast<std::size_t>(value);
        if (((classes >> number) & 1U) == 0)
            continue;
        ClassCounts own{};
        own[number] = counts[number];
        out.push_back({api::DownloadLineKind::Value, std::string(name), counts[number], toApi(own)});
    }
    return out;
}

}  // namespace

Result<api::DownloadSeries> CountReader::series(const api::DownloadSeriesQuery &query)
{
    CM_TRY_ASSIGN(std::vector<std::string> projects, listOf("projects", query.projects, mostCompared));
    CM_TRY_ASSIGN(const unsigned classes, classesOf(query.classes));
    if (projects.empty())
        projects.emplace_back();
    if (projects.size() > 1 && (query.split != api::DownloadSplit::None || !query.version.empty()))
        return invalid("split", "several projects are compared without a split");
    if (query.most < 1 || query.most > mostLines)
        return invalid("most", "has to be from 1 to 50");
    CM_TRY(checkSubject(projects.front(), query.version, query.split));
    CM_TRY_ASSIGN(const Dimension dimension, dimensionOf(query.split));
    const Tier finest = isKeptByDayOnly(query.version, dimension) ? Tier::Day : Tier::Minute;

    api::DownloadSeries out;
    out.sampled = m_clock.now();
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(const Extent extent, extentOf(look, out.sampled));
        CM_TRY_ASSIGN(const Window window, windowOf(query.step, query.from, query.to, extent, out.sampled, finest));
        out.step = window.step;
        out.from = metrics::timeOf(window.from());
        out.to = metrics::timeOf(window.until);
        out.since = timeOf(extent.first);
        out.newest = timeOf(extent.newest);
        if (finest == Tier::Minute) {
            out.minutesFrom = metrics::timeOf(keptFrom(Tier::Minute, minuteOf(out.sampled)));
            out.hoursFrom = metrics::timeOf(keptFrom(Tier::Hour, minuteOf(out.sampled)));
        }
        CM_TRY_ASSIGN(out.annotations, look.annotations(out.from, out.to));
        std::erase_if(out.annotations, [&](const api::DownloadAnnotation &said) {
            return !said.project.empty() && std::ranges::find(projects, said.project) == projects.end();
        });
        CM_TRY_ASSIGN(const Coverage coverage, Coverage::read(look, window.from(), window.until, out.annotations,
                                                              projects.size() == 1 ? projects.front() : std::string()));
        for (std::size_t i = 0; i < window.starts.size(); ++i) {
            const Watched watched = watchedOf(coverage, window.starts[i], window.endOf(i), out.sampled);
            out.buckets.push_back({metrics::timeOf(window.starts[i]), watched.minutes, watched.known});
            out.minutes += watched.minutes;
            out.known += watched.known;
        }
        for (const std::string &project : projects) {
            LineSheet sheet(window, query, classes);
            CM_TRY(sheet.read(look, project));
            CM_TRY_ASSIGN(auto lines, sheet.lines(look, project));
            std::ranges::move(lines, std::back_inserter(out.lines));
            out.folded += sheet.folded();
        }
        withoutUnknown(out);
        return {};
    }));
    return out;
}

Result<api::DownloadShares> CountReader::shares(const api::DownloadShareQuery &query)
{
    CM_TRY_ASSIGN(const unsigned classes, classesOf(query.classes));
    CM_TRY(checkSubject(query.project, query.version, query.split));
    const bool ranks = query.split == api::DownloadSplit::Project;
    if (ranks && !query.project.empty())
        return invalid("split", "projects are those of the whole registry");
    if (query.offset < 0 || query.limit < 1 || query.limit > mostItems)
        return invalid("limit", "has to be from 1 to 1000, and offset not below 0");

    Dimension dimension = Dimension::Total;
    if (!ranks) {
        CM_TRY_ASSIGN(dimension, dimensionOf(query.split));
    }
    const Tier finest = isKeptByDayOnly(query.version, dimension) ? Tier::Day : Tier::Minute;
    api::DownloadShares out;
    out.offset = query.offset;
    const Time now = m_clock.now();
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(const Stretch stretch, stretchOf(look, query.from, query.to, query.project, now, ranks, finest));
        out.from = metrics::timeOf(stretch.from);
        out.to = metrics::timeOf(stretch.until);
        out.minutes = stretch.watched.minutes;
        out.known = stretch.watched.known;
        if (out.known == 0)
            return {};

        CountList sums;
        if (ranks) {
            CM_TRY_ASSIGN(sums, look.ranks(fromApi(query.request), stretch.runs));
        } else {
            CM_TRY_ASSIGN(const auto place, look.place(query.project, query.version, dimension, fromApi(query.request)));
            if (place) {
                CM_TRY_ASSIGN(sums, sumsOf(look, *place, stretch.runs));
                fold(sums, *place, classes, out.folded);
            }
        }
        ClassCounts all{};
        for (const auto &[code, counts] : sums)
            addTo(all, counts);
        out.classes = toApi(all);
        const std::int64_t count = sumOf(all, classes);
        out.count = count;
        if (query.split == api::DownloadSplit::None || query.split == api::DownloadSplit::Class) {
            out.items = query.split == api::DownloadSplit::Class
                ? sharesByClass(all, classes)
                : std::vector{api::DownloadShare{api::DownloadLineKind::All, {}, count, *out.classes}};
            out.values = static_cast<std::int64_t>(out.items.size());
            return {};
        }
        std::erase_if(sums, [classes](const auto &sum) { return sumOf(sum.second, classes) == 0; });
        out.values = static_cast<std::int64_t>(sums.size());
        const auto begin = static_cast<std::size_t>(std::min(query.offset, out.values));
        // Whatever offset somebody asks for, it is none that cannot be.
        const auto end = begin + static_cast<std::size_t>(std::min(out.values - static_cast<std::int64_t>(begin), query.limit));
        std::ranges::partial_sort(sums, sums.begin() + static_cast<std::ptrdiff_t>(end), [classes](const auto &one, const auto &other) {
            const std::int64_t mine = sumOf(one.second, classes);
            const std::int64_t its = sumOf(other.second, classes);
            return mine != its ? mine > its : one.first < other.first;
        });
        std::vector<std::int64_t> shown;
        for (std::size_t i = begin; i < end; ++i)
            shown.push_back(sums[i].first);
        CM_TRY_ASSIGN(const auto names, ranks ? look.projects(shown) : look.texts(shown));
        for (std::size_t i = begin; i < end; ++i) {
            const auto &[code, counts] = sums[i];
            const auto name = names.find(code);
            api::DownloadShare share{api::DownloadLineKind::Other, {}, sumOf(counts, classes), toApi(counts)};
            if (name != names.end()) {
                share.kind = api::DownloadLineKind::Value;
                share.value = name->second;
            } else if (code == notTold) {
                share.kind = api::DownloadLineKind::NotTold;
            }
            out.items.push_back(std::move(share));
        }
        return {};
    }));
    return out;
}

namespace {

void addKnown(std::optional<std::int64_t> &sum, const std::optional<std::int64_t> &more)
{
    if (more)
        sum = sum.value_or(0) + *more;
}

// More than a sender sent, beyond what reports on their way may be off: as the monitor has it (STREAM_DOUBLED).
std::int64_t doubledOf(const api::LineSender &sender)
{
    constexpr double allowed = 1.03;
    const std::int64_t sent = sender.sent.value_or(0), told = sender.told.value_or(0);
    return sender.sent && static_cast<double>(told) > allowed * static_cast<double>(sent) ? told - sent : 0;
}

// By whole hours: reports come once a minute, and a stretch between two of them is no minute.
Result<void> addSenders(CountLook &look, const Window &window, api::DownloadCompleteness &out)
{
    std::map<std::string, api::LineSender> senders;
    std::map<std::pair<Minute, std::string>, api::LineSender> hours;  // a store may tell an hour in two parts
    const Minute from = window.from() == 0 ? 0 : nextOf(Tier::Hour, window.from() - 1);
    CM_TRY(look.senders(from, floorTo(Tier::Hour, window.until), [&](Minute hour, const api::LineSender &one) {
        api::LineSender &sender = senders[one.name];
        sender.name = one.name;
        sender.received += one.received;
        addKnown(sender.sent, one.sent);
        addKnown(sender.told, one.told);
        if (one.sent) {
            api::LineSender &ofHour = hours[{hour, one.name}];
            addKnown(ofHour.sent, one.sent);
            addKnown(ofHour.told, one.told);
        }
        if (window.step == api::DownloadStep::Minute)
            return;
        api::CompletenessBucket &bucket = out.buckets[window.bucketOf(hour)];
        addKnown(bucket.sent, one.sent);
        addKnown(bucket.told, one.told);
    }));
    for (const auto &[place, ofHour] : hours) {
        const std::int64_t doubled = doubledOf(ofHour);
        out.doubled += doubled;
        senders[place.second].doubled += doubled;
        if (window.step != api::DownloadStep::Minute)
            out.buckets[window.bucketOf(place.first)].doubled += doubled;
    }
    for (auto &[name, sender] : senders) {
        addKnown(out.sent, sender.sent);
        addKnown(out.told, sender.told);
        if (!sender.sent)
            out.untold += sender.received;
        out.senders.push_back(std::move(sender));
    }
    std::ranges::stable_sort(out.senders, std::ranges::greater(), &api::LineSender::received);
    out.senders.resize(std::min(out.senders.size(), mostSenders));
    return {};
}

}  // namespace

Result<api::DownloadCompleteness> CountReader::completeness(const api::CompletenessQuery &query)
{
    api::DownloadCompleteness out;
    out.sampled = m_clock.now();
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(const Extent extent, extentOf(look, out.sampled));
        CM_TRY_ASSIGN(const Window window, windowOf(query.step, query.from, query.to, extent, out.sampled, Tier::Minute));
        out.step = window.step;
        out.from = metrics::timeOf(window.from());
        out.to = metrics::timeOf(window.until);
        out.since = timeOf(extent.first);
        out.newest = timeOf(extent.newest);
        CM_TRY_ASSIGN(const auto annotations, look.annotations(out.from, out.to));
        CM_TRY_ASSIGN(const Coverage coverage, Coverage::read(look, window.from(), window.until, annotations, {}));
        std::vector<api::LineFigures> lines(window.starts.size());
        // Tallies have no days: hours are kept for ever.
        const Tier tier = std::min(window.tier, Tier::Hour);
        CM_TRY_ASSIGN(const Writing before, look.writing());
        CM_TRY(look.tallies(tier, window.from(), window.until, [&](Minute bucket, const api::LineFigures &figures) {
            api::LineFigures &sum = lines[window.bucketOf(bucket)];
            sum.received += figures.received;
            sum.downloads += figures.downloads;
            sum.simple += figures.simple;
            sum.ignored += figures.ignored;
            sum.unprocessed += figures.unprocessed;
            sum.refused += figures.refused;
        }));
        CM_TRY(look.repeats(tier, window.from(), window.until, [&](Minute bucket, std::int64_t repeated) { lines[window.bucketOf(bucket)].repeated += repeated; }));
        for (const Request request : {Request::Download, Request::Simple}) {
            CM_TRY(look.counts(Place{registrySubject(request), Dimension::Total, std::nullopt}, {window.tier, window.from(), window.until},
                              [&](Minute bucket, const CountList &counts) {
                                  for (const auto &[code, figures] : counts)
                                      lines[window.bucketOf(bucket)].stored += sumOf(figures, ~0U);
                              }));
        }
        CM_TRY_ASSIGN(const Writing after, look.writing());
        // What was stored meanwhile is no contradiction: its lines are told in a moment. Fewer than were told always are one.
        if (before.underWay || after.underWay || before.mark != after.mark) {
            for (api::LineFigures &each : lines)
                each.stored = std::min(each.stored, each.downloads + each.simple);
        }
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const auto &[minutes, known] = watchedOf(coverage, window.starts[i], window.endOf(i), out.sampled);
            out.minutes += minutes;
            out.known += known;
            out.total.received += lines[i].received;
            out.total.downloads += lines[i].downloads;
            out.total.simple += lines[i].simple;
            out.total.ignored += lines[i].ignored;
            out.total.unprocessed += lines[i].unprocessed;
            out.total.refused += lines[i].refused;
            out.total.stored += lines[i].stored;
            out.total.repeated += lines[i].repeated;
            // What came of a minute that somebody calls a gap is told nevertheless.
            const bool any = known > 0 || lines[i].received > 0 || lines[i].repeated > 0;
            out.buckets.push_back({metrics::timeOf(window.starts[i]), minutes, known, any ? std::optional(lines[i]) : std::nullopt, {}, {}, 0});
        }
        CM_TRY_ASSIGN(out.reasons, look.reasons(tier, window.from(), window.until));
        CM_TRY(addSenders(look, window, out));
        return {};
    }));
    return out;
}

Result<api::AnnotationList> CountReader::annotations(const api::ListAnnotations &query)
{
    api::AnnotationList out;
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(out.items, look.annotations(query.from, query.to));
        return {};
    }));
    return out;
}

}  // namespace cm::metrics
