// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/write_queue.h"

#include <exception>
#include <pthread.h>

namespace cm::sql {

namespace {

// Bounds how long the first of a group waits for the last.
constexpr std::size_t maxBatch = 64;

// A closure is a job: whatever it throws ends here, as its own failure.
Result<void> runGuarded(const Work &work, Connection &connection)
{
    try {
        return work(connection);
    } catch (const std::exception &error) {
        return fail(ErrorCode::Internal, std::string("exception in a transaction: ") + error.what());
    } catch (...) {  // the edge of a job: the writer's thread must go on
        return fail(ErrorCode::Internal, "unknown exception in a transaction");
    }
}

}  // namespace

WriteQueue::WriteQueue(std::unique_ptr<Connection> connection)
    : m_connection(std::move(connection)), m_thread([this] { loop(); })
{
    pthread_setname_np(m_thread.native_handle(), "sql-writer");
}

WriteQueue::~WriteQueue()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

Result<void> WriteQueue::run(const Work &work, bool alone)
{
    Job job{work, alone};
    std::unique_lock lock(m_mutex);
    if (m_stopping)
        return fail(ErrorCode::Unavailable, "the database is closing");
    m_jobs.push_back(&job);
    m_wake.notify_one();
    job.answered.wait(lock, [&job] { return job.done; });
    return std::move(job.outcome);
}

void WriteQueue::loop()
{
    while (Job *job = next(true))
        runBatch(*job);
}

// The next job, or null: when stopping (`first`), or when the batch under way should end.
WriteQueue::Job *WriteQueue::next(bool first)
{
    std::unique_lock lock(m_mutex);
    if (first)
        m_wake.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
    if (m_jobs.empty() || (!first && m_jobs.front()->alone))
        return nullptr;
    Job *job = m_jobs.front();
    m_jobs.pop_front();
    return job;
}

void WriteQueue::runBatch(Job &first)
{
    std::vector<Job *> batch{&first};
    Result<void> shared = m_connection->begin(Access::Write);
    if (shared) {
        // Nothing is before it that a failure could take along: it needs no savepoint, whose journal would
        // make a long piece of work slower with every statement.
        first.outcome = runGuarded(first.work, *m_connection);
        if (!first.outcome)
            shared = fail(first.outcome.error());
    }
    if (shared && !first.alone) {
        while (shared && m_connection->inTransaction() && batch.size() < maxBatch) {
            Job *job = next(false);
            if (!job)
                break;
            batch.push_back(job);
            job->outcome = runInSavepoint(*job, shared);
        }
        if (shared && !m_connection->inTransaction())
            shared = fail(batch.back()->outcome ? Error{ErrorCode::Internal, "a closure ended the transaction", {}, {}}
                                                : batch.back()->outcome.error());
    }
    if (shared)
        shared = m_connection->commit();
    if (!shared) {
        m_connection->rollback();
        for (Job *job : batch) {
            if (job->outcome)
                job->outcome = fail(shared.error());
        }
    }
    answer(batch);
}

// `shared` is what becomes of the whole group: a failure when the changes of a failed job could not be
// undone, for a commit would keep them.
Result<void> WriteQueue::runInSavepoint(Job &job, Result<void> &shared)
{
    CM_TRY(m_connection->execute("SAVEPOINT work"));
    Result<void> outcome = runGuarded(job.work, *m_connection);
    if (!m_connection->inTransaction())
        return outcome;
    Result<std::int64_t> ended = outcome ? 0 : m_connection->execute("ROLLBACK TO SAVEPOINT work");
    if (ended)
        ended = m_connection->execute("RELEASE SAVEPOINT work");
    if (!ended)
        shared = fail(ended.error());
    return outcome;
}

void WriteQueue::answer(const std::vector<Job *> &batch)
{
    // Notified under the lock: a job lives on the stack of the caller that this lets go.
    const std::lock_guard lock(m_mutex);
    for (Job *job : batch) {
        job->done = true;
        job->answered.notify_one();
    }
}

}  // namespace cm::sql
