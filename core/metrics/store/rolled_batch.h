// SPDX-License-Identifier: GPL-3.0-or-later
// A batch as the rows that it changes, made before a transaction begins, and the statements that bring it in.
// Internal to core/metrics/store; one thread.
#pragma once

#include "core/metrics/counts.h"
#include "core/metrics/store/figures.h"
#include "core/metrics/store/names.h"
#include "core/metrics/store/subject.h"
#include "core/metrics/store/tiers.h"

#include <map>
#include <tuple>
#include <unordered_set>

namespace cm::metrics {

class RolledBatch {
public:
    // Asks for the ids of names, and makes those that are missing and have a place.
    static Result<RolledBatch> of(const Batch &batch, sql::Database &database, Names &names, Minute now);
    // In the transaction of the caller.
    Result<void> write(sql::Connection &connection) const;

private:
    struct Numbered {  // a cell with ids in the place of names
        const Cell *cell = nullptr;
        std::int64_t project = 0;
        std::int64_t version = 0;  // 0: none
        std::array<Code, dimensionCount> codes{};
    };
    struct Place {  // where rows lie together
        Tier tier = Tier::Minute;
        Minute bucket = 0;
        auto operator<=>(const Place &) const = default;
    };
    struct RankPlace {
        Tier tier = Tier::Hour;
        std::int64_t request = 0;
        Minute bucket = 0;
        auto operator<=>(const RankPlace &) const = default;
    };
    struct LineCounts {
        Tally tally;
        std::int64_t minutes = 0;
    };

    Result<std::vector<Numbered>> numbered(const Batch &batch, sql::Database &database, Names &names);
    void count(const std::vector<Numbered> &cells, Minute now);
    void count(const Batch &batch, Minute now);
    Result<void> writeCounts(sql::Connection &connection) const;
    Result<void> writeRanks(sql::Connection &connection) const;
    Result<void> writeTallies(sql::Connection &connection) const;

    template <class Value>
    using Rows = std::vector<std::pair<std::int64_t, Value>>;  // by subject or shard, rising
    std::unordered_set<Code> m_known;  // of known values
    std::vector<std::pair<Place, Rows<Figures>>> m_counts;
    std::vector<std::pair<RankPlace, Rows<CountList>>> m_ranks;
    std::map<std::pair<Tier, Minute>, LineCounts> m_tallies;
    std::map<std::tuple<Tier, Minute, std::string>, std::int64_t> m_reasons;
};

}  // namespace cm::metrics
