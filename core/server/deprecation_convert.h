// SPDX-License-Identifier: GPL-3.0-or-later
// Between the words of the admin contract and those of the registry, of what is on its way out. Pure, any thread.
#pragma once

#include "core/api/deprecation_evidence.h"
#include "core/api/deprecations.h"
#include "core/registry/deprecations.h"

namespace cm::server {

[[nodiscard]] catalog::DeprecationRow fromApi(const api::DeprecationTerms &terms);
[[nodiscard]] api::DeprecationTerms termsOf(const catalog::DeprecationRow &row);
[[nodiscard]] deprecation::State fromApi(api::DeprecationState state);
[[nodiscard]] api::DeprecationState toApi(deprecation::State state);
[[nodiscard]] std::vector<api::DeprecationGuard> toApi(const std::vector<deprecation::Guard> &guards);
[[nodiscard]] api::DeprecationSummary toApi(const registry::DeprecationLine &line, Time now);
[[nodiscard]] api::DeprecationRecord toApi(const registry::DeprecationView &view, Time now);
[[nodiscard]] api::DeprecationPlan toApi(const registry::StepPlan &plan, api::DeprecationState to);
[[nodiscard]] api::BrownOutView toApi(const registry::BrownOutRecord &record, Time now);
[[nodiscard]] api::DeprecationEvidence toApi(const registry::UseEvidence &evidence, Time now);

}  // namespace cm::server
