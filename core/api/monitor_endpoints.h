// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb that a monitor answers: those of its own, and the ones that it has in common with a
// registry, so that the same client speaks to both. Constants, any thread.
#pragma once

#include "core/api/actions.h"
#include "core/api/alerting.h"
#include "core/api/endpoints.h"

namespace cm::api::endpoints {

inline constexpr Endpoint<Nothing, MonitorState> monitorState{
    {"monitor-state", Method::Get, "/admin/v1/monitor/state", access::staff,
     "Verdict line, roles and every node with its signals"}};
inline constexpr Endpoint<Nothing, Topology> monitorTopology{
    {"monitor-topology", Method::Get, "/admin/v1/monitor/topology", access::staff, "What stands where and needs what"}};
inline constexpr Endpoint<Nothing, ReplicationView> monitorReplication{
    {"monitor-replication", Method::Get, "/admin/v1/monitor/replication", access::staff,
     "Each standby from both ends, slots, timelines, what a promotion would lose"}};
inline constexpr Endpoint<Nothing, PoolView> monitorPools{
    {"monitor-pools", Method::Get, "/admin/v1/monitor/pools", access::staff,
     "Each pgpool's view beside the others', quorum and settings"}};
inline constexpr Endpoint<ListSeries, SeriesList> listSeries{
    {"list-series", Method::Get, "/admin/v1/monitor/series", access::staff, "Which figures have a history"}};
inline constexpr Endpoint<SeriesQuery, Series> readSeries{
    {"read-series", Method::Get, "/admin/v1/monitor/series/{target}/{signal}", access::staff,
     "One figure over time, in buckets, gaps as gaps"}};
inline constexpr Endpoint<ListTimeline, Page<TimelineEvent>> listTimeline{
    {"list-timeline", Method::Get, "/admin/v1/monitor/timeline", access::staff, "What changed when, newest first"}};
inline constexpr Endpoint<AvailabilityQuery, AvailabilityList> readAvailability{
    {"read-availability", Method::Get, "/admin/v1/monitor/availability", access::staff,
     "Availability and time to repair of every node, and of every role as a whole"}};
inline constexpr Endpoint<Nothing, MonitorComparison> compareMonitors{
    {"compare-monitors", Method::Get, "/admin/v1/monitor/peers", access::staff,
     "Where another monitor of the same topology concludes something else"}};
inline constexpr Endpoint<ExportIncident, Incident> exportIncident{
    {"export-incident", Method::Get, "/admin/v1/monitor/incident", access::staff,
     "Everything of a span of time in one document"}};

inline constexpr Endpoint<ListAlerts, Page<Alert>> listAlerts{
    {"list-alerts", Method::Get, "/admin/v1/monitor/alerts", access::staff, "Alerts, worst and newest first"}};
inline constexpr Endpoint<AlertRef, Alert> getAlert{
    {"get-alert", Method::Get, "/admin/v1/monitor/alerts/{alert}", access::staff, "One alert with its consequences"}};
inline constexpr Endpoint<AcknowledgeAlert, Alert> acknowledgeAlert{
    {"acknowledge-alert", Method::Post, "/admin/v1/monitor/alerts/{alert}/acknowledge", access::operators,
     "Own an alert until a time"}};
inline constexpr Endpoint<AcknowledgeAll, Page<Alert>> acknowledgeAll{
    {"acknowledge-all", Method::Post, "/admin/v1/monitor/acknowledge-all", access::operators,
     "Own all alerts that fire now"}};
inline constexpr Endpoint<ReleaseAlert, Alert> releaseAlert{
    {"release-alert", Method::Post, "/admin/v1/monitor/alerts/{alert}/release", access::operators,
     "Give an alert back: it fires again"}};
inline constexpr Endpoint<PreviewSilence, SilencePreview> previewSilence{
    {"preview-silence", Method::Post, "/admin/v1/monitor/silences/preview", access::staff,
     "What a silence would hold back now", true}};
inline constexpr Endpoint<CreateSilence, Silence> createSilence{
    {"create-silence", Method::Post, "/admin/v1/monitor/silences", access::operators, "Hold alerts back until a time"}};
inline constexpr Endpoint<ListSilences, SilenceList> listSilences{
    {"list-silences", Method::Get, "/admin/v1/monitor/silences", access::staff, "Silences with what they hold back"}};
inline constexpr Endpoint<EndSilence, Silence> endSilence{
    {"end-silence", Method::Post, "/admin/v1/monitor/silences/{silence}/end", access::operators,
     "End a silence before its time"}};
inline constexpr Endpoint<Nothing, ReceiverList> listReceivers{
    {"list-receivers", Method::Get, "/admin/v1/monitor/receivers", access::staff,
     "Where alerts go, and what has not arrived"}};

inline constexpr Endpoint<PlanAction, ActionPlan> planAction{
    {"plan-action", Method::Post, "/admin/v1/monitor/actions/plan", access::staff,
     "What an action would do, for whom, and whether it may be done now", true}};
inline constexpr Endpoint<PressAction, Action> pressAction{
    {"press-action", Method::Post, "/admin/v1/monitor/actions", access::operators,
     "Does it, after every guard was looked at again"}};
inline constexpr Endpoint<ListActions, Page<Action>> listActions{
    {"list-actions", Method::Get, "/admin/v1/monitor/actions", access::staff, "What was done, newest first"}};
inline constexpr Endpoint<ActionRef, Action> getAction{
    {"get-action", Method::Get, "/admin/v1/monitor/actions/{action}", access::staff,
     "One action, its steps and what it led to"}};
inline constexpr Endpoint<CancelAction, Action> cancelAction{
    {"cancel-action", Method::Post, "/admin/v1/monitor/actions/{action}/cancel", access::operators,
     "Begins no further step of an action"}};

// All that `cheesemongerd monitor` answers.
inline constexpr auto ofMonitor = std::make_tuple(
    whoAmI, listNodes, listAudit, verifyAudit, events, monitorState, monitorTopology, monitorReplication, monitorPools,
    listSeries, readSeries, listTimeline, readAvailability, compareMonitors, exportIncident, listAlerts, getAlert,
    acknowledgeAlert, acknowledgeAll, releaseAlert, previewSilence, createSilence, listSilences, endSilence,
    listReceivers, planAction, pressAction, listActions, getAction, cancelAction);

}  // namespace cm::api::endpoints
