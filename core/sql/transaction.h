// SPDX-License-Identifier: GPL-3.0-or-later
// A transaction for the length of a block: rolled back on destruction unless committed. Lives on
// the stack of the thread that holds the connection.
#pragma once

#include "core/sql/connection.h"

namespace cm::sql {

class Transaction {
public:
    static Result<Transaction> begin(Connection &connection, Access access)
    {
        CM_TRY(connection.begin(access));
        return Transaction(connection);
    }
    Transaction(Transaction &&other) noexcept : m_connection(std::exchange(other.m_connection, nullptr)) {}
    Transaction &operator=(Transaction &&) = delete;
    ~Transaction()
    {
        if (m_connection)
            m_connection->rollback();
    }

    Result<void> commit()
    {
        CM_TRY(m_connection->commit());
        m_connection = nullptr;
        return {};
    }

private:
    explicit Transaction(Connection &connection) : m_connection(&connection) {}

    Connection *m_connection;
};

}  // namespace cm::sql
