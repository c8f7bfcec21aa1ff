// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/stats_page.h"

#include "core/api/codec.h"

namespace cm::server {
namespace {

using boost::json::object;
using boost::json::value;

Result<object> spanOf(metrics::CountReader &counts, const std::string &project, Time until, int days)
{
    api::DownloadShareQuery query;
    query.project = project;
    query.split = api::DownloadSplit::None;
    query.from = until - std::chrono::days(days);
    query.to = until;
    CM_TRY_ASSIGN(const api::DownloadShares shares, counts.shares(query));
    const bool known = shares.count && shares.classes;
    return object{{"from", formatRfc3339(*query.from)},
                  {"to", formatRfc3339(until)},
                  {"downloads", known ? value(*shares.count) : value(nullptr)},
                  {"without_mirrors", known ? value(*shares.count - shares.classes->mirror) : value(nullptr)},
                  {"classes", known ? api::toJson(*shares.classes) : value(nullptr)},
                  {"minutes", shares.minutes},
                  {"minutes_known", shares.known}};
}

}  // namespace

Result<std::string> renderStats(metrics::CountReader &counts, const std::string &project, std::int64_t serial, Time now)
{
    const Time midnight = std::chrono::floor<std::chrono::days>(now);
    object out{{"meta", object{{"api-version", "1.0"}, {"_last-serial", serial}}},
               {"project", project.empty() ? value(nullptr) : value(project)}};
    for (const auto &[name, days] : {std::pair("last_day", 1), {"last_week", 7}, {"last_month", 30}}) {
        CM_TRY_ASSIGN(out[name], spanOf(counts, project, midnight, days));
    }
    return api::printJson(out);
}

}  // namespace cm::server
