// SPDX-License-Identifier: GPL-3.0-or-later
// A store that keeps each line and may have begun a batch: the same batch is given again, whatever has come since.
#include "core/metrics/event_ledger.h"
#include "core/metrics/intake/counter.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <stdlib.h>

using namespace cm;
using namespace cm::metrics;
using namespace cm::metrics::intake;

namespace {

std::string line(const std::string &project)
{
    return "download|Thu, 26 Nov 2026 12:00:00 GMT|US|/packages/ba/c8/" + std::string(60, 'a') + "/" + project +
           "-1.0.tar.gz|TLSv1.3|TLS_AES_256_GCM_SHA384|" + project + "|1.0|sdist|pip/24.0 {\"installer\":{\"name\":\"pip\",\"version\":\"24.0\"},\"python\":\"3.11.4\"}";
}

// Knows batches again by their bounds, as ClickHouse does by their token.
class TokenStore final : public EventStore {
public:
    Result<Resume> resume(const std::string &) override
    {
        const std::lock_guard lock(m_mutex);
        return Resume{m_done, m_begun > m_done ? std::optional(m_begun) : std::nullopt};
    }
    Result<void> add(const EventBatch &batch) override
    {
        const std::lock_guard lock(m_mutex);
        m_begun = batch.until;
        if (m_tokens.emplace(batch.from, batch.until).second) {
            for (const Event &event : batch.events)
                ++m_projects[event.project];
        }
        if (m_die) {
            m_die = false;
            return fail(ErrorCode::Unavailable, "gone in the middle");
        }
        m_done = batch.until;
        return {};
    }
    void dieOnce()
    {
        const std::lock_guard lock(m_mutex);
        m_die = true;
    }
    bool begun()
    {
        const std::lock_guard lock(m_mutex);
        return m_begun > m_done;
    }
    std::map<std::string, int> projects()
    {
        const std::lock_guard lock(m_mutex);
        return m_projects;
    }

private:
    std::mutex m_mutex;
    std::int64_t m_done = 0, m_begun = 0;
    std::set<std::pair<std::int64_t, std::int64_t>> m_tokens;
    std::map<std::string, int> m_projects;
    bool m_die = false;
};

}  // namespace

TEST_CASE("a batch that a store has begun when the ingester dies is given again with its bounds, and its lines are there once")
{
    char name[] = "/tmp/cheesemonger-events-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(name);
    const ManualClock clock(Time(std::chrono::seconds(1'795'694'400)));
    Log log(LogLevel::Error, "/dev/null");
    TokenStore store;
    EventLedger ledger(store, Mode::Compatible);
    SpoolOptions options;
    options.folder = folder / "spool";
    CounterOptions counting;
    counting.batchAge = std::chrono::milliseconds(5);
    // Whoever dies does not try again.
    counting.retryFirst = counting.retryMost = std::chrono::hours(1);
    const auto add = [](Spool &spool, const std::string &project, int lines) {
        BlockBuilder block;
        for (int i = 0; i < lines; ++i)
            block.add(line(project));
        const std::int64_t place = spool.append(1, block);
        while (!spool.waitBeyond(place - 1, std::chrono::steady_clock::now() + std::chrono::seconds(1), {})) {}
        return place;
    };
    const auto waitFor = [](Spool &spool, const auto &done) {
        while (!done())
            spool.waitBeyond(std::numeric_limits<std::int64_t>::max() - 1, std::chrono::steady_clock::now() + std::chrono::milliseconds(1), {});
    };
    {
        auto spool = Spool::open(options, clock, log);
        REQUIRE(spool);
        Counter counter(**spool, ledger, counting, [] { return std::nullopt; }, clock, log);
        store.dieOnce();
        add(**spool, "first", 3);
        counter.start();
        waitFor(**spool, [&] { return store.begun(); });
        // More comes before it is started again: a batch that took it along would be another one.
        add(**spool, "second", 4);
    }
    {
        auto spool = Spool::open(options, clock, log);
        REQUIRE(spool);
        EventLedger again(store, Mode::Compatible);
        Counter counter(**spool, again, counting, [] { return std::nullopt; }, clock, log);
        const std::int64_t place = add(**spool, "third", 5);
        counter.start();
        waitFor(**spool, [&] { return counter.figures().storedThrough >= place; });
    }
    CHECK(store.projects() == std::map<std::string, int>{{"first", 3}, {"second", 4}, {"third", 5}});
    std::filesystem::remove_all(folder);
}

TEST_CASE("lines become events with what their clients tell, and tallies that add up")
{
    EventCollector collector(Mode::Strict);
    const Time arrival(std::chrono::seconds(1'795'694'460));
    collector.add(line("Some_Project"), arrival);
    collector.add("nonsense", arrival);
    collector.refuse("TooLong", arrival);
    const EventBatch batch = collector.take();
    REQUIRE(batch.events.size() == 1);
    CHECK(batch.events[0].project == "some-project");
    CHECK(batch.events[0].installer == "pip");
    CHECK(batch.events[0].installerVersion == "24.0");
    CHECK(batch.events[0].python == "3.11.4");
    CHECK(batch.events[0].clientClass == api::ClientClass::Interactive);
    std::int64_t received = 0, kept = 0;
    for (const Tally &tally : batch.tallies) {
        received += tally.received;
        kept += tally.downloads;
        CHECK(tally.received == tally.downloads + tally.simple + tally.ignored + tally.unprocessed + tally.refused);
    }
    CHECK(received == 3);
    CHECK(kept == 1);
    CHECK(collector.size() == 0);
}

TEST_CASE("what a line tells at length is cut, and a batch of such lines is full sooner")
{
    const std::string text(1'500, 'x');
    const auto quoted = [&](const std::string &name) { return "\"" + name + "\":\"" + text + "\""; };
    const std::string named = "{" + quoted("name") + "," + quoted("version") + "," + quoted("release") + "}";
    const std::string agent = "pip/24.0 {\"installer\":" + named + ",\"system\":" + named + ",\"distro\":{" + quoted("name") + "},\"implementation\":{" +
                              quoted("name") + "}," + quoted("python") + "," + quoted("cpu") + "}";
    const std::string long16 = "download|Thu, 26 Nov 2026 12:00:00 GMT|US|/packages/ba/c8/" + std::string(60, 'a') + "/" + std::string(400, 'p') +
                               "-1.0.tar.gz|TLSv1.3|TLS_AES_256_GCM_SHA384|" + std::string(400, 'p') + "|1.0|sdist|" + agent;
    REQUIRE(long16.size() > 12'000);
    REQUIRE(long16.size() < 16'384);
    EventCollector collector(Mode::Compatible);
    const Time arrival(std::chrono::seconds(1'795'694'460));
    constexpr std::size_t lines = 1'000;
    for (std::size_t i = 0; i < lines; ++i)
        collector.add(long16, arrival);
    CHECK(collector.size() > lines * 3 / 2);
    const EventBatch batch = collector.take();
    REQUIRE(batch.events.size() == lines);
    std::size_t most = 0, sum = 0;
    for (const std::string Event::*one : eventTexts) {
        most = std::max(most, (batch.events.front().*one).size());
        sum += (batch.events.front().*one).size();
    }
    CHECK(most == 255);
    CHECK(sum < 1'200);
    CHECK(batch.events.front().installer == std::string(64, 'x'));
    for (std::size_t i = 0; i < lines; ++i)
        collector.add(line("cheddar"), arrival);
    CHECK(collector.size() <= lines + 1);
}
