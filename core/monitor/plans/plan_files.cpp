// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for the servers of the files. Which bytes of a file are right is told by the digest that is its path, by which
// the catalog names it, and of the metadata beside a wheel by the wheel: no clock, no size and no majority is asked.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace cm::monitor {
namespace {

constexpr auto healPatience = std::chrono::minutes(30);
constexpr auto settlePatience = std::chrono::minutes(2);
constexpr std::size_t filesNamed = 5;

const api::AgentBrick *brickAt(const Situation &now, const std::string &name)
{
    const VolumeInput *server = now.volume(name);
    return server ? brickOf(*server, now.volumes, now.stillFresh).brick : nullptr;
}

// The volume as the agent of a server told it just now.
const api::AgentVolume *volumeAt(const Situation &now, const std::string &name)
{
    const api::AgentState *agent = now.agentOf(name, "gluster");
    return agent && agent->volume && agent->volume->problem.empty() ? &*agent->volume : nullptr;
}

std::string needVolume(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "gluster");
    const api::AgentState *agent = now.agentOf(wish.target, "gluster");
    if (!agent)
        return host;
    const bool tells = volumeAt(now, wish.target) != nullptr;
    draft.guard("volume", tells,
                tells           ? fmt::format("glusterd of {} answers", wish.target)
                : agent->volume ? fmt::format("glusterd of {} does not answer: {}", wish.target, agent->volume->problem)
                                : fmt::format("The agent on {} looks at no volume: [agent] volume of its configuration names it", host));
    return host;
}

std::vector<std::string> bricksAway(const Situation &now, const std::string &except)
{
    std::vector<std::string> away;
    for (const VolumeInput &server : now.volumes) {
        const api::AgentBrick *brick = brickAt(now, server.name);
        if (server.name != except && (!brick || !brick->online))
            away.push_back(server.name);
    }
    return away;
}

// Every brick but that one; what comes of it when one is away.
void guardBricks(Draft &draft, const char *name, const Situation &now, const std::string &except, const char *consequence)
{
    const auto away = bricksAway(now, except);
    draft.guard(name, away.empty(),
                !away.empty()    ? fmt::format("The brick of {} does not serve, or nobody knows: {}", fmt::join(away, ", "), consequence)
                : except.empty() ? "Every brick serves"
                                 : "Every other brick serves");
}

// How many files wait on all servers together; nothing when one does not tell.
std::optional<std::int64_t> waiting(const Situation &now)
{
    std::int64_t most = 0;
    for (const VolumeInput &server : now.volumes) {
        const api::AgentBrick *brick = brickAt(now, server.name);
        if (!brick || !brick->unhealed)
            return std::nullopt;
        most = std::max(most, *brick->unhealed);
    }
    return most;
}

// On the board: whether every server tells how many of its files have two versions, and whether any has.
bool tellsOfSplits(const Situation &now)
{
    return !now.volumes.empty() && std::all_of(now.volumes.begin(), now.volumes.end(), [&](const VolumeInput &server) {
        const api::AgentBrick *brick = brickAt(now, server.name);
        return brick && brick->splitBrain;
    });
}

bool anySplit(const Situation &now)
{
    return std::any_of(now.volumes.begin(), now.volumes.end(), [&](const VolumeInput &server) {
        const api::AgentBrick *brick = brickAt(now, server.name);
        return brick && brick->splitBrain.value_or(0) > 0;
    });
}

void heal(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needVolume(draft, wish, now);
    guardBricks(draft, "bricks-serve", now, {}, "nothing can be healed to it; restart it first");
    draft.guard("one-truth", tellsOfSplits(now) && !anySplit(now),
                !tellsOfSplits(now) ? "Nobody knows whether a file has two versions" : anySplit(now) ? "Files with two versions are resolved first: GlusterFS might choose by itself" : "No file has two versions");
    if (const api::AgentVolume *volume = volumeAt(now, wish.target))
        draft.guard("healer", volume->healDaemon,
                    volume->healDaemon ? fmt::format("The self-heal daemon of {} runs", wish.target) : fmt::format("The self-heal daemon of {} does not run: restart its brick", wish.target));
    const auto before = waiting(now);
    draft.say(fmt::format("{} heals now what waits, instead of at its next round", wish.target));
    draft.effect(before ? fmt::format("{} wait{} now; whoever reads and writes goes on", countText(*before, "file"), *before == 1 ? "s" : "") : "Nobody knows how many files wait");
    draft.effect("Disks and the network between the servers are busier until it is done");
    draft.undo("There is nothing to undo: it is what it does by itself");
    draft.step("heal", fmt::format("{} is told to heal", wish.target), {Order::Hand::HealFiles, host});
    draft.expect("healed", "Nothing waits to be healed", [](const Situation &later) { return waiting(later) == 0; });
    draft.tells([before](const Situation &later) -> std::pair<std::string, std::optional<double>> {
        const auto left = waiting(later);
        if (!left)
            return {"Nobody knows how many files wait", std::nullopt};
        const double all = static_cast<double>(before.value_or(0));
        return {fmt::format("{} wait{}", countText(*left, "file"), *left == 1 ? "s" : ""), all > 0 ? std::optional(std::clamp(1 - static_cast<double>(*left) / all, 0.0, 1.0)) : std::nullopt};
    });
    draft.patience(healPatience);
}

void restart(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = needVolume(draft, wish, now);
    const api::AgentBrick *brick = brickAt(now, wish.target);
    draft.guard("brick", brick != nullptr, brick ? fmt::format("The brick of {} {}", wish.target, brick->online ? "runs" : "does not run") : fmt::format("Nobody knows of the brick of {}", wish.target));
    if (brick && brick->online) {
        guardBricks(draft, "others-serve", now, wish.target, "nobody could write meanwhile");
        // What one brick alone has is not to be read while it is away.
        const auto left = waiting(now);
        draft.guard("healed", left == 0, left == 0 ? "Nothing waits to be healed" : left ? fmt::format("{} wait{} to be healed first", countText(*left, "file"), *left == 1 ? "s" : "") : "Nobody knows what waits to be healed");
        draft.say(fmt::format("The brick of {} ends and starts again", wish.target));
        draft.effect("Reads and writes go on with the others; what is written meanwhile is healed afterwards");
        draft.confirm(wish.target);
    } else {
        draft.say(fmt::format("The brick of {} starts", wish.target));
        draft.effect("Clients use it again within seconds; what it missed is healed");
    }
    draft.undo("There is nothing to undo");
    draft.step("restart", fmt::format("{} starts its brick", wish.target), {Order::Hand::RestartBrick, host});
    draft.expect("serves", fmt::format("The brick of {} serves", wish.target), [name = wish.target, before = brick ? brick->pid : std::nullopt](const Situation &later) {
        const api::AgentBrick *seen = brickAt(later, name);
        return seen && seen->online && seen->pid && seen->pid != before;
    });
    draft.patience(settlePatience);
}

struct Sorted {
    std::map<std::string, std::vector<std::string>> bySource;  // server: files of which it has the right bytes
    std::vector<std::pair<std::string, std::string>> others;   // file, why nothing can be done
    std::set<std::string> all;
};

Sorted sorted(const Situation &now, const std::string &only)
{
    std::vector<VolumeView> views;
    for (const VolumeInput &server : now.volumes) {
        if (const api::AgentVolume *volume = volumeAt(now, server.name))
            views.push_back({server.name, volume});
    }
    Sorted out;
    for (const SplitFile &file : splitFilesOf(views)) {
        if (!only.empty() && file.path != only)
            continue;
        out.all.insert(file.path);
        if (file.source.empty())
            out.others.emplace_back(file.path, file.why);
        else
            out.bySource[file.source].push_back(file.path);
    }
    return out;
}

// How many of the meant files have two versions.
std::string splitText(const Sorted &files, const std::string &only, bool told)
{
    if (!files.all.empty())
        return fmt::format("{} {} two versions", countText(static_cast<std::int64_t>(files.all.size()), "file"), files.all.size() == 1 ? "has" : "have");
    const std::string meant = only.empty() ? std::string() : fileName(only);
    if (!told)
        return fmt::format("Nobody knows whether {} has two versions", only.empty() ? "a file" : meant);
    return only.empty() ? "No file has two versions" : fmt::format("{} is not among the files that have two versions", meant);
}

// None of these files is told to contradict itself, and every server tells how many do.
bool isResolved(const std::set<std::string> &files, const Situation &later)
{
    for (const VolumeInput &server : later.volumes) {
        if (!isFresh(server, later.stillFresh))
            continue;
        for (const std::string &file : server.watched.facts->volume.splitFiles) {
            if (files.contains(file))
                return false;
        }
    }
    return tellsOfSplits(later);
}

std::string resolve(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    needVolume(draft, wish, now);
    const Sorted files = sorted(now, wish.file);
    draft.guard("split", !files.all.empty(), splitText(files, wish.file, tellsOfSplits(now)));
    draft.guard("right-copy", !files.bySource.empty(),
                !files.bySource.empty() ? "A server has the bytes whose digest the catalog has"
                : files.others.empty()  ? "There is no file to look for"
                                        : fmt::format("{}: {}", fileName(files.others.front().first), files.others.front().second));
    guardBricks(draft, "bricks-serve", now, {}, "its copy could not be set right; restart it first");
    draft.say(wish.file.empty() ? "Files with two versions get the bytes whose digest the catalog has"
                                : fmt::format("{} alone gets the bytes whose digest the catalog has; what else has two versions stays as it is", fileName(wish.file)));
    std::set<std::string> chosen;
    std::string basis;
    for (const auto &[server, paths] : files.bySource) {
        const Place *place = now.place(server, "gluster");
        // One by one: an agent has to answer within a minute, and a large file takes its time.
        for (const std::string &path : paths) {
            Order order{Order::Hand::ResolveSplit, place ? place->host : std::string()};
            order.files = {path};
            draft.step("resolve", fmt::format("{} gets the bytes of {}", fileName(path), server), order);
        }
        for (const std::string &path : paths) {
            if (chosen.size() < filesNamed)
                draft.effect(fmt::format("{}: {} has its bytes; those of the other server are overwritten", fileName(path), server));
            chosen.insert(path);
            basis += fmt::format("{}{} from {}", basis.empty() ? "" : ", ", path, server);
        }
    }
    if (chosen.size() > filesNamed)
        draft.effect(fmt::format("And {} more", countText(static_cast<std::int64_t>(chosen.size() - filesNamed), "file")));
    for (std::size_t i = 0; i < std::min(files.others.size(), filesNamed); ++i)
        draft.effect(fmt::format("{} stays as it is: {}", fileName(files.others[i].first), files.others[i].second));
    if (files.others.size() > filesNamed)
        draft.effect(fmt::format("And {} more stay as they are: the node's list says why", countText(static_cast<std::int64_t>(files.others.size() - filesNamed), "file")));
    draft.effect("Who asks for these files gets an error until then, unless a cache or the mirror has them");
    draft.undo("It cannot be undone: the other bytes are gone. They are not those of the package");
    draft.expect("resolved", "None of these files has two versions", [chosen](const Situation &later) { return isResolved(chosen, later); });
    draft.patience(settlePatience);
    return basis;
}

}  // namespace

Plan planFiles(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    if (wish.action == api::ActionKind::ResolveSplit)
        return draft.finish(resolve(draft, wish, now));
    if (wish.action == api::ActionKind::RestartBrick)
        restart(draft, wish, now);
    else
        heal(draft, wish, now);
    const api::AgentBrick *brick = brickAt(now, wish.target);
    return draft.finish(fmt::format("the brick of {} {}", wish.target, !brick ? "is not known of" : brick->online ? "runs" : "does not run"));
}

}  // namespace cm::monitor
