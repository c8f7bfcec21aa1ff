// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/states.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// What carries the service, so that the last one of it is worth a word.
bool hasSpares(const std::string &role)
{
    return role != "disk" && role != "certificate" && role != "host" && role != "agent";
}

// Whether a node does its work, whatever else is to be said of it.
bool worksAtAll(const api::Node &node)
{
    // Nobody sends it anything: it is no spare for the others.
    const bool away = std::any_of(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &finding) {
        return finding.code == code::drained || finding.code == code::fenced || finding.code == code::outOfRotation;
    });
    // A file of which there are two versions is no failure of the server that tells of it.
    const bool fails = std::any_of(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &finding) {
        return finding.verdict == Verdict::Critical && finding.code != code::fileSplitBrain;
    });
    return !fails && node.finding != code::noAnswer && !away;
}

bool anyFinding(const std::vector<api::Node> &nodes, std::initializer_list<std::string_view> codes)
{
    return std::any_of(nodes.begin(), nodes.end(), [&](const api::Node &node) {
        return std::any_of(node.findings.begin(), node.findings.end(), [&](const api::NodeFinding &finding) {
            return std::find(codes.begin(), codes.end(), finding.code) != codes.end();
        });
    });
}

const api::RoleState *roleOf(const std::vector<api::RoleState> &roles, std::string_view name)
{
    const auto found = std::find_if(roles.begin(), roles.end(), [&](const auto &role) { return role.role == name; });
    return found == roles.end() ? nullptr : &*found;
}

// More of the servers of files are away than may be.
bool lacksFiles(const std::vector<api::RoleState> &roles)
{
    const api::RoleState *files = roleOf(roles, "gluster");
    return files && files->nodes - files->working > 1;
}

// `name` as a word of `sentence`: web1 is none of web12.
bool names(const std::string &sentence, const std::string &name)
{
    const auto isPart = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
    for (std::size_t at = sentence.find(name); at != std::string::npos; at = sentence.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !isPart(sentence[at - 1])) && (end == sentence.size() || !isPart(sentence[end])))
            return true;
    }
    return false;
}

// Those of a role that do their work.
std::vector<std::string> workingOf(const std::vector<api::Node> &nodes, std::string_view role)
{
    std::vector<std::string> names;
    for (const api::Node &node : nodes) {
        if (node.role == role && worksAtAll(node))
            names.push_back(node.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

// The one to fence, where the facts decide it.
std::string toFence(const std::vector<api::Node> &nodes)
{
    for (const api::Node &node : nodes) {
        for (const api::NodeFinding &finding : node.findings) {
            if (finding.code == code::splitBrain && !finding.actOn.empty())
                return finding.actOn;
        }
    }
    return {};
}

// The primary whose commits nobody else has.
std::string onlyCopy(const std::vector<api::Node> &nodes)
{
    const auto found = std::find_if(nodes.begin(), nodes.end(), [](const api::Node &node) {
        return std::any_of(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &finding) { return finding.code == code::noSecondCopy; });
    });
    return found == nodes.end() ? std::string() : found->name;
}

// The database whose host has no room left.
std::string besideFullDisk(const std::vector<api::Node> &nodes)
{
    for (const api::Node &disk : nodes) {
        if (disk.role != "disk" || disk.host.empty() || disk.finding != code::diskFull || disk.verdict != Verdict::Critical)
            continue;
        const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const api::Node &node) { return node.role == "postgres" && node.host == disk.host; });
        if (found != nodes.end())
            return found->name;
    }
    return {};
}

std::string affectedBy(const std::vector<api::Node> &nodes, const std::vector<api::RoleState> &roles)
{
    const api::RoleState *web = roleOf(roles, "web");
    const bool noWrites = anyFinding(nodes, {code::readOnlyDatabase, code::noPrimary, code::noLeader});
    if (anyFinding(nodes, {code::fallbackNotFiring}))
        return "everybody who installs: neither a web node nor the mirror serves them";
    if (anyFinding(nodes, {code::fallbackInUse}))
        return "uploads and every other change; installs come from the mirror";
    const api::RoleState *cdn = roleOf(roles, "cdn"), *mirror = roleOf(roles, "mirror");
    if (web && web->working == 0 && !noWrites)
        return cdn && cdn->working > 0 && mirror && mirror->working > 0
                   ? "uploads and every other change, for no web node works; installs come from the CDN's cache and from the mirror"
                   : "everybody: no web node works";
    if (const std::string stop = toFence(nodes); !stop.empty())
        return fmt::format("uploads: what {} alone has taken is missing everywhere else", stop);
    if (anyFinding(nodes, {code::splitBrain}))
        return "uploads: two databases take them, and neither has what the other took";
    if (noWrites)
        return "uploads and every other change";
    if (anyFinding(nodes, {code::readOnlyMode}))
        return "uploads and every other change, as ordered";
    if (lacksFiles(roles))
        return "uploads, and installs of what no cache has";
    if (anyFinding(nodes, {code::fileSplitBrain}))
        return "installs of a file with two versions, unless a cache or the mirror has it";
    if (web && web->working < web->nodes) {
        const std::vector<std::string> left = workingOf(nodes, "web");
        return fmt::format("nobody while {} {} the load", listOf(left), left.size() == 1 ? "carries" : "carry");
    }
    if (anyFinding(nodes, {code::channelBroken}))
        return "those who use that channel";
    if (anyFinding(nodes, {code::cdnStale}))
        return "who installs through the CDN: some get what was there before a change";
    if (anyFinding(nodes, {code::mirrorEmpty, code::digestMismatch, code::mirrorStale}))
        return "nobody while a web node serves; then those whom the mirror serves";
    if (anyFinding(nodes, {code::mirrorHolds, code::mirrorLacks}))
        return "nobody yet: the mirror serves what it had of some projects";
    if (anyFinding(nodes, {code::streamDead, code::streamLoss, code::streamDoubled, code::linesLate, code::countsLate, code::spoolFull}))
        return "nobody; downloads are not counted, or late";
    if (anyFinding(nodes, {code::monitorBlind}))
        return "nobody as far as this monitor sees";
    if (const std::string only = onlyCopy(nodes); !only.empty())
        return fmt::format("nobody yet; {} alone has what is committed now", only);
    if (const std::string cramped = besideFullDisk(nodes); !cramped.empty())
        return fmt::format("nobody yet; uploads as soon as {} needs room", cramped);
    if (anyFinding(nodes, {code::stalled, code::lagging, code::disconnected}))
        return "nobody yet; a failover now would lose work or take longer";
    return "nobody yet";
}

std::string spared(const std::vector<api::Node> &nodes, const std::vector<api::RoleState> &roles)
{
    const api::RoleState *web = roleOf(roles, "web");
    const bool byMirror = anyFinding(nodes, {code::fallbackInUse});
    const bool answers = !web || web->working > 0 || byMirror || anyFinding(nodes, {code::readOnlyDatabase});
    const bool writes = !anyFinding(nodes, {code::readOnlyDatabase, code::readOnlyMode, code::noPrimary, code::noLeader, code::splitBrain}) && !byMirror;
    // A web node that is not seen, or whose write is not, vouches for nothing.
    if (anyFinding(nodes, {code::monitorBlind}) && (!web || web->verdict != Verdict::Ok))
        return "";
    if (answers && lacksFiles(roles))
        return "pages, and files that a cache has";
    if (answers && writes && anyFinding(nodes, {code::fileSplitBrain}))
        return "uploads, and installs of everything else";
    // What one of the two acknowledges the other does not have.
    if (anyFinding(nodes, {code::splitBrain}))
        return answers ? "installing packages" : "";
    if (answers && writes && anyFinding(nodes, {code::cdnStale}))
        return "uploads, and installs of what has not changed";
    if (answers && writes && !besideFullDisk(nodes).empty())
        return "installing packages, and every acknowledged upload";
    if (answers && writes)
        return "installing and uploading";
    if (answers)
        return "installing packages, and every acknowledged upload";
    return writes ? "every acknowledged upload" : "";
}

// Whether those who install and upload over https depend on it: with the like of it the whole stands or falls.
bool carries(const std::string &role)
{
    return role != "ssh" && role != "ingest" && role != "mirror" && role != "certificate" && role != "agent" && role != "monitor" && role != "disk";
}

// All databases, where there are several and none of them answers; else none.
std::vector<std::string> silentDatabases(const std::vector<api::Node> &nodes)
{
    std::vector<std::string> names;
    for (const api::Node &node : nodes) {
        if (node.role != "postgres")
            continue;
        if (node.verdict != Verdict::Critical || (node.finding != code::down && node.finding != code::noAnswer))
            return {};
        names.push_back(node.name);
    }
    std::sort(names.begin(), names.end());
    return names.size() > 1 ? names : std::vector<std::string>();
}

// Whether what is wrong with `node` comes from one of these, in as many steps as it takes.
bool followsFrom(const std::vector<std::string> &roots, const std::vector<api::Node> &nodes, const api::Node &node)
{
    const api::Node *at = &node;
    for (std::size_t steps = 0; steps < nodes.size() && !at->cause.empty(); ++steps) {
        if (std::find(roots.begin(), roots.end(), at->cause) != roots.end())
            return true;
        const auto next = std::find_if(nodes.begin(), nodes.end(), [at](const api::Node &other) { return other.name == at->cause; });
        if (next == nodes.end())
            return false;
        at = &*next;
    }
    return false;
}

// Whoever else is not well, by name, unless the sentence has named it: what follows from `roots`, then what does not.
std::string besides(const std::vector<api::Node> &nodes, const std::vector<std::string> &roots, const std::string &statement)
{
    std::vector<std::string> follow, apart;
    for (const api::Node &node : nodes) {
        if (node.verdict == Verdict::Ok || roots.front() == node.name || names(statement, node.name))
            continue;
        (followsFrom(roots, nodes, node) ? follow : apart).push_back(node.name);
    }
    std::sort(follow.begin(), follow.end());
    std::sort(apart.begin(), apart.end());
    std::string out;
    if (!follow.empty())
        out += fmt::format("; that is why {} {} not well", listOf(follow), follow.size() == 1 ? "is" : "are");
    if (!apart.empty())
        out += fmt::format("; {} {} not well either", listOf(apart), apart.size() == 1 ? "is" : "are");
    return out;
}

}  // namespace

std::vector<api::Node> nodeStates(const std::vector<Believed> &folded, const Landscape &landscape)
{
    std::map<std::string, api::Node> nodes;
    for (const NodeInfo &info : landscape.nodes) {
        api::Node &node = nodes[info.name];
        node.name = info.name;
        node.role = info.role;
        node.host = info.host;
        node.site = info.site;
        node.verdict = Verdict::Ok;
    }
    for (const Believed &finding : folded) {
        api::Node &node = nodes[finding.found.node];
        if (node.name.empty()) {
            node.name = finding.found.node;
            node.role = "host";
            node.host = finding.found.node;
            node.verdict = Verdict::Ok;
        }
        const std::string helps = finding.found.remedy.empty() ? std::string(runbookOf(finding.found.code)) : finding.found.remedy;
        node.findings.push_back({finding.found.code, finding.found.verdict, finding.found.statement, finding.since, finding.found.cause, helps,
                                 finding.found.act, finding.found.actOn});
    }
    std::vector<api::Node> out;
    for (auto &[name, node] : nodes) {
        // Own trouble before what follows from another's; and what no start mends before that it does not run.
        std::stable_sort(node.findings.begin(), node.findings.end(), [](const auto &a, const auto &b) {
            return std::make_tuple(b.verdict, !a.cause.empty(), a.code != code::rebuild, a.since) <
                   std::make_tuple(a.verdict, !b.cause.empty(), b.code != code::rebuild, b.since);
        });
        if (!node.findings.empty()) {
            const api::NodeFinding &worst = node.findings.front();
            node.verdict = worst.verdict;
            node.finding = worst.code;
            node.statement = worst.statement;
            node.cause = worst.cause;
            node.since = worst.since;
        }
        out.push_back(std::move(node));
    }
    std::stable_sort(out.begin(), out.end(), [](const auto &a, const auto &b) { return a.verdict > b.verdict; });
    return out;
}

bool works(Verdict verdict, std::string_view found)
{
    return verdict == Verdict::Ok || (verdict == Verdict::Warning && found != code::fenced && found != code::down && found != code::noAnswer);
}

const api::NodeFinding *stopOf(const api::Node &node)
{
    const auto found = std::find_if(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &finding) { return !works(finding.verdict, finding.code); });
    return node.verdict == Verdict::Warning && found != node.findings.end() ? &*found : nullptr;
}

void nameMonitor(std::vector<api::Node> &nodes, const std::string &monitor)
{
    constexpr std::string_view nameless = "The monitor ";
    const auto name = [&](std::string &statement) {
        if (statement.starts_with(nameless))
            statement.replace(0, nameless.size(), "Monitor " + monitor + " ");
    };
    for (api::Node &node : nodes) {
        name(node.statement);
        for (api::NodeFinding &finding : node.findings)
            name(finding.statement);
    }
}

std::vector<api::RoleState> roleStates(const std::vector<api::Node> &nodes, const Landscape &landscape)
{
    std::map<std::string, api::RoleState> roles;
    std::map<std::string, std::string> lastWorking;
    std::map<std::string, std::pair<int, int>> serving;  // all, and those that work
    const auto serves = [&](const std::string &name) {
        return std::none_of(landscape.nodes.begin(), landscape.nodes.end(),
                            [&](const NodeInfo &info) { return info.name == name && !info.serves; });
    };
    for (const api::Node &node : nodes) {
        api::RoleState &role = roles[node.role];
        if (role.nodes == 0)
            role.verdict = Verdict::Ok;
        role.role = node.role;
        ++role.nodes;
        role.working += worksAtAll(node) ? 1 : 0;
        if (serves(node.name)) {
            ++serving[node.role].first;
            if (worksAtAll(node)) {
                ++serving[node.role].second;
                lastWorking[node.role] = node.name;
            }
        }
        if (node.verdict > role.verdict) {
            role.verdict = node.verdict;
            role.finding = node.finding;
            role.statement = node.statement;
        }
        if (node.verdict != Verdict::Ok && node.since && (!role.since || *node.since < *role.since))
            role.since = node.since;
    }
    std::vector<api::RoleState> out;
    for (auto &[name, role] : roles) {
        if (hasSpares(name) && serving[name].first > 1 && serving[name].second == 1) {
            role.finding = code::noSpare;
            role.statement = fmt::format("{} has no spare now: only {} works", name, lastWorking[name]);
        } else if (hasSpares(name) && serving[name].second == 0 && serving[name].first > 0 && role.verdict == Verdict::Critical) {
            role.statement = fmt::format("No {} node works", name);
        }
        out.push_back(std::move(role));
    }
    return out;
}

api::VerdictLine verdictLine(const std::vector<api::Node> &nodes, const std::vector<api::RoleState> &roles)
{
    api::VerdictLine line;
    line.verdict = nodes.empty() ? Verdict::Unknown : Verdict::Ok;
    line.statement = nodes.empty() ? "Nothing is watched" : "Everything works";
    line.notAtRisk = nodes.empty() ? "" : "installing and uploading";
    const api::Node *root = nullptr;
    const api::NodeFinding *worst = nullptr;
    const std::vector<std::string> databases = silentDatabases(nodes);
    for (const api::Node &node : nodes) {
        line.verdict = std::max(line.verdict, node.verdict);
        // Of what is wrong with a node it is the first that counts, for they are sorted.
        const auto own = std::find_if(node.findings.begin(), node.findings.end(), [](const api::NodeFinding &finding) { return finding.cause.empty(); });
        if (own == node.findings.end())
            continue;
        // Of two that weigh the same, what carries the service leads, however long another channel has been away.
        const auto weight = [](const api::Node &of, const api::NodeFinding &what) { return std::make_pair(what.verdict, carries(of.role)); };
        // Of databases that are all gone it is the last one that was missed.
        const bool last = !databases.empty() && root && root->role == "postgres" && node.role == "postgres";
        if (!worst || weight(node, *own) > weight(*root, *worst) ||
            (weight(node, *own) == weight(*root, *worst) && (last ? own->since > worst->since : own->since < worst->since))) {
            root = &node;
            worst = &*own;
        }
    }
    if (!worst)
        return line;
    const bool noDatabase = !databases.empty() && root->role == "postgres";
    const std::string leads = noDatabase ? fmt::format("No database answers: {}", fmt::join(databases, ", ")) : worst->statement;
    std::vector<std::string> roots{root->name};
    if (noDatabase)
        roots.insert(roots.end(), databases.begin(), databases.end());
    line.statement = leads + besides(nodes, roots, leads);
    line.cause = root->name;
    line.finding = worst->code;
    line.since = worst->since;
    line.affected = affectedBy(nodes, roles);
    line.notAtRisk = spared(nodes, roles);
    return line;
}

std::vector<api::MonitorDifference> compareNodes(const std::vector<api::Node> &ours, const std::vector<api::Node> &theirs)
{
    std::vector<api::MonitorDifference> out;
    for (const api::Node &node : ours) {
        const auto other =
            std::find_if(theirs.begin(), theirs.end(), [&](const auto &their) { return their.name == node.name; });
        if (other == theirs.end() || node.role == "monitor" || other->verdict == node.verdict)
            continue;
        out.push_back({node.name, node.verdict, other->verdict,
                       fmt::format("We say {}: {}. They say {}: {}", api::nameOf(node.verdict),
                                   node.statement.empty() ? "works" : node.statement, api::nameOf(other->verdict),
                                   other->statement.empty() ? "works" : other->statement)});
    }
    return out;
}

}  // namespace cm::monitor
