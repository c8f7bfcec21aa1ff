// SPDX-License-Identifier: GPL-3.0-or-later
// One connection to a database. Owned by its driver's Database, lent to one thread at a time.
// Statements use $1… and are cached by their text, so build texts from few variants. Errors:
// Conflict (a unique or foreign key), Unavailable (busy, full, failing disk, server gone), Timeout (of
// a commit alone: whether it took place is not known), InvalidInput (a text that the engine cannot
// hold: nothing was sent), Corrupt, Internal.
#pragma once

#include "core/base/result.h"
#include "core/sql/cursor.h"
#include "core/sql/dialect.h"
#include "core/sql/param.h"

#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

namespace cm::sql {

enum class Access { Read, Write };

class Connection {
public:
    virtual ~Connection() = default;

    virtual Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::span<const Param> params) = 0;
    // As query(), for answers of any length: memory stays bounded. Inside a transaction.
    virtual Result<std::unique_ptr<Cursor>> stream(std::string_view sql, std::span<const Param> params)
    {
        return query(sql, params);
    }
    // The number of rows changed.
    virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Param> params) = 0;
    // Several statements without parameters, not cached: migrations.
    virtual Result<void> script(std::string_view sql) = 0;

    // Write waits for other writers (also of other processes) a bounded time, then Unavailable.
    virtual Result<void> begin(Access access) = 0;
    virtual Result<void> commit() = 0;
    // Fails never in a way that matters: a transaction that is not there is rolled back.
    virtual void rollback() = 0;
    // False also when the engine gave the transaction up by itself (disk full).
    [[nodiscard]] virtual bool inTransaction() const = 0;
    [[nodiscard]] virtual const Dialect &dialect() const = 0;

    Result<std::unique_ptr<Cursor>> query(std::string_view sql, std::initializer_list<Param> params = {})
    {
        return query(sql, std::span<const Param>(params.begin(), params.size()));
    }
    Result<std::unique_ptr<Cursor>> stream(std::string_view sql, std::initializer_list<Param> params = {})
    {
        return stream(sql, std::span<const Param>(params.begin(), params.size()));
    }
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Param> params = {})
    {
        return execute(sql, std::span<const Param>(params.begin(), params.size()));
    }
};

}  // namespace cm::sql
