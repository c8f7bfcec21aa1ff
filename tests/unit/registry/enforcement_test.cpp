// SPDX-License-Identifier: GPL-3.0-or-later
// What a node does by itself of everything on its way out.
#include "core/registry/enforcement.h"

#include "core/registry/deprecations.h"
#include "tests/unit/registry/registry_fixture.h"

#include <thread>

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using namespace std::chrono_literals;

namespace {

struct Serving : RegistryFixture {
    UseRecorder uses{*catalog, clock, "web1", {}};
    std::atomic<int> synced{0};
    std::atomic<int> installs{0};
    NodeParts parts{[](const deprecation::Entry &) { return Rehearsed{true, "as it should"}; },
                    [this] { return catalog::CollateralCounts{0, 0, 0, installs++, 0}; }, [this] { ++synced; }, [](const std::string &) {}};
    Enforcement enforcement{*catalog, changes, uses, clock, log, "web1", parts};
    catalog::Id record = 0;

    Serving()
    {
        catalog::DeprecationRow row;
        row.title = "Upload by twine";
        row.kind = "client_version";
        row.subject = "twine";
        row.state = "announced";
        row.revision = 1;
        row.since = row.created = clock.now();
        record = must(catalog->write([&](catalog::Writer &writer) { return writer.createDeprecation(row); }));
    }
    template <class Condition>
    static void waitFor(const Condition &condition)
    {
        while (!condition())
            std::this_thread::sleep_for(10ms);  // its thread steps twice a second
    }
    std::vector<catalog::DeprecationProofRow> proofs()
    {
        return must(catalog->read([&](catalog::Reader &reader) { return reader.deprecationProofs(record); }));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Serving, "a node that was forgotten while it was silent proves again what it answers")
{
    must(enforcement.start());
    waitFor([&] { return !proofs().empty(); });
    CHECK(enforcement.stop());
    clock.advance(forgettableAfter + 1s);
    must(catalog->write([](catalog::Writer &writer) { return writer.forgetServingNode("web1"); }));
    REQUIRE(proofs().empty());
    must(enforcement.start());
    waitFor([&] { return !proofs().empty(); });
    CHECK(proofs()[0].right);
    CHECK(enforcement.stop());
}

TEST_CASE_FIXTURE(Serving, "what a node counted beside a brown-out outlives its restart within it")
{
    const Time start = clock.now();
    const catalog::Id window = must(catalog->write([&](catalog::Writer &writer) {
        return writer.addBrownOut({0, record, 1, start, start + 1h, "ada", 0, {}, {}, {}, {}});
    }));
    const auto told = [&] { return must(catalog->read([&](catalog::Reader &reader) { return reader.brownOutCollateral(window); })); };
    must(enforcement.start());
    waitFor([&] {
        clock.advance(1s);
        return !told().empty() && told()[0].during.installs >= 10;
    });
    CHECK(enforcement.stop());
    const auto before = told()[0];
    Enforcement again{*catalog, changes, uses, clock, log, "web1", parts};
    must(again.start());
    waitFor([&] {
        clock.advance(1s);
        return told()[0].to > before.to;
    });
    CHECK(again.stop());
    REQUIRE(told().size() == 1);
    CHECK(told()[0].from == before.from);
    CHECK(told()[0].during.installs > before.during.installs);
}

TEST_CASE_FIXTURE(Serving, "the note of what is held goes to the disk also where nothing retires")
{
    must(database->write([](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("DELETE FROM deprecations"));
        // Every sign of life would fail.
        CM_TRY(connection.execute("DROP TABLE serving_nodes"));
        return {};
    }));
    must(enforcement.start());
    waitFor([&] { return synced == 1; });
    clock.advance(15s);
    waitFor([&] { return synced == 2; });
    CHECK(enforcement.stop());
}
