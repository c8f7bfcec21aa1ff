// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor.h"

#include <algorithm>
#include <array>
#include <map>

namespace cm::monitor {
namespace {

constexpr auto longestSpan = std::chrono::hours(24 * 30);
constexpr std::int64_t mostChanges = 100'000;

double seconds(std::chrono::microseconds duration)
{
    return std::chrono::duration<double>(duration).count();
}

bool isWorking(const api::TimelineEvent &change)
{
    return works(*change.after, change.finding);
}

// A stop by order is no outage, and ends none. Outages go on while nobody watches: a monitor that was started anew in the
// middle of one ends it. One that lasts into the span counts, and was repaired in it; its time to repair is the whole of it.
void countOutages(api::Availability &out, const std::vector<api::TimelineEvent> &changes, Time from, Time until)
{
    double repairing = 0;
    std::int64_t repaired = 0;
    bool broken = false;
    Time since{};
    for (const api::TimelineEvent &change : changes) {
        if (change.node != out.node || !change.after || change.time >= until)
            continue;
        if (!broken && *change.after == Verdict::Critical) {
            broken = true;
            since = change.time;
        } else if (broken && isWorking(change)) {
            broken = false;
            if (change.time < from)
                continue;
            ++out.outages;
            repairing += seconds(change.time - since);
            ++repaired;
        }
    }
    out.outages += broken ? 1 : 0;
    if (repaired > 0)
        out.meanRepairSeconds = repairing / static_cast<double>(repaired);
}

// What others take the place of, in the way of a request.
constexpr std::array servingRoles{"cdn", "web", "pgpool", "postgres", "gluster", "mirror"};

}  // namespace

std::vector<api::TimelineEvent> roleChanges(const std::vector<NodeInfo> &nodes, const std::string &role, const std::vector<api::TimelineEvent> &changes)
{
    std::map<std::string, std::optional<Verdict>> verdicts;  // none: it was not looked at yet
    for (const NodeInfo &node : nodes) {
        if (node.role == role && node.serves)
            verdicts[node.name] = std::nullopt;
    }
    const auto best = [&] {
        Verdict found = Verdict::Critical;
        for (const auto &[name, verdict] : verdicts)
            found = std::min(found, verdict.value_or(Verdict::Unknown));
        return found;
    };
    std::vector<api::TimelineEvent> out;
    std::optional<Verdict> last;
    for (const api::TimelineEvent &change : changes) {
        const auto node = verdicts.find(change.node);
        if (node == verdicts.end() || !change.after)
            continue;
        node->second = isWorking(change) || change.after == Verdict::Unknown ? *change.after : Verdict::Critical;
        if (const Verdict now = best(); now != last) {
            out.push_back(change);
            out.back().node.clear();
            out.back().finding.clear();
            out.back().before = last;
            out.back().after = last = now;
        }
    }
    return out;
}

api::Availability availabilityOf(const NodeInfo &node, const std::vector<api::TimelineEvent> &changes,
                                 const std::vector<std::pair<Time, Time>> &watches)
{
    api::Availability out;
    out.node = node.name;
    out.role = node.role;
    double working = 0, unknown = 0;
    for (const auto &[from, until] : watches) {
        // The state that held when this span began is that of the last change before it. Before the first there was no look.
        const api::TimelineEvent *last = nullptr;
        Time at = from;
        const auto count = [&](Time end) {
            const double span = last ? seconds(std::max(end, at) - at) : 0;
            out.watchedSeconds += span;
            if (last && *last->after == Verdict::Unknown)
                unknown += span;
            else if (last && isWorking(*last))
                working += span;
            at = std::max(end, at);
        };
        for (const api::TimelineEvent &change : changes) {
            if (change.node != node.name || !change.after || change.time >= until)
                continue;
            count(std::clamp(change.time, from, until));
            last = &change;
        }
        count(until);
    }
    if (out.watchedSeconds > 0) {
        out.working = working / out.watchedSeconds;
        out.unknown = unknown / out.watchedSeconds;
    }
    if (!watches.empty())
        countOutages(out, changes, watches.front().first, watches.back().second);
    return out;
}

Result<api::AvailabilityList> Monitor::availability(const api::AvailabilityQuery &query)
{
    api::AvailabilityList list;
    const Time now = m_clock.now();
    list.until = std::min(query.until.value_or(now), now);
    list.from = std::max(query.from.value_or(list.until - longestSpan), now - longestSpan);
    if (list.from >= list.until)
        return fail(ErrorCode::InvalidInput, "the span of time is empty");
    CM_TRY_ASSIGN(auto watches, m_journal.watches(list.from, list.until));
    // The store learns every few seconds that this monitor still watches.
    if (!watches.empty() && watches.back().second < list.until && watches.back().first >= std::max(list.from, started()))
        watches.back().second = list.until;
    api::ListTimeline changes;
    changes.until = list.until;
    changes.kind = "verdict.changed";
    changes.limit = mostChanges;
    CM_TRY_ASSIGN(auto page, m_journal.timeline(changes));
    std::reverse(page.items.begin(), page.items.end());
    const std::vector<NodeInfo> nodes = landscapeOf(m_around).nodes;
    for (const NodeInfo &node : nodes)
        list.nodes.push_back(availabilityOf(node, page.items, watches));
    for (const char *role : servingRoles) {
        if (std::any_of(nodes.begin(), nodes.end(), [&](const NodeInfo &node) { return node.role == role && node.serves; }))
            list.roles.push_back(availabilityOf({{}, role, {}, {}}, roleChanges(nodes, role, page.items), watches));
    }
    return list;
}

}  // namespace cm::monitor
