// SPDX-License-Identifier: GPL-3.0-or-later
// From what somebody asks to the buckets that answer it: steps, rounding, what is still kept. Any thread; pure but for what
// takes a look, which has its errors besides.
// Errors: InvalidInput with the field.
#pragma once

#include "core/api/downloads.h"
#include "core/metrics/store/count_rows.h"
#include "core/metrics/store/tiers.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cm::metrics {

[[nodiscard]] tl::unexpected<Error> invalid(std::string field, std::string problem);
// "ci,mirror" as bits by ClientClass; empty: all of them.
[[nodiscard]] Result<unsigned> classesOf(std::string_view text);
// Texts with commas between, without blanks around; at most `most`.
[[nodiscard]] Result<std::vector<std::string>> listOf(std::string_view field, std::string_view text, std::size_t most);
[[nodiscard]] Result<Dimension> dimensionOf(api::DownloadSplit split);

// The first and the newest minute of which anything is known, as far as `now`. A few lines with a wrong clock are no
// beginning: a first minute is passed over where fewer than 60 are known in the 90 days from it on, and 60 in 90 days later,
// or nothing for two years.
struct Extent {
    std::optional<Minute> first;
    std::optional<Minute> newest;
};
[[nodiscard]] Result<Extent> extentOf(CountLook &look, Time now);

// A chart's buckets.
struct Window {
    api::DownloadStep step = api::DownloadStep::Day;
    Tier tier = Tier::Day;  // of the rows that answer it: days for months
    std::vector<Minute> starts;
    Minute until = 0;

    [[nodiscard]] Minute from() const { return starts.front(); }
    [[nodiscard]] Minute endOf(std::size_t bucket) const { return bucket + 1 < starts.size() ? starts[bucket + 1] : until; }
    // The bucket that a minute of the window lies in.
    [[nodiscard]] std::size_t bucketOf(Minute minute) const;
};
// `finest` is the finest tier that has the answer. There is one bucket at least, none that has not begun.
[[nodiscard]] Result<Window> windowOf(api::DownloadStep step, std::optional<Time> from, std::optional<Time> to,
                                      const Extent &extent, Time now, Tier finest);

// Minutes of [from, until) that are over by more than a moment, for what came in the last ones may be on its way, with those
// of the last ones of which something is known; and how many of them are known. Minutes that lie ahead are neither.
struct Watched {
    std::int64_t minutes = 0;
    std::int64_t known = 0;
};
[[nodiscard]] Watched watchedOf(const Coverage &coverage, Minute from, Minute until, Time now);
[[nodiscard]] std::optional<Time> timeOf(std::optional<Minute> minute);

// What a question is about: whether that can be.
[[nodiscard]] Result<void> checkSubject(const std::string &project, const std::string &version, api::DownloadSplit split);
// By value, in no order.
[[nodiscard]] Result<CountList> sumsOf(CountLook &look, const Place &place, const std::vector<Run> &runs);

// A sum's stretch of time, rounded outward to buckets that are kept, as few of them as can be, and how much of it is known.
struct Stretch {
    Minute from = 0;
    Minute until = 0;
    std::vector<Run> runs;
    Watched watched;
};
[[nodiscard]] Result<Stretch> stretchOf(CountLook &look, std::optional<Time> from, std::optional<Time> to, const std::string &project,
                                        Time now, bool ofRanks, Tier finest);

}  // namespace cm::metrics
