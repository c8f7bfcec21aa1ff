// SPDX-License-Identifier: GPL-3.0-or-later
// Reading connections to one endpoint, made when they are first needed. Owned by PostgresDatabase;
// any thread, borrow() blocks while all are lent.
#pragma once

#include "core/sql/postgres/postgres_connection.h"

#include <condition_variable>
#include <mutex>
#include <vector>

namespace cm::sql {

class PostgresPool {
public:
    PostgresPool(pg::Endpoint &endpoint, pg::Freshness &freshness, std::size_t most)
        : m_endpoint(endpoint), m_freshness(freshness), m_most(most)
    {}

    // A connection for as long as it lives; its transaction ends with it.
    class Lease {
    public:
        Lease(PostgresPool &pool, std::unique_ptr<PostgresConnection> connection)
            : m_pool(&pool), m_connection(std::move(connection))
        {}
        Lease(Lease &&other) noexcept = default;
        Lease &operator=(Lease &&) = delete;
        ~Lease()
        {
            if (m_connection)
                m_pool->giveBack(std::move(m_connection));
        }
        PostgresConnection &operator*() const { return *m_connection; }
        PostgresConnection *operator->() const { return m_connection.get(); }

    private:
        PostgresPool *m_pool;
        std::unique_ptr<PostgresConnection> m_connection;
    };

    // Unavailable when none comes free in time.
    Result<Lease> borrow();

private:
    void giveBack(std::unique_ptr<PostgresConnection> connection);

    pg::Endpoint &m_endpoint;
    pg::Freshness &m_freshness;
    const std::size_t m_most;
    std::mutex m_mutex;
    std::condition_variable m_returned;
    std::vector<std::unique_ptr<PostgresConnection>> m_idle;
    std::size_t m_lent = 0;
};

}  // namespace cm::sql
