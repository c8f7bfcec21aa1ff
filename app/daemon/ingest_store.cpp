// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/ingest_store.h"

#include "core/metrics/count_ledger.h"
#include "core/metrics/event_ledger.h"

#include <filesystem>
#include <fmt/format.h>

namespace cm::daemon {
namespace {

// Some 60 MB of usual ones.
constexpr std::size_t mostEvents = 100'000;

metrics::Mode modeOf(const IngestSettings &settings)
{
    return settings.ingest.strict ? metrics::Mode::Strict : metrics::Mode::Compatible;
}

metrics::TimeLimits limitsOf(const IngestSettings &settings)
{
    return {std::chrono::floor<std::chrono::seconds>(settings.ingest.earliest).time_since_epoch().count()};
}

class Counts final : public IngestStore {
public:
    Counts(const IngestSettings &settings, const DataFolder &folder, const Clock &clock, std::optional<CountsLock> lock)
        : m_lock(std::move(lock)), m_sink(settings.registry, folder, modeOf(settings), clock), m_ledger(m_sink, modeOf(settings), limitsOf(settings))
    {}

    Result<void> open() override { return m_sink.open(); }
    metrics::LineLedger &ledger() override { return m_ledger; }
    metrics::intake::CounterOptions counting() const override { return {}; }
    metrics::intake::BackfillOptions filling() const override { return {}; }
    void minute(Log &log) override { m_sink.minute(log); }

private:
    const std::optional<CountsLock> m_lock;  // of a database of the folder's own
    CountSink m_sink;
    metrics::CountLedger m_ledger;
};

class Events final : public IngestStore, metrics::EventStore {
public:
    Events(const IngestSettings &settings, std::unique_ptr<metrics::ClickHouse> clickHouse, const Clock &clock)
        : m_mode(modeOf(settings)),
          m_clock(clock),
          m_clickHouse(std::move(clickHouse)),
          m_database(*m_clickHouse),
          m_ledger(*this, m_mode, limitsOf(settings))
    {}

    Result<void> open() override
    {
        if (m_prepared)
            return {};
        CM_TRY(m_clickHouse->prepare());
        CM_TRY(m_database.readIn(m_mode, m_clock.now()));
        m_prepared = true;
        return {};
    }
    metrics::LineLedger &ledger() override { return m_ledger; }
    // ClickHouse wants few and large inserts, at most about one a second; a batch and the rows made of it lie in memory.
    metrics::intake::CounterOptions counting() const override
    {
        metrics::intake::CounterOptions options;
        options.batchRows = options.batchRowsBehind = mostEvents;
        options.batchLines = 2 * mostEvents;
        options.batchAge = std::chrono::milliseconds(2'000);
        return options;
    }
    metrics::intake::BackfillOptions filling() const override
    {
        metrics::intake::BackfillOptions options;
        options.batchLines = 2 * mostEvents;
        options.batchRows = mostEvents;
        return options;
    }
    // It keeps all.
    void minute(Log &) override {}

private:
    Result<metrics::Resume> resume(const std::string &source) override
    {
        CM_TRY(open());
        return m_database.resume(source);
    }
    Result<void> add(const metrics::EventBatch &batch) override
    {
        CM_TRY(open());
        return m_database.add(batch);
    }

    const metrics::Mode m_mode;
    const Clock &m_clock;
    const std::unique_ptr<metrics::ClickHouse> m_clickHouse;
    metrics::EventDatabase m_database;
    metrics::EventLedger m_ledger;
    bool m_prepared = false;
};

}  // namespace

Result<DataFolder> registryFolder(const IngestSettings &settings)
{
    const bool elsewhere = !settings.registry.database.url.empty() || !settings.registry.clickHouse.url.empty();
    CM_TRY_ASSIGN(DataFolder folder, DataFolder::open(settings.registry.data, elsewhere));
    if (!elsewhere && !std::filesystem::exists(folder.database()))
        return fail(ErrorCode::NotFound, fmt::format("there is no registry in {}: give the folder that `cheesemongerd serve` or `cheesemongerd admin` made", folder.path().string()));
    return folder;
}

Result<std::unique_ptr<IngestStore>> IngestStore::make(const IngestSettings &settings, const DataFolder &folder, const Clock &clock)
{
    CM_TRY_ASSIGN(std::unique_ptr<metrics::ClickHouse> clickHouse, clickHouseOf(settings.registry, clickHouseWrites));
    if (clickHouse)
        return std::unique_ptr<IngestStore>(new Events(settings, std::move(clickHouse), clock));
    std::optional<CountsLock> lock;
    if (settings.registry.database.url.empty()) {
        CM_TRY_ASSIGN(CountsLock shared, CountsLock::share(folder));
        lock.emplace(std::move(shared));
    }
    return std::unique_ptr<IngestStore>(new Counts(settings, folder, clock, std::move(lock)));
}

}  // namespace cm::daemon
