// SPDX-License-Identifier: GPL-3.0-or-later
// Where the registry's own texts speak of something: its pages, its messages, the words of other records, and the files
// of documentation that the configuration names. Pure, any thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::server {

// Where, and what it says; nothing where it could not be read.
using OwnText = std::pair<std::string, std::optional<std::string>>;

// `words`: with commas between, matched as whole words whatever their case.
[[nodiscard]] api::DeprecationMentions mentionsIn(std::span<const OwnText> texts, std::string_view words);
// How many there are. InvalidInput without words to look for, Unavailable where a text could not be read: neither is 0.
[[nodiscard]] Result<std::int64_t> countMentions(std::span<const OwnText> texts, std::string_view words);

}  // namespace cm::server
