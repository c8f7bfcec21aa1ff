// SPDX-License-Identifier: GPL-3.0-or-later
// Small shapes that every query of this folder has: one row, all rows, one number, and the way from
// times and optional texts to columns and back. Internal to core/catalog; the connection's thread.
#pragma once

#include "core/base/clock.h"
#include "core/sql/connection.h"

#include <optional>
#include <string>
#include <vector>

namespace cm::catalog {

inline std::int64_t micros(Time time)
{
    return time.time_since_epoch().count();
}

inline std::optional<std::int64_t> micros(const std::optional<Time> &time)
{
    return time ? std::optional(micros(*time)) : std::nullopt;
}

inline Time timeAt(const sql::Cursor &row, int column)
{
    return Time(std::chrono::microseconds(row.integer(column)));
}

inline std::optional<Time> optionalTimeAt(const sql::Cursor &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(timeAt(row, column));
}

inline std::optional<std::int64_t> optionalIntegerAt(const sql::Cursor &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(row.integer(column));
}

inline std::optional<std::string> optionalStringAt(const sql::Cursor &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(row.string(column));
}

// A text that the engine cannot hold (not UTF-8, say) is in no row: a search for it finds none.
inline bool findsNothing(const Error &error)
{
    return error.code == ErrorCode::InvalidInput;
}

// The first row as a T, or nothing.
template <class T>
Result<std::optional<T>> first(sql::Connection &connection, std::string_view text,
                               std::initializer_list<sql::Param> params, T (*map)(const sql::Cursor &))
{
    const auto rows = connection.query(text, params);
    if (!rows && findsNothing(rows.error()))
        return std::nullopt;
    if (!rows)
        return fail(rows.error());
    CM_TRY_ASSIGN(const bool found, (*rows)->next());
    return found ? std::optional<T>(map(**rows)) : std::nullopt;
}

// As above; NotFound with `what` when there is none.
template <class T>
Result<T> one(sql::Connection &connection, std::string_view text, std::initializer_list<sql::Param> params,
              T (*map)(const sql::Cursor &), std::string_view what)
{
    CM_TRY_ASSIGN(auto found, first<T>(connection, text, params, map));
    if (!found)
        return fail(ErrorCode::NotFound, "no such " + std::string(what));
    return std::move(*found);
}

template <class T>
Result<std::vector<T>> all(sql::Connection &connection, std::string_view text, std::span<const sql::Param> params,
                           T (*map)(const sql::Cursor &))
{
    std::vector<T> out;
    const auto rows = connection.query(text, params);
    if (!rows && findsNothing(rows.error()))
        return out;
    if (!rows)
        return fail(rows.error());
    for (;;) {
        CM_TRY_ASSIGN(const bool more, (*rows)->next());
        if (!more)
            return out;
        out.push_back(map(**rows));
    }
}

template <class T>
Result<std::vector<T>> all(sql::Connection &connection, std::string_view text,
                           std::initializer_list<sql::Param> params, T (*map)(const sql::Cursor &))
{
    return all<T>(connection, text, std::span<const sql::Param>(params.begin(), params.size()), map);
}

// The first column of the first row; 0 when there is none or it is null.
inline Result<std::int64_t> number(sql::Connection &connection, std::string_view text,
                                   std::span<const sql::Param> params)
{
    const auto rows = connection.query(text, params);
    if (!rows && findsNothing(rows.error()))
        return 0;
    if (!rows)
        return fail(rows.error());
    CM_TRY_ASSIGN(const bool found, (*rows)->next());
    return found ? (*rows)->integer(0) : 0;
}

inline Result<std::int64_t> number(sql::Connection &connection, std::string_view text,
                                   std::initializer_list<sql::Param> params = {})
{
    return number(connection, text, std::span<const sql::Param>(params.begin(), params.size()));
}

// Runs a change that must hit a row; NotFound with `what` otherwise.
inline Result<void> changeOne(sql::Connection &connection, std::string_view text,
                              std::initializer_list<sql::Param> params, std::string_view what)
{
    CM_TRY_ASSIGN(const std::int64_t changed, connection.execute(text, params));
    if (changed == 0)
        return fail(ErrorCode::NotFound, "no such " + std::string(what));
    return {};
}

// Unique violations answered in the words of the catalog instead of the engine's.
template <class T>
Result<T> conflictAs(Result<T> result, std::string detail)
{
    if (!result && result.error().code == ErrorCode::Conflict)
        result.error().detail = std::move(detail);
    return result;
}

// Runs an INSERT … RETURNING id; a unique violation answers Conflict with `conflict`.
inline Result<std::int64_t> insert(sql::Connection &connection, std::string_view text,
                                   std::initializer_list<sql::Param> params, std::string conflict)
{
    // Engines differ in whether the statement runs here or with its first row.
    CM_TRY_ASSIGN(const auto added, conflictAs(connection.query(text, params), conflict));
    CM_TRY(conflictAs(added->next(), conflict));
    const std::int64_t id = added->integer(0);
    // Foreign keys are judged when the statement ends, not when it shows its row.
    CM_TRY(conflictAs(added->next(), std::move(conflict)));
    return id;
}

}  // namespace cm::catalog
