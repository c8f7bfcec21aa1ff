// SPDX-License-Identifier: GPL-3.0-or-later
// Where the registry's own texts speak of something: its pages, its messages, the words of other records, and the files
// of documentation that the configuration names. Pure, any thread.
#pragma once

#include "core/api/deprecation_evidence.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cm::server {

// `texts`: where, and what it says. `words`: with commas between, matched as whole words whatever their case.
[[nodiscard]] api::DeprecationMentions mentionsIn(std::span<const std::pair<std::string, std::string>> texts, std::string_view words);

}  // namespace cm::server
