// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/postgres_pool.h"

namespace cm::sql {

namespace {

constexpr std::chrono::seconds borrowTimeout{10};

}  // namespace

Result<PostgresPool::Lease> PostgresPool::borrow()
{
    std::unique_lock lock(m_mutex);
    if (!m_returned.wait_for(lock, borrowTimeout, [this] { return m_lent < m_most; }))
        return fail(ErrorCode::Unavailable, "postgres: every reading connection is in use");
    ++m_lent;
    if (m_idle.empty())
        return Lease(*this, std::make_unique<PostgresConnection>(m_endpoint, m_freshness));
    auto connection = std::move(m_idle.back());
    m_idle.pop_back();
    return Lease(*this, std::move(connection));
}

void PostgresPool::giveBack(std::unique_ptr<PostgresConnection> connection)
{
    connection->rollback();
    {
        const std::lock_guard lock(m_mutex);
        --m_lent;
        m_idle.push_back(std::move(connection));
    }
    m_returned.notify_one();
}

}  // namespace cm::sql
