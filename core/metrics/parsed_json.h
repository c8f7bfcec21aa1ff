// SPDX-License-Identifier: GPL-3.0-or-later
// What a line says as JSON: {outcome, reason, class, record}, the record's fields by the names of PyPI's public table,
// without those that the line does not have. Pure, any thread.
#pragma once

#include "core/metrics/parser.h"

#include <string>

namespace cm::metrics {

[[nodiscard]] std::string toJsonText(const Parsed &parsed);

}  // namespace cm::metrics
