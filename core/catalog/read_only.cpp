// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/read_only.h"

#include "core/catalog/queries.h"
#include "core/catalog/writer.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::catalog {

namespace {

constexpr std::string_view refusedBy = "read-only";

ReadOnlyRow readOnlyOf(const sql::Cursor &row)
{
    return {timeAt(row, 0), timeAt(row, 1), row.string(2), row.string(3), row.string(4)};
}

}  // namespace

Error readOnlyRefusal(const ReadOnlyRow &mode, Time now)
{
    const std::string until = formatRfc3339(mode.until);
    std::string detail = fmt::format("the registry is read-only until {} by order of {}", until, mode.by);
    if (!mode.reason.empty())
        detail += ": " + mode.reason;
    // Never 0, which says "no idea".
    const auto left = std::max(std::chrono::ceil<std::chrono::seconds>(mode.until - now), std::chrono::seconds(1));
    return {ErrorCode::Unavailable, std::move(detail), {{std::string(refusedBy), until}}, left};
}

bool isReadOnly(const Error &error)
{
    return error.code == ErrorCode::Unavailable && !error.fields.empty() && error.fields.front().field == refusedBy;
}

Result<std::optional<ReadOnlyRow>> Reader::readOnly(Time now)
{
    return first<ReadOnlyRow>(m_connection, "SELECT since, ends, set_by, reason, message FROM read_only WHERE ends > $1",
                              {micros(now)}, readOnlyOf);
}

Result<void> Writer::setReadOnly(const ReadOnlyRow &mode)
{
    CM_TRY(clearReadOnly());
    CM_TRY(m_connection.execute("INSERT INTO read_only (id, since, ends, set_by, reason, message)"
                                " VALUES (1, $1, $2, $3, $4, $5)",
                                {micros(mode.since), micros(mode.until), mode.by, mode.reason, mode.message}));
    return {};
}

Result<void> Writer::clearReadOnly()
{
    CM_TRY(m_connection.execute("DELETE FROM read_only"));
    return {};
}

}  // namespace cm::catalog
