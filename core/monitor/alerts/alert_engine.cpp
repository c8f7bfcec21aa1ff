// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/alerts/alert_engine.h"

#include "core/monitor/verdicts/finding.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

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

// Nobody has it any more; the note lives as long as the alert.
void disown(api::Alert &alert)
{
    alert.state = AlertState::Firing;
    alert.acknowledgedUntil.reset();
    alert.owner.clear();
}

}  // namespace

bool matches(const api::SilenceMatch &match, const std::string &node, const std::string &role, const std::string &finding,
             const std::string &site)
{
    const bool any = !match.node.empty() || !match.role.empty() || !match.finding.empty() || !match.site.empty();
    const auto fits = [](const std::string &wanted, const std::string &is) { return wanted.empty() || wanted == is; };
    return any && fits(match.node, node) && fits(match.role, role) && fits(match.finding, finding) && fits(match.site, site);
}

AlertEngine::AlertEngine(std::int64_t newestId, std::vector<api::Alert> open, std::vector<api::Silence> silences,
                         const std::map<std::int64_t, std::string> &headed)
    : m_newestId(newestId)
{
    for (api::Alert &alert : open) {
        Open &restored = m_open[alert.node];
        const auto told = headed.find(alert.id.value);
        restored.headed = told == headed.end() ? alert.finding : told->second;
        // What nobody was told of, nor owns, is news.
        const bool isKnown = !restored.headed.empty() || alert.state == AlertState::Acknowledged;
        for (const api::AlertConsequence &also : alert.consequences) {
            if (isKnown && also.node == alert.node && also.verdict == Verdict::Critical)
                restored.known[also.finding] = {also.verdict, alert.changed, {}};
        }
        if (isKnown)
            restored.known[alert.finding] = {alert.verdict, alert.changed, alert.changed};
        restored.alert = std::move(alert);
    }
    for (api::Silence &silence : silences)
        m_silences[silence.id.value] = std::move(silence);
}

AlertChanges AlertEngine::observe(const std::vector<api::Node> &nodes, Time now, const std::set<std::string> &awaited)
{
    AlertChanges changes;
    m_nodes = nodes;
    expire(changes, now);
    std::map<std::string, std::vector<api::AlertConsequence>> consequences;
    std::map<std::string, const api::Node *> roots;
    for (const api::Node &node : nodes) {
        for (const api::NodeFinding &finding : node.findings) {
            if (finding.cause.empty())
                roots[node.name] = &node;
            else
                consequences[finding.cause].push_back({node.name, finding.code, finding.verdict, finding.statement, finding.since});
        }
    }
    for (const auto &[name, node] : roots) {
        const bool isNew = !m_open.contains(name);
        Open &open = m_open[name];
        const api::Alert before = open.alert;
        const std::string headed = open.headed;
        open.site = node->site;
        open.own.clear();
        std::copy_if(node->findings.begin(), node->findings.end(), std::back_inserter(open.own),
                     [](const api::NodeFinding &found) { return found.cause.empty(); });
        open.alert.node = name;
        open.alert.role = node->role;
        // What the alert says is the first that no silence holds back; the rest goes with it.
        auto head = std::find_if(open.own.begin(), open.own.end(), [&](const auto &found) { return !silenceOn(open, found.code); });
        head = head == open.own.end() ? open.own.begin() : head;
        if (isNew) {
            open.alert.id = {++m_newestId};
            open.alert.started = head->since;
            open.alert.changed = now;
        }
        open.alert.finding = head->code;
        open.alert.verdict = head->verdict;
        open.alert.statement = head->statement;
        open.alert.runbook = head->runbook;
        // A mail has no second line for it.
        if (const std::string_view warning = warningOf(head->code); !warning.empty() && !head->runbook.empty())
            open.alert.runbook.append(" ").append(warning);
        open.alert.consequences.clear();
        for (auto found = open.own.begin(); found != open.own.end(); ++found) {
            if (found != head)
                open.alert.consequences.push_back({name, found->code, found->verdict, found->statement, found->since});
        }
        auto &others = consequences[name];
        open.alert.consequences.insert(open.alert.consequences.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
        if (!isNew && (open.alert.verdict != before.verdict || open.alert.finding != before.finding)) {
            open.alert.changed = now;
            say(changes, open.alert, "alert.changed", {}, now);
        }
        follow(open, changes, isNew, now);
        if (isNew || open.headed != headed || saysOther(before, open.alert))
            keep(open, changes);
    }
    for (auto it = m_open.begin(); it != m_open.end();) {
        const std::vector<api::AlertConsequence> &follows = it->second.alert.consequences;
        const bool open = roots.contains(it->first) || awaited.contains(it->first) ||
                          std::any_of(follows.begin(), follows.end(), [&](const auto &also) { return awaited.contains(also.node); });
        if (open) {
            ++it;
            continue;
        }
        close(it->second, changes, now);
        it = m_open.erase(it);
    }
    return changes;
}

AlertChanges AlertEngine::drop(const std::set<std::string> &watched, Time now)
{
    AlertChanges changes;
    for (auto &[name, open] : m_open) {
        if (watched.contains(name))
            continue;
        open.alert.statement = notWatched(name);
        open.alert.runbook.clear();
        close(open, changes, now);
    }
    std::erase_if(m_open, [&](const auto &entry) { return !watched.contains(entry.first); });
    return changes;
}

// What there is to be told of an alert after a look.
void AlertEngine::follow(Open &open, AlertChanges &changes, bool isNew, Time now)
{
    const std::vector<api::NodeFinding> news = newsOf(open, now);
    if (isNew)
        say(changes, open.alert, "alert.opened", {}, now);
    // What heads the alert has been said; of what came beside it the timeline should know as well.
    for (const api::NodeFinding &found : news) {
        if (isNew || found.code == open.alert.finding)
            continue;
        api::Alert beside = open.alert;
        beside.finding = found.code;
        beside.verdict = found.verdict;
        beside.statement = found.statement;
        say(changes, beside, "alert.changed", {}, now);
    }
    if (!news.empty() && open.alert.state == AlertState::Acknowledged) {
        // It was owned as something else, or something lighter.
        disown(open.alert);
    }
    if (!news.empty() && open.alert.state == AlertState::Firing && !silenceOf(open))
        tell(open, changes, now);
    settle(open, changes, now);
}

// The findings of the last look for which somebody has to be told: what heads the alert, or is critical, and is not known
// at that weight. What heads it and is lighter than what is known already is none.
std::vector<api::NodeFinding> AlertEngine::newsOf(Open &open, Time now) const
{
    std::vector<api::NodeFinding> news;
    const bool owned = open.alert.state == AlertState::Acknowledged;
    Verdict heaviest = Verdict::Ok;
    for (const auto &[code, known] : open.known)
        heaviest = std::max(heaviest, known.verdict);
    bool headedStill = false;
    for (const api::NodeFinding &found : open.own) {
        const auto known = open.known.find(found.code);
        const bool heads = found.code == open.alert.finding;
        headedStill = headedStill || found.code == open.headed;
        if (known != open.known.end() && found.verdict <= known->second.verdict) {
            // What is owned is owned up to its weight then, also after it was lighter for long.
            if (found.verdict == known->second.verdict)
                known->second.seen = now;
            else if (!owned && now - known->second.seen > repeatAfter)
                known->second = {found.verdict, now, known->second.said};
        } else if (!silenceOn(open, found.code)) {
            if (heads ? found.verdict >= heaviest : found.verdict == Verdict::Critical)
                news.push_back(found);
            else if (heads)
                open.known[found.code] = {found.verdict, now, {}};
        }
    }
    if (!owned)
        std::erase_if(open.known, [&](const auto &known) { return now - known.second.seen > repeatAfter; });
    // What headed the last letter is over, and another one that is as heavy heads the alert: the letter is wrong now.
    const auto head = open.known.find(open.alert.finding);
    const bool wrong = !owned && !headedStill && news.empty() && head != open.known.end() && open.alert.verdict >= heaviest &&
                       !silenceOn(open, open.alert.finding) && (!head->second.said || now - *head->second.said > repeatAfter);
    if (wrong && !open.own.empty())
        news.push_back(*std::find_if(open.own.begin(), open.own.end(), [&](const auto &found) { return found.code == open.alert.finding; }));
    return news;
}

void AlertEngine::tell(Open &open, AlertChanges &changes, Time now) const
{
    open.headed = open.alert.finding;
    for (const api::NodeFinding &found : open.own) {
        if ((found.code == open.headed || found.verdict == Verdict::Critical) && !silenceOn(open, found.code))
            open.known[found.code] = {found.verdict, now, open.known[found.code].said};
    }
    open.known[open.headed].said = now;
    changes.notify.push_back(open.alert);
}

// Brings the state in line with the silences, and fires what one gave free.
void AlertEngine::settle(Open &open, AlertChanges &changes, Time now)
{
    const api::Silence *silence = silenceOf(open);
    if (silence) {
        open.alert.silence = silence->id;
        if (open.alert.state == AlertState::Firing)
            open.alert.state = AlertState::Silenced;
    } else if (open.alert.state == AlertState::Silenced) {
        open.alert.silence.reset();
        open.alert.state = AlertState::Firing;
        tell(open, changes, now);
    } else {
        open.alert.silence.reset();
    }
}

// A silence has begun or ended.
void AlertEngine::settleAll(AlertChanges &changes, Time now)
{
    for (auto &[node, open] : m_open) {
        const api::Alert before = open.alert;
        settle(open, changes, now);
        if (!(open.alert == before))
            keep(open, changes);
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
        disown(open.alert);
        say(changes, open.alert, "alert.released", {}, now);
        if (!silenceOf(open))
            tell(open, changes, now);
        keep(open, changes);
    }
}

// To be written as it is now.
void AlertEngine::keep(const Open &open, AlertChanges &changes)
{
    changes.alerts.push_back(open.alert);
    changes.headed[open.alert.id.value] = open.headed;
}

void AlertEngine::close(Open &open, AlertChanges &changes, Time now)
{
    open.alert.state = AlertState::Closed;
    open.alert.closed = now;
    open.alert.changed = now;
    say(changes, open.alert, "alert.closed", {}, now);
    keep(open, changes);
    if (!open.headed.empty())
        changes.notify.push_back(open.alert);
}

const api::Silence *AlertEngine::silenceOn(const Open &open, const std::string &finding) const
{
    for (const auto &[id, silence] : m_silences) {
        if (matches(silence.match, open.alert.node, open.alert.role, finding, open.site))
            return &silence;
    }
    return nullptr;
}

const api::Silence *AlertEngine::silenceOf(const Open &open) const
{
    const bool every = std::all_of(open.own.begin(), open.own.end(), [&](const api::NodeFinding &found) { return silenceOn(open, found.code) != nullptr; });
    return every ? silenceOn(open, open.alert.finding) : nullptr;
}

bool AlertEngine::means(const api::SilenceMatch &match, const Open &open)
{
    const auto fits = [&](const std::string &finding) { return matches(match, open.alert.node, open.alert.role, finding, open.site); };
    return fits(open.alert.finding) || std::any_of(open.own.begin(), open.own.end(), [&](const auto &found) { return fits(found.code); });
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
    for (const api::NodeFinding &found : open.own)
        open.known[found.code] = {found.verdict, now, open.known[found.code].said};
    open.alert.owner = who;
    open.alert.note = note;
    open.alert.acknowledged = now;
    open.alert.acknowledgedUntil = until;
    say(changes, open.alert, "alert.acknowledged", who, now);
    keep(open, changes);
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
        disown(open.alert);
        say(changes, open.alert, "alert.released", who, now);
        if (!silenceOf(open))
            tell(open, changes, now);
        settle(open, changes, now);
        keep(open, changes);
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
        // One finding that no silence holds back is enough for it to go on.
        const bool falls = means(match, open) && std::all_of(open.own.begin(), open.own.end(), [&](const api::NodeFinding &found) {
            return matches(match, open.alert.node, open.alert.role, found.code, open.site) || silenceOn(open, found.code);
        });
        if (!falls)
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
    settleAll(changes, now);
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
    settleAll(changes, now);
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
            return means(silence.match, entry.second);
        });
        out.push_back(std::move(shown));
    }
    return out;
}

}  // namespace cm::monitor
