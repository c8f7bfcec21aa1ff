// SPDX-License-Identifier: GPL-3.0-or-later
// The OpenAPI 3.1 descriptions of the admin API, generated from the lists of endpoints: of what a
// registry answers (endpoints.h) and of what a monitor does (monitor_endpoints.h). Pure, any thread.
#pragma once

#include "core/api/types.h"

namespace cm::api {

// `version` is the program's.
Json openApiDocument(std::string_view version);
Json monitorOpenApiDocument(std::string_view version);

}  // namespace cm::api
