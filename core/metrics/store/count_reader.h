// SPDX-License-Identifier: GPL-3.0-or-later
// Questions to the counts of downloads, answered in the words of the admin contract. Owned by the composition root
// of a server; any thread, every call blocks for some milliseconds. Names of projects are normalised by the caller;
// whether the caller may ask is not asked here. Errors: InvalidInput (fields), Unavailable, Corrupt, Internal.
#pragma once

#include "core/api/downloads.h"
#include "core/base/clock.h"
#include "core/metrics/store/count_look.h"

namespace cm::metrics {

class CountReader {
public:
    // Both outlive it.
    CountReader(CountSource &source, const Clock &clock) : m_source(source), m_clock(clock) {}

    Result<api::DownloadSeries> series(const api::DownloadSeriesQuery &query);
    Result<api::DownloadTrends> trends(const api::DownloadTrendsQuery &query);
    Result<api::DownloadShares> shares(const api::DownloadShareQuery &query);
    Result<api::DownloadCompleteness> completeness(const api::CompletenessQuery &query);
    Result<api::DownloadEvidence> evidence(const api::EvidenceQuery &query);
    Result<api::AnnotationList> annotations(const api::ListAnnotations &query);

private:
    CountSource &m_source;
    const Clock &m_clock;
};

}  // namespace cm::metrics
