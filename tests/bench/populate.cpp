// SPDX-License-Identifier: GPL-3.0-or-later
// Fills a catalog with projects for measuring long lists: bench_populate DATABASE COUNT. The names
// are made from words and numbers, the same in every run; projects get no releases.
#include "core/catalog/catalog.h"
#include "core/pypi/names.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <string>

namespace {

using namespace cm;

constexpr std::array words{"flask", "data", "async", "cloud", "tool", "py", "django", "graph", "ml", "net",
                           "text", "image", "test", "sql", "web", "json", "geo", "bio", "auth", "stream"};

std::string nameOf(long number)
{
    const auto count = static_cast<long>(words.size());
    return fmt::format("{}-{}-{}", words[static_cast<std::size_t>(number % count)],
                       words[static_cast<std::size_t>((number / count) % count)], number);
}

Result<void> fill(catalog::Catalog &store, long count)
{
    constexpr long batch = 10000;
    const Time start = SystemClock().now();
    for (long from = 0; from < count; from += batch) {
        CM_TRY(store.write([&](catalog::Writer &writer) -> Result<void> {
            for (long number = from; number < std::min(from + batch, count); ++number) {
                catalog::ProjectRow row;
                row.name = nameOf(number);
                row.normalizedName = pypi::normalizeName(row.name);
                row.similarityKey = pypi::ultranormalize(row.name);
                row.created = start - std::chrono::minutes(number);
                row.lastActivity = row.created;
                CM_TRY(writer.createProject(row));
            }
            return {};
        }));
    }
    return {};
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        fmt::print(stderr, "usage: bench_populate DATABASE COUNT\n");
        return 2;
    }
    auto database = sql::SqliteDatabase::open(argv[1]);
    if (!database) {
        fmt::print(stderr, "bench_populate: {}\n", database.error().detail);
        return 1;
    }
    const SystemClock clock;
    auto store = catalog::Catalog::open(**database, clock);
    const auto filled = store ? fill(**store, std::stol(argv[2])) : Result<void>(fail(store.error()));
    if (!filled) {
        fmt::print(stderr, "bench_populate: {}\n", filled.error().detail);
        return 1;
    }
    return 0;
}
