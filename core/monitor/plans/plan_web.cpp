// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for web nodes.
#include "core/monitor/plans/drafting.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

bool isDrained(const Situation &now, const std::string &web)
{
    const api::AgentState *agent = now.agentOf(web, "web");
    return agent && agent->drain && agent->drain->until > now.now;
}

std::vector<std::string> othersThatWork(const Situation &now, const std::string &web)
{
    std::vector<std::string> names;
    for (const WebInput &other : now.webs) {
        if (other.name != web && works(other, now.stillFresh) && !isDrained(now, other.name))
            names.push_back(other.name);
    }
    return names;
}

std::string joined(const std::vector<std::string> &names)
{
    return fmt::format("{}", fmt::join(names, ", "));
}

// What the others would carry without it, as far as a monitor can tell: what they take at most is known of connections alone.
constexpr double mostShare = 0.7;

// A drained node is waited for no longer than that; an upload of a gigabyte over a slow line takes it.
constexpr auto quietPatience = std::chrono::minutes(10);

const WebFacts *freshWeb(const Situation &now, const std::string &name)
{
    const WebInput *web = now.web(name);
    return web && web->watched.answers() && web->watched.taken >= now.stillFresh ? &*web->watched.facts : nullptr;
}

// "2 uploads and 1 request"; empty: nothing. Of a node that tells.
std::string workText(const WebFacts &web)
{
    std::vector<std::string> parts;
    if (web.uploads.value_or(0) > 0)
        parts.push_back(countText(*web.uploads, "upload"));
    if (web.reads.value_or(0) > 0)
        parts.push_back(countText(*web.reads, "request"));
    return fmt::format("{}", fmt::join(parts, " and "));
}

// What runs is finished, and waited for where the node tells of it.
void expectQuiet(Draft &draft, const std::string &name, const Situation &now)
{
    const WebFacts *web = freshWeb(now, name);
    if (!web || !web->uploads || !web->reads) {
        draft.effect("Requests that are under way are finished; no client notices. How many they are is not known");
        return;
    }
    const std::string work = workText(*web);
    draft.effect(work.empty() ? "Nothing is under way through it now; no client notices"
                              : fmt::format("Under way through it now: {}. What has begun is finished; no client notices", work));
    draft.expect("quiet", fmt::format("Nothing is under way through {} any more", name), [name](const Situation &later) {
        const WebFacts *seen = freshWeb(later, name);
        return seen && seen->uploads == 0 && seen->reads == 0;
    });
    draft.tells([name](const Situation &later) -> std::pair<std::string, std::optional<double>> {
        const WebFacts *seen = freshWeb(later, name);
        if (!seen || !seen->uploads || !seen->reads)
            return {fmt::format("Whether something is under way through {} is not known", name), std::nullopt};
        return {fmt::format("Under way through {}: {}", name, workText(*seen)), std::nullopt};
    });
    draft.patience(quietPatience);
}

// That those who are left can take its clients as well. With none left another guard says so.
void guardCapacity(Draft &draft, const std::string &name, const std::vector<std::string> &others, const Situation &now)
{
    if (others.empty())
        return;
    const double slow = Thresholds().slowSeconds;  // to a health check: beyond it a node is busy as it is
    const WebFacts *own = freshWeb(now, name);
    std::vector<std::string> busy, untold;
    std::int64_t open = 0, most = 0;
    for (const std::string &other : others) {
        const WebFacts &web = *freshWeb(now, other);
        if (web.health.seconds > slow)
            busy.push_back(fmt::format("{} takes {} for its health check", other, secondsText(web.health.seconds)));
        if (!web.connections || web.mostConnections.value_or(0) <= 0)
            untold.push_back(other);
        open += web.connections.value_or(0);
        most += web.mostConnections.value_or(0);
    }
    if (!busy.empty()) {
        draft.guard("capacity", false, fmt::format("{}: what is left is busy as it is", fmt::join(busy, ", ")));
    } else if (!untold.empty() || !own || !own->connections) {
        draft.guard("capacity", true, "What is left answers at once");
        draft.effect(fmt::format("How many connections {} {} nobody can tell from here", untold.empty() ? name : joined(untold),
                                 untold.empty() ? "has" : untold.size() == 1 ? "has and may have" : "have and may have"));
    } else {
        open += *own->connections;
        draft.guard("capacity", static_cast<double>(open) < mostShare * static_cast<double>(most),
                    fmt::format("{} would have {} of {} connections, and answer{} at once", joined(others), open, most, others.size() == 1 ? "s" : ""));
        draft.effect("Whether their processors, disks and lines carry it nobody can tell from here");
    }
}

void drain(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "web");
    draft.needEnd(wish.until);
    const auto others = othersThatWork(now, wish.target);
    std::vector<std::string> unseen;
    for (const WebInput &other : now.webs) {
        if (other.name != wish.target && !freshWeb(now, other.name))
            unseen.push_back(other.name);
    }
    draft.guard("another-works", !others.empty(),
                others.empty() ? unseen.empty() ? fmt::format("{} is the last web node that works", wish.target)
                                                : fmt::format("{} is the last web node that works: nothing is known of {}, which did not answer", wish.target, joined(unseen))
                               : fmt::format("{} {} and will take the requests", joined(others), others.size() == 1 ? "works" : "work"));
    guardCapacity(draft, wish.target, others, now);
    draft.say(fmt::format("{} gets no new requests until {}", wish.target, wish.until ? formatRfc3339(*wish.until) : "…"));
    if (others.size() == 1)
        draft.effect(fmt::format("{} has no spare meanwhile", others.front()));
    draft.undo(fmt::format("Return {} at any time; it returns by itself", wish.target));
    Order order{Order::Hand::Drain, host};
    order.until = wish.until.value_or(now.now);
    draft.step("drain", fmt::format("{} says that it is not ready; the CDN leaves it out after its next probes", wish.target), order);
    // Another monitor may have drained the others since its own look.
    draft.regret([name = wish.target](const Situation &later) {
        return othersThatWork(later, name).empty() ? fmt::format("With {} drained no web node works any more", name) : std::string();
    }, {Order::Hand::Return, host});
    draft.expect("not-ready", fmt::format("{} says that it is not ready", wish.target), [name = wish.target](const Situation &later) {
        const WebInput *web = later.web(name);
        return web && web->watched.answers() && web->watched.facts->health.status == 503;
    });
    draft.expect("others-serve", "The others serve", [name = wish.target](const Situation &later) {
        return std::any_of(later.webs.begin(), later.webs.end(),
                           [&](const WebInput &web) { return web.name != name && works(web, later.stillFresh); });
    });
    expectQuiet(draft, wish.target, now);
}

void giveBack(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "web");
    const bool drained = isDrained(now, wish.target);
    draft.guard("drained", drained, drained ? fmt::format("{} is drained", wish.target) : fmt::format("{} is not drained", wish.target));
    draft.say(fmt::format("{} takes requests again", wish.target));
    draft.effect("No client notices");
    draft.undo("Drain it again");
    draft.step("return", fmt::format("{} says that it is ready", wish.target), {Order::Hand::Return, host});
    draft.expect("ready", fmt::format("{} answers and takes writes", wish.target), [name = wish.target](const Situation &later) {
        const WebInput *web = later.web(name);
        return web && works(*web, later.stillFresh);
    });
}

const CertificateSeen *certificateOf(const Situation &now, const std::string &web)
{
    const Place *place = now.place(web, "web");
    for (const CertificateSeen &seen : now.certificates) {
        if (place && seen.host == place->host && seen.port != 0)
            return &seen;
    }
    return nullptr;
}

void reload(Draft &draft, const api::ActionWish &wish, const Situation &now)
{
    const std::string host = draft.needAgent(wish.target, "web");
    const CertificateSeen *seen = certificateOf(now, wish.target);
    const bool onDisk = seen && seen->pair && seen->pair->onDisk;
    const bool sound = onDisk && seen->pair->onDisk->notAfter > now.now && seen->pair->onDisk->notBefore <= now.now;
    draft.guard("certificate", sound,
                !onDisk ? fmt::format("Nobody sees the certificate file of {}", wish.target)
                : sound ? fmt::format("The certificate on the disk is good until {}", formatRfc3339(seen->pair->onDisk->notAfter))
                        : "The certificate on the disk is not valid now");
    draft.say(fmt::format("{} presents the certificate that lies on its disk", wish.target));
    draft.effect("Connections that are open stay as they are; new ones get the new certificate");
    draft.undo("Put the old file back and reload again");
    draft.step("reload", fmt::format("{} reads its certificate again", wish.target), {Order::Hand::Reload, host});
    draft.expect("presented", "What is presented is what lies on the disk", [name = wish.target](const Situation &later) {
        const CertificateSeen *now = certificateOf(later, name);
        return now && now->pair && now->pair->onDisk && now->pair->presented &&
               now->pair->onDisk->fingerprint == now->pair->presented->fingerprint;
    });
}

}  // namespace

Plan planWeb(const api::ActionWish &wish, const Situation &now)
{
    Draft draft(wish, now);
    if (wish.action == api::ActionKind::DrainWeb)
        drain(draft, wish, now);
    else if (wish.action == api::ActionKind::ReturnWeb)
        giveBack(draft, wish, now);
    else
        reload(draft, wish, now);
    // Which others work is a guard; what the plan says of them rests on nothing else.
    return draft.finish(fmt::format("{} {}", wish.target, isDrained(now, wish.target) ? "drained" : "in use"));
}

}  // namespace cm::monitor
