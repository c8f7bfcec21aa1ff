// SPDX-License-Identifier: GPL-3.0-or-later
// Documentation that is there, or was: a row of the table, whichever list of the answer it came from. A value.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <string>

namespace cm::ui {

struct DocumentationLine {
    std::string version;
    bool latest = false;
    bool chosen = false;  // somebody has chosen it for latest
    bool removed = false;
    bool replaced = false;
    std::int64_t files = 0;
    std::int64_t size = 0;
    Time uploaded;
    std::string uploadedBy;
    std::string url;
    Time removedAt;
    Time purgeAfter;
    std::string actor;
    std::string reason;
};

}  // namespace cm::ui
