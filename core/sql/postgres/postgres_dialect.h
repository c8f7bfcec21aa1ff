// SPDX-License-Identifier: GPL-3.0-or-later
// What only PostgreSQL understands: identity columns, bytea, and substring search by a trigram index
// of its own extension pg_trgm. Immutable, any thread.
#pragma once

#include "core/sql/dialect.h"

namespace cm::sql {

class PostgresDialect final : public Dialect {
public:
    [[nodiscard]] std::string_view name() const override { return "postgres"; }
    [[nodiscard]] Result<std::string> placeholder(const std::vector<std::string> &words) const override;
    [[nodiscard]] Condition substringMatch(std::string_view table, std::string_view column, std::string_view alias,
                                           std::string_view text, int firstParam) const override;
    [[nodiscard]] std::string slices(std::string_view table) const override;
    [[nodiscard]] std::string outsideSlices(std::string_view table) const override;
    [[nodiscard]] std::vector<std::string> makeSlice(std::string_view table, std::int64_t from, std::int64_t until) const override;
    [[nodiscard]] std::vector<std::string> dropSlice(std::string_view table, std::int64_t from) const override;
    [[nodiscard]] std::string highestIdentity(std::string_view table, std::string_view column) const override;
    [[nodiscard]] std::vector<std::string> continueIdentity(std::string_view table,
                                                            std::string_view column) const override;
};

}  // namespace cm::sql
