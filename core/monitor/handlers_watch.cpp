// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers that read: states, replication, pools, history, availability.
#include "core/monitor/monitor_handlers.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::int64_t mostRows = 1000;

}  // namespace

Result<std::shared_ptr<const View>> viewOf(const MonitorCall &call)
{
    auto view = call.monitor.view();
    if (!view)
        return fail(Error{ErrorCode::Unavailable, "the monitor has only just begun", {}, std::chrono::seconds(1)});
    return view;
}

CM_MONITOR_ANSWER(whoAmI)
{
    return api::Who{call.by.name, call.by.role, 0, false};
}

CM_MONITOR_ANSWER(listNodes)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    return api::NodeList{view->nodes, view->time};
}

CM_MONITOR_ANSWER(monitorState)
{
    return call.monitor.state();
}

CM_MONITOR_ANSWER(monitorTopology)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    return view->topology;
}

CM_MONITOR_ANSWER(monitorReplication)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    return view->replication;
}

CM_MONITOR_ANSWER(monitorPools)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    return view->pools;
}

CM_MONITOR_ANSWER(compareMonitors)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    return view->comparison;
}

CM_MONITOR_ANSWER(listSeries)
{
    return api::SeriesList{call.monitor.history().list(request.target)};
}

CM_MONITOR_ANSWER(readSeries)
{
    return call.monitor.history().read(request, call.monitor.now());
}

CM_MONITOR_ANSWER(listTimeline)
{
    api::ListTimeline query = request;
    query.offset = std::max<std::int64_t>(query.offset, 0);
    query.limit = std::clamp<std::int64_t>(query.limit, 0, mostRows);
    return call.monitor.journal().timeline(query);
}

CM_MONITOR_ANSWER(readAvailability)
{
    return call.monitor.availability(request);
}

CM_MONITOR_ANSWER(listAudit)
{
    api::ListAudit query = request;
    query.offset = std::max<std::int64_t>(query.offset, 0);
    query.limit = std::clamp<std::int64_t>(query.limit, 0, mostRows);
    return call.monitor.journal().audit(query);
}

CM_MONITOR_ANSWER(verifyAudit)
{
    return call.monitor.journal().verifyAudit();
}

}  // namespace cm::monitor
