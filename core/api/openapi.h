// SPDX-License-Identifier: GPL-3.0-or-later
// The OpenAPI 3.1 description of the admin API, generated from core/api/endpoints.h.
#pragma once

#include "core/api/types.h"

namespace cm::api {

// `version` is the program's.
Json openApiDocument(std::string_view version);

}  // namespace cm::api
