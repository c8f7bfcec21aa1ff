// SPDX-License-Identifier: GPL-3.0-or-later
// Turns the bytes of one complete request head into a RequestHead: the strict parser of Boost.Beast
// and the framing guard on top (no obs-fold, one Host, no Transfer-Encoding with Content-Length or
// in HTTP/1.0). Owned by a connection; also for requests that arrive by other ways than a socket,
// and for tests. One thread.
#pragma once

#include "core/http/request_head.h"

#include <memory>
#include <string_view>

namespace cm::http {

class HeadReader {
public:
    // `text` ends with the empty line and stays in place as long as `head` is used. InvalidInput is
    // a 400, TooLarge a 431, Unsupported a 501 or 505; the detail says why in a few words.
    [[nodiscard]] static Result<void> read(std::string_view text, RequestHead &head);
};

}  // namespace cm::http
