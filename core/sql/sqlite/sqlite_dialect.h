// SPDX-License-Identifier: GPL-3.0-or-later
// What only SQLite understands: rowid identities and substring search by an FTS5 trigram index that
// triggers keep. Immutable, any thread.
#pragma once

#include "core/sql/dialect.h"

namespace cm::sql {

class SqliteDialect final : public Dialect {
public:
    [[nodiscard]] std::string_view name() const override { return "sqlite"; }
    [[nodiscard]] Result<std::string> placeholder(const std::vector<std::string> &words) const override;
    [[nodiscard]] Condition substringMatch(std::string_view table, std::string_view column, std::string_view alias,
                                           std::string_view text, int firstParam) const override;
    [[nodiscard]] std::string highestIdentity(std::string_view table, std::string_view column) const override;
    [[nodiscard]] std::vector<std::string> continueIdentity(std::string_view table,
                                                            std::string_view column) const override;
};

}  // namespace cm::sql
