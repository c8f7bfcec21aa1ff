// SPDX-License-Identifier: GPL-3.0-or-later
// What uploads and admin API ask of a request's head alike. Pure, any thread.
#pragma once

#include "core/http/request_head.h"
#include "core/http/response.h"
#include "core/registry/access.h"

#include <string_view>

namespace cm::server {

// What the Authorization header offers.
[[nodiscard]] registry::Credentials credentialsOf(const http::RequestHead &head);
// A refusal as reason phrase and text/plain, or as problem+json when the client asks for JSON.
[[nodiscard]] http::Response refusalFor(const http::RequestHead &head, int status, std::string_view text);

}  // namespace cm::server
