// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/write_queue.h"

#include <doctest/doctest.h>
#include <future>
#include <vector>

using namespace cm;
using namespace cm::sql;

namespace {

// What a test sees of the connection that the queue owns.
struct Log {
    std::string failing;  // the statement that fails
    int commits = 0;
    int rollbacks = 0;
};

class NoDialect final : public Dialect {
public:
    [[nodiscard]] std::string_view name() const override { return "none"; }
    [[nodiscard]] Result<std::string> placeholder(const std::vector<std::string> &) const override { return std::string(); }
    [[nodiscard]] Condition substringMatch(std::string_view, std::string_view, std::string_view, std::string_view, int) const override
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

}  // namespace

TEST_CASE("a failed piece of work is undone alone")
{
    Log log;
    WriteQueue queue(std::make_unique<FakeConnection>(log));
    CHECK(queue.run(refuse, false).error().code == ErrorCode::Conflict);
    CHECK(queue.run(succeed, false));
    CHECK(log.rollbacks == 0);
    CHECK(log.commits == 2);
}

TEST_CASE("nothing is committed when the changes of a failed piece cannot be undone")
{
    Log log;
    log.failing = "ROLLBACK TO SAVEPOINT work";
    WriteQueue queue(std::make_unique<FakeConnection>(log));
    CHECK(queue.run(refuse, false).error().code == ErrorCode::Conflict);
    CHECK(log.commits == 0);
    CHECK(log.rollbacks == 1);
    // The next group begins anew.
    CHECK(queue.run(succeed, false));
    CHECK(log.commits == 1);
}

TEST_CASE("whoever shared the transaction hears of it")
{
    Log log;
    log.failing = "ROLLBACK TO SAVEPOINT work";
    WriteQueue queue(std::make_unique<FakeConnection>(log));
    std::promise<void> queued;
    std::future<Result<void>> failing;
    // While the first runs, the second is put behind it; a third would start a group of its own.
    const Result<void> first = queue.run(
        [&](Connection &) -> Result<void> {
            failing = std::async(std::launch::async, [&] {
                queued.set_value();
                return queue.run(refuse, false);
            });
            queued.get_future().wait();
            return {};
        },
        false);
    const Result<void> second = failing.get();
    CHECK(second.error().code == ErrorCode::Conflict);
    // Either both were in one group, which is gone, or the first had its own.
    CHECK(first.has_value() == (log.commits == 1));
    CHECK(log.rollbacks == 1);
}

TEST_CASE("a piece whose savepoint cannot be released is not told that it is stored")
{
    Log log;
    log.failing = "RELEASE SAVEPOINT work";
    WriteQueue queue(std::make_unique<FakeConnection>(log));
    CHECK(queue.run(succeed, false).error().code == ErrorCode::Unavailable);
    CHECK(log.commits == 0);
    CHECK(log.rollbacks == 1);
}
