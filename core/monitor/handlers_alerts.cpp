// SPDX-License-Identifier: GPL-3.0-or-later
// Handlers of alerts and silences. Whatever an operator changes leaves an audit line in the monitor's own
// log, in the same transaction.
#include "core/api/codec.h"
#include "core/monitor/monitor_handlers.h"

#include <algorithm>

namespace cm::monitor {
namespace {

api::AuditEntry auditOf(const MonitorCall &call, std::string action, std::string subject, std::string reason, api::Json after)
{
    api::AuditEntry entry;
    entry.actor = call.by.name;
    entry.role = api::nameOf(call.by.role);
    entry.channel = "monitor api";
    entry.action = std::move(action);
    entry.subject = std::move(subject);
    entry.reason = std::move(reason);
    entry.after = std::move(after);
    entry.requestId = call.requestId;
    return entry;
}

template <class Request>
api::AuditEntry auditOf(const MonitorCall &call, std::string action, std::string subject, std::string reason,
                        const Request &request)
{
    return auditOf(call, std::move(action), std::move(subject), std::move(reason), api::toJson(request));
}

std::string numbered(const char *what, api::Id id)
{
    return std::string(what) + " " + std::to_string(id.value);
}

Result<api::Alert> alertNumbered(const MonitorCall &call, api::Id id)
{
    for (const api::Alert &alert : call.monitor.alerts()) {
        if (alert.id == id)
            return alert;
    }
    return call.monitor.journal().closedAlert(id);
}

Result<api::Silence> onlySilence(Result<AlertChanges> changes)
{
    if (!changes)
        return fail(changes.error());
    return changes->silences.front();
}

}  // namespace

CM_MONITOR_ANSWER(listAlerts)
{
    const std::int64_t offset = std::max<std::int64_t>(request.offset, 0);
    const std::int64_t limit = std::clamp<std::int64_t>(request.limit, 0, 1000);
    api::Page<api::Alert> page;
    std::vector<api::Alert> all = call.monitor.alerts();
    if (request.history || request.state == api::AlertState::Closed) {
        constexpr std::int64_t newest = 10'000;
        CM_TRY_ASSIGN(const auto closed, call.monitor.journal().closedAlerts(0, newest));
        all.insert(all.end(), closed.items.begin(), closed.items.end());
    }
    std::erase_if(all, [&](const api::Alert &alert) {
        return (request.state && alert.state != *request.state) || (!request.node.empty() && alert.node != request.node);
    });
    page.total = static_cast<std::int64_t>(all.size());
    page.offset = offset;
    for (std::int64_t i = offset; i < std::min(page.total, offset + limit); ++i)
        page.items.push_back(std::move(all[static_cast<std::size_t>(i)]));
    return page;
}

CM_MONITOR_ANSWER(getAlert)
{
    return alertNumbered(call, request.alert);
}

CM_MONITOR_ANSWER(acknowledgeAlert)
{
    CM_TRY(call.monitor.act([&](AlertEngine &engine, Time now) { return engine.acknowledge(request, call.by.name, now); },
                            auditOf(call, "alert.acknowledge", numbered("alert", request.alert), request.note, request)));
    return alertNumbered(call, request.alert);
}

CM_MONITOR_ANSWER(acknowledgeAll)
{
    CM_TRY_ASSIGN(AlertChanges changes,
                  call.monitor.act([&](AlertEngine &engine, Time now) { return engine.acknowledgeAll(request, call.by.name, now); },
                                   auditOf(call, "alert.acknowledge", "all alerts", request.note, request)));
    api::Page<api::Alert> page;
    page.items = std::move(changes.alerts);
    page.total = static_cast<std::int64_t>(page.items.size());
    return page;
}

CM_MONITOR_ANSWER(releaseAlert)
{
    CM_TRY(call.monitor.act([&](AlertEngine &engine, Time now) { return engine.release(request, call.by.name, now); },
                            auditOf(call, "alert.release", numbered("alert", request.alert), request.reason, request)));
    return alertNumbered(call, request.alert);
}

CM_MONITOR_ANSWER(previewSilence)
{
    return call.monitor.preview(request.match);
}

CM_MONITOR_ANSWER(createSilence)
{
    return onlySilence(
        call.monitor.act([&](AlertEngine &engine, Time now) { return engine.silence(request, call.by.name, now); },
                         auditOf(call, "silence.create", request.match.node.empty() ? "silence" : request.match.node,
                                 request.reason, request)));
}

CM_MONITOR_ANSWER(listSilences)
{
    api::SilenceList list{call.monitor.silences()};
    if (request.history) {
        CM_TRY_ASSIGN(auto all, call.monitor.journal().allSilences());
        for (api::Silence &silence : all) {
            if (silence.ended)
                list.silences.push_back(std::move(silence));
        }
    }
    return list;
}

CM_MONITOR_ANSWER(endSilence)
{
    return onlySilence(
        call.monitor.act([&](AlertEngine &engine, Time now) { return engine.endSilence(request, call.by.name, now); },
                         auditOf(call, "silence.end", numbered("silence", request.silence), request.reason, request)));
}

CM_MONITOR_ANSWER(listReceivers)
{
    return api::ReceiverList{call.monitor.receivers()};
}

}  // namespace cm::monitor
