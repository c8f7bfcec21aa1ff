// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/store/window.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>

namespace cm::metrics {
namespace {

constexpr Minute longestByMinute = 6 * minutesOfHour;
constexpr Minute longestByHour = 10 * minutesOfDay;
constexpr Minute longestByDay = 800 * minutesOfDay;
// A sum of hours is no dearer than one of days, up to here.
constexpr Minute longestSumOfHours = 31 * minutesOfDay;
constexpr std::size_t mostBuckets = 6'000;

struct Bounds {
    Minute from = 0;
    Minute until = 0;  // the minute behind the last
};

Result<Bounds> boundsOf(std::optional<Time> from, std::optional<Time> to, const Extent &extent, Time now)
{
    const Minute present = minuteOf(now);
    const auto clamped = [](Time time) { return std::clamp<Minute>(minuteOf(time), 0, lastMinute); };
    Bounds bounds;
    if (to)
        bounds.until = clamped(*to + std::chrono::minutes(1) - Time::duration(1));
    else
        bounds.until = present + 1;
    bounds.until = std::min(bounds.until, present + 1);
    bounds.from = from ? clamped(*from) : std::min(extent.first.value_or(present), present);
    if (from && to && *from >= *to)
        return invalid("to", "has to be later than from");
    if (bounds.from > present)
        return invalid("from", "lies in the future");
    if (bounds.from >= bounds.until)
        bounds.from = std::max<Minute>(0, bounds.until - 1);
    return bounds;
}

api::DownloadStep stepOf(const Bounds &bounds, Minute now, Tier finest)
{
    const Minute span = bounds.until - bounds.from;
    if (finest == Tier::Minute && span <= longestByMinute && bounds.from >= keptFrom(Tier::Minute, now))
        return api::DownloadStep::Minute;
    if (finest <= Tier::Hour && span <= longestByHour && bounds.from >= keptFrom(Tier::Hour, now))
        return api::DownloadStep::Hour;
    return span <= longestByDay ? api::DownloadStep::Day : api::DownloadStep::Month;
}

Tier tierOf(api::DownloadStep step)
{
    switch (step) {
    case api::DownloadStep::Minute:
        return Tier::Minute;
    case api::DownloadStep::Hour:
        return Tier::Hour;
    case api::DownloadStep::Month:
        return Tier::Month;
    case api::DownloadStep::Auto:
    case api::DownloadStep::Day:
        break;
    }
    return Tier::Day;
}

}  // namespace

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

Result<void> checkSubject(const std::string &project, const std::string &version, api::DownloadSplit split)
{
    if (project.empty() && !version.empty())
        return invalid("version", "needs a project");
    if (split == api::DownloadSplit::Version && (project.empty() || !version.empty()))
        return invalid("split", "versions are those of a project");
    return {};
}

Result<std::vector<std::string>> listOf(std::string_view field, std::string_view text, std::size_t most)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        if (part.empty())
            return invalid(std::string(field), "has an empty entry");
        if (std::ranges::find(out, part) == out.end())
            out.emplace_back(part);
    }
    if (out.size() > most)
        return invalid(std::string(field), fmt::format("has more than {} entries", most));
    return out;
}

Result<unsigned> classesOf(std::string_view text)
{
    if (text.empty())
        return (1U << classCount) - 1;
    CM_TRY_ASSIGN(const auto names, listOf("classes", text, classCount));
    unsigned classes = 0;
    for (const std::string &name : names) {
        const auto named = api::enumNamed<api::ClientClass>(name);
        if (!named)
            return invalid("classes", "names no client class: " + name);
        classes |= 1U << static_cast<unsigned>(*named);
    }
    return classes;
}

Result<Dimension> dimensionOf(api::DownloadSplit split)
{
    switch (split) {
    case api::DownloadSplit::None:
    case api::DownloadSplit::Class:
        return Dimension::Total;
    case api::DownloadSplit::Installer:
        return Dimension::Installer;
    case api::DownloadSplit::Python:
        return Dimension::Python;
    case api::DownloadSplit::System:
        return Dimension::System;
    case api::DownloadSplit::Country:
        return Dimension::Country;
    case api::DownloadSplit::FileType:
        return Dimension::FileType;
    case api::DownloadSplit::Version:
        return Dimension::Version;
    case api::DownloadSplit::Project:
        break;
    }
    return invalid("split", "projects are a list of shares of the whole registry");
}

Result<CountList> sumsOf(CountLook &look, const Place &place, const std::vector<Run> &runs)
{
    std::unordered_map<Code, ClassCounts> sums;
    for (const Run &run : runs) {
        CM_TRY(look.counts(place, run, [&](Minute, const CountList &list) {
            for (const auto &[code, counts] : list)
                addTo(sums[code], counts);
        }));
    }
    return CountList(sums.begin(), sums.end());
}

Result<Extent> extentOf(CountLook &look, Time now)
{
    constexpr Minute beginning = 90 * minutesOfDay;
    constexpr Minute longestHole = 730 * minutesOfDay;
    constexpr std::int64_t enough = 60;
    const Minute end = minuteOf(now) + 1;
    Extent extent;
    CM_TRY_ASSIGN(extent.newest, look.lastKnown(end));
    if (!extent.newest)
        return extent;
    CM_TRY_ASSIGN(extent.first, look.firstKnown(0));
    std::optional<Minute> first = extent.first;
    while (first && *first < end) {
        // Most have enough in the first hours.
        for (const Minute length : {2 * minutesOfHour, beginning}) {
            CM_TRY_ASSIGN(const Coverage coverage, Coverage::read(look, *first, std::min(*first + length, end), {}, {}));
            if (coverage.known(*first, std::min(*first + length, end)) >= enough) {
                extent.first = first;
                return extent;
            }
        }
        CM_TRY_ASSIGN(const auto later, look.firstKnown(*first + beginning));
        // Where little was ever counted all of it is shown, but for what nobody can have watched.
        if (later && *later < end && *later - *first > longestHole)
            extent.first = later;
        first = later;
    }
    return extent;
}

Watched watchedOf(const Coverage &coverage, Minute from, Minute until, Time now)
{
    const Minute settled = std::clamp(minuteOf(now) - 1, from, until);
    const std::int64_t latest = coverage.known(settled, std::clamp(minuteOf(now) + 1, settled, until));
    return {settled - from + latest, coverage.known(from, settled) + latest};
}

std::optional<Time> timeOf(std::optional<Minute> minute)
{
    return minute ? std::optional(timeOf(*minute)) : std::nullopt;
}

std::size_t Window::bucketOf(Minute minute) const
{
    return static_cast<std::size_t>(std::ranges::upper_bound(starts, minute) - starts.begin()) - 1;
}

Result<Window> windowOf(api::DownloadStep step, std::optional<Time> from, std::optional<Time> to, const Extent &extent, Time now,
                        Tier finest)
{
    CM_TRY_ASSIGN(const Bounds bounds, boundsOf(from, to, extent, now));
    Window window;
    window.step = step == api::DownloadStep::Auto ? stepOf(bounds, minuteOf(now), finest) : step;
    const Tier tier = tierOf(window.step);
    if (tier < finest)
        return invalid("step", "is too fine: what a version is split by is kept by day");
    window.tier = std::min(tier, Tier::Day);
    // What was dropped is not known any more, though its minutes are.
    if (floorTo(tier, bounds.from) < keptFrom(tier, minuteOf(now)))
        return invalid("step", "is too fine for that time: minutes are kept for 2 days, hours for 90");
    for (Minute start = floorTo(tier, bounds.from); start < bounds.until; start = nextOf(tier, start)) {
        if (window.starts.size() == mostBuckets)
            return invalid("step", fmt::format("is too fine: more than {} buckets", mostBuckets));
        window.starts.push_back(start);
    }
    window.until = nextOf(tier, window.starts.back());
    return window;
}

Result<Stretch> stretchOf(CountLook &look, std::optional<Time> from, std::optional<Time> to, const std::string &project, Time now,
                          bool ofRanks, Tier finest)
{
    Extent extent;
    if (!from) {
        CM_TRY_ASSIGN(extent, extentOf(look, now));
    }
    CM_TRY_ASSIGN(const Bounds bounds, boundsOf(from, to, extent, now));
    const Minute present = minuteOf(now);
    const Minute span = bounds.until - bounds.from;
    Tier tier = Tier::Day;
    if (!ofRanks && finest == Tier::Minute && span <= longestByMinute && bounds.from >= keptFrom(Tier::Minute, present))
        tier = Tier::Minute;
    else if (finest <= Tier::Hour && span <= longestSumOfHours && bounds.from >= (ofRanks ? ranksKeptFrom(Tier::Hour, present) : keptFrom(Tier::Hour, present)))
        tier = Tier::Hour;
    Stretch stretch;
    stretch.from = floorTo(tier, bounds.from);
    stretch.until = nextOf(tier, bounds.until - 1);
    stretch.runs = runsOf(stretch.from, stretch.until, tier, ofRanks ? Tier::Month : Tier::Day);
    CM_TRY_ASSIGN(const auto annotations, look.annotations(timeOf(stretch.from), timeOf(stretch.until)));
    CM_TRY_ASSIGN(const Coverage coverage, Coverage::read(look, stretch.from, stretch.until, annotations, project));
    stretch.watched = watchedOf(coverage, stretch.from, stretch.until, now);
    return stretch;
}

}  // namespace cm::metrics
