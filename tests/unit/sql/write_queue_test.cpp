// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/write_queue.h"

#include <doctest/doctest.h>
#include <future>
#include <thread>
#include <vector>

using namespace cm;
using namespace cm::sql;

namespace {

// What a test sees of the connection that the queue owns.
struct Log {
    std::string failing;  // the statement that fails
    int commits = 0;
    int rollbacks = 0;
    int savepoints = 0;
};

class NoDialect final : public Dialect {
public:
    [[nodiscard]] std::string_view name() const override { return "none"; }
    [[nodiscard]] Result<std::string> placeholder(const std::vector<std::string> &) const override { return std::string(); }
    [[nodiscard]] Condition substringMatch(std::string_view, std::string_view, std::string_view, std::string_view, int) const override
    {
        return {};
    }
    [[nodiscard]] std::string highestIdentity(std::string_view, std::string_view) const override { return {}; }
    [[nodiscard]] std::vector<std::string> continueIdentity(std::string_view, std::string_view) const override
    {
        return {};
    }
};

class FakeConnection final : public Connection {
public:
    explicit FakeConnection(Log &log) : m_log(log) {}
    Result<std::unique_ptr<Cursor>> query(std::string_view, std::span<const Param>) override
    {
        return fail(ErrorCode::Internal, "no queries here");
    }
    Result<std::int64_t> execute(std::string_view sql, std::span<const Param>) override
    {
        m_log.savepoints += sql == "SAVEPOINT work" ? 1 : 0;
        if (sql == m_log.failing)
            return fail(ErrorCode::Unavailable, "the disk is full");
        return 0;
    }
    Result<void> script(std::string_view) override { return {}; }
    Result<void> begin(Access) override
    {
        m_open = true;
        return {};
    }
    Result<void> commit() override
    {
        m_open = false;
        ++m_log.commits;
        return {};
    }
    void rollback() override
    {
        m_open = false;
        ++m_log.rollbacks;
    }
    [[nodiscard]] bool inTransaction() const override { return m_open; }
    [[nodiscard]] const Dialect &dialect() const override { return m_dialect; }

private:
    Log &m_log;
    NoDialect m_dialect;
    bool m_open = false;
};

Result<void> succeed(Connection &)
{
    return {};
}

Result<void> refuse(Connection &)
{
    return fail(ErrorCode::Conflict, "refused");
}

// Runs `second` in the transaction that a piece of work before it began; what each was told.
struct Pair {
    Result<void> first;
    Result<void> second;
};

Pair runTogether(Log &log, const std::string &failing, const Work &second)
{
    // Whether the second comes in time is up to the scheduler: then once more.
    for (;;) {
        log = Log{.failing = failing};
        WriteQueue queue(std::make_unique<FakeConnection>(log));
        std::promise<void> started;
        std::future<Result<void>> told;
        const auto leading = [&](Connection &) -> Result<void> {
            told = std::async(std::launch::async, [&] {
                started.set_value();
                return queue.run(second, false);
            });
            started.get_future().wait();
            for (int i = 0; i < 1000; ++i)
                std::this_thread::yield();
            return {};
        };
        const Result<void> first = queue.run(leading, false);
        const Result<void> after = told.get();
        if (log.savepoints == 1)
            return {first, after};
    }
}

}  // namespace

TEST_CASE("a failed piece of work is undone, and the next begins anew")
{
    Log log;
    WriteQueue queue(std::make_unique<FakeConnection>(log));
    CHECK(queue.run(refuse, false).error().code == ErrorCode::Conflict);
    CHECK(log.rollbacks == 1);
    CHECK(log.commits == 0);
    CHECK(queue.run(succeed, false));
    CHECK(log.commits == 1);
    CHECK(log.savepoints == 0);
}

TEST_CASE("in a group a failed piece is undone alone")
{
    Log log;
    const Pair told = runTogether(log, "", refuse);
    CHECK(told.first);
    CHECK(told.second.error().code == ErrorCode::Conflict);
    CHECK(log.commits == 1);
    CHECK(log.rollbacks == 0);
}

TEST_CASE("nothing is committed when the changes of a failed piece cannot be undone")
{
    Log log;
    const Pair told = runTogether(log, "ROLLBACK TO SAVEPOINT work", refuse);
    CHECK(told.first.error().code == ErrorCode::Unavailable);
    CHECK(told.second.error().code == ErrorCode::Conflict);
    CHECK(log.commits == 0);
    CHECK(log.rollbacks == 1);
}

TEST_CASE("a piece whose savepoint cannot be released is not told that it is stored")
{
    Log log;
    const Pair told = runTogether(log, "RELEASE SAVEPOINT work", succeed);
    CHECK(told.first.error().code == ErrorCode::Unavailable);
    CHECK(told.second.error().code == ErrorCode::Unavailable);
    CHECK(log.commits == 0);
    CHECK(log.rollbacks == 1);
}
