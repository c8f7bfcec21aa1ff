// SPDX-License-Identifier: GPL-3.0-or-later
// Plans and steps of a deprecation.
#include "core/registry/deprecation_agreement.h"
#include "core/registry/deprecation_change.h"
#include "core/registry/enforcement.h"
#include "core/registry/people.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::registry {

namespace {

namespace json = boost::json;
using deprecation::Guard;
using deprecation::State;

json::array described(const std::vector<Guard> &guards)
{
    json::array out;
    for (const Guard &guard : guards)
        out.push_back(json::object{{"name", guard.name},
                                   {"state", deprecation::standingName(guard.standing)},
                                   {"detail", guard.detail},
                                   {"overridable", guard.overridable}});
    return out;
}

// Of the people who may act; nobody by an empty name.
Result<bool> mayAct(catalog::Reader &reader, const std::string &name)
{
    const auto normal = normalizeUserName(name);
    if (!normal)
        return false;
    const auto user = reader.findUser(*normal);
    if (!user && user.error().code != ErrorCode::NotFound)
        return fail(user.error());
    return user && user->active && (user->role == catalog::RegistryRole::Admin || user->role == catalog::RegistryRole::Operator);
}

Result<void> checkStep(const WishedStep &step)
{
    if (step.abortAt < 0)
        return fail(Error{ErrorCode::InvalidInput, "abortAt: is less than 0", {{"abortAt", "is less than 0"}}, {}});
    return {};
}

Error refusedBy(const std::vector<Guard> &guards, bool overriding)
{
    Error error{ErrorCode::GuardFailed, {}, {}, {}};
    for (const Guard &guard : guards) {
        if (guard.holds(overriding))
            continue;
        error.fields.push_back({guard.name, guard.detail});
        error.detail += (error.detail.empty() ? "" : "; ") + guard.detail;
    }
    return error;
}

// Whatever is planned or runs is over with the stage that it belongs to.
Result<void> callOffWindows(catalog::Writer &writer, catalog::Id id, Time now, const Principal &by, std::string_view reason)
{
    CM_TRY_ASSIGN(const auto windows, writer.brownOuts(id));
    for (const catalog::BrownOutRow &window : windows) {
        // What was ended stays so, also by a node whose clock is ahead of this one's.
        if (!window.ended && window.ends > now)
            CM_TRY(writer.endBrownOut(window.id, now, by.name, reason));
    }
    return {};
}

}  // namespace

// What the guards of a step ask for; the rest stays as it is.
struct Deprecations::Known {
    std::optional<Time> recordedSince;
    UseGaps gaps;
    std::int64_t people = 0;
    std::int64_t reachable = 0;
    std::int64_t told = 0;
    std::int64_t quietUses = 0;
    bool usesWait = false;
    std::int64_t refusedSince = 0;
    bool isRead = false;
    std::optional<std::int64_t> mentions;
    deprecation::Alerts alerts;
};

Result<Deprecations::Known> Deprecations::lookAround(const catalog::DeprecationRow &row, State to)
{
    Known out;
    // First what may take seconds, so that figures of the registry itself are of the moment.
    if (to == State::Removed && m_surroundings.mentions) {
        if (const auto found = m_surroundings.mentions(row.mentions))
            out.mentions = *found;
    }
    if ((to == State::BrownOut || to == State::Sunset) && m_surroundings.alerts)
        out.alerts = m_surroundings.alerts();
    const Time now = m_clock.now();
    out.usesWait = !sumNewUses();
    CM_TRY(m_catalog.read([&](catalog::Reader &reader) -> Result<void> {
        CM_TRY_ASSIGN(const auto entry, entryOf(reader, row));
        CM_TRY_ASSIGN(const auto usesSince, reader.usesSince());
        out.recordedSince = recordedSince(entry, usesSince);
        CM_TRY_ASSIGN(out.gaps, gapsOf(reader, entry, now - std::chrono::days(90)));
        out.isRead = isOfReads(entry);
        if (to == State::Sunset) {
            CM_TRY_ASSIGN(const auto quiet, useTotalsSince(reader, entry, now - std::chrono::days(row.quietDays)));
            out.quietUses = quiet.accepted + quiet.anonymous;
        } else if (to == State::Removed) {
            CM_TRY_ASSIGN(const auto month, useTotalsSince(reader, entry, now - std::chrono::days(30)));
            out.refusedSince = month.refused;
        } else if (to == State::Announced || to == State::Warning) {
            CM_TRY_ASSIGN(const auto steps, reader.deprecationSteps(row.id));
            const std::optional<Time> announced = announcedIn(steps);
            CM_TRY_ASSIGN(const UseEvidence seen, useEvidence(reader, entry, announced, now));
            out.people = static_cast<std::int64_t>(seen.people.size());
            for (const PersonUse &person : seen.people) {
                out.reachable += person.reachable ? 1 : 0;
                out.told += person.reachable && person.told && announced && person.told->time >= *announced ? 1 : 0;
            }
        }
        return {};
    }));
    return out;
}

Result<deprecation::Situation> Deprecations::situationOf(catalog::Reader &reader, const Principal &by,
                                                         const catalog::DeprecationRow &row, const WishedStep &step,
                                                         const Known &known)
{
    deprecation::Situation out;
    out.now = m_clock.now();
    const auto state = deprecation::stateNamed(row.state);
    if (!state)
        return fail(ErrorCode::Corrupt, "the record is in a stage that this program does not know");
    out.state = *state;
    out.pausedFrom = deprecation::stateNamed(row.pausedFrom);
    out.since = row.since;
    out.revision = row.revision;
    out.owner = row.owner;
    CM_TRY_ASSIGN(out.ownerKnown, mayAct(reader, row.owner));
    out.hasReplacement = !row.replacement.empty();
    out.hasLink = !row.link.empty();
    out.hasClientProject = !row.clientProject.empty();
    out.deprecated = row.deprecated;
    out.sunset = row.sunset;
    out.removal = row.removal;
    out.budget = row.budget;
    out.quietDays = row.quietDays;
    out.secondPerson = row.secondPerson;
    out.recordedSince = known.recordedSince;
    out.lost = known.gaps.lost;
    out.unknownGaps = known.gaps.unknown;
    out.lostSince = known.gaps.since;
    out.isRead = known.isRead;
    out.behindCaches = m_surroundings.behindCaches && m_surroundings.behindCaches();
    out.people = known.people;
    out.reachable = known.reachable;
    out.told = known.told;
    out.quietUses = known.quietUses;
    out.usesWait = known.usesWait;
    out.refusedSince = known.refusedSince;
    out.mentions = known.mentions;
    out.alerts = known.alerts;
    CM_TRY_ASSIGN(const auto nodes, reader.servingNodes());
    CM_TRY_ASSIGN(const auto proofs, reader.deprecationProofs(row.id));
    for (const catalog::ServingNodeRow &node : nodes) {
        deprecation::NodeProof proof{node.node, node.seen, 0, false, "has rehearsed nothing"};
        const auto found = std::find_if(proofs.begin(), proofs.end(), [&](const auto &one) { return one.node == node.node; });
        if (found != proofs.end()) {
            proof.revision = found->revision;
            proof.right = found->right;
            proof.detail = found->detail;
        }
        out.nodes.push_back(std::move(proof));
    }
    CM_TRY_ASSIGN(const auto windows, reader.brownOuts(row.id));
    for (const catalog::BrownOutRow &window : windows) {
        // What was called off before it began is in nobody's way.
        if (window.end() > window.starts)
            out.windows.push_back({window.number, window.starts, window.end(), window.ended.has_value()});
    }
    if (step.to == State::BrownOut && step.starts && step.ends) {
        CM_TRY_ASSIGN(const bool onCallKnown, mayAct(reader, step.onCall));
        out.window = deprecation::PlannedWindow{*step.starts, *step.ends, step.onCall, onCallKnown, step.abortAt};
    }
    // A word for the record as it was is none any more.
    if (const auto agreed = agreementIn(row.agreed); agreed && agreed->revision == row.revision) {
        out.agreedDiffers = differenceOf(*agreed, row.revision, step);
        if (out.agreedDiffers.empty())
            out.confirmedBy = agreed->by;
    }
    out.actor = by.name;
    return out;
}

Result<StepPlan> Deprecations::plan(const Principal &by, catalog::Id id, const WishedStep &step)
{
    CM_TRY(require(by, Action::ReadRegistry));
    CM_TRY_ASSIGN(const auto seen, m_catalog.read([&](catalog::Reader &reader) { return reader.deprecation(id); }));
    const auto state = deprecation::stateNamed(seen.state);
    if (!state || !deprecation::mayGo(*state, step.to, deprecation::stateNamed(seen.pausedFrom)))
        return fail(ErrorCode::Conflict, fmt::format("from {} it cannot go to {}", seen.state, deprecation::stateName(step.to)));
    CM_TRY_ASSIGN(const Known known, lookAround(seen, step.to));
    return m_catalog.read([&](catalog::Reader &reader) -> Result<StepPlan> {
        StepPlan out;
        CM_TRY_ASSIGN(const auto row, reader.deprecation(id));
        CM_TRY_ASSIGN(const auto entry, entryOf(reader, row));
        CM_TRY_ASSIGN(const auto situation, situationOf(reader, by, row, step, known));
        out.revision = row.revision;
        out.digest = digestOf(id, row.revision, step);
        out.guards = deprecation::guardsOf(step.to, situation, false);
        out.allowed = deprecation::allows(out.guards, false);
        const auto overriding = deprecation::guardsOf(step.to, situation, true);
        out.allowedByOverride = !out.allowed && std::all_of(overriding.begin(), overriding.end(), [](const Guard &guard) {
            return guard.holds(true) || guard.name == "second-person";
        });
        // At the last moment of a brown-out: whose exemption ends while it lasts is refused from then on.
        const Time at = situation.window ? situation.window->ends - std::chrono::microseconds(1) : situation.now;
        CM_TRY_ASSIGN(out.dryRun, dryRun(reader, entry, step.to, at, situation.now));
        return out;
    });
}

Result<Change> Deprecations::take(const Principal &by, catalog::Id id, std::int64_t revision, const WishedStep &step,
                                  std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY(checkStep(step));
    const bool eases = step.to == State::Paused || step.to == State::RolledBack || step.to == State::Cancelled || step.to == State::Frozen;
    Known known;
    // What eases has no guards, and must not wait for figures that nobody asks for.
    if (!eases) {
        CM_TRY_ASSIGN(const auto row, m_catalog.read([&](catalog::Reader &reader) { return reader.deprecation(id); }));
        // Of this revision: figures of another one would stand behind guards that were never looked at.
        CM_TRY(requireRevision(row, revision));
        CM_TRY_ASSIGN(known, lookAround(row, step.to));
    }
    return change(by, id, eases, [&](catalog::Writer &writer, Recorder &recorder, catalog::DeprecationRow &row) -> Result<void> {
        // What eases is taken also of a record that has moved, as long as there is such a step.
        if (!eases)
            CM_TRY(requireRevision(row, revision));
        const Time now = m_clock.now();
        CM_TRY_ASSIGN(const auto situation, situationOf(writer, by, row, step, known));
        if (!deprecation::mayGo(situation.state, step.to, situation.pausedFrom))
            return fail(ErrorCode::Conflict, fmt::format("from {} it cannot go to {}", row.state, deprecation::stateName(step.to)));
        const auto guards = deprecation::guardsOf(step.to, situation, step.overrideGuards);
        if (!deprecation::allows(guards, step.overrideGuards))
            return fail(refusedBy(guards, step.overrideGuards));
        const bool overridden = step.overrideGuards && !deprecation::allows(guards, false);

        const std::string from = row.state;
        row.state = deprecation::stateName(step.to);
        row.pausedFrom = step.to == State::Paused ? from : std::string();
        if (row.state != from)
            row.since = now;
        ++row.revision;
        // Earlier than it was announced, by an override: what people read is the day on which it ended.
        if (step.to == State::Sunset && (!row.sunset || *row.sunset > now))
            row.sunset = now;
        // Nor may that be later than the end itself (RFC 8594).
        if (step.to == State::Sunset && row.deprecated && *row.deprecated > *row.sunset)
            row.deprecated = row.sunset;
        if (step.to != State::BrownOut)
            CM_TRY(callOffWindows(writer, id, now, by, why));
        json::object after{{"state", row.state}, {"guards", described(guards)}, {"overridden", overridden}};
        if (situation.window) {
            CM_TRY_ASSIGN(const auto windows, writer.brownOuts(id));
            const std::int64_t number = windows.empty() ? 1 : windows.back().number + 1;
            CM_TRY(writer.addBrownOut({0, id, number, situation.window->starts, situation.window->ends, step.onCall, step.abortAt, {}, {}, {}, {}}));
            after["brown_out"] = json::object{{"number", number},
                                              {"starts", formatRfc3339(situation.window->starts)},
                                              {"ends", formatRfc3339(situation.window->ends)},
                                              {"on_call", step.onCall},
                                              {"abort_at", step.abortAt}};
        }
        const std::string confirmedBy = situation.confirmedBy == by.name ? std::string() : situation.confirmedBy;
        row.agreed.clear();
        if (!confirmedBy.empty())
            after["confirmed_by"] = confirmedBy;
        CM_TRY(writer.addDeprecationStep({0, id, from, row.state, now, by.name, confirmedBy, why, json::serialize(described(guards)), overridden}));
        return recorder.audit({"deprecation.step", "deprecation", std::to_string(id), why, json::object{{"state", from}}, std::move(after)});
    });
}

Result<Change> Deprecations::confirm(const Principal &by, catalog::Id id, std::int64_t revision, const WishedStep &step,
                                     std::string_view reason)
{
    CM_TRY(require(by, Action::RunDeprecations));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, true));
    CM_TRY(checkStep(step));
    return change(by, id, false, [&](catalog::Writer &, Recorder &recorder, catalog::DeprecationRow &row) -> Result<void> {
        CM_TRY(requireRevision(row, revision));
        const auto state = deprecation::stateNamed(row.state);
        if (!state || !deprecation::mayGo(*state, step.to, deprecation::stateNamed(row.pausedFrom)))
            return fail(ErrorCode::Conflict, fmt::format("from {} it cannot go to {}", row.state, deprecation::stateName(step.to)));
        row.agreed = agreementText({step, row.revision, by.name, m_clock.now()});
        json::object after{{"to", deprecation::stateName(step.to)},
                           {"revision", row.revision},
                           {"override", step.overrideGuards},
                           {"digest", digestOf(id, row.revision, step)}};
        if (step.starts && step.ends)
            after["brown_out"] = json::object{{"starts", formatRfc3339(*step.starts)},
                                              {"ends", formatRfc3339(*step.ends)},
                                              {"on_call", step.onCall},
                                              {"abort_at", step.abortAt}};
        return recorder.audit({"deprecation.confirm", "deprecation", std::to_string(id), why, nullptr, std::move(after)});
    });
}

}  // namespace cm::registry
