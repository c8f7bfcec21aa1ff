// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_recorder.h"
#include "tests/unit/registry/registry_fixture.h"

#include <numeric>

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;

namespace {

struct UseFixture : RegistryFixture {
    UseRecorder uses{*catalog, 3};
    catalog::Id ada = person("ada").userId;

    catalog::UseRow refusal(std::chrono::milliseconds at, std::string client = "twine")
    {
        catalog::UseRow row;
        row.time = startTime() + at;
        row.channel = "https upload";
        row.client = std::move(client);
        row.userId = ada;
        row.credential = "token 1";
        row.status = 410;
        row.refusedBy = 1;
        return row;
    }
    std::vector<std::int64_t> written()
    {
        must(uses.flush());
        std::vector<std::int64_t> out;
        must(database->read([&](sql::Connection &connection) -> Result<void> {
            CM_TRY_ASSIGN(const auto rows, connection.query("SELECT uses FROM uses ORDER BY id"));
            for (;;) {
                CM_TRY_ASSIGN(const bool more, rows->next());
                if (!more)
                    return {};
                out.push_back(rows->integer(0));
            }
        }));
        return out;
    }
};

}  // namespace

TEST_CASE_FIXTURE(UseFixture, "A client that tries again and again is one row a second")
{
    using namespace std::chrono_literals;
    for (const auto at : {0ms, 10ms, 900ms, 1100ms})
        uses.add(refusal(at));
    CHECK(written() == std::vector<std::int64_t>{3, 1});
}

TEST_CASE_FIXTURE(UseFixture, "What does not fit is counted as lost")
{
    using namespace std::chrono_literals;
    for (const char *client : {"a", "b", "c", "d", "d", "a"})
        uses.add(refusal(0ms, client));
    CHECK(written() == std::vector<std::int64_t>{2, 1, 1});
    CHECK(must(catalog->read([](catalog::Reader &reader) { return reader.usesLost(); })) == 2);
}

TEST_CASE_FIXTURE(UseFixture, "Strangers of any number of names are few rows, and each is counted")
{
    using namespace std::chrono_literals;
    for (int number = 0; number < 1'000; ++number) {
        catalog::UseRow use = refusal(0ms, "client " + std::to_string(number));
        use.userId.reset();
        uses.add(use);
    }
    const auto rows = written();
    CHECK(rows.size() == 200);
    CHECK(std::accumulate(rows.begin(), rows.end(), std::int64_t{0}) == 1'000);
    CHECK(must(catalog->read([](catalog::Reader &reader) { return reader.usesLost(); })) == 0);
}
