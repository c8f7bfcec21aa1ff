// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of downloads over the engine under test, with a clock that stands in the afternoon of a day.
#pragma once

#include "core/metrics/store/count_database.h"
#include "core/metrics/store/count_reader.h"
#include "core/metrics/store/count_rows.h"
#include "core/metrics/store/tiers.h"
#include "tests/contract/catalog_fixture.h"

namespace cm::test {

class CountsFixture : public CatalogFixture {
public:
    CountsFixture() : counts(database(), countsClock), rows(database()), reader(rows, countsClock) {}

    static metrics::Cell cell(metrics::Minute minute, const std::string &project, std::int64_t count = 1,
                              api::ClientClass clientClass = api::ClientClass::Interactive)
    {
        metrics::Cell cell;
        cell.minute = minute;
        cell.clientClass = clientClass;
        cell.project = project;
        cell.version = "1.0";
        cell.fileType = "sdist";
        cell.country = "NL";
        cell.installer = "pip";
        cell.python = "3.11";
        cell.system = "Linux";
        cell.count = count;
        return cell;
    }
    // Behind what the source has already, with the tallies that belong to the cells.
    metrics::Batch batch(std::vector<metrics::Cell> cells, const std::string &source = "spool")
    {
        metrics::Batch batch;
        batch.source = source;
        batch.from = must(counts.position(source));
        batch.until = batch.from + 100;
        for (const metrics::Cell &cell : cells) {
            metrics::Tally tally;
            tally.minute = cell.minute;
            tally.received = cell.count;
            (cell.request == metrics::Request::Download ? tally.downloads : tally.simple) = cell.count;
            batch.tallies.push_back(tally);
        }
        batch.cells = std::move(cells);
        return batch;
    }
    void add(std::vector<metrics::Cell> cells) { must(counts.add(batch(std::move(cells)))); }
    std::int64_t downloads(const std::string &project = {})
    {
        api::DownloadShareQuery query;
        query.project = project;
        query.split = api::DownloadSplit::None;
        return must(reader.shares(query)).count.value_or(0);
    }
    std::int64_t rowsOf(const std::string &table)
    {
        std::int64_t out = -1;
        must(database().read([&](sql::Connection &connection) -> Result<void> {
            CM_TRY_ASSIGN(const auto found, connection.query("SELECT count(*) FROM " + table));
            CM_TRY_ASSIGN(const bool any, found->next());
            out = any ? found->integer(0) : -1;
            return {};
        }));
        return out;
    }

    ManualClock countsClock{epoch};
    const metrics::Minute now = metrics::minuteOf(epoch);
    metrics::CountDatabase counts;
    metrics::CountRows rows;
    metrics::CountReader reader;
};

}  // namespace cm::test
