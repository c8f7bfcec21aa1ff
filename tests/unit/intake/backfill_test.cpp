// SPDX-License-Identifier: GPL-3.0-or-later
// Which files are one that has grown, and which merely begin alike.
#include "core/metrics/count_ledger.h"
#include "core/metrics/event_ledger.h"
#include "core/metrics/intake/backfill.h"
#include "memory_store.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <stdlib.h>

using namespace cm;
using namespace cm::metrics;
using namespace cm::metrics::intake;

namespace {

std::string linesOf(const std::string &project, int count)
{
    std::string out;
    for (int i = 0; i < count; ++i)
        out += fmt::format("download|Thu, 26 Nov 2026 12:00:00 GMT|US|/packages/ba/c8/{0}/{1}-{2}.tar.gz|TLSv1.3|TLS_AES_256_GCM_SHA384|{1}|{2}|sdist|pip/24.0 {{}}\n",
                           std::string(60, 'a'), project, i);
    return out;
}

struct Files {
    Files()
    {
        char name[] = "/tmp/cheesemonger-backfill-XXXXXX";
        folder = ::mkdtemp(name);
    }
    ~Files() { std::filesystem::remove_all(folder); }
    std::uint64_t count(const std::string &text)
    {
        const std::string file = (folder / "file").string();
        std::ofstream(file, std::ios::binary) << text;
        const auto counted = backfill(file, ledger, clock, options);
        REQUIRE_MESSAGE(counted, counted.error().detail);
        known = counted->known;
        return counted->lines;
    }

    std::filesystem::path folder;
    const ManualClock clock{Time(std::chrono::seconds(1'795'694'400))};
    MemoryStore store;
    CountLedger ledger{store, Mode::Compatible};
    BackfillOptions options;
    std::int64_t known = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Files, "files that begin as another one are each counted, however often and in which order")
{
    const std::string head = "#Version: 1.0 of the log of our own CDN, one line for each file that was given away\n";
    const std::string first = head + linesOf("hb", 1'000), second = head + linesOf("hc", 1'500), third = first + linesOf("hd", 10);
    CHECK(count(head) == 1);
    CHECK(count(first) == 1'000);
    CHECK(count(second) == 1'500);
    CHECK(count(third) == 10);
    for (const std::string &again : {head, second, first, third})
        CHECK(count(again) == 0);
    CHECK(store.projects() == std::map<std::string, std::int64_t>{{"hb", 1'000}, {"hc", 1'500}, {"hd", 10}});
}

TEST_CASE_FIXTURE(Files, "a file goes on under its longer name also when the store is away in between")
{
    using Next = MemoryStore::Next;
    options.tries = 1;
    const std::string head = linesOf("head", 2), whole = head + linesOf("rest", 100);
    CHECK(count(head) == 2);
    // Neither the move nor the lines; the move alone; the move, whose answer is lost.
    for (const std::initializer_list<Next> next : {std::initializer_list<Next>{Next::Unavailable}, {Next::Fine, Next::Unavailable}, {Next::TimeoutDone}}) {
        store.then(next);
        const std::string file = (folder / "file").string();
        std::ofstream(file, std::ios::binary) << whole;
        (void)backfill(file, ledger, clock, options);
        CHECK(store.projects().at("head") == 2);
    }
    count(whole);
    CHECK(store.projects() == std::map<std::string, std::int64_t>{{"head", 2}, {"rest", 100}});
    CHECK(count(head + linesOf("other", 50)) == 50);
}

TEST_CASE_FIXTURE(Files, "a mark of the order of bytes costs no line, and a shorter copy says its own length")
{
    CHECK(count("\xef\xbb\xbf" + linesOf("marked", 1'000)) == 1'000);
    CHECK(store.projects().at("marked") == 1'000);
    const std::string all = linesOf("long", 1'000), half = linesOf("long", 700);
    CHECK(count(all) == 1'000);
    CHECK(count(half) == 0);
    CHECK(known == static_cast<std::int64_t>(half.size()));
}
