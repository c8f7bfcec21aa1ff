// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers that read: states, replication, pools, history, availability, incidents.
#include "core/monitor/monitor_handlers.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::int64_t mostRows = 1000;
constexpr std::int64_t mostIncidentEvents = 10'000;
constexpr auto beforeIncident = std::chrono::minutes(30);

Result<std::shared_ptr<const View>> viewOf(const MonitorCall &call)
{
    auto view = call.monitor.view();
    if (!view)
        return fail(Error{ErrorCode::Unavailable, "the monitor has only just begun", {}, std::chrono::seconds(1)});
    return view;
}

// Where an incident begins, when nobody says.
Time beginning(const std::vector<api::Alert> &alerts, Time now)
{
    Time first = now;
    for (const api::Alert &alert : alerts)
        first = std::min(first, alert.started);
    return first - beforeIncident;
}

void addSeries(api::Incident &incident, Monitor &monitor)
{
    for (const api::Node &node : incident.state.nodes) {
        const bool troubled = node.verdict != Verdict::Ok ||
                              std::any_of(incident.timeline.begin(), incident.timeline.end(), [&](const auto &event) {
                                  return event.node == node.name && event.kind == "verdict.changed" &&
                                         (event.after != Verdict::Ok || event.before.value_or(Verdict::Ok) != Verdict::Ok);
                              });
        if (!troubled)
            continue;
        for (const api::SeriesInfo &info : monitor.history().list(node.name)) {
            auto series = monitor.history().read({info.target, info.signal, incident.from, incident.until, 0}, incident.time);
            if (series)
                incident.series.push_back(std::move(*series));
        }
    }
}

}  // namespace

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

CM_MONITOR_ANSWER(exportIncident)
{
    CM_TRY_ASSIGN(const auto view, viewOf(call));
    api::Incident incident;
    incident.time = call.monitor.now();
    incident.alerts = call.monitor.alerts();
    incident.until = std::min(request.until.value_or(incident.time), incident.time);
    incident.from = request.from.value_or(beginning(incident.alerts, incident.until));
    if (incident.from >= incident.until)
        return fail(ErrorCode::InvalidInput, "the span of time is empty");
    incident.topology = view->topology;
    incident.state = call.monitor.state();
    incident.replication = view->replication;
    incident.pools = view->pools;
    CM_TRY_ASSIGN(const auto closed, call.monitor.journal().closedAlerts(0, mostRows));
    for (const api::Alert &alert : closed.items) {
        if (alert.closed && *alert.closed >= incident.from && alert.started < incident.until)
            incident.alerts.push_back(alert);
    }
    CM_TRY_ASSIGN(incident.silences, call.monitor.journal().allSilences());
    std::erase_if(incident.silences, [&](const api::Silence &silence) {
        return silence.created >= incident.until || silence.ended.value_or(silence.until) < incident.from;
    });
    api::ListTimeline events;
    events.from = incident.from;
    events.until = incident.until;
    events.limit = mostIncidentEvents;
    CM_TRY_ASSIGN(auto page, call.monitor.journal().timeline(events));
    incident.timeline.assign(page.items.rbegin(), page.items.rend());
    api::ListAudit audit;
    audit.from = incident.from;
    audit.until = incident.until;
    audit.limit = mostRows;
    CM_TRY_ASSIGN(auto lines, call.monitor.journal().audit(audit));
    incident.audit = std::move(lines.items);
    addSeries(incident, call.monitor);
    return incident;
}

}  // namespace cm::monitor
