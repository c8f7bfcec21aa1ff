// SPDX-License-Identifier: GPL-3.0-or-later
// One count of a window, and what it says: how sure it is, and of how much it is a part.
#include "core/metrics/store/count_reader.h"
#include "core/metrics/store/count_rows.h"
#include "core/metrics/store/poisson.h"
#include "core/metrics/store/window.h"

namespace cm::metrics {

Result<api::DownloadEvidence> CountReader::evidence(const api::EvidenceQuery &query)
{
    CM_TRY_ASSIGN(const unsigned classes, classesOf(query.classes));
    CM_TRY(checkSubject(query.project, query.version, api::DownloadSplit::None));
    const Dimension dimension = query.installer.empty() ? Dimension::Total : Dimension::Installer;
    const Tier finest = isKeptByDayOnly(query.version, dimension) ? Tier::Day : Tier::Minute;
    api::DownloadEvidence out;
    const Time now = m_clock.now();
    CM_TRY(m_source.look([&](CountLook &look) -> Result<void> {
        CM_TRY_ASSIGN(const Stretch stretch, stretchOf(look, query.from, query.to, query.project, now, false, finest));
        out.from = metrics::timeOf(stretch.from);
        out.to = metrics::timeOf(stretch.until);
        out.minutes = stretch.watched.minutes;
        out.known = stretch.watched.known;
        if (out.known == 0)
            return {};
        ClassCounts asked{};
        ClassCounts all{};
        std::int64_t folded = 0;
        CM_TRY_ASSIGN(const auto place, look.place(query.project, query.version, dimension, Request::Download));
        std::optional<Code> code;
        bool mayBeFolded = !query.version.empty();
        if (!query.installer.empty()) {
            mayBeFolded = !look.isAlwaysNamed(dimension, query.installer);
            CM_TRY_ASSIGN(code, look.code(query.installer));
        }
        if (place) {
            CM_TRY_ASSIGN(const CountList sums, sumsOf(look, *place, stretch.runs));
            for (const auto &[value, counts] : sums) {
                const bool other = place->only && value != *place->only;
                if (!other)
                    addTo(all, counts);
                if (!other && (query.installer.empty() || value == code))
                    addTo(asked, counts);
                // Before known values had places of their own they were folded as well.
                else if (value == others || (value == strangers && mayBeFolded))
                    folded += sumOf(counts, classes);
            }
        }
        for (std::size_t i = 0; i < asked.size(); ++i)
            asked[i] = ((classes >> i) & 1U) != 0 ? asked[i] : 0;
        out.classes = toApi(asked);
        out.count = sumOf(asked, classes);
        out.of = sumOf(all, ~0U);
        out.lower = poissonInterval(*out.count).lower;
        out.upper = poissonInterval(*out.count + folded).upper;
        out.folded = folded;
        return {};
    }));
    return out;
}

}  // namespace cm::metrics
