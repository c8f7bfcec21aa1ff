// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/alert_engine.h"

#include "core/monitor/verdicts/finding.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::monitor {
namespace {

using api::AlertState;
using api::Verdict;

Result<void> checkUntil(Time until, Time now)
{
    if (until <= now)
        return fail(ErrorCode::InvalidInput, "the end has to lie ahead");
    if (until > now + AlertEngine::longest)
        return fail(ErrorCode::InvalidInput, "the end may lie a week ahead at the most");
    return {};
}

// Whether an alert says something else than before. Sentences hold figures that move with each look:
// those are shown, and not written each second.
bool saysOther(const api::Alert &before, const api::Alert &now)
{
    const auto stripped = [](api::Alert alert) {
        alert.statement.clear();
        for (api::AlertConsequence &consequence : alert.consequences)
            consequence.statement.clear();
        return alert;
    };
    return !(stripped(before) == stripped(now));
}

}  // namespace

bool matches(const api::SilenceMatch &match, const std::string &node, const std::string &role, const std::string &finding,
             const std::string &site)
{
    const bool any = !match.node.empty() || !match.role.empty() || !match.finding.empty() || !match.site.empty();
    const auto fits = [](const std::string &wanted, const std::string &is) { return wanted.empty() || wanted == is; };
    return any && fits(match.node, node) && fits(match.role, role) && fits(match.finding, finding) && fits(match.site, site);
}

AlertEngine::AlertEngine(std::int64_t newestId, std::vector<api::Alert> open, std::vector<api::Silence> silences)
    : m_newestId(newestId)
{
    for (api::Alert &alert : open) {
        const std::string node = alert.node;
        const Verdict owned = alert.verdict;
        m_open[node] = {std::move(alert), {}, true, owned};
    }
    for (api::Silence &silence : silences)
        m_silences[silence.id.value] = std::move(silence);
}

AlertChanges AlertEngine::observe(const std::vector<api::Node> &nodes, Time now)
{
    AlertChanges changes;
    m_nodes = nodes;
    expire(changes, now);
    std::map<std::string, std::vector<api::AlertConsequence>> consequences;
    std::map<std::string, const api::Node *> roots;
    for (const api::Node &node : nodes) {
        bool first = true;
        for (const api::NodeFinding &finding : node.findings) {
            const bool own = finding.cause.empty();
            // The first of its own is what the alert says; the rest goes with it.
            if (own && first)
                roots[node.name] = &node;
            else
                consequences[own ? node.name : finding.cause].push_back(
                    {node.name, finding.code, finding.verdict, finding.statement, finding.since});
            first = first && !own;
        }
    }
    std::set<std::string> present;
    for (const auto &[name, node] : roots) {
        const auto finding = std::find_if(node->findings.begin(), node->findings.end(),
                                          [](const api::NodeFinding &found) { return found.cause.empty(); });
        present.insert(name);
        const bool isNew = !m_open.contains(name);
        Open &open = m_open[name];
        const api::Alert before = open.alert;
        if (isNew) {
            open.alert.id = {++m_newestId};
            open.alert.started = finding->since;
            open.alert.changed = now;
        }
        open.site = node->site;
        open.alert.node = name;
        open.alert.role = node->role;
        open.alert.finding = finding->code;
        open.alert.verdict = finding->verdict;
        open.alert.statement = finding->statement;
        open.alert.runbook = finding->runbook;
        // A mail has no second line for it.
        if (const std::string_view warning = warningOf(finding->code); !warning.empty() && !finding->runbook.empty())
            open.alert.runbook.append(" ").append(warning);
        open.alert.consequences = consequences[name];
        // What was owned is owned up to its weight then, also after it was lighter for a while.
        const bool worse = !isNew && open.alert.verdict > (before.state == AlertState::Acknowledged ? open.owned : before.verdict);
        const bool other = !isNew && (open.alert.verdict != before.verdict || open.alert.finding != before.finding);
        if (worse && before.state == AlertState::Acknowledged) {
            // It was owned as something lighter.
            open.alert.state = AlertState::Firing;
            open.alert.acknowledgedUntil.reset();
        }
        if (other)
            open.alert.changed = now;
        if (isNew)
            say(changes, open.alert, "alert.opened", {}, now);
        else if (other)
            say(changes, open.alert, "alert.changed", {}, now);
        const auto silent = silenceOf(open);
        if (isNew && !silent) {
            open.told = true;
            changes.notify.push_back(open.alert);
        } else if (worse && !silent && open.alert.state == AlertState::Firing) {
            changes.notify.push_back(open.alert);
        }
        settle(open, changes, now);
        if (isNew || saysOther(before, open.alert))
            changes.alerts.push_back(open.alert);
    }
    for (auto it = m_open.begin(); it != m_open.end();) {
        if (present.contains(it->first)) {
            ++it;
            continue;
        }
        close(it->second, changes, now);
        it = m_open.erase(it);
    }
    return changes;
}

// Brings the state in line with the silences, and fires what one gave free.
void AlertEngine::settle(Open &open, AlertChanges &changes, Time)
{
    const api::Silence *silence = silenceOf(open);
    if (silence) {
        open.alert.silence = silence->id;
        if (open.alert.state == AlertState::Firing)
            open.alert.state = AlertState::Silenced;
    } else if (open.alert.state == AlertState::Silenced) {
        open.alert.silence.reset();
        open.alert.state = AlertState::Firing;
        open.told = true;
        changes.notify.push_back(open.alert);
    } else {
        open.alert.silence.reset();
    }
}

void AlertEngine::expire(AlertChanges &changes, Time now)
{
    for (auto it = m_silences.begin(); it != m_silences.end();) {
        if (it->second.until > now) {
            ++it;
            continue;
        }
        it->second.ended = it->second.until;
        api::Alert none;
        none.statement = it->second.reason;
        none.node = it->second.match.node;
        say(changes, none, "silence.ended", {}, now);
        changes.silences.push_back(it->second);
        it = m_silences.erase(it);
    }
    for (auto &[node, open] : m_open) {
        if (open.alert.state != AlertState::Acknowledged || *open.alert.acknowledgedUntil > now)
            continue;
        open.alert.state = AlertState::Firing;
        open.alert.acknowledgedUntil.reset();
        say(changes, open.alert, "alert.released", {}, now);
        if (!silenceOf(open))
            changes.notify.push_back(open.alert);
        changes.alerts.push_back(open.alert);
    }
}

void AlertEngine::close(Open &open, AlertChanges &changes, Time now)
{
    open.alert.state = AlertState::Closed;
    open.alert.closed = now;
    open.alert.changed = now;
    say(changes, open.alert, "alert.closed", {}, now);
    changes.alerts.push_back(open.alert);
    if (open.told)
        changes.notify.push_back(open.alert);
}

const api::Silence *AlertEngine::silenceOf(const Open &open) const
{
    for (const auto &[id, silence] : m_silences) {
        if (matches(silence.match, open.alert.node, open.alert.role, open.alert.finding, open.site))
            return &silence;
    }
    return nullptr;
}

void AlertEngine::say(AlertChanges &changes, const api::Alert &alert, std::string kind, std::string actor, Time now) const
{
    api::TimelineEvent event;
    event.time = now;
    event.kind = std::move(kind);
    event.node = alert.node;
    event.role = alert.role;
    event.after = alert.verdict;
    event.finding = alert.finding;
    event.statement = alert.statement;
    event.actor = std::move(actor);
    if (alert.id.value > 0)
        event.alert = alert.id;
    changes.events.push_back(std::move(event));
}

Result<void> AlertEngine::own(Open &open, const std::string &who, const std::string &note, Time until,
                              AlertChanges &changes, Time now)
{
    CM_TRY(checkUntil(until, now));
    open.alert.state = AlertState::Acknowledged;
    open.owned = open.alert.verdict;
    open.alert.owner = who;
    open.alert.note = note;
    open.alert.acknowledged = now;
    open.alert.acknowledgedUntil = until;
    say(changes, open.alert, "alert.acknowledged", who, now);
    changes.alerts.push_back(open.alert);
    return {};
}

Result<AlertChanges> AlertEngine::acknowledge(const api::AcknowledgeAlert &request, const std::string &who, Time now)
{
    AlertChanges changes;
    for (auto &[node, open] : m_open) {
        if (open.alert.id != request.alert)
            continue;
        CM_TRY(own(open, who, request.note, request.until, changes, now));
        return changes;
    }
    return fail(ErrorCode::NotFound, "there is no open alert of that number");
}

Result<AlertChanges> AlertEngine::acknowledgeAll(const api::AcknowledgeAll &request, const std::string &who, Time now)
{
    AlertChanges changes;
    CM_TRY(checkUntil(request.until, now));
    for (auto &[node, open] : m_open) {
        if (open.alert.state == AlertState::Firing)
            CM_TRY(own(open, who, request.note, request.until, changes, now));
    }
    return changes;
}

Result<AlertChanges> AlertEngine::release(const api::ReleaseAlert &request, const std::string &who, Time now)
{
    AlertChanges changes;
    for (auto &[node, open] : m_open) {
        if (open.alert.id != request.alert)
            continue;
        if (open.alert.state != AlertState::Acknowledged)
            return fail(ErrorCode::Conflict, "nobody owns this alert");
        open.alert.state = AlertState::Firing;
        open.alert.acknowledgedUntil.reset();
        open.alert.owner.clear();
        say(changes, open.alert, "alert.released", who, now);
        if (!silenceOf(open))
            changes.notify.push_back(open.alert);
        settle(open, changes, now);
        changes.alerts.push_back(open.alert);
        return changes;
    }
    return fail(ErrorCode::NotFound, "there is no open alert of that number");
}

Result<api::SilencePreview> AlertEngine::preview(const api::SilenceMatch &match) const
{
    if (match == api::SilenceMatch())
        return fail(ErrorCode::InvalidInput, "a silence has to say what it means: a node, a role, a finding or a site");
    api::SilencePreview preview;
    for (const auto &[node, open] : m_open) {
        if (!matches(match, open.alert.node, open.alert.role, open.alert.finding, open.site))
            continue;
        preview.alerts.push_back(open.alert);
        if (open.alert.verdict == Verdict::Critical && open.alert.owner.empty())
            preview.warnings.push_back(fmt::format("It hides a critical alert that nobody owns: {}", open.alert.statement));
    }
    for (const api::Node &node : m_nodes) {
        // Whatever it may find: a silence for one finding holds for every node that could have it.
        if (matches({match.node, match.role, {}, match.site}, node.name, node.role, {}, node.site) ||
            (!match.finding.empty() && match.node.empty() && match.role.empty() && match.site.empty()))
            preview.nodes.push_back(node.name);
    }
    if (preview.nodes.empty() && preview.alerts.empty())
        preview.warnings.push_back("It means nothing that is watched");
    else if (!m_nodes.empty() && preview.nodes.size() == m_nodes.size() && match.finding.empty())
        preview.warnings.push_back("It silences everything");
    return preview;
}

Result<AlertChanges> AlertEngine::silence(const api::CreateSilence &request, const std::string &who, Time now)
{
    CM_TRY(preview(request.match));
    CM_TRY(checkUntil(request.until, now));
    if (request.reason.empty())
        return fail(ErrorCode::InvalidInput, "a silence needs a reason");
    AlertChanges changes;
    api::Silence silence;
    silence.id = {++m_newestId};
    silence.match = request.match;
    silence.author = who;
    silence.reason = request.reason;
    silence.created = now;
    silence.until = request.until;
    m_silences[silence.id.value] = silence;
    for (auto &[node, open] : m_open) {
        const api::Alert before = open.alert;
        settle(open, changes, now);
        if (!(open.alert == before))
            changes.alerts.push_back(open.alert);
    }
    api::Alert none;
    none.node = request.match.node;
    none.statement = request.reason;
    say(changes, none, "silence.created", who, now);
    changes.silences.push_back(silence);
    return changes;
}

Result<AlertChanges> AlertEngine::endSilence(const api::EndSilence &request, const std::string &who, Time now)
{
    const auto found = m_silences.find(request.silence.value);
    if (found == m_silences.end())
        return fail(ErrorCode::NotFound, "there is no silence of that number");
    AlertChanges changes;
    api::Silence silence = found->second;
    m_silences.erase(found);
    silence.ended = now;
    silence.endedBy = who;
    changes.silences.push_back(silence);
    for (auto &[node, open] : m_open) {
        const api::Alert before = open.alert;
        settle(open, changes, now);
        if (!(open.alert == before))
            changes.alerts.push_back(open.alert);
    }
    api::Alert none;
    none.node = silence.match.node;
    none.statement = request.reason;
    say(changes, none, "silence.ended", who, now);
    return changes;
}

std::vector<api::Alert> AlertEngine::alerts() const
{
    std::vector<api::Alert> out;
    for (const auto &[node, open] : m_open)
        out.push_back(open.alert);
    std::stable_sort(out.begin(), out.end(), [](const api::Alert &a, const api::Alert &b) {
        return std::make_tuple(b.verdict, b.started) < std::make_tuple(a.verdict, a.started);
    });
    return out;
}

std::vector<api::Silence> AlertEngine::silences() const
{
    std::vector<api::Silence> out;
    for (const auto &[id, silence] : m_silences) {
        api::Silence shown = silence;
        shown.holds = std::count_if(m_open.begin(), m_open.end(), [&](const auto &entry) {
            const Open &open = entry.second;
            return matches(silence.match, open.alert.node, open.alert.role, open.alert.finding, open.site);
        });
        out.push_back(std::move(shown));
    }
    return out;
}

}  // namespace cm::monitor
