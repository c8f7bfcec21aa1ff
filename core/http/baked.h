// SPDX-License-Identifier: GPL-3.0-or-later
// An answer prepared once and sent many times: status line and headers with Content-Length and ETag
// as bytes, the body, the 304 that belongs to it, and perhaps a gzip variant. Immutable, shared by
// all I/O threads. The server adds Date, X-Request-Id and Connection, answers HEAD and If-None-Match,
// and chooses the variant.
#pragma once

#include "core/http/response.h"

#include <memory>
#include <optional>
#include <string>

namespace cm::http {

struct Baked {
    struct Variant {
        std::string head;         // ends after the last header line
        std::string body;
        std::string notModified;  // the head of the 304; empty without an ETag
        std::string etag;         // with quotes; empty: no conditional requests
    };

    int status = 200;
    Variant identity;
    std::optional<Variant> gzip;
};

// `etag` with its quotes, or empty. With `gzipBody` the answer varies: the variant gets
// Content-Encoding and a tag of its own ("abc" becomes "abc-gz"), and Vary must be among the headers
// of `response` already or is set to Accept-Encoding. The 304 repeats Cache-Control, Vary, ETag and
// every X- header, as RFC 9110 section 15.4.5 asks, and what tells of an end.
[[nodiscard]] std::shared_ptr<const Baked> bake(Response response, std::string_view etag, std::string gzipBody = {});
// One gzip member, level 1 to 9.
[[nodiscard]] std::string gzipCompress(std::string_view text, int level = 6);

}  // namespace cm::http
