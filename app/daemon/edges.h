// SPDX-License-Identifier: GPL-3.0-or-later
// The caches in front of a registry, made from its configuration, and what their purger asks of it.
#pragma once

#include "core/config/serve_config.h"
#include "core/edge/purger.h"
#include "core/registry/changes.h"

namespace cm::daemon {

using Edges = std::vector<std::unique_ptr<edge::PurgeDriver>>;
// InvalidInput for an address that is none.
Result<Edges> edgesOf(const config::ServeConfig &config);

// Both outlive the answer.
edge::Journal journalFor(registry::Changes &changes, catalog::Catalog &catalog);

}  // namespace cm::daemon
