// SPDX-License-Identifier: GPL-3.0-or-later
// The handler that gathers an incident: what belongs to a span of time, and what of it is not in the document.
#include "core/monitor/monitor_handlers.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::monitor {
namespace {

constexpr std::int64_t pageOf = 1000;
constexpr std::int64_t mostOfAKind = 10'000;
constexpr auto beforeIncident = std::chrono::minutes(30);
// What holds now is told of a span that has ended no longer ago than that.
constexpr auto stillNow = std::chrono::seconds(10);

// Where an incident begins, when nobody says.
Time beginning(const std::vector<api::Alert> &alerts, Time now)
{
    Time first = now;
    for (const api::Alert &alert : alerts)
        first = std::min(first, alert.started);
    return first - beforeIncident;
}

// What `page` answers by offset and limit, newest first, until `past` says that the rest lies before the span; those that
// `wanted` wants and are not there yet, as something may have begun or ended meanwhile.
template <class T, class Page, class Past, class Wanted>
Result<void> gather(std::vector<T> &out, std::vector<std::string> &leftOut, const char *what, Page page, Past past, Wanted wanted)
{
    std::set<std::int64_t> there;
    for (const T &item : out)
        there.insert(item.id.value);
    for (std::int64_t offset = 0;; offset += pageOf) {
        CM_TRY_ASSIGN(api::Page<T> read, page(offset, pageOf));
        for (T &item : read.items) {
            if (past(item))
                return {};
            if (!wanted(item) || !there.insert(item.id.value).second)
                continue;
            if (static_cast<std::int64_t>(out.size()) >= mostOfAKind) {
                leftOut.push_back(fmt::format("{}: the newest {} are here", what, mostOfAKind));
                return {};
            }
            out.push_back(std::move(item));
        }
        if (static_cast<std::int64_t>(read.items.size()) < pageOf)
            return {};
    }
}

Result<void> addAlerts(api::Incident &incident, Monitor &monitor)
{
    std::erase_if(incident.alerts, [&](const api::Alert &alert) { return alert.started >= incident.until; });
    return gather(
        incident.alerts, incident.leftOut, "Alerts", [&](std::int64_t offset, std::int64_t limit) { return monitor.journal().closedAlerts(offset, limit); },
        [&](const api::Alert &alert) { return alert.closed && *alert.closed < incident.from; },
        [&](const api::Alert &alert) { return alert.started < incident.until; });
}

Result<void> addActions(api::Incident &incident, Monitor &monitor)
{
    // One at a time: one that has ended before the span has all older ones before it as well.
    return gather(
        incident.actions, incident.leftOut, "Actions", [&](std::int64_t offset, std::int64_t limit) { return monitor.journal().actions(offset, limit); },
        [&](const api::Action &action) { return action.ended && *action.ended < incident.from; },
        [&](const api::Action &action) { return action.started < incident.until; });
}

Result<void> addLogs(api::Incident &incident, Monitor &monitor)
{
    const auto cut = [&](const char *what, std::int64_t total) {
        if (total > mostOfAKind)
            incident.leftOut.push_back(fmt::format("{}: the newest {} of {} are here", what, mostOfAKind, total));
    };
    api::ListTimeline events;
    events.from = incident.from;
    events.until = incident.until;
    events.limit = mostOfAKind;
    CM_TRY_ASSIGN(auto page, monitor.journal().timeline(events));
    incident.timeline.assign(page.items.rbegin(), page.items.rend());
    cut("Events", page.total);
    if (incident.from < incident.time - Journal::keptEvents)
        incident.leftOut.push_back(fmt::format("Events before {}: they are kept for 30 days", formatRfc3339(incident.time - Journal::keptEvents)));
    api::ListAudit audit;
    audit.from = incident.from;
    audit.until = incident.until;
    audit.limit = mostOfAKind;
    CM_TRY_ASSIGN(auto lines, monitor.journal().audit(audit));
    incident.audit = std::move(lines.items);
    cut("Audit lines", lines.total);
    CM_TRY_ASSIGN(incident.silences, monitor.journal().allSilences());
    std::erase_if(incident.silences, [&](const api::Silence &silence) {
        return silence.created >= incident.until || silence.ended.value_or(silence.until) < incident.from;
    });
    return {};
}

void addSeries(api::Incident &incident, Monitor &monitor, const std::vector<api::Node> &nodes)
{
    std::set<std::string> troubled;
    for (const api::Alert &alert : incident.alerts)
        troubled.insert(alert.node);
    for (const api::TimelineEvent &event : incident.timeline) {
        if (event.kind == "verdict.changed" && (event.after != Verdict::Ok || event.before.value_or(Verdict::Ok) != Verdict::Ok))
            troubled.insert(event.node);
    }
    for (const api::Node &node : nodes) {
        if (!troubled.contains(node.name) && !(incident.state && node.verdict != Verdict::Ok))
            continue;
        for (const api::SeriesInfo &info : monitor.history().list(node.name)) {
            auto series = monitor.history().read({info.target, info.signal, incident.from, incident.until, 0}, incident.time);
            if (series)
                incident.series.push_back(std::move(*series));
        }
    }
    if (incident.from < incident.time - History::longest)
        incident.leftOut.push_back(fmt::format("Figures before {}: they are kept for a day", formatRfc3339(incident.time - History::longest)));
}

}  // namespace

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
    if (incident.time - incident.until <= stillNow) {
        incident.state = call.monitor.state();
        incident.replication = view->replication;
        incident.pools = view->pools;
    } else {
        incident.leftOut.push_back(fmt::format("States, replication and pools: they are known as of now, and the span ended at {}", formatRfc3339(incident.until)));
    }
    CM_TRY(addAlerts(incident, call.monitor));
    CM_TRY(addActions(incident, call.monitor));
    CM_TRY(addLogs(incident, call.monitor));
    addSeries(incident, call.monitor, view->nodes);
    return incident;
}

}  // namespace cm::monitor
