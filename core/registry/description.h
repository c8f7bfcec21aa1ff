// SPDX-License-Identifier: GPL-3.0-or-later
// Descriptions of releases as HTML without anything active: Markdown by cmark-gfm in its safe mode,
// everything else (plain, reStructuredText) as preformatted text. Pure, any thread.
#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace cm::registry {

// InvalidInput when it is not UTF-8 or its content type is none that descriptions have.
[[nodiscard]] Result<std::string> renderDescription(std::string_view description, std::string_view contentType);
// The type without parameters, lower case; "text/x-rst" for none, as the core metadata say.
[[nodiscard]] std::string descriptionType(std::string_view contentType);

}  // namespace cm::registry
