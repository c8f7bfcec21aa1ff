// SPDX-License-Identifier: GPL-3.0-or-later
// What is written about something that retires: a draft of a mail for each person who uses it, and the record for the
// archive. Pure, any thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/registry/deprecations.h"

namespace cm::server {

[[nodiscard]] api::DeprecationMessage draftFor(const registry::PersonUse &person, const registry::DeprecationView &record,
                                               std::string_view registryName);
// Markdown, with the evidence as it is at `now`.
[[nodiscard]] std::string reportOf(const registry::DeprecationView &record, const registry::UseEvidence &evidence,
                                   std::string_view registryName, Time now);

}  // namespace cm::server
