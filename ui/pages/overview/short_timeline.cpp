// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/overview/short_timeline.h"

#include <algorithm>
#include <chrono>

namespace cm::ui {

namespace {

// An alert opens with the verdict, or the look after it.
constexpr std::chrono::seconds together{5};

bool areTogether(const api::TimelineEvent &a, const api::TimelineEvent &b)
{
    return std::chrono::abs(a.time - b.time) <= together;
}

// `event` says nothing that `other` does not.
bool isSaidBy(const api::TimelineEvent &event, const api::TimelineEvent &other)
{
    if (event.node != other.node || !areTogether(event, other))
        return false;
    if (event.kind == "alert.opened" || event.kind == "alert.changed")
        return other.kind == "verdict.changed" && event.after == other.after && event.finding == other.finding;
    if (event.kind == "alert.closed")
        return other.kind == "verdict.changed" && other.after == api::Verdict::Ok;
    return event.kind == "action.step" && other.kind == "action.ended" && event.statement == other.statement;
}

}  // namespace

QList<api::TimelineEvent> shortTimeline(const std::vector<api::TimelineEvent> &events)
{
    QList<api::TimelineEvent> out;
    for (auto event = events.begin(); event != events.end(); ++event) {
        const bool said = std::any_of(events.begin(), events.end(), [&event](const api::TimelineEvent &other) { return isSaidBy(*event, other); });
        if (!said)
            out << *event;
    }
    return out;
}

}  // namespace cm::ui
