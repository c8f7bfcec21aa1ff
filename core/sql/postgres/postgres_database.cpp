// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/postgres_database.h"

#include "core/sql/postgres/postgres_pool.h"
#include "core/sql/write_queue.h"

#include <array>
#include <atomic>
#include <mutex>
#include <optional>

namespace cm::sql {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds betweenLooks{10};
// For how long the primary is asked first after the other server was behind, or gone.
constexpr std::chrono::seconds restWhenBehind{1};
constexpr std::chrono::seconds restWhenGone{5};

}  // namespace

struct PostgresDatabase::State {
    explicit State(const PostgresOptions &given)
        : options(given),
          primaryEndpoint(given.url, pg::Purpose::Primary, given.patience),
          replicaEndpoint(given.readUrl, pg::Purpose::Replica, std::chrono::milliseconds(0)),
          primary(primaryEndpoint, freshness, given.readers),
          watcher(primaryEndpoint, freshness)
    {
        if (!given.readUrl.empty() && given.readUrl != given.url)
            replica.emplace(replicaEndpoint, freshness, given.readers);
    }

    ~State()
    {
        primaryEndpoint.close();
        replicaEndpoint.close();
    }

    [[nodiscard]] bool replicaRests() const { return Clock::now().time_since_epoch().count() < rest.load(); }
    void letReplicaRest(Clock::duration time) { rest = (Clock::now() + time).time_since_epoch().count(); }

    // Runs `work` where nothing older than `known` is seen; false when `server` is behind.
    Result<bool> readFrom(PostgresPool &server, std::int64_t known, std::chrono::milliseconds patience, const Work &work)
    {
        const Clock::time_point end = Clock::now() + patience;
        CM_TRY_ASSIGN(const PostgresPool::Lease connection, server.borrow());
        for (;;) {
            CM_TRY(connection->begin(Access::Read));
            if (connection->seenCommit() >= known)
                break;
            connection->rollback();
            if (Clock::now() >= end || !primaryEndpoint.pause(betweenLooks))
                return false;
        }
        freshness.raise(connection->seenCommit());
        CM_TRY(work(*connection));
        return true;
    }

    Result<void> readFromPrimary(std::int64_t known, const Work &work)
    {
        CM_TRY_ASSIGN(const bool done, readFrom(primary, known, std::chrono::milliseconds(0), work));
        if (!done)
            return fail(ErrorCode::Unavailable, "postgres: the database is behind what this node has shown");
        return {};
    }

    // The number of the newest commit, asked where writes go: there alone it is known at once.
    Result<std::int64_t> watch()
    {
        const std::lock_guard lock(watchMutex);
        if (Clock::now() < watchAgain)
            return fail(ErrorCode::Unavailable, "postgres: the primary does not answer");
        auto newest = watcher.newestCommit();
        if (newest)
            freshness.raise(*newest);
        else
            watchAgain = Clock::now() + restWhenBehind;
        return newest;
    }

    const PostgresOptions options;
    pg::Freshness freshness;
    pg::Endpoint primaryEndpoint;
    pg::Endpoint replicaEndpoint;
    PostgresPool primary;
    std::optional<PostgresPool> replica;
    std::atomic<Clock::rep> rest{0};
    std::mutex watchMutex;
    PostgresConnection watcher;
    Clock::time_point watchAgain;
    std::unique_ptr<WriteQueue> queue;  // gone first: it finishes what it accepted
};

Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(const PostgresOptions &options)
{
    auto state = std::make_unique<State>(options);
    auto writer = std::make_unique<PostgresConnection>(state->primaryEndpoint, state->freshness);
    CM_TRY(writer->install());
    state->queue = std::make_unique<WriteQueue>(std::move(writer));
    return std::unique_ptr<PostgresDatabase>(new PostgresDatabase(std::move(state)));
}

PostgresDatabase::PostgresDatabase(std::unique_ptr<State> state) : m_state(std::move(state)) {}

PostgresDatabase::~PostgresDatabase() = default;

Result<void> PostgresDatabase::read(const Work &work)
{
    const std::int64_t known = m_state->freshness.known();
    if (!m_state->replica)
        return m_state->readFromPrimary(known, work);
    // Whether the work itself has begun: it may fail as well, and runs once.
    bool begun = false;
    const auto once = [&](Connection &connection) {
        begun = true;
        return work(connection);
    };
    const bool primaryFirst = m_state->replicaRests();
    Result<void> fromPrimary;
    if (primaryFirst) {
        fromPrimary = m_state->readFromPrimary(known, once);
        if (fromPrimary || begun)
            return fromPrimary;
    }
    const auto fromReplica = m_state->readFrom(*m_state->replica, known, m_state->options.catchUp, once);
    if (begun)
        return fromReplica ? Result<void>() : Result<void>(fail(fromReplica.error()));
    m_state->letReplicaRest(fromReplica ? Clock::duration(restWhenBehind) : Clock::duration(restWhenGone));
    return primaryFirst ? fromPrimary : m_state->readFromPrimary(known, once);
}

Result<void> PostgresDatabase::write(const Work &work)
{
    return m_state->queue->run(work, false);
}

Result<void> PostgresDatabase::writeAlone(const Work &work)
{
    return m_state->queue->run(work, true);
}

Result<std::int64_t> PostgresDatabase::dataVersion()
{
    Result<std::int64_t> newest = m_state->watch();
    if (newest || !m_state->replica)
        return newest;
    // While the primary is gone nobody commits, and a standby that has all we know of may answer.
    const std::int64_t known = m_state->freshness.known();
    CM_TRY_ASSIGN(const bool fresh, m_state->readFrom(*m_state->replica, known, m_state->options.catchUp,
                                                      [](Connection &) { return Result<void>(); }));
    if (!fresh)
        return newest;
    return m_state->freshness.known();
}

Result<std::int64_t> PostgresDatabase::confirmedVersion()
{
    return m_state->watch();
}

}  // namespace cm::sql
