// SPDX-License-Identifier: GPL-3.0-or-later
// An Error as an application/problem+json answer (RFC 9457): type, title, status, detail, and our
// members code, fields and retryAfter (seconds). The reason phrase is the detail as well. Any thread.
#pragma once

#include "core/http/response.h"

namespace cm::http {

// `instance` is usually the request's id; empty: left out.
[[nodiscard]] Response problem(const Error &error, std::string_view instance = {});
// With a status that has no error code of its own, such as 405.
[[nodiscard]] Response problem(const Error &error, int status, std::string_view instance = {});
[[nodiscard]] std::string problemJson(const Error &error, int status, std::string_view instance = {});

}  // namespace cm::http
