// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of a query, one at a time. Owned by the caller, used on the connection's thread and gone
// before the transaction ends. Columns count from 0; views live until the next next().
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cm::sql {

class Cursor {
public:
    virtual ~Cursor() = default;

    // True when there is a row to look at.
    virtual Result<bool> next() = 0;
    [[nodiscard]] virtual bool isNull(int column) const = 0;
    [[nodiscard]] virtual std::int64_t integer(int column) const = 0;
    [[nodiscard]] virtual double real(int column) const = 0;
    [[nodiscard]] virtual std::string_view text(int column) const = 0;
    [[nodiscard]] virtual std::span<const std::byte> blob(int column) const = 0;
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
};

}  // namespace cm::sql
