// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/deprecation_convert.h"

#include "core/api/codec.h"
#include "core/deprecation/trend.h"
#include "core/metrics/store/poisson.h"
#include "core/registry/deprecation_agreement.h"

#include <algorithm>
#include <cmath>

namespace cm::server {
namespace {

using deprecation::State;

api::DeprecationState stateOf(std::string_view name)
{
    return api::enumNamed<api::DeprecationState>(name).value_or(api::DeprecationState::Proposed);
}

api::BrownOutState stateOf(const catalog::BrownOutRow &window, Time now)
{
    if (window.ended)
        return *window.ended > window.starts ? api::BrownOutState::Aborted : api::BrownOutState::CalledOff;
    if (now < window.starts)
        return api::BrownOutState::Planned;
    return now < window.ends ? api::BrownOutState::Running : api::BrownOutState::Ended;
}

api::BrownOut brownOutOf(const catalog::BrownOutRow &window, const registry::BrownOutFigures &figures, Time now)
{
    api::BrownOut out;
    out.id = api::Id{window.id};
    out.number = window.number;
    out.starts = window.starts;
    out.ends = window.ends;
    out.state = stateOf(window, now);
    out.onCall = window.onCall;
    out.abortAt = window.abortAt;
    out.endedBy = window.endedBy;
    out.endReason = window.endReason;
    out.endedEarly = window.ended;
    out.refused = figures.refused;
    out.people = figures.people;
    out.movedOver = figures.movedOver;
    out.anonymous = figures.anonymous;
    return out;
}

api::BrownOut brownOutOf(const registry::DeprecationView &view, const catalog::BrownOutRow &window, Time now)
{
    const auto found = view.figures.find(window.id);
    return brownOutOf(window, found == view.figures.end() ? registry::BrownOutFigures{} : found->second, now);
}

api::CollateralCounts toApi(const catalog::CollateralCounts &counts)
{
    return {counts.uploads, counts.uploadsRefused, counts.uploadsFailed, counts.installs, counts.installsFailed};
}

// Guards as a step was recorded with them.
std::vector<api::DeprecationGuard> guardsOf(const std::string &json)
{
    std::vector<api::DeprecationGuard> out;
    const auto parsed = api::parseJson(json);
    if (!parsed || !parsed->is_array())
        return out;
    for (const auto &value : parsed->as_array()) {
        if (auto guard = api::fromJson<api::DeprecationGuard>(value, api::UnknownMembers::Ignore))
            out.push_back(std::move(*guard));
    }
    return out;
}

}  // namespace

deprecation::State fromApi(api::DeprecationState state)
{
    return deprecation::stateNamed(api::nameOf(state)).value_or(State::Proposed);
}

api::DeprecationState toApi(State state)
{
    return stateOf(deprecation::stateName(state));
}

catalog::DeprecationRow fromApi(const api::DeprecationTerms &terms)
{
    catalog::DeprecationRow row;
    row.title = terms.title;
    row.kind = api::nameOf(terms.kind);
    row.subject = terms.subject;
    row.owner = terms.owner;
    row.replacement = terms.replacement;
    row.link = terms.link;
    row.command = terms.command;
    row.clientProject = terms.clientProject;
    row.mentions = terms.mentions;
    row.deprecated = terms.deprecated;
    row.sunset = terms.sunset;
    row.removal = terms.removal;
    row.budget = terms.budget;
    row.quietDays = terms.quietDays;
    row.secondPerson = terms.secondPerson;
    return row;
}

api::DeprecationTerms termsOf(const catalog::DeprecationRow &row)
{
    return {row.title,   api::enumNamed<api::DeprecationKind>(row.kind).value_or(api::DeprecationKind::Channel),
            row.subject, row.owner,
            row.replacement, row.link,
            row.command, row.clientProject,
            row.mentions, row.deprecated,
            row.sunset,  row.removal,
            row.budget,  row.quietDays,
            row.secondPerson};
}

std::vector<api::DeprecationGuard> toApi(const std::vector<deprecation::Guard> &guards)
{
    std::vector<api::DeprecationGuard> out;
    for (const deprecation::Guard &guard : guards) {
        const auto state = api::enumNamed<api::GuardState>(deprecation::standingName(guard.standing));
        out.push_back({guard.name, state.value_or(api::GuardState::Unknown), guard.detail, guard.overridable});
    }
    return out;
}

api::DeprecationSummary toApi(const registry::DeprecationLine &line, Time now)
{
    const registry::DeprecationView &view = line.view;
    const catalog::DeprecationRow &row = view.row;
    api::DeprecationSummary out;
    out.id = api::Id{row.id};
    out.revision = row.revision;
    out.title = row.title;
    out.kind = api::enumNamed<api::DeprecationKind>(row.kind).value_or(api::DeprecationKind::Channel);
    out.subject = row.subject;
    out.owner = row.owner;
    out.state = stateOf(row.state);
    out.since = row.since;
    out.unreadable = line.unreadable;
    if (!out.unreadable.empty())
        return out;
    for (const catalog::BrownOutRow &window : view.brownOuts) {
        if (window.end() > now && (!out.next || window.starts < out.next->starts))
            out.next = brownOutOf(view, window, now);
    }
    if (!deprecation::isOver(view.entry.state)) {
        for (const auto &[date, state] : {std::pair(row.deprecated, api::DeprecationState::Warning), std::pair(row.sunset, api::DeprecationState::Sunset),
                                          std::pair(row.removal, api::DeprecationState::Removed)}) {
            if (date && *date > now && (!out.nextDate || *date < *out.nextDate)) {
                out.nextDate = date;
                out.nextState = state;
            }
        }
    }
    out.uses = line.uses;
    out.people = line.people;
    out.anonymous = line.anonymous;
    return out;
}

api::DeprecationRecord toApi(const registry::DeprecationView &view, Time now)
{
    const catalog::DeprecationRow &row = view.row;
    api::DeprecationRecord out;
    out.id = api::Id{row.id};
    out.revision = row.revision;
    out.terms = termsOf(row);
    out.state = stateOf(row.state);
    if (!row.pausedFrom.empty())
        out.pausedFrom = stateOf(row.pausedFrom);
    out.since = row.since;
    out.created = row.created;
    out.createdBy = row.createdBy;
    for (const catalog::DeprecationStepRow &step : view.steps)
        out.steps.push_back({api::Id{step.id}, stateOf(step.from), stateOf(step.to), step.time, step.actor, step.confirmedBy, step.reason,
                             guardsOf(step.guards), step.overridden});
    for (const catalog::BrownOutRow &window : view.brownOuts)
        out.brownOuts.push_back(brownOutOf(view, window, now));
    for (const catalog::DeprecationExemptionRow &exemption : view.exemptions)
        out.exemptions.push_back({exemption.userName, exemption.until, exemption.reason, exemption.author});
    for (const catalog::DeprecationAnswerRow &answer : view.answers)
        out.answers.push_back({api::Id{answer.id}, answer.who, api::enumNamed<api::Stance>(answer.stance).value_or(api::Stance::Note), answer.text,
                               answer.time, answer.author});
    for (const catalog::DeprecationProofRow &proof : view.proofs)
        out.tombstones.push_back({proof.node, proof.revision, proof.right, proof.detail, proof.time});
    for (const State state : view.possible)
        out.possible.push_back(toApi(state));
    if (view.agreed) {
        const registry::WishedStep &step = view.agreed->step;
        out.confirmedStep = toApi(step.to);
        out.confirmedBy = view.agreed->by;
        out.agreed = api::AgreedStep{toApi(step.to), view.agreed->revision, step.starts, step.ends, step.onCall, step.abortAt, step.overrideGuards,
                                     registry::digestOf(row.id, view.agreed->revision, step), view.agreed->by, view.agreed->time};
    }
    out.sampled = now;
    return out;
}

api::BrownOutView toApi(const registry::BrownOutRecord &record, Time now)
{
    api::BrownOutView out;
    out.brownOut = brownOutOf(record.row, record.figures, now);
    for (const registry::ClassRefusals &one : record.details.classes)
        out.classes.push_back({api::enumNamed<api::ClientClass>(one.clientClass), one.refused, one.people});
    for (const registry::PersonRefused &person : record.details.people)
        out.people.push_back({person.user.name, person.refused, person.first, person.last, person.movedOver, person.movedTo});
    for (const catalog::CollateralRow &row : record.collateral)
        out.collateral.push_back({row.node, row.from, row.to, toApi(row.during), row.before ? std::optional(toApi(*row.before)) : std::nullopt});
    out.uncounted = record.uncounted;
    out.sampled = now;
    return out;
}

api::DeprecationPlan toApi(const registry::StepPlan &plan, api::DeprecationState to)
{
    api::DeprecationPlan out;
    out.to = to;
    out.revision = plan.revision;
    out.guards = toApi(plan.guards);
    out.allowed = plan.allowed;
    out.allowedByOverride = plan.allowedByOverride;
    for (const registry::RefusedPerson &person : plan.dryRun.people)
        out.refused.push_back({person.user.name, person.uses, person.projects, person.lastUse, person.reachable, person.exemptUntil});
    out.refusedUses = plan.dryRun.uses;
    out.recordedSince = plan.dryRun.recordedSince;
    out.digest = plan.digest;
    out.refusedAnonymous = plan.dryRun.anonymous;
    return out;
}

api::DeprecationEvidence toApi(const registry::UseEvidence &evidence, bool behindCaches, Time now)
{
    api::DeprecationEvidence out;
    out.recordedSince = evidence.recordedSince;
    out.lost = evidence.gaps.lost;
    out.lostSince = evidence.gaps.since;
    for (const catalog::UseGapRow &gap : evidence.gaps.rows)
        out.gaps.push_back({gap.node, gap.began, gap.ended, api::enumNamed<api::UseGapCause>(gap.cause).value_or(api::UseGapCause::Overflow), gap.uses});
    std::vector<std::int64_t> counts;
    for (const catalog::UseDayRow &day : evidence.days) {
        const Time begins{std::chrono::days(day.day)};
        out.days.push_back({begins, day.accepted, day.refused, day.people, day.anonymous});
        // The day that is not over has not had all its uses.
        if (begins + std::chrono::days(1) <= now && begins + std::chrono::days(31) > now)
            counts.push_back(day.accepted + day.anonymous);
    }
    out.uses30 = evidence.month.accepted;
    out.uses90 = evidence.quarter.accepted;
    out.people30 = evidence.month.people;
    out.people90 = evidence.quarter.people;
    out.projects30 = evidence.month.projects;
    out.projects90 = evidence.quarter.projects;
    out.reachable = std::count_if(evidence.people.begin(), evidence.people.end(), [](const registry::PersonUse &person) { return person.reachable; });
    out.newSinceAnnouncement =
        std::count_if(evidence.people.begin(), evidence.people.end(), [](const registry::PersonUse &person) { return person.isNew; });
    out.unattributed = evidence.quarter.unattributed;
    out.anonymous30 = evidence.month.anonymous;
    out.anonymous90 = evidence.quarter.anonymous;
    if (out.recordedSince) {
        const metrics::PoissonInterval interval = metrics::poissonInterval(out.uses90 + out.anonymous90);
        out.lower90 = interval.lower;
        out.upper90 = interval.upper;
    }
    out.behindCaches = behindCaches;
    for (const catalog::UseClassRow &one : evidence.classes)
        out.classes.push_back({api::enumNamed<api::ClientClass>(one.clientClass), one.uses, one.people});
    for (const catalog::UseNetworkRow &one : evidence.networks)
        out.networks.push_back({one.network, one.uses, one.last});
    if (const auto trend = deprecation::trendOf(counts)) {
        out.usesADay = trend->aDay;
        const bool none = std::all_of(counts.begin(), counts.end(), [](std::int64_t count) { return count == 0; });
        if (none)
            out.boundADay = 3.0 / static_cast<double>(counts.size());
        else if (trend->zeroIn && *trend->zeroIn < 3650)
            out.zeroBy = now + std::chrono::days(static_cast<std::int64_t>(std::ceil(*trend->zeroIn)));
    }
    for (const catalog::UseClientRow &client : evidence.clients)
        out.clients.push_back({client.client, client.version, client.uses, client.people});
    for (const registry::PersonUse &person : evidence.people) {
        api::DeprecationPerson row;
        row.user = person.user.name;
        row.email = person.user.email;
        row.reachable = person.reachable;
        row.firstUse = person.firstUse;
        row.lastUse = person.lastUse;
        row.uses30 = person.uses30;
        row.uses90 = person.uses90;
        row.refused = person.refused;
        row.credentials = person.credentials;
        row.clients = person.clients;
        row.projects = person.projects;
        if (person.told) {
            row.told = person.told->time;
            row.toldHow = person.told->outcome;
        }
        row.notices = person.notices;
        row.exemptUntil = person.exemptUntil;
        row.movedOver = person.movedOver;
        row.movedTo = person.movedTo;
        row.isNew = person.isNew;
        out.people.push_back(std::move(row));
    }
    out.sampled = now;
    return out;
}

}  // namespace cm::server
