// SPDX-License-Identifier: GPL-3.0-or-later
// The headers that public pages share (registry.md 1.1). Pure, any thread.
#pragma once

#include "core/http/response.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cm::server {

// A 200 with type, serial, caching, CORS and the key by which a cache in front can drop it.
[[nodiscard]] http::Response publicPage(std::string_view contentType, std::int64_t serial,
                                        std::string_view cacheControl, std::string_view surrogateKey, std::string body);
// Follows each key by which a cache can be told to let go: what everything bears.
inline constexpr std::string_view andEverything = " all";
// What every page of the simple index bears besides its own key: such a page grows with each release, a file never does.
inline constexpr std::string_view andSimplePages = " simple-pages";
// While the volume of the files is away: of a file that is offered, which another server may have.
[[nodiscard]] http::Response filesAway();
// A strong tag with its quotes.
[[nodiscard]] std::string etagOf(std::string_view body);

inline constexpr std::string_view pageCaching = "max-age=600, public";
inline constexpr std::string_view jsonCaching = "max-age=900, public";
inline constexpr std::chrono::seconds jsonKept{900};
// Kept by nobody without asking: what it has to tell is what has just changed.
inline constexpr std::string_view journalCaching = "no-cache, public";
inline constexpr std::string_view fileCaching = "max-age=31536000, immutable, public";

}  // namespace cm::server
