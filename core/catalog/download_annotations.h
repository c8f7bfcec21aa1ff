// SPDX-License-Identifier: GPL-3.0-or-later
// What people say of a stretch of time in charts of downloads: a row each. The counts themselves belong to
// core/metrics/store. Plain values, any thread.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cm::catalog {

struct DownloadAnnotationRow {
    std::int64_t id = 0;
    std::string kind;     // of the admin contract
    std::string project;  // normalised; empty: of the whole registry
    Time begins{};
    std::optional<Time> ends;
    std::string text;
    std::string author;
    Time created{};
};

}  // namespace cm::catalog
