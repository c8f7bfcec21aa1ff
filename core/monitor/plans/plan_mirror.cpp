// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for static mirrors, and for the rehearsal of the fallback to one.
#include "core/monitor/plans/drafting.h"

#include "core/pypi/names.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

// A run copies what there is: of a mirror that begins, everything.
constexpr auto syncPatience = std::chrono::minutes(30);
constexpr auto pausePatience = std::chrono::seconds(90);
// A run that is on its way ends first.
constexpr auto allowedFor = std::chrono::minutes(30);
constexpr std::size_t projectsNamed = 10, longestName = 200;

const api::AgentMirror *agentMirror(const Situation &now, const std::string &mirror)
{
    const api::AgentState *agent = now.agentOf(mirror, "mirror");
    return agent && agent->mirror ? &*agent->mirror : nullptr;
}

const MirrorStatus *statusOf(const Situation &now, const std::string &name)
{
    const MirrorInput *mirror = now.mirror(name);
    return mirror && mirror->watched.answers() && mirror->watched.taken >= now.stillFresh && mirror->watched.facts->status ? &*mirror->watched.facts->status : nullptr;
}

// How far the run is that goes on, in words and as a share.
std::pair<std::string, std::optional<double>> runText(const MirrorStatus *status, const std::string &name)
{
    if (!status || !status->running)
        return {};
    const double done = static_cast<double>(status->running->done), all = done + static_cast<double>(status->running->left);
    return {fmt::format("{} copies: {}, {:.1f} MB", name, progressText(*status->running), status->running->bytes / 1e6),
            all > 0 ? std::optional(done / all) : std::nullopt};
}

// The agent of its host, and that it knows the mirror's folder.
std::string needMirror(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "mirror");
    const bool known = agentMirror(now, wish.target) != nullptr;
    if (now.agentOf(wish.target, "mirror"))
        draft.guard("mirror-folder", known,
                    known ? fmt::format("The agent on {} knows the folder of {}", host, wish.target)
                          : fmt::format("The agent on {} knows no mirror: [agent.mirror] of its configuration names the folder", host));
    return host;
}

void guardAtWork(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const api::AgentMirror *seen = agentMirror(now, wish.target);
    if (!seen)
        return;
    draft.guard("running", seen->running, seen->running ? fmt::format("{} runs", wish.target) : fmt::format("{} does not run: {}", wish.target, seen->problem));
    draft.guard("not-paused", !seen->paused,
                seen->paused ? fmt::format("{} is paused until {} by {}", wish.target, formatRfc3339(seen->paused->until), seen->paused->by)
                             : fmt::format("{} is not paused", wish.target));
}

// The newest one of that order and subject.
const MirrorOutcome *outcomeOf(const MirrorStatus *status, std::string_view order, const std::string &subject)
{
    if (!status)
        return nullptr;
    const auto found = std::find_if(status->outcomes.rbegin(), status->outcomes.rend(), [&](const MirrorOutcome &one) { return one.order == order && one.subject == subject; });
    return found == status->outcomes.rend() ? nullptr : &*found;
}

// Until the mirror tells what came of it, and why when that is not what was ordered.
void expectOutcome(Draft &draft, const char *name, std::string statement, const std::string &mirror, const std::string &order, const std::string &subject,
                   const Situation &now)
{
    const MirrorOutcome *before = outcomeOf(statusOf(now, mirror), order, subject);
    const std::optional<Time> seen = before ? std::optional(before->ended) : std::nullopt;
    const auto newest = [=](const Situation &later) {
        const MirrorOutcome *outcome = outcomeOf(statusOf(later, mirror), order, subject);
        return outcome && outcome->ended != seen ? outcome : nullptr;
    };
    draft.expect(name, std::move(statement), [newest](const Situation &later) {
        const MirrorOutcome *outcome = newest(later);
        return outcome && outcome->done;
    });
    draft.fails([newest](const Situation &later) {
        const MirrorOutcome *outcome = newest(later);
        return outcome && !outcome->done ? outcome->statement : std::string();
    });
    draft.tells([mirror](const Situation &later) { return runText(statusOf(later, mirror), mirror); });
    draft.patience(syncPatience);
}

void sync(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    guardAtWork(draft, wish, now);
    draft.say(fmt::format("{} compares itself with the registry now", wish.target));
    draft.effect("No client notices; the registry answers a few requests more");
    draft.undo("There is nothing to undo: it is what it does by itself");
    draft.step("sync", fmt::format("{} is told to run", wish.target), {Order::Hand::SyncMirror, host});
    const MirrorStatus *before = statusOf(now, wish.target);
    const std::optional<Time> heard = before ? before->lastChecked : std::nullopt;
    draft.expect("synced", fmt::format("{} has compared itself, and copies nothing any more", wish.target), [name = wish.target, heard](const Situation &later) {
        const MirrorStatus *status = statusOf(later, name);
        return status && status->lastChecked && status->lastChecked != heard && !status->running;
    });
    draft.tells([name = wish.target](const Situation &later) { return runText(statusOf(later, name), name); });
    draft.patience(syncPatience);
}

std::string lossText(const MirrorHeld::Project &project)
{
    const std::string files = countText(project.files, "file");
    return fmt::format("{}: {}", project.name, project.whole ? fmt::format("all of it ({})", files) : files);
}

// Answers what exactly it is given for: another set is another plan.
std::string allow(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    guardAtWork(draft, wish, now);
    const MirrorStatus *status = statusOf(now, wish.target);
    const MirrorHeld *held = status && status->held ? &*status->held : nullptr;
    draft.guard("held", held != nullptr,
                held     ? fmt::format("{} holds back what {} would lose", wish.target, countText(held->projects, "project"))
                : status ? fmt::format("{} holds nothing back", wish.target)
                         : fmt::format("Nobody knows what {} holds back: its status.json is not read", wish.target));
    const MirrorHeld none{};
    const MirrorHeld &shown = held ? *held : none;
    draft.say(fmt::format("{} follows the deletions that it holds back: {}, {}", wish.target, countText(shown.projects, "project"),
                          countText(shown.files, "file")));
    const std::size_t named = std::min(shown.first.size(), projectsNamed);
    for (std::size_t i = 0; i < named; ++i)
        draft.effect(lossText(shown.first[i]));
    if (const auto others = shown.projects - static_cast<std::int64_t>(named); others > 0)
        draft.effect(fmt::format("And {} more", countText(others, "project")));
    draft.effect("Who installs these from the mirror gets nothing from then on; all else is served as before");
    draft.effect("It was held back because a registry that has lost its files looks the same: see that these are gone there on purpose");
    draft.undo("It cannot be undone from here: the mirror has these files from the registry alone. What the registry offers again comes back with the next run");
    draft.confirm(fmt::format("delete {}", shown.projects));
    Order order{Order::Hand::AllowDeletions, host};
    order.subject = shown.digest;
    order.until = now.now + allowedFor;
    draft.step("allow", fmt::format("{} is told that these deletions are meant, and runs", wish.target), order);
    expectOutcome(draft, "followed", "The deletions were followed", wish.target, "allow-deletions", shown.digest, now);
    return fmt::format("{} held back ({})", countText(shown.projects, "project"), shown.digest.substr(0, 12));
}

// Answers the name of the project as it is kept; empty when it is none.
std::string again(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    guardAtWork(draft, wish, now);
    const bool sound = pypi::isValidName(wish.project) && wish.project.size() <= longestName;
    const std::string name = sound ? pypi::normalizeName(wish.project) : std::string();
    draft.guard("project", sound, sound ? fmt::format("{} is a project's name", name) : wish.project.empty() ? "Say which project" : "That is no name of a project");
    const std::string project = sound ? name : "A project";
    draft.say(fmt::format("{} looks at {} anew: its page is fetched, and its files are read and mended", wish.target, sound ? name : "one project"));
    draft.effect("No client notices; what is damaged is served as it is until it is fetched again");
    draft.undo("There is nothing to undo: it is what it does by itself over time");
    Order order{Order::Hand::SyncProject, host};
    order.subject = name;
    draft.step("again", fmt::format("{} is told to look at {} anew", wish.target, sound ? name : "it"), order);
    expectOutcome(draft, "looked-at", fmt::format("{} was looked at anew, and is whole", project), wish.target, "again", name, now);
    return name;
}

void pause(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    draft.needEnd(wish.until);
    draft.say(fmt::format("{} stays as it is until {}", wish.target, wish.until ? formatRfc3339(*wish.until) : "…"));
    draft.effect("The copy grows old: what is removed or quarantined meanwhile is still served by it");
    draft.effect("A run that is on its way stops; the next one goes on from there");
    draft.undo(fmt::format("Resume {} at any time; it resumes by itself", wish.target));
    Order order{Order::Hand::PauseMirror, host};
    order.until = wish.until.value_or(now.now);
    draft.step("pause", fmt::format("{} begins no run", wish.target), order);
    draft.expect("paused", fmt::format("{} says that it is paused", wish.target), [name = wish.target](const Situation &later) {
        const MirrorStatus *status = statusOf(later, name);
        return status && status->paused && !status->running;
    });
    draft.patience(pausePatience);
}

void resume(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    const api::AgentMirror *seen = agentMirror(now, wish.target);
    const bool paused = seen && seen->paused;
    draft.guard("paused", paused, paused ? fmt::format("{} is paused", wish.target) : fmt::format("{} is not paused", wish.target));
    draft.say(fmt::format("{} follows the registry again", wish.target));
    draft.effect("No client notices");
    draft.undo("Pause it again");
    draft.step("resume", fmt::format("{} runs again", wish.target), {Order::Hand::ResumeMirror, host});
    draft.expect("follows", fmt::format("{} says that it is not paused", wish.target), [name = wish.target](const Situation &later) {
        const MirrorStatus *status = statusOf(later, name);
        return status && !status->paused;
    });
    draft.patience(pausePatience);
}

// Who gets packages from it now; empty: nobody.
std::string servedFrom(const Situation &now, const std::string &mirror)
{
    const auto served = [&](std::string_view channel) {
        return std::any_of(now.webs.begin(), now.webs.end(), [&](const WebInput &web) { return isHeadReady(web, channel, now.stillFresh); });
    };
    const bool pages = served(pagesOf), files = served(filesOf);
    if (!pages && !now.webs.empty())
        return fmt::format("No web node works: {} is what clients are served from", mirror);
    if (!files && !now.webs.empty())
        return fmt::format("No web node serves files: {} is what clients get them from", mirror);
    for (const EdgeInput &edge : now.edges) {
        const auto &facts = edge.watched.facts;
        if (edge.watched.answers() && facts->page && facts->page->servedBy == mirror)
            return fmt::format("{} serves clients from {} now", edge.name, mirror);
        // Where nobody listens nobody is served.
        if (!edge.watched.answers() && edge.watched.outcome != Outcome::Refused)
            return fmt::format("Whether {} serves clients from {} is not known: {} did not answer", edge.name, mirror, edge.name);
    }
    return {};
}

void takeOut(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    const std::string served = servedFrom(now, wish.target);
    draft.guard("not-serving", served.empty(), served.empty() ? fmt::format("Clients are served by the web nodes and not by {}", wish.target) : served);
    draft.needEnd(wish.until);
    draft.say(fmt::format("{} is out of rotation until {}", wish.target, wish.until ? formatRfc3339(*wish.until) : "…"));
    draft.effect("Nothing stands behind the web nodes meanwhile: when they fail, installs fail");
    draft.effect("It goes on following the registry");
    draft.undo(fmt::format("Return {} at any time; it returns by itself", wish.target));
    Order order{Order::Hand::MirrorOut, host};
    order.until = wish.until.value_or(now.now);
    draft.step("out", fmt::format("The web server of {} says that it is not ready", wish.target), order);
    draft.expect("not-ready", fmt::format("{} says that it is not ready", wish.target), [name = wish.target](const Situation &later) {
        const MirrorInput *mirror = later.mirror(name);
        return mirror && mirror->watched.answers() && mirror->watched.facts->health.status == 503;
    });
}

void giveBack(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needMirror(draft, wish, now);
    const MirrorInput *mirror = now.mirror(wish.target);
    const api::AgentMirror *seen = agentMirror(now, wish.target);
    const bool out = seen && seen->out;
    draft.guard("out", out, out ? fmt::format("{} is out of rotation", wish.target) : fmt::format("{} is in rotation", wish.target));
    const bool sound = !mirror || !mirror->sampled.facts || mirror->sampled.facts->wrong.empty();
    draft.guard("sound", sound,
                sound ? fmt::format("Nothing that was looked at on {} is wrong", wish.target)
                      : fmt::format("{} serves {}", wish.target, mirror->sampled.facts->wrong.front().problem));
    draft.say(fmt::format("{} is behind the web nodes again", wish.target));
    draft.effect("No client notices");
    draft.undo("Take it out again");
    draft.step("return", fmt::format("The web server of {} says that it is ready", wish.target), {Order::Hand::MirrorReturn, host});
    draft.expect("ready", fmt::format("{} says that it is ready", wish.target), [name = wish.target](const Situation &later) {
        const MirrorInput *returned = later.mirror(name);
        return returned && isReady(*returned, later.stillFresh);
    });
}

}  // namespace

Plan planMirror(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    std::string also;
    switch (wish.action) {
    case api::ActionKind::AllowDeletions: also = allow(draft, wish, now); break;
    case api::ActionKind::SyncProject: also = again(draft, wish, now); break;
    case api::ActionKind::PauseMirror: pause(draft, wish, now); break;
    case api::ActionKind::ResumeMirror: resume(draft, wish, now); break;
    case api::ActionKind::MirrorOut: takeOut(draft, wish, now); break;
    case api::ActionKind::MirrorReturn: giveBack(draft, wish, now); break;
    default: sync(draft, wish, now); break;
    }
    const api::AgentMirror *seen = agentMirror(now, wish.target);
    return draft.finish(fmt::format("{} {}, {}{}{}", wish.target, seen && seen->paused ? "paused" : "not paused", seen && seen->out ? "out of rotation" : "in rotation",
                                    also.empty() ? "" : ", ", also));
}

Plan planDrill(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    const EdgeInput *edge = now.edge(wish.target);
    const bool answers = edge && edge->watched.answers() && edge->watched.taken >= now.stillFresh;
    draft.guard("edge", answers, answers ? fmt::format("{} answers", wish.target) : fmt::format("{} does not answer", wish.target));
    const bool canary = answers && edge->watched.facts->page && edge->watched.facts->file;
    draft.guard("canary", canary, canary ? "There is a canary: a page and a file to ask for" : "The topology names no canary_project and canary_file to ask for");
    const auto ready = std::find_if(now.mirrors.begin(), now.mirrors.end(), [&](const MirrorInput &one) { return isReady(one, now.stillFresh); });
    const MirrorInput *mirror = ready != now.mirrors.end() ? &*ready : now.mirrors.empty() ? nullptr : &now.mirrors.front();
    const std::string name = mirror ? mirror->name : std::string("the mirror");
    draft.guard("in-rotation", ready != now.mirrors.end(), ready != now.mirrors.end() ? fmt::format("{} is in rotation", name) : fmt::format("{} is not in rotation", name));
    const auto age = mirror ? ageOf(*mirror, now.now) : std::nullopt;
    const MirrorLimits limits = mirror ? limitsOf(*mirror) : MirrorLimits();
    const bool young = age && *age <= limits.warning;
    draft.guard("mirror-age", young,
                !age     ? fmt::format("Nobody knows how old {} is", name)
                : young ? fmt::format("{} was compared {} ago", name, secondsText(*age))
                        : fmt::format("{} was last compared {} ago, and {} is the limit: sync it first", name, secondsText(*age), secondsText(limits.warning)));
    draft.say(fmt::format("One page and one file go through {} from {}, as if no web node worked", wish.target, name));
    draft.effect("No client notices: two requests of the monitor alone are served by the mirror");
    draft.undo("There is nothing to undo");
    Order order{Order::Hand::DrillPage, wish.target};
    order.node = name;
    draft.step("page", fmt::format("The canary's page, served by {}: its serial, type and files", name), order);
    order.hand = Order::Hand::DrillFile;
    draft.step("file", fmt::format("The canary's file, served by {}: its bytes against their digest", name), order);
    return draft.finish(fmt::format("{} before {}", wish.target, name));
}

}  // namespace cm::monitor
