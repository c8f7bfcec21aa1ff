// SPDX-License-Identifier: GPL-3.0-or-later
// The store of projects, releases, files, people, journal, audit and events over a database of
// core/sql. Owned by the composition root; any thread, both verbs block. write() answers after the
// commit is on disk: the closure runs at most once, on the writer's thread, in a transaction shared
// with other writers but failing alone; a failed closure leaves nothing behind. While the registry is
// read-only write() answers readOnlyRefusal() and does not ask the closure. Where the database was lost in
// the middle and nothing was stored, as in a failover, both answer Unavailable; the verbs that are named
// after it ask such a closure once more, which must not build on what it did the first time.
#pragma once

#include "core/catalog/reader.h"
#include "core/catalog/writer.h"

#include <memory>
#include <type_traits>

namespace cm::sql {
class Database;
}

namespace cm::catalog {

class Catalog {
public:
    // Brings the schema up to date first. Unsupported when the store is of a newer program. The clock, by which
    // a read-only mode ends, outlives the catalog.
    static Result<std::unique_ptr<Catalog>> open(sql::Database &database, const Clock &clock);

    // catalog.read([&](Reader &reader) -> Result<T> {…})
    template <class Question>
    auto read(Question &&question) -> std::invoke_result_t<Question, Reader &>
    {
        std::invoke_result_t<Question, Reader &> answer = fail(ErrorCode::Internal, "the question was not asked");
        CM_TRY(runRead([&](Reader &reader) -> Result<void> {
            answer = question(reader);
            return answer ? Result<void>() : Result<void>(fail(answer.error()));
        }));
        return answer;
    }

    // The same for what must not be older than this moment, whatever a standby has: Unavailable where nobody can say.
    template <class Question>
    auto readNow(Question &&question) -> std::invoke_result_t<Question, Reader &>
    {
        CM_TRY(confirmFresh());
        return read(std::forward<Question>(question));
    }

    // catalog.write([&](Writer &writer) -> Result<T> {…})
    template <class Change>
    auto write(Change &&change) -> std::invoke_result_t<Change, Writer &>
    {
        return tryWrite(std::forward<Change>(change), WhileReadOnly::Refused);
    }

    // The same for the little that a read-only registry goes on doing: ordering and ending that mode, letting
    // people in and out, noting that a token was used.
    template <class Change>
    auto writeAlways(Change &&change) -> std::invoke_result_t<Change, Writer &>
    {
        return tryWrite(std::forward<Change>(change), WhileReadOnly::Done);
    }

    template <class Question>
    auto readOrAskAgain(Question &&question) -> std::invoke_result_t<Question, Reader &>
    {
        auto answer = read(question);
        return wasLost(answer) ? read(question) : answer;
    }
    template <class Change>
    auto writeOrAskAgain(Change &&change) -> std::invoke_result_t<Change, Writer &>
    {
        auto answer = write(change);
        return wasLost(answer) ? write(change) : answer;
    }

    // Differs from the last answer when anybody, another process included, has committed since.
    Result<std::int64_t> dataVersion();

private:
    enum class WhileReadOnly { Refused, Done };

    Catalog(sql::Database &database, const Clock &clock) : m_database(database), m_clock(clock) {}

    // Not Timeout: then it may be stored. Who is to come later is not told so in vain.
    template <class Answer>
    static bool wasLost(const Answer &answer)
    {
        return !answer && answer.error().code == ErrorCode::Unavailable && answer.error().retryAfter.count() == 0;
    }

    template <class Change>
    auto tryWrite(Change &&change, WhileReadOnly whileReadOnly) -> std::invoke_result_t<Change, Writer &>
    {
        std::invoke_result_t<Change, Writer &> answer = fail(ErrorCode::Internal, "the change was not tried");
        CM_TRY(runWrite(
            [&](Writer &writer) -> Result<void> {
                answer = change(writer);
                return answer ? Result<void>() : Result<void>(fail(answer.error()));
            },
            whileReadOnly));
        return answer;
    }

    Result<void> confirmFresh();
    Result<void> runRead(const std::function<Result<void>(Reader &)> &question);
    Result<void> runWrite(const std::function<Result<void>(Writer &)> &change, WhileReadOnly whileReadOnly);

    sql::Database &m_database;
    const Clock &m_clock;
};

}  // namespace cm::catalog
