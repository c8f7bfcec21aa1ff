// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/guards.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace cm::deprecation {

namespace {

using std::chrono::days;

constexpr std::array standings{std::pair{Standing::Met, std::string_view("met")}, std::pair{Standing::Unmet, std::string_view("unmet")},
                               std::pair{Standing::Unknown, std::string_view("unknown")},
                               std::pair{Standing::Advice, std::string_view("advice")}};

// Uses are measured for so long before anything is announced.
constexpr days measuredFor{14};
// Hits on a tombstone are watched for so long before it is taken down.
constexpr days sunsetFor{30};

Guard guard(std::string name, bool holds, std::string detail, bool overridable = false)
{
    return {std::move(name), holds ? Standing::Met : Standing::Unmet, std::move(detail), overridable};
}

std::int64_t wholeDays(Time from, Time to)
{
    return std::chrono::floor<days>(to - from).count();
}

std::string day(Time time)
{
    return formatRfc3339(time).substr(0, 10);
}

Guard owner(const Situation &now)
{
    if (now.owner.empty())
        return guard("owner", false, "nobody runs it");
    return guard("owner", now.ownerKnown,
                 now.ownerKnown ? now.owner + " runs it" : now.owner + " is no admin or operator who may act");
}

Guard dates(const Situation &now)
{
    if (!now.deprecated || !now.sunset)
        return guard("dates", false, "the dates of the deprecation and of the sunset are not both set");
    if (*now.sunset < *now.deprecated)
        return guard("dates", false, "the sunset lies before the deprecation (RFC 8594)");
    if (*now.sunset <= now.now)
        return guard("dates", false, "the sunset, " + day(*now.sunset) + ", is over");
    return guard("dates", true, fmt::format("deprecated on {}, sunset on {}", day(*now.deprecated), day(*now.sunset)));
}

Guard measured(const Situation &now)
{
    if (!now.recordedSince)
        return {"measured", Standing::Unknown, "no use was ever recorded", true};
    const Time from = std::max(*now.recordedSince, now.state == State::Measuring ? now.since : Time{});
    const std::int64_t count = wholeDays(from, now.now);
    // What runs once a month is seen only by a measurement that goes over the end of one.
    const std::chrono::year_month_day first(std::chrono::floor<days>(from));
    const std::chrono::year_month_day last(std::chrono::floor<days>(now.now));
    const bool overMonthEnd = first.year() != last.year() || first.month() != last.month();
    return guard("measured", count >= measuredFor.count() && overMonthEnd,
                 fmt::format("measured for {} days{}; {} days and the end of a month are wanted", count,
                             overMonthEnd ? " over the end of a month" : "", measuredFor.count()),
                 true);
}

Guard complete(const Situation &now)
{
    if (now.lost == 0 && now.unknownGaps == 0)
        return guard("complete", true, "no use is known to be missing", true);
    std::string words = fmt::format("{} uses could not be recorded", now.lost);
    if (now.unknownGaps > 0)
        words += fmt::format(", and some may be missing at {} moments", now.unknownGaps);
    return guard("complete", false, words + (now.lostSince ? ", since " + day(*now.lostSince) : std::string()), true);
}

// What is read is read by nobody who is known, and a cache in front hides most of it: only downloads of what reads it
// tell how much there is.
Guard indirect(const Situation &now)
{
    if (now.hasClientProject)
        return guard("indirect", true, "the downloads of a project stand for indirect use", true);
    if (now.behindCaches)
        return guard("indirect", false, "caches in front answer for it, and no project's downloads stand for indirect use", true);
    return {"indirect", Standing::Advice, "readers are nobody who is known, and no project's downloads stand for indirect use", false};
}

Guard reachable(const Situation &now)
{
    const bool all = now.reachable >= now.people;
    return {"reachable", all ? Standing::Met : Standing::Advice,
            fmt::format("{} of {} people can be reached by mail", now.reachable, now.people), false};
}

Guard told(const Situation &now)
{
    return guard("told", now.told >= now.reachable,
                 fmt::format("{} of {} reachable people were told since the announcement", now.told, now.reachable), true);
}

// Every node that lives has rehearsed the record as it stands, and would answer right.
Guard tombstone(const Situation &now)
{
    std::int64_t living = 0;
    std::int64_t right = 0;
    std::string wrong;
    bool silent = false;
    for (const NodeProof &node : now.nodes) {
        if (node.seen + goneAfter < now.now)
            continue;
        ++living;
        if (node.seen + freshFor < now.now) {
            silent = true;
            wrong += fmt::format("; {} was last seen {}", node.node, formatRfc3339(node.seen).substr(0, 19));
        } else if (node.revision != now.revision) {
            silent = true;
            wrong += fmt::format("; {} has not rehearsed this revision yet", node.node);
        } else if (!node.right) {
            wrong += fmt::format("; {}: {}", node.node, node.detail);
        } else {
            ++right;
        }
    }
    if (living == 0)
        return {"tombstone", Standing::Unknown, "no node has given a sign of life", false};
    Guard out = guard("tombstone", right == living, fmt::format("answers right on {} of {} nodes{}", right, living, wrong));
    if (out.standing == Standing::Unmet && silent)
        out.standing = Standing::Unknown;
    return out;
}

Guard alerts(const Situation &now)
{
    switch (now.alerts.source) {
    case Alerts::Source::None:
        return {"alerts", Standing::Advice, "no monitor is configured that could tell of alerts", false};
    case Alerts::Source::Silent:
        return {"alerts", Standing::Unknown, "the monitor does not answer", true};
    case Alerts::Source::Told:
        break;
    }
    return guard("alerts", now.alerts.critical == 0,
                 now.alerts.critical == 0 ? "no critical alert is open"
                                          : fmt::format("{} critical alerts are open", now.alerts.critical),
                 true);
}

Guard window(const Situation &now)
{
    const PlannedWindow &plan = *now.window;
    if (plan.starts < now.now)
        return guard("window", false, "it would begin in the past");
    if (plan.ends <= plan.starts)
        return guard("window", false, "it would end before it begins");
    if (plan.ends - plan.starts > longestBrownOut)
        return guard("window", false, "it would last longer than 24 hours");
    if (now.sunset && plan.ends > *now.sunset)
        return guard("window", false, "it would last beyond the sunset");
    for (const PastWindow &past : now.windows) {
        if (plan.starts < past.ends && past.starts < plan.ends)
            return guard("window", false, fmt::format("it would overlap brown-out {}", past.number));
    }
    return guard("window", true,
                 fmt::format("{} to {}", formatRfc3339(plan.starts).substr(0, 16), formatRfc3339(plan.ends).substr(0, 16)));
}

Guard weekday(const Situation &now)
{
    // In UTC, as everything here; the first and the last moment count.
    const auto isWeekend = [](Time time) {
        const std::chrono::weekday at(std::chrono::floor<days>(time));
        return at == std::chrono::Saturday || at == std::chrono::Sunday;
    };
    const bool weekend = isWeekend(now.window->starts) || isWeekend(now.window->ends - std::chrono::seconds(1));
    return guard("weekday", !weekend, weekend ? "it falls on a weekend (UTC)" : "it falls on working days (UTC)", true);
}

// Short first, then longer: at most twelve times as long as the longest before, the first one an hour at most.
Guard ramp(const Situation &now)
{
    std::chrono::microseconds longest{0};
    for (const PastWindow &past : now.windows) {
        if (past.ends <= now.now && !past.endedEarly)
            longest = std::max(longest, std::chrono::microseconds(past.ends - past.starts));
    }
    const auto most = longest.count() == 0 ? std::chrono::microseconds(std::chrono::hours(1)) : longest * 12;
    const bool gentle = now.window->ends - now.window->starts <= most;
    return guard("ramp", gentle,
                 fmt::format("at most {} min after those before", std::chrono::floor<std::chrono::minutes>(most).count()), true);
}

Guard onCall(const Situation &now)
{
    const PlannedWindow &plan = *now.window;
    if (plan.onCall.empty())
        return guard("on-call", false, "nobody is named who watches it");
    return guard("on-call", plan.onCallKnown,
                 plan.onCallKnown ? plan.onCall + " watches it" : plan.onCall + " is nobody of the staff who may act");
}

Guard abortAt(const Situation &now)
{
    if (now.window->abortAt > 0)
        return guard("abort", true, fmt::format("aborts itself at {} refusals", now.window->abortAt));
    return {"abort", Standing::Advice, "no number of refusals is set at which it aborts itself", false};
}

Guard brownOuts(const Situation &now)
{
    const auto whole = std::count_if(now.windows.begin(), now.windows.end(), [&](const PastWindow &past) {
        return !past.endedEarly && past.ends <= now.now;
    });
    return guard("brown-outs", whole > 0, fmt::format("{} brown-outs went through to their end", whole), true);
}

Guard noWindow(const Situation &now)
{
    const auto ahead = std::count_if(now.windows.begin(), now.windows.end(), [&](const PastWindow &past) {
        return now.now < past.ends;
    });
    return guard("no-window", ahead == 0,
                 ahead == 0 ? "no brown-out is planned or runs" : fmt::format("{} brown-outs are planned or run", ahead));
}

Guard quiet(const Situation &now)
{
    // Silence of days on which nobody listened is none.
    if (!now.recordedSince || *now.recordedSince > now.now - days(now.quietDays))
        return {"quiet", Standing::Unknown, fmt::format("uses are not recorded for {} days yet", now.quietDays), true};
    if (now.usesWait && now.quietUses <= now.budget)
        return {"quiet", Standing::Unknown, "uses wait to be summed up; try again in a moment", true};
    return guard("quiet", now.quietUses <= now.budget,
                 fmt::format("{} uses in the last {} days, {} are allowed", now.quietUses, now.quietDays, now.budget), true);
}

Guard due(std::string name, std::optional<Time> date, const Situation &now)
{
    if (!date)
        return guard(std::move(name), false, "no date is set", true);
    return guard(std::move(name), *date <= now.now, "planned for " + day(*date), true);
}

Guard residual(const Situation &now)
{
    const std::int64_t count = wholeDays(now.since, now.now);
    return guard("residual", count >= sunsetFor.count(),
                 fmt::format("{} refused uses in the last 30 days; over for {} of {} days", now.refusedSince, count, sunsetFor.count()),
                 true);
}

Guard mentions(const Situation &now)
{
    if (!now.mentions)
        return {"mentions", Standing::Unknown, "the registry's own texts were not looked through", true};
    return guard("mentions", *now.mentions == 0, fmt::format("the registry's own texts mention it in {} places", *now.mentions), true);
}

Guard secondPerson(const Situation &now)
{
    if (!now.agreedDiffers.empty())
        return guard("second-person", false, "another step was agreed to; this one differs in: " + now.agreedDiffers);
    const bool confirmed = !now.confirmedBy.empty() && now.confirmedBy != now.actor;
    return guard("second-person", confirmed,
                 confirmed ? now.confirmedBy + " has confirmed it" : "no other admin has confirmed this step at this revision");
}

}  // namespace

std::string_view standingName(Standing standing) noexcept
{
    return standings[static_cast<std::size_t>(standing)].second;
}

bool Guard::holds(bool overriding) const
{
    return standing == Standing::Met || standing == Standing::Advice || (overriding && overridable);
}

std::vector<Guard> guardsOf(State to, const Situation &now, bool overriding)
{
    std::vector<Guard> out;
    switch (to) {
    case State::Measuring:
        out.push_back(owner(now));
        if (!now.hasClientProject && !now.isRead)
            out.push_back({"indirect", Standing::Advice, "no project's downloads stand for indirect use", false});
        if (now.isRead)
            out.push_back(indirect(now));
        break;
    case State::Announced:
        out = {owner(now), guard("replacement", now.hasReplacement, now.hasReplacement ? "a replacement is named" : "no replacement is named"),
               guard("link", now.hasLink, now.hasLink ? "a link explains it" : "no link explains it"), dates(now), measured(now),
               complete(now), reachable(now)};
        if (now.isRead)
            out.push_back(indirect(now));
        break;
    case State::Warning:
        out = {owner(now), dates(now), tombstone(now)};
        // Back from a brown-out, people have long been told.
        if (now.state != State::BrownOut)
            out.push_back(told(now));
        break;
    case State::BrownOut:
        // A pause that ends asks for no new window.
        if (now.window) {
            out = {window(now), weekday(now), ramp(now), onCall(now), abortAt(now), tombstone(now), alerts(now), dates(now)};
        } else if (now.state == State::Paused) {
            out = {dates(now), tombstone(now)};
        } else {
            out = {guard("window", false, "a beginning and an end are to be given"), tombstone(now), alerts(now), dates(now)};
        }
        break;
    case State::Sunset:
        out = {tombstone(now), noWindow(now), brownOuts(now), quiet(now), due("sunset-date", now.sunset, now), alerts(now)};
        break;
    case State::Removed:
        out = {residual(now), mentions(now), due("removal-date", now.removal, now)};
        break;
    case State::Closed:
    case State::Paused:
    case State::RolledBack:
    case State::Cancelled:
    case State::Frozen:
    case State::Proposed:
        break;
    }
    if (overriding || (now.secondPerson && concernsPeople(to)))
        out.push_back(secondPerson(now));
    return out;
}

bool allows(const std::vector<Guard> &guards, bool overriding)
{
    return std::all_of(guards.begin(), guards.end(), [overriding](const Guard &guard) { return guard.holds(overriding); });
}

}  // namespace cm::deprecation
