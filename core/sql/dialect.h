// SPDX-License-Identifier: GPL-3.0-or-later
// The little in which the engines differ, so that the rest of the SQL is written once. One per
// driver, immutable, any thread.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cm::sql {

// A condition and the texts for its parameters, in order.
struct Condition {
    std::string sql;
    std::vector<std::string> params;
};

class Dialect {
public:
    virtual ~Dialect() = default;

    [[nodiscard]] virtual std::string_view name() const = 0;
    // The text for a {{placeholder}} or {{placeholder:a:b}} of a migration. Known to every driver:
    //   identity                    type and constraints of a rising id column
    //   blob                        type of a column of bytes
    //   clustered                   behind a table whose rows lie in the order of its primary key, where there is a choice
    //   substring_index:TABLE:COLUMN  what substringMatch needs; TABLE has an `id`
    //   sliced_counts               has the rows of download_counts lie in slices, where the engine has them
    // Internal for any other.
    [[nodiscard]] virtual Result<std::string> placeholder(const std::vector<std::string> &words) const = 0;
    // "COLUMN of TABLE (here called `alias`) contains `text`", fast over a million rows, with
    // parameters numbered from `firstParam`. `text` may hold anything.
    [[nodiscard]] virtual Condition substringMatch(std::string_view table, std::string_view column,
                                                   std::string_view alias, std::string_view text,
                                                   int firstParam) const = 0;
    // Slices: the rows of a table from `from` on until `until`, by its column `bucket`, which are made and go as one. Where an
    // engine has none, the first is empty and nobody asks for more. What is in no slice lies in a remainder of the table.
    // A SELECT of the beginnings of those that a table has, rising.
    [[nodiscard]] virtual std::string slices(std::string_view table) const;
    // A SELECT of the first bucket of the remainder that is not before $1.
    [[nodiscard]] virtual std::string outsideSlices(std::string_view table) const;
    // Statements without parameters. Rows of the remainder move into the slice that is made.
    [[nodiscard]] virtual std::vector<std::string> makeSlice(std::string_view table, std::int64_t from, std::int64_t until) const;
    [[nodiscard]] virtual std::vector<std::string> dropSlice(std::string_view table, std::int64_t from) const;
    // A SELECT of the highest id that an identity column ever gave, 0 when none.
    [[nodiscard]] virtual std::string highestIdentity(std::string_view table, std::string_view column) const = 0;
    // Statements, each with the one parameter $1 or fewer, after which ids go on behind $1.
    [[nodiscard]] virtual std::vector<std::string> continueIdentity(std::string_view table,
                                                                    std::string_view column) const = 0;
};

// `sql` with every {{…}} filled in. Internal when one is unknown or open.
Result<std::string> expandPlaceholders(const Dialect &dialect, std::string_view sql);

}  // namespace cm::sql
