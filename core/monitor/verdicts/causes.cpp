// SPDX-License-Identifier: GPL-3.0-or-later
// Which trouble follows from which: by what the facts say themselves, by hosts, by dependencies.
#include "core/monitor/verdicts/states.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <tuple>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// What speaks for itself when a pgpool does without a database, or takes it for something else.
bool keepsOut(std::string_view found)
{
    constexpr std::array reasons{code::down,    code::noAnswer, code::disconnected, code::stalled,  code::lagging, code::rebuild,
                                 code::diverged, code::followsOther, code::splitBrain, code::noPrimary, code::setAside, code::fenced};
    return std::find(reasons.begin(), reasons.end(), found) != reasons.end();
}

// What can be the reason of somebody else's trouble.
bool isRoot(const Believed &finding)
{
    constexpr std::array roots{code::down,        code::noAnswer, code::noPrimary,    code::splitBrain, code::monitorBlind, code::brickDown,
                               code::certExpired, code::noQuorum, code::disconnected, code::readOnlyDatabase};
    // A server that is stopped on purpose is stopped.
    if (finding.found.code == code::fenced)
        return true;
    // Between two looks that fail it is called well, and what rests on it is not.
    if (finding.found.code == code::unsteady)
        return true;
    // A standby that lags may be one to which the way is slow, and commits go that way.
    if (finding.found.code == code::lagging)
        return true;
    return finding.found.verdict >= Verdict::Unknown &&
           std::find(roots.begin(), roots.end(), finding.found.code) != roots.end();
}

// That a write or an upload takes long, or longer than is waited for.
bool isHeldUp(const Believed &effect)
{
    const std::string &what = effect.found.subject;
    return (effect.found.code == code::slow && (what == "write" || what == "upload")) || (effect.found.code == code::channelBroken && what == "late upload");
}

// A standby that is gone stops the commits that wait for it, one that is far makes them slow, and no more than that.
bool explains(const Believed &root, const Believed &effect)
{
    if (root.found.code == code::lagging)
        return isHeldUp(effect);
    return root.found.code != code::disconnected || effect.found.code == code::readOnlyDatabase || effect.found.code == code::disagree || isHeldUp(effect);
}

// What a dependent shows when that on which it depends is in trouble. Its own death is not among them.
bool mayFollow(const Believed &finding)
{
    constexpr std::array effects{
        code::channelBroken, code::readOnlyDatabase, code::serialBehind,   code::slow,        code::disconnected,
        code::backendDown,   code::statusMismatch,   code::roleMismatch,   code::disagree,    code::noQuorum,
        code::noSecondCopy,  code::noPrimary,        code::slotInactive,   code::lagging,     code::mirrorStale,
        code::streamDead,    code::slotEndangered,   code::monitorsDiffer, code::healPending, code::stale,
        code::noSpare,         code::fallbackInUse, code::fallbackUnneeded, code::edgeErrors,   code::edgeDiffers};
    return std::find(effects.begin(), effects.end(), finding.found.code) != effects.end();
}

bool isSilence(const Believed &finding)
{
    return finding.found.code == code::down || finding.found.code == code::noAnswer;
}

class Folder {
public:
    Folder(std::vector<Believed> findings, const Landscape &landscape)
        : m_findings(std::move(findings)), m_landscape(landscape)
    {
        for (const NodeInfo &node : landscape.nodes)
            m_roles[node.name] = node.role;
    }

    std::vector<Believed> fold()
    {
        dropForeignCauses();
        foldBlindness();
        foldHosts();
        foldRoles();
        for (Believed &finding : m_findings) {
            if (finding.found.cause.empty())
                finding.found.cause = backendInTrouble(finding);
            if (finding.found.cause.empty() && finding.found.code == code::noAnswer)
                finding.found.cause = silentPresenter(finding);
            if (finding.found.cause.empty() && mayFollow(finding))
                finding.found.cause = rootBelow(finding);
        }
        foldReadOnly();
        for (Believed &finding : m_findings)
            finding.found.cause = rootOf(finding.found.node, finding.found.cause);
        weighUnsteady();
        return std::move(m_findings);
    }

private:
    bool hasOwnTrouble(const std::string &node) const
    {
        return std::any_of(m_findings.begin(), m_findings.end(), [&](const Believed &finding) {
            return finding.found.node == node && finding.found.cause.empty();
        });
    }

    // One that answers now and then is as bad as what that does to others.
    void weighUnsteady()
    {
        for (Believed &finding : m_findings) {
            if (finding.found.code != code::unsteady || !finding.found.cause.empty())
                continue;
            for (const Believed &other : m_findings) {
                if (other.found.cause == finding.found.node)
                    finding.found.verdict = std::max(finding.found.verdict, other.found.verdict);
            }
        }
    }

    // A cause counts only while something is wrong with it.
    void dropForeignCauses()
    {
        for (Believed &finding : m_findings) {
            const std::string &cause = finding.found.cause;
            const bool known = std::any_of(m_findings.begin(), m_findings.end(),
                                           [&](const Believed &other) { return other.found.node == cause; });
            if (cause == finding.found.node || !known)
                finding.found.cause.clear();
        }
    }

    // Somebody vouches for one node of a host: the others there are not dead either, for all that the monitor knows.
    void foldBlindness()
    {
        std::map<std::string, std::string> hosts;
        for (const NodeInfo &node : m_landscape.nodes)
            hosts[node.name] = node.host;
        std::map<std::string, std::string> blind, silent;  // by host
        for (const Believed &finding : m_findings) {
            const std::string &host = hosts[finding.found.node];
            const std::string &root = finding.found.cause.empty() ? finding.found.node : finding.found.cause;
            if (!host.empty() && finding.found.code == code::monitorBlind)
                blind[host] = root;
            else if (!host.empty() && isSilence(finding) && m_roles[finding.found.node] != "disk")
                silent[host] = root;
        }
        for (Believed &finding : m_findings) {
            const std::string &host = hosts[finding.found.node];
            const auto vouched = blind.find(host);
            // A disk is told of by its host, and that is not heard.
            const bool untold = m_roles[finding.found.node] == "disk" && (finding.found.code == code::stale || isSilence(finding));
            if (untold && finding.found.cause.empty() && (vouched != blind.end() || silent.contains(host)))
                finding.found.cause = vouched != blind.end() ? vouched->second : silent[host];
            if (untold || finding.found.code != code::noAnswer || vouched == blind.end())
                continue;
            finding.found.code = code::monitorBlind;
            finding.found.verdict = Verdict::Unknown;
            finding.found.statement = fmt::format("The monitor cannot reach {} either", finding.found.node);
            finding.found.cause = vouched->second;
        }
    }

    // Every node of a host silent: the host.
    void foldHosts()
    {
        std::map<std::string, std::vector<std::string>> members;
        for (const NodeInfo &node : m_landscape.nodes) {
            if (!node.host.empty() && node.role != "disk" && node.role != "certificate")
                members[node.host].push_back(node.name);
        }
        for (const auto &[host, nodes] : members) {
            Believed *first = nullptr;
            std::string remedy;
            std::size_t silent = 0;
            Time believed = Time::max();
            for (const std::string &node : nodes) {
                for (Believed &finding : m_findings) {
                    if (finding.found.node != node || !isSilence(finding))
                        continue;
                    ++silent;
                    if (!first || finding.since < first->since)
                        first = &finding;
                    if (remedy.empty())
                        remedy = finding.found.remedy;
                    believed = std::min(believed, finding.believed);
                    break;
                }
            }
            if (nodes.size() < 2 || silent < nodes.size())
                continue;
            Believed whole = *first;
            whole.believed = believed;
            whole.found.node = host;
            whole.found.subject = {};
            whole.found.cause = {};
            // Whichever of them was missed first: what helps one in particular is not lost in the host.
            whole.found.remedy = remedy;
            whole.found.verdict = Verdict::Critical;
            whole.found.statement = fmt::format("Nothing on {} answers: {}", host, fmt::join(nodes, ", "));
            // What is called as its host is speaks for it.
            std::erase_if(m_findings, [&](const Believed &finding) { return finding.found.node == host && isSilence(finding); });
            for (Believed &finding : m_findings) {
                const bool here = finding.found.node != host && std::find(nodes.begin(), nodes.end(), finding.found.node) != nodes.end();
                if (here && (isSilence(finding) || mayFollow(finding)))
                    finding.found.cause = host;
            }
            m_findings.push_back(std::move(whole));
        }
    }

    // Every node of a role silent at the same time: one trouble, that of the first. One that has been silent for long
    // is not: whoever was woken for it was not told of the others.
    void foldRoles()
    {
        constexpr auto together = std::chrono::seconds(15);
        std::map<std::string, std::vector<std::string>> members;
        for (const NodeInfo &node : m_landscape.nodes) {
            if (node.role != "disk" && node.role != "certificate")
                members[node.role].push_back(node.name);
        }
        for (const auto &[role, nodes] : members) {
            std::vector<Believed *> silent;
            std::size_t serving = 0, servingAndSilent = 0;
            for (const std::string &node : nodes) {
                Believed *found = ownSilence(node);
                serving += serves(node) ? 1 : 0;
                if (!found)
                    continue;
                if (std::find(silent.begin(), silent.end(), found) == silent.end())
                    silent.push_back(found);
                servingAndSilent += serves(node) ? 1 : 0;
            }
            if (serving < 2 || servingAndSilent < serving || silent.size() < 2)
                continue;
            std::stable_sort(silent.begin(), silent.end(), [](const auto *a, const auto *b) {
                return std::tie(a->believed, a->since) < std::tie(b->believed, b->since);
            });
            if (silent.back()->since - silent.front()->since > together)
                continue;
            std::vector<std::string> names;
            for (const Believed *finding : silent)
                names.push_back(finding->found.node);
            silent.front()->found.statement = fmt::format("No {} answers: {}", role == "postgres" ? "database" : role + " node", fmt::join(names, ", "));
            // Of databases it matters which one.
            if (role == "postgres")
                silent.front()->found.remedy = fmt::format("Start all of them, {}: they agree among themselves which one goes on. The one that took writes last has every acknowledged upload.",
                                                           fmt::join(names, " and "));
            if (role == "web" || role == "pgpool")
                silent.front()->found.remedy = fmt::format("Bring {} back: one is enough. Read its log, then start it.", fmt::join(names, " or "));
            for (Believed *finding : silent) {
                if (finding != silent.front())
                    finding->found.cause = silent.front()->found.node;
            }
        }
    }

    // Web nodes that cannot write, and nobody's trouble explains it: they share a database, so it is one trouble.
    void foldReadOnly()
    {
        std::vector<Believed *> all;
        for (Believed &finding : m_findings) {
            if (finding.found.code == code::readOnlyDatabase && finding.found.cause.empty() && roleOf(finding.found.node) == "web")
                all.push_back(&finding);
        }
        if (all.size() < 2)
            return;
        std::stable_sort(all.begin(), all.end(), [](const auto *a, const auto *b) { return std::tie(a->believed, a->since) < std::tie(b->believed, b->since); });
        std::vector<std::string> names;
        for (const Believed *finding : all)
            names.push_back(finding->found.node);
        std::sort(names.begin(), names.end());
        all.front()->found.statement = fmt::format("{} cannot write: their database takes no writes", listOf(names));
        for (Believed *finding : all) {
            if (finding != all.front())
                finding->found.cause = all.front()->found.node;
        }
    }

    // The database of which a pgpool speaks, while something is wrong with that.
    std::string backendInTrouble(const Believed &finding) const
    {
        const std::string &about = finding.found.subject;
        const bool speaks = finding.found.code == code::statusMismatch || finding.found.code == code::backendDown ||
                            finding.found.code == code::roleMismatch;
        const bool troubled = speaks && about != finding.found.node &&
                              std::any_of(m_findings.begin(), m_findings.end(), [&](const Believed &other) {
                                  return other.found.node == about && keepsOut(other.found.code);
                              });
        return troubled ? about : std::string();
    }

    // A certificate that nobody presents, because the node that should is silent.
    std::string silentPresenter(const Believed &finding) const
    {
        for (const Dependency &dependency : m_landscape.dependencies) {
            if (dependency.from != finding.found.node || dependency.kind != "presents")
                continue;
            const bool silent = std::any_of(m_findings.begin(), m_findings.end(), [&](const Believed &other) {
                return other.found.node == dependency.to && isSilence(other);
            });
            if (silent)
                return dependency.to;
        }
        return {};
    }

    std::string roleOf(const std::string &node) const
    {
        const auto found = m_roles.find(node);
        return found == m_roles.end() ? std::string() : found->second;
    }

    // That a node does not answer, or nothing on its host.
    Believed *ownSilence(const std::string &node)
    {
        const auto silent = [&](const std::string &name) {
            const auto found = std::find_if(m_findings.begin(), m_findings.end(), [&](const Believed &finding) {
                return finding.found.node == name && isSilence(finding);
            });
            return found == m_findings.end() ? nullptr : &*found;
        };
        Believed *own = silent(node);
        if (own && !own->found.cause.empty())
            own = silent(own->found.cause);
        return own && own->found.cause.empty() ? own : nullptr;
    }

    bool serves(const std::string &node) const
    {
        return std::none_of(m_landscape.nodes.begin(), m_landscape.nodes.end(),
                            [&](const NodeInfo &info) { return info.name == node && !info.serves; });
    }

    // The root trouble on which `finding` rests by dependencies; the farthest one, for what lies nearer
    // follows from it as well. Empty: none.
    std::string rootBelow(const Believed &finding) const
    {
        std::set<std::string> seen{finding.found.node};
        std::vector<std::string> layer{finding.found.node};
        std::string root;
        while (!layer.empty()) {
            std::vector<std::string> next;
            for (const std::string &node : layer) {
                for (const Dependency &dependency : m_landscape.dependencies) {
                    const bool peers = dependency.kind == "watches";
                    const bool amongPeers = finding.found.code == code::noQuorum || finding.found.code == code::disagree ||
                                            finding.found.code == code::noSpare;
                    if (peers && !amongPeers)
                        continue;
                    if (dependency.from == node && seen.insert(dependency.to).second)
                        next.push_back(dependency.to);
                }
            }
            if (const std::string found = rootAmong(next, finding); !found.empty())
                root = found;
            layer = std::move(next);
        }
        return root.empty() ? fullDiskBeside(seen) : root;
    }

    // A disk that takes nothing more, on the host of one of these.
    std::string fullDiskBeside(const std::set<std::string> &nodes) const
    {
        std::set<std::string> hosts;
        for (const NodeInfo &info : m_landscape.nodes) {
            if (!info.host.empty() && nodes.contains(info.name))
                hosts.insert(info.host);
        }
        for (const NodeInfo &info : m_landscape.nodes) {
            const bool full = info.role == "disk" && hosts.contains(info.host) &&
                              std::any_of(m_findings.begin(), m_findings.end(), [&info](const Believed &other) {
                                  return other.found.node == info.name && other.found.verdict == Verdict::Critical &&
                                         (other.found.code == code::diskFull || other.found.code == code::diskReadOnly);
                              });
            if (full)
                return info.name;
        }
        return {};
    }

    std::string rootAmong(const std::vector<std::string> &nodes, const Believed &effect) const
    {
        const Believed *root = nullptr;
        for (const Believed &candidate : m_findings) {
            const bool here = std::find(nodes.begin(), nodes.end(), candidate.found.node) != nodes.end();
            // Two that could each explain the other explain nothing.
            const bool circle = candidate.found.code == effect.found.code && !isSilence(candidate) &&
                                roleOf(candidate.found.node) == roleOf(effect.found.node);
            if (here && !circle && isRoot(candidate) && explains(candidate, effect) && (!root || candidate.since < root->since))
                root = &candidate;
        }
        return root ? root->found.node : std::string();
    }

    // Along the causes to one that has none.
    std::string rootOf(const std::string &node, std::string cause) const
    {
        for (std::size_t steps = 0; !cause.empty() && steps < m_findings.size(); ++steps) {
            const auto next = std::find_if(m_findings.begin(), m_findings.end(), [&](const Believed &finding) {
                return finding.found.node == cause && !finding.found.cause.empty() && !hasOwnTrouble(cause);
            });
            if (next == m_findings.end())
                break;
            if (next->found.cause == node)
                return cause;
            cause = next->found.cause;
        }
        return cause == node ? std::string() : cause;
    }

    std::vector<Believed> m_findings;
    const Landscape &m_landscape;
    std::map<std::string, std::string> m_roles;
};

}  // namespace

std::vector<Believed> foldCauses(std::vector<Believed> findings, const Landscape &landscape)
{
    return Folder(std::move(findings), landscape).fold();
}

std::vector<Believed> awaitCauses(std::vector<Believed> findings, const std::vector<Believed> &suspected,
                                  const Landscape &landscape, Time now)
{
    constexpr auto longest = std::chrono::seconds(5);
    std::vector<Believed> all = findings;
    all.insert(all.end(), suspected.begin(), suspected.end());
    const std::vector<Believed> folded = foldCauses(std::move(all), landscape);
    const auto isKnown = [&](const std::string &node) {
        return std::any_of(findings.begin(), findings.end(), [&](const Believed &other) { return other.found.node == node; });
    };
    std::vector<Believed> out;
    for (const Believed &finding : findings) {
        const auto same = std::find_if(folded.begin(), folded.end(), [&](const Believed &other) {
            return std::tie(other.found.node, other.found.code, other.found.subject) ==
                   std::tie(finding.found.node, finding.found.code, finding.found.subject);
        });
        const std::string cause = same == folded.end() ? std::string() : same->found.cause;
        if (cause.empty() || isKnown(cause) || now - finding.believed > longest)
            out.push_back(finding);
    }
    return out;
}

}  // namespace cm::monitor
