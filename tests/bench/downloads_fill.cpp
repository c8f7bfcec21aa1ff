// SPDX-License-Identifier: GPL-3.0-or-later
// Counts downloads of some years into a database for measuring charts: bench_downloads_fill DATABASE PROJECTS DAYS.
// The most downloaded project has 300 kinds of downloads a day, the n-th 300 / sqrt(n); the same in every run but for
// the time, which ends now. Prints what adding 1,000 cells of this minute costs the single writer, in JSON.
#include "core/catalog/catalog.h"
#include "core/metrics/store/count_database.h"
#include "core/metrics/store/tiers.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <random>

namespace {

using namespace cm;
using namespace cm::metrics;

constexpr std::array countries{"US", "DE", "NL", "FR", "GB", "IN", "CN", "JP", "BR", "CA", "SE", "PL", "IT", "ES", "KR",
                               "SG", "AU", "IE", "CH", "AT", "CZ", "FI", "NO", "DK", "BE", "PT", "MX", "AR", "ZA", ""};
constexpr std::array installers{"pip", "uv", "poetry", "pdm", "bandersnatch", "Browser", "requests", "Nexus", "twine", ""};
constexpr std::array classes{api::ClientClass::Interactive, api::ClientClass::Ci, api::ClientClass::Ci,
                             api::ClientClass::Interactive, api::ClientClass::Mirror, api::ClientClass::Browser,
                             api::ClientClass::Browser, api::ClientClass::Mirror, api::ClientClass::Tooling,
                             api::ClientClass::Unknown};
constexpr std::array pythons{"3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "2.7", ""};
constexpr std::array systems{"Linux", "Linux", "Linux", "Darwin", "Windows", ""};

class Filler {
public:
    Filler(CountDatabase &counts, Minute now, long projects) : m_counts(counts), m_now(now), m_projects(projects) {}

    Result<void> day(Minute start)
    {
        Batch batch = batchOf("fill");
        for (long rank = 1; rank <= m_projects; ++rank) {
            const auto kinds = static_cast<int>(std::ceil(300 / std::sqrt(static_cast<double>(rank))));
            for (int i = 0; i < kinds; ++i) {
                const Minute minute = start + static_cast<Minute>(m_random() % static_cast<std::uint64_t>(minutesOfDay));
                if (minute <= m_now)
                    batch.cells.push_back(cell(minute, rank));
            }
        }
        return add(std::move(batch));
    }

    // Of projects as they come: the popular ones more often.
    Result<double> oneBatch()
    {
        Batch batch = batchOf("fill");
        while (batch.cells.size() < 1'000) {
            const double part = std::uniform_real_distribution<double>(0, 1)(m_random);
            batch.cells.push_back(cell(m_now, 1 + static_cast<long>(part * part * static_cast<double>(m_projects - 1))));
        }
        const auto began = std::chrono::steady_clock::now();
        CM_TRY(add(std::move(batch)));
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
    }

private:
    Batch batchOf(const std::string &source) const
    {
        Batch batch;
        batch.source = source;
        batch.from = m_position;
        batch.until = m_position + 1;
        return batch;
    }

    Cell cell(Minute minute, long rank)
    {
        const auto kind = std::min(m_random() % installers.size(), m_random() % installers.size());
        Cell cell;
        cell.minute = minute;
        cell.clientClass = classes[kind];
        cell.project = fmt::format("project-{}", rank);
        cell.version = fmt::format("{}.{}", 1 + m_random() % 2, std::min(m_random() % 8, m_random() % 8));
        cell.fileType = m_random() % 5 == 0 ? "sdist" : "bdist_wheel";
        cell.country = countries[std::min(m_random() % countries.size(), m_random() % countries.size())];
        cell.installer = installers[kind];
        cell.python = pythons[m_random() % pythons.size()];
        cell.system = systems[m_random() % systems.size()];
        cell.count = 1 + static_cast<std::int64_t>(m_random() % 50);
        return cell;
    }

    Result<void> add(Batch batch)
    {
        for (const Cell &cell : batch.cells) {
            Tally tally;
            tally.minute = cell.minute;
            tally.received = tally.downloads = cell.count;
            batch.tallies.push_back(tally);
        }
        CM_TRY(m_counts.add(batch));
        ++m_position;
        return {};
    }

    CountDatabase &m_counts;
    Minute m_now;
    long m_projects;
    std::int64_t m_position = 0;
    std::mt19937_64 m_random{7};
};

Result<void> fill(const char *path, long projects, long days)
{
    const SystemClock clock;
    CM_TRY_ASSIGN(const auto database, sql::SqliteDatabase::open(path));
    CM_TRY_ASSIGN(const auto catalog, catalog::Catalog::open(*database, clock));
    CountDatabase counts(*database, clock);
    const Minute now = minuteOf(clock.now());
    Filler filler(counts, now, projects);
    for (long day = days; day >= 0; --day)
        CM_TRY(filler.day(floorTo(Tier::Day, now) - day * minutesOfDay));
    std::vector<double> milliseconds;
    for (int i = 0; i < 21; ++i) {
        CM_TRY_ASSIGN(const double one, filler.oneBatch());
        milliseconds.push_back(one);
    }
    std::ranges::nth_element(milliseconds, milliseconds.begin() + 10);
    fmt::print("{{\"add_ms\": {:.2f}}}\n", milliseconds[10]);
    return {};
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        fmt::print(stderr, "usage: bench_downloads_fill DATABASE PROJECTS DAYS\n");
        return 2;
    }
    const auto filled = fill(argv[1], std::stol(argv[2]), std::stol(argv[3]));
    if (!filled)
        fmt::print(stderr, "bench_downloads_fill: {}\n", filled.error().detail);
    return filled ? 0 : 1;
}
