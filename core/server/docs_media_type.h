// SPDX-License-Identifier: GPL-3.0-or-later
// As what a page of documentation is sent: by the end of its name, from a closed table. What is not in it is
// a download. Pure, any thread.
#pragma once

#include <string_view>

namespace cm::server {

struct DocsMediaType {
    std::string_view contentType = "application/octet-stream";
    bool download = true;
    bool page = false;  // HTML: read for itself, never a part of another page
};

[[nodiscard]] DocsMediaType docsMediaType(std::string_view path) noexcept;

}  // namespace cm::server
