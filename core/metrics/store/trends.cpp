// SPDX-License-Identifier: GPL-3.0-or-later
// Small charts of many projects: all of them by one look, and each day's figure by one query for all.
#include "core/metrics/store/count_reader.h"
#include "core/metrics/store/count_rows.h"
#include "core/metrics/store/window.h"

#include <algorithm>

namespace cm::metrics {
namespace {

constexpr std::size_t mostProjects = 100;
constexpr std::int64_t mostDays = 400;

}  // namespace

Result<api::DownloadTrends> CountReader::trends(const api::DownloadTrendsQuery &query)
{
    CM_TRY_ASSIGN(const std::vector<std::string> projects, listOf("projects", query.projects, mostProjects));
    CM_TRY_ASSIGN(const unsigned classes, classesOf(query.classes));
    if (projects.empty())
        return invalid("projects", "names none");
    if (query.days < 1 || query.days > mostDays)
        return invalid("days", "has to be from 1 to 400");
    const Request request = query.request == api::DownloadRequest::Simple ? Request::Simple : Request::Download;

    api::DownloadTrends out;
    out.sampled = m_clock.now();
    const Minute until = nextOf(Tier::Day, minuteOf(out.sampled));
    const Run run{Tier::Day, std::max<Minute>(0, until - query.days * minutesOfDay), until};
    out.from = timeOf(run.from);
    out.to = timeOf(run.until);
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(const Extent extent, extentOf(look, out.sampled));
        out.since = timeOf(extent.first);
        out.newest = timeOf(extent.newest);
        CM_TRY_ASSIGN(const auto annotations, look.annotations(out.from, out.to));
        CM_TRY_ASSIGN(const Coverage coverage, Coverage::read(look, run.from, run.until, annotations, {}));
        for (Minute day = run.from; day < run.until; day += minutesOfDay) {
            const Watched watched = watchedOf(coverage, day, day + minutesOfDay, out.sampled);
            out.buckets.push_back({timeOf(day), watched.minutes, watched.known});
            out.minutes += watched.minutes;
        }
        std::vector<std::vector<std::int64_t>> sums(projects.size(), std::vector<std::int64_t>(out.buckets.size()));
        CM_TRY(look.days(projects, request, run, [&](std::size_t project, Minute day, const ClassCounts &counts) {
            sums[project][static_cast<std::size_t>((day - run.from) / minutesOfDay)] += sumOf(counts, classes);
        }));
        for (std::size_t i = 0; i < projects.size(); ++i) {
            const Coverage own = coverage.ofProject(annotations, projects[i]);
            api::DownloadTrend trend{projects[i], std::nullopt, {}, 0};
            std::int64_t total = 0;
            for (std::size_t bucket = 0; bucket < out.buckets.size(); ++bucket) {
                const Minute day = run.from + static_cast<Minute>(bucket) * minutesOfDay;
                const std::int64_t known = watchedOf(own, day, day + minutesOfDay, out.sampled).known;
                trend.counts.push_back(known > 0 ? std::optional(sums[i][bucket]) : std::nullopt);
                trend.known += known;
                total += sums[i][bucket];
            }
            if (trend.known > 0)
                trend.total = total;
            out.items.push_back(std::move(trend));
        }
        return {};
    }));
    return out;
}

}  // namespace cm::metrics
