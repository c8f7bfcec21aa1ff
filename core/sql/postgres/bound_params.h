// SPDX-License-Identifier: GPL-3.0-or-later
// Parameters as the texts that the protocol carries. Lives on the stack of one statement.
#pragma once

#include "core/base/result.h"
#include "core/sql/param.h"
#include "core/sql/postgres/pqxx_facade.h"

#include <span>
#include <string>
#include <vector>

namespace cm::sql::pg {

class BoundParams {
public:
    // InvalidInput for a text that no column of this engine can hold: not UTF-8, or with a zero byte.
    static Result<BoundParams> of(std::span<const Param> params);
    [[nodiscard]] Link::Params pointers() const;

private:
    std::vector<std::string> m_texts;
    std::vector<bool> m_nulls;
};

}  // namespace cm::sql::pg
