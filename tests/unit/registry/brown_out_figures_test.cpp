// SPDX-License-Identifier: GPL-3.0-or-later
// What is told of a brown-out: for how long, and what failed beside it.
#include "core/registry/collateral.h"
#include "core/registry/enforcement.h"
#include "core/registry/use_evidence.h"
#include "tests/unit/registry/registry_fixture.h"

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using namespace std::chrono_literals;

namespace {

struct Refusing : RegistryFixture {
    catalog::Id ada = person("ada").userId;
    catalog::DeprecationRow row;
    catalog::Id window = 0;

    Refusing()
    {
        row.title = "Upload by twine";
        row.kind = "client_version";
        row.subject = "twine";
        row.state = "brown_out";
        row.since = row.created = clock.now();
        must(catalog->write([&](catalog::Writer &writer) -> Result<void> {
            CM_TRY_ASSIGN(row.id, writer.createDeprecation(row));
            CM_TRY_ASSIGN(window, writer.addBrownOut({0, row.id, 1, clock.now(), clock.now() + 1h, "ada", 0, {}, {}, {}, {}}));
            return {};
        }));
    }

    void use(int status, std::string client, std::string clientClass, std::optional<catalog::Id> user, std::chrono::minutes at)
    {
        catalog::UseRow use;
        use.time = clock.now() + at;
        use.channel = "https upload";
        use.client = std::move(client);
        use.clientClass = std::move(clientClass);
        use.userId = user;
        use.status = status;
        if (status == 403) {
            use.refusedBy = row.id;
            use.brownOut = window;
        }
        must(catalog->write([&](catalog::Writer &writer) { return writer.addUse(use); }));
    }
    std::pair<BrownOutFigures, BrownOutDetails> told()
    {
        return must(catalog->read([&](catalog::Reader &reader) -> Result<std::pair<BrownOutFigures, BrownOutDetails>> {
            CM_TRY_ASSIGN(const auto entry, entryOf(reader, row));
            CM_TRY_ASSIGN(auto figures, brownOutFigures(reader, entry));
            CM_TRY_ASSIGN(auto details, brownOutDetails(reader, entry, window));
            return std::pair(figures[window], std::move(details));
        }));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Refusing, "the sums of a brown-out are there when its uses have gone")
{
    use(403, "twine", "tooling", ada, 1min);
    use(403, "twine", "ci", ada, 2min);
    use(403, "twine", "tooling", ada, 3min);
    use(403, "twine", "unknown", std::nullopt, 4min);
    use(200, "flit", "tooling", ada, 30min);
    const auto check = [&](std::size_t people) {
        const auto [figures, details] = told();
        CHECK(figures.refused == 3);
        CHECK(figures.people == 1);
        CHECK(figures.movedOver == 1);
        CHECK(figures.anonymous == 1);
        REQUIRE(details.classes.size() == 3);
        CHECK(details.classes[0].clientClass == "tooling");
        CHECK(details.classes[0].refused == 2);
        CHECK(details.classes[0].people == 1);
        CHECK(details.people.size() == people);
    };
    must(catalog->write([](catalog::Writer &writer) { return writer.sumUses(100); }));
    check(1);
    const auto [figures, details] = told();
    CHECK(details.people[0].user.name == "ada");
    CHECK(details.people[0].refused == 3);
    CHECK(details.people[0].movedOver == clock.now() + 30min);
    clock.advance(std::chrono::days(200));
    must(housekeeping.purge());
    check(1);
    clock.advance(std::chrono::days(201));
    must(housekeeping.purge());
    check(0);
    CHECK(must(catalog->read([](catalog::Reader &reader) { return reader.useKinds(); })).empty());
    must(housekeeping.purge());
    check(0);
}

TEST_CASE_FIXTURE(Refusing, "of strangers each network counts once a minute for the end of a brown-out, of people every refusal")
{
    const auto refuse = [&](std::string network, std::optional<catalog::Id> user, std::chrono::seconds at) {
        catalog::UseRow use;
        use.time = clock.now() + at;
        use.channel = "https read";
        use.endpoint = "project-json";
        use.userId = user;
        use.network = std::move(network);
        use.status = 403;
        use.refusedBy = row.id;
        use.brownOut = window;
        must(catalog->write([&](catalog::Writer &writer) { return writer.addUse(use); }));
    };
    const auto counted = [&] { return must(catalog->read([&](catalog::Reader &reader) { return reader.refusedInBrownOut(window); })); };
    for (int second = 0; second < 120; ++second)
        refuse("192.0.2.0/24", std::nullopt, std::chrono::seconds(second));
    CHECK(counted() == 2);
    refuse("198.51.100.0/24", std::nullopt, 0s);
    refuse("", std::nullopt, 0s);
    refuse("", ada, 0s);
    refuse("", ada, 1s);
    CHECK(counted() == 6);
    must(catalog->write([](catalog::Writer &writer) { return writer.sumUses(1'000); }));
    CHECK(counted() == 6);
    // They are told of all the same.
    CHECK(told().first.anonymous == 122);
}

TEST_CASE("what failed beside a brown-out is laid beside as long a time before it")
{
    const Time start = startTime();
    const deprecation::Window window{7, 1, start + 60s, start + 100s, 0};
    CollateralLog log;
    CHECK_FALSE(log.of(window));
    for (int second = 0; second <= 200; ++second) {
        // One upload a second, of which every second one fails from the beginning of the window to half a minute after it.
        const std::int64_t failed = std::clamp(second - 60, 0, 70) / 2;
        log.look(start + std::chrono::seconds(second), {second, 0, failed, 3 * second, 0});
        const auto row = log.of(window);
        CHECK(row.has_value() == (second > 60));
        if (second == 70)
            CHECK(row->during.uploadsFailed == 5);
    }
    const auto row = log.of(window);
    REQUIRE(row);
    CHECK(row->from == window.starts);
    CHECK(row->to == window.ends);
    CHECK(row->during.uploads == 40);
    CHECK(row->during.uploadsFailed == 20);
    CHECK(row->during.installs == 120);
    REQUIRE(row->before);
    CHECK(row->before->uploads == 40);
    CHECK(row->before->uploadsFailed == 0);
}

TEST_CASE("a node that began in the window has nothing to lay beside it, and tells from when on it counts")
{
    const Time start = startTime();
    const deprecation::Window window{7, 1, start - 60s, start + 100s, 0};
    CollateralLog log;
    for (int second = 0; second < 50; ++second)
        log.look(start + std::chrono::seconds(second), {second, 0, 0, 0, 0});
    const auto row = log.of(window);
    REQUIRE(row);
    CHECK(row->from == start);
    CHECK(row->during.uploads == 49);
    CHECK_FALSE(row->before);
}

TEST_CASE("what a node counted before it began again within a window is added to what it counts since")
{
    const Time start = startTime();
    const catalog::CollateralRow earlier{7, "web1", start, start + 40s, {40, 4, 2, 120, 1}, catalog::CollateralCounts{40, 0, 0, 0, 0}};
    const auto both = joined(earlier, {7, "web1", start + 45s, start + 60s, {15, 1, 0, 45, 0}, {}});
    CHECK(both.from == start);
    CHECK(both.to == start + 60s);
    CHECK(both.during.uploads == 55);
    CHECK(both.during.uploadsRefused == 5);
    CHECK(both.during.uploadsFailed == 2);
    CHECK(both.during.installs == 165);
    CHECK(both.during.installsFailed == 1);
    CHECK_FALSE(both.before);
}

TEST_CASE("a day of looks tells of a window that lasted it")
{
    const Time start = startTime();
    CollateralLog log;
    for (int second = 0; second <= 48 * 3600; second += 5)
        log.look(start + std::chrono::seconds(second), {second, 0, 0, 0, 0});
    const auto row = log.of({7, 1, start + 24h, start + 48h, 0});
    REQUIRE(row);
    CHECK(std::abs(row->during.uploads - 86'400) <= 10);
    REQUIRE(row->before);
    CHECK(std::abs(row->before->uploads - 86'400) <= 20);
}
