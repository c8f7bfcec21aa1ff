// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/edges.h"

#include "core/edge/fastly_driver.h"
#include "core/edge/varnish_driver.h"

#include <algorithm>
#include <array>

namespace cm::daemon {
namespace {

// Lines of the journal after which something is not to be seen any more; others add or change.
bool removes(std::string_view action)
{
    constexpr std::array<std::string_view, 3> begins{"remove project", "remove release", "remove file "};
    return action == "project quarantined" || action == "docdestroy" ||
           std::ranges::any_of(begins, [&](std::string_view begin) { return action.starts_with(begin); });
}

}  // namespace

Result<Edges> edgesOf(const config::ServeConfig &config)
{
    Edges edges;
    for (const std::string &url : config.cdn.varnish) {
        CM_TRY_ASSIGN(std::unique_ptr<edge::PurgeDriver> driver, edge::VarnishDriver::create(url));
        edges.push_back(std::move(driver));
    }
    if (!config.cdn.fastlyService.empty()) {
        CM_TRY_ASSIGN(std::unique_ptr<edge::PurgeDriver> driver,
                      edge::FastlyDriver::create({config.cdn.fastlyService, config.cdn.fastlyApi, config.cdn.fastlyToken,
                                                  config.cdn.fastlyTokenFile}));
        edges.push_back(std::move(driver));
    }
    return edges;
}

edge::Journal journalFor(registry::Changes &changes, catalog::Catalog &catalog)
{
    edge::Journal journal;
    journal.seen = [&changes] { return changes.seen(); };
    journal.changes = [&catalog](std::int64_t since, std::int64_t limit) -> Result<std::vector<edge::Change>> {
        CM_TRY_ASSIGN(const auto rows,
                      catalog.read([&](catalog::Reader &reader) { return reader.journalSince(since, limit); }));
        std::vector<edge::Change> found;
        found.reserve(rows.size());
        for (const catalog::JournalRow &row : rows)
            found.push_back({row.serial, row.normalizedName, removes(row.action), row.time});
        return found;
    };
    return journal;
}

}  // namespace cm::daemon
