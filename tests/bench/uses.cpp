// SPDX-License-Identifier: GPL-3.0-or-later
// How long the evidence of something that retires takes when many uses stand behind it: bench_uses FOLDER USES PEOPLE.
// Fills an embedded store in the folder with uses of 90 days, as older programs kept them, sums them up and asks. A
// person's uploads come some on one day, as releases do, or each on a day of its own (with a fourth word "spread").
#include "core/registry/enforcement.h"
#include "core/registry/use_evidence.h"
#include "core/sql/sqlite/sqlite_database.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <random>
#include <string>

namespace {

using namespace cm;

constexpr std::int64_t days = 90;

template <class Work>
auto timed(std::string_view what, Work &&work)
{
    const auto begin = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fmt::print("{}: {:.2f} s\n", what, took.count());
    return result;
}

Result<void> fill(catalog::Catalog &store, Time now, std::int64_t uses, std::int64_t people, bool spread)
{
    constexpr std::int64_t batch = 20'000;
    std::mt19937 dice(7);
    CM_TRY(store.write([&](catalog::Writer &writer) -> Result<void> {
        for (std::int64_t number = 0; number < people; ++number) {
            catalog::UserRow user;
            user.name = user.normalizedName = fmt::format("person-{}", number);
            user.created = now;
            CM_TRY(writer.createUser(user));
        }
        return {};
    }));
    constexpr std::int64_t together = 5;  // files of a release
    for (std::int64_t from = 0; from < uses; from += batch) {
        CM_TRY(store.write([&](catalog::Writer &writer) -> Result<void> {
            std::int64_t person = 0;
            std::int64_t day = 0;
            for (std::int64_t number = from; number < std::min(from + batch, uses); ++number) {
                if (spread || number % together == 0) {
                    person = static_cast<std::int64_t>(dice() % static_cast<unsigned>(people));
                    day = static_cast<std::int64_t>(dice() % days);
                }
                catalog::UseRow row;
                row.time = now - std::chrono::hours(24 * day) - std::chrono::seconds(number % 80'000);
                row.channel = "ssh upload";
                row.endpoint = "file-upload";
                row.authentication = "ssh-key";
                row.client = "pypissh";
                row.clientVersion = number % 3 == 0 ? "1.4" : "1.3";
                row.clientClass = "tooling";
                row.userId = person + 1;
                row.credential = fmt::format("key {}", person);
                row.project = fmt::format("project-{}", person * 2 + number % 2);
                row.fileType = number % 2 == 0 ? "sdist" : "bdist_wheel";
                row.metadataVersion = "1.0";
                row.digest = "md5";
                row.status = 200;
                CM_TRY(writer.addUse(row));
            }
            return {};
        }));
    }
    return {};
}

Result<void> measure(const std::string &file, std::int64_t uses, std::int64_t people, bool spread)
{
    CM_TRY_ASSIGN(auto database, sql::SqliteDatabase::open(file));
    const SystemClock clock;
    CM_TRY_ASSIGN(auto store, catalog::Catalog::open(*database, clock));
    const Time now = clock.now();
    CM_TRY(timed("filled", [&] { return fill(*store, now, uses, people, spread); }));
    CM_TRY(timed("summed up", [&]() -> Result<void> {
        for (;;) {
            CM_TRY_ASSIGN(const std::int64_t summed, store->write([](catalog::Writer &writer) { return writer.sumUses(20'000); }));
            if (summed == 0)
                return {};
        }
    }));
    catalog::DeprecationRow row;
    row.id = 1;
    row.title = "Upload over ssh";
    row.kind = "channel";
    row.subject = "ssh upload";
    row.state = "measuring";
    row.created = now;
    CM_TRY(store->write([&](catalog::Writer &writer) { return writer.beginUses(now - std::chrono::days(days)); }));
    CM_TRY(store->read([&](catalog::Reader &reader) -> Result<void> {
        CM_TRY_ASSIGN(const auto entry, registry::entryOf(reader, row));
        for (int round = 0; round < 2; ++round) {
            CM_TRY_ASSIGN(const auto evidence, timed("evidence", [&] { return registry::useEvidence(reader, entry, std::nullopt, now); }));
            fmt::print("  {} uses by {} people of {} projects\n", evidence.quarter.accepted, evidence.quarter.people, evidence.quarter.projects);
            CM_TRY_ASSIGN(const auto month, timed("line of the list", [&] { return registry::useTotalsSince(reader, entry, now - std::chrono::days(29)); }));
            CM_TRY_ASSIGN(const auto dry, timed("dry run", [&] { return registry::dryRun(reader, entry, deprecation::State::Sunset, now, now); }));
            fmt::print("  {} uses of a month, {} of the people\n", month.accepted, dry.people.size());
        }
        return {};
    }));
    return {};
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc < 4) {
        fmt::print(stderr, "usage: bench_uses FOLDER USES PEOPLE [spread]\n");
        return 2;
    }
    const auto measured = measure(std::string(argv[1]) + "/uses.sqlite", std::atoll(argv[2]), std::atoll(argv[3]), argc > 4);
    if (!measured)
        fmt::print(stderr, "bench_uses: {}\n", measured.error().detail);
    return measured ? 0 : 1;
}
