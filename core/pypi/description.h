// SPDX-License-Identifier: GPL-3.0-or-later
// What a project's description is written in, and whether it can be rendered. reStructuredText has no
// renderer here: only what every docutils refuses for certain is found, so that nothing right is
// refused. Pure, any thread. Sources: core metadata specification (Description-Content-Type),
// reStructuredText markup specification of docutils.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cm::pypi {

enum class DescriptionFormat { PlainText, Rst, Markdown };

// "text/markdown; charset=UTF-8; variant=GFM". Nothing given means reStructuredText. InvalidInput
// says what is wrong with the type, the charset or the variant.
[[nodiscard]] Result<DescriptionFormat> descriptionFormat(std::string_view contentType);

struct MarkupProblem {
    std::size_t line = 0;  // from 1
    std::string what;      // as docutils words it
};

// The first thing for which docutils, set up as package indexes do, gives up on this text.
[[nodiscard]] std::optional<MarkupProblem> firstRstProblem(std::string_view text);

}  // namespace cm::pypi
