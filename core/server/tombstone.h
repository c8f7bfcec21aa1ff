// SPDX-License-Identifier: GPL-3.0-or-later
// A node rehearses what it would answer to uses of something that retires, before anybody gets that answer: through the
// same judgement and the same bytes as in earnest. Pure, any thread.
#pragma once

#include "core/registry/enforcement.h"

namespace cm::server {

[[nodiscard]] registry::Rehearsed rehearse(const deprecation::Entry &entry, Time now);

}  // namespace cm::server
