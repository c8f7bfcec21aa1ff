// SPDX-License-Identifier: GPL-3.0-or-later
// The handlers of a monitor's endpoints: answer<endpoint>() for each of endpoints::ofMonitor but the event
// stream. They run on the monitor's executor and may block. A missing one does not link.
#pragma once

#include "core/monitor/monitor_application.h"

#include <type_traits>

namespace cm::monitor {

template <const auto &endpoint>
using RequestOf = typename std::remove_cvref_t<decltype(endpoint)>::Request;
template <const auto &endpoint>
using ResponseOf = typename std::remove_cvref_t<decltype(endpoint)>::Response;

template <const auto &endpoint>
Result<ResponseOf<endpoint>> answer(MonitorCall &call, const RequestOf<endpoint> &request);

// What holds now; Unavailable before the first conclusion.
[[nodiscard]] Result<std::shared_ptr<const View>> viewOf(const MonitorCall &call);

}  // namespace cm::monitor

#define CM_MONITOR_ANSWER(endpoint)                                                \
    template <>                                                                    \
    Result<ResponseOf<api::endpoints::endpoint>> answer<api::endpoints::endpoint>( \
        [[maybe_unused]] MonitorCall & call, [[maybe_unused]] const RequestOf<api::endpoints::endpoint> &request)

namespace cm::monitor {

CM_MONITOR_ANSWER(whoAmI);
CM_MONITOR_ANSWER(listNodes);
CM_MONITOR_ANSWER(listAudit);
CM_MONITOR_ANSWER(verifyAudit);
CM_MONITOR_ANSWER(monitorState);
CM_MONITOR_ANSWER(monitorTopology);
CM_MONITOR_ANSWER(monitorReplication);
CM_MONITOR_ANSWER(monitorPools);
CM_MONITOR_ANSWER(listSeries);
CM_MONITOR_ANSWER(readSeries);
CM_MONITOR_ANSWER(listTimeline);
CM_MONITOR_ANSWER(readAvailability);
CM_MONITOR_ANSWER(compareMonitors);
CM_MONITOR_ANSWER(exportIncident);
CM_MONITOR_ANSWER(planAction);
CM_MONITOR_ANSWER(pressAction);
CM_MONITOR_ANSWER(listActions);
CM_MONITOR_ANSWER(getAction);
CM_MONITOR_ANSWER(cancelAction);
CM_MONITOR_ANSWER(listAlerts);
CM_MONITOR_ANSWER(getAlert);
CM_MONITOR_ANSWER(acknowledgeAlert);
CM_MONITOR_ANSWER(acknowledgeAll);
CM_MONITOR_ANSWER(releaseAlert);
CM_MONITOR_ANSWER(previewSilence);
CM_MONITOR_ANSWER(createSilence);
CM_MONITOR_ANSWER(listSilences);
CM_MONITOR_ANSWER(endSilence);
CM_MONITOR_ANSWER(listReceivers);

}  // namespace cm::monitor
