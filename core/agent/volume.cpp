// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/volume.h"

#include "core/agent/brick_copies.h"
#include "core/host/command.h"
#include "core/host/process.h"

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <charconv>
#include <csignal>
#include <fmt/format.h>
#include <set>
#include <sstream>
#include <utility>

namespace cm::agent {
namespace {

using Tree = boost::property_tree::ptree;

constexpr std::size_t mostFiles = 100;
constexpr auto answersIn = std::chrono::seconds(5);
constexpr auto infoFor = std::chrono::seconds(30);
// A walk over some thousand files that wait takes twenty seconds; what is asked of it has the last one meanwhile.
constexpr auto walkIn = std::chrono::minutes(2);
constexpr auto walkPatience = std::chrono::seconds(1);
constexpr auto orderIn = std::chrono::seconds(25);
constexpr auto brickEndsIn = std::chrono::seconds(15);

// `names`: white space in them counts.
Result<Tree> answerOf(std::string_view xml, const char *asked, bool names = false)
{
    Tree tree;
    try {
        std::istringstream text{std::string(xml)};
        boost::property_tree::read_xml(text, tree, names ? 0 : boost::property_tree::xml_parser::trim_whitespace);
    } catch (const boost::property_tree::ptree_error &error) {
        return fail(ErrorCode::Corrupt, fmt::format("gluster {}: {}", asked, error.what()));
    }
    const auto answer = tree.get_child_optional("cliOutput");
    if (!answer)
        return fail(ErrorCode::Corrupt, fmt::format("gluster {}: no answer in what it says", asked));
    if (answer->get("opRet", -1) != 0)
        return fail(ErrorCode::Unavailable, fmt::format("gluster {}: {}", asked, answer->get("opErrstr", std::string("refused"))));
    return *answer;
}

std::optional<std::int64_t> numberIn(const Tree &tree, const char *name)
{
    const std::string text = tree.get(name, std::string());
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= 0 ? std::optional(number) : std::nullopt;
}

template <class Take>
void eachChild(const Tree &tree, const char *path, const char *name, Take take)
{
    const auto parent = tree.get_child_optional(path);
    if (!parent)
        return;
    for (const auto &[key, child] : *parent) {
        if (key == name)
            take(child);
    }
}

// "192.0.2.1:/bricks/packages".
api::AgentBrick brickCalled(const std::string &name)
{
    api::AgentBrick brick;
    const auto colon = name.find(":/");
    brick.host = name.substr(0, colon);
    brick.path = colon == std::string::npos ? std::string() : name.substr(colon + 1);
    return brick;
}

api::AgentBrick *find(api::AgentVolume &volume, const std::string &host, const std::string &path)
{
    const auto found = std::find_if(volume.bricks.begin(), volume.bricks.end(),
                                    [&](const api::AgentBrick &brick) { return brick.host == host && brick.path == path; });
    return found == volume.bricks.end() ? nullptr : &*found;
}

// The server that was asked is localhost in its own pool.
std::string ownServer(const Tree &pool)
{
    std::string own;
    eachChild(pool, "peerStatus", "peer", [&](const Tree &peer) {
        if (peer.get("hostname", std::string()) == "localhost")
            own = peer.get("uuid", std::string());
    });
    return own;
}

void readInfo(const Tree &answer, const std::string &own, api::AgentVolume &volume)
{
    eachChild(answer, "volInfo.volumes", "volume", [&](const Tree &one) {
        volume.name = one.get("name", std::string());
        volume.started = one.get("statusStr", std::string()) == "Started";
        eachChild(one, "bricks", "brick", [&](const Tree &entry) {
            api::AgentBrick brick = brickCalled(entry.get("name", std::string()));
            brick.arbiter = entry.get("isArbiter", 0) != 0;
            brick.own = !own.empty() && entry.get("hostUuid", std::string()) == own;
            brick.problem = "nothing is told of it";
            volume.bricks.push_back(std::move(brick));
        });
        eachChild(one, "options", "option", [&](const Tree &option) {
            if (option.get("name", std::string()) == "cluster.quorum-type")
                volume.quorum = option.get("value", std::string());
        });
    });
}

void readStatus(const Tree &answer, api::AgentVolume &volume)
{
    eachChild(answer, "volStatus.volumes", "volume", [&](const Tree &one) {
        for (const auto &[key, node] : one) {
            if (key != "node")
                continue;
            const bool online = node.get("status", 0) == 1;
            const std::string host = node.get("hostname", std::string());
            const std::string path = node.get("path", std::string());
            // The server itself is called localhost there.
            if (host == "Self-heal Daemon" && path == "localhost")
                volume.healDaemon = online;
            if (api::AgentBrick *brick = find(volume, host, path)) {
                brick->online = online;
                brick->pid = online ? numberIn(node, "pid") : std::nullopt;
                brick->problem = online ? std::string() : "it does not run, or its server is away";
            }
        }
    });
}

void readHeal(const Tree &answer, api::AgentVolume &volume)
{
    eachChild(answer, "healInfo.bricks", "brick", [&](const Tree &entry) {
        const api::AgentBrick named = brickCalled(entry.get("name", std::string()));
        api::AgentBrick *brick = find(volume, named.host, named.path);
        if (!brick)
            return;
        const std::string status = entry.get("status", std::string());
        if (status == "Connected") {
            brick->unhealed = numberIn(entry, "totalNumberOfEntries");
            brick->splitBrain = numberIn(entry, "numberOfEntriesInSplitBrain");
        } else if (brick->problem.empty()) {
            brick->problem = status;
        }
    });
}

void readCounts(const HealCounts &counts, api::AgentVolume &volume)
{
    for (const auto &[name, count] : counts) {
        const api::AgentBrick named = brickCalled(name);
        if (api::AgentBrick *brick = find(volume, named.host, named.path); brick && brick->online && count)
            brick->unhealed = count;
    }
}

void readSplit(const Tree &answer, api::AgentVolume &volume)
{
    eachChild(answer, "healInfo.bricks", "brick", [&](const Tree &entry) {
        for (const auto &[key, file] : entry) {
            const std::string path = key == "file" ? file.data() : std::string();
            const bool named = !path.empty() && path.front() == '/';
            if (path.empty() || volume.splitFiles.size() >= mostFiles ||
                std::find(volume.splitFiles.begin(), volume.splitFiles.end(), path) != volume.splitFiles.end())
                continue;
            // A brick that does not know a file's name yet tells its number; another one may know better.
            if (named)
                volume.splitFiles.insert(volume.splitFiles.begin(), path);
            else
                volume.splitFiles.push_back(path);
        }
    });
    if (!volume.splitFiles.empty() && volume.splitFiles.front().front() == '/')
        std::erase_if(volume.splitFiles, [](const std::string &path) { return path.front() != '/'; });
}

Result<std::string> ask(std::vector<std::string> words, std::chrono::milliseconds time = answersIn)
{
    std::vector<std::string> command{"gluster", "--mode=script", "--xml"};
    command.insert(command.end(), words.begin(), words.end());
    CM_TRY_ASSIGN(const host::CommandResult done, host::runCommand(command, time));
    if (done.output.find("<cliOutput>") == std::string::npos)
        return fail(ErrorCode::Unavailable, fmt::format("gluster {} {}: {}", words[0], words[1],
                                                        done.errors.empty() ? done.output : done.errors));
    return done.output;
}

Result<HealCounts> countsOf(const std::string &name)
{
    CM_TRY_ASSIGN(const host::CommandResult done, host::runCommand({"gluster", "--mode=script", "volume", "heal", name, "statistics", "heal-count"}, answersIn));
    return readHealCounts(done.output);
}

Result<HealFound> walkOnce(const std::string &name, std::chrono::milliseconds time)
{
    CM_TRY_ASSIGN(std::string summary, ask({"volume", "heal", name, "info", "summary"}, time));
    CM_TRY_ASSIGN(const Tree heal, answerOf(summary, "volume heal"));
    HealFound found{std::move(summary), {}};
    bool split = false;
    eachChild(heal, "healInfo.bricks", "brick", [&](const Tree &brick) { split = split || numberIn(brick, "numberOfEntriesInSplitBrain").value_or(0) > 0; });
    if (split) {
        CM_TRY_ASSIGN(found.split, ask({"volume", "heal", name, "info", "split-brain"}, time));
    }
    return found;
}

Result<void> needVolume(const std::string &name)
{
    return name.empty() ? Result<void>(fail(ErrorCode::Unsupported, "no GlusterFS volume is looked at here")) : Result<void>();
}

Result<api::AgentVolume> lookOnce(const std::string &name)
{
    CM_TRY(needVolume(name));
    return VolumeWatch(name).look();
}

Result<api::AgentBrick> ownBrick(const api::AgentVolume &volume)
{
    const api::AgentBrick *own = ownBrickOf(volume);
    return own ? Result<api::AgentBrick>(*own) : fail(ErrorCode::Unsupported, fmt::format("no brick of {} is here", volume.name));
}

}  // namespace

const api::AgentBrick *ownBrickOf(const api::AgentVolume &volume)
{
    const auto own = std::find_if(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return brick.own; });
    return own == volume.bricks.end() ? nullptr : &*own;
}

Result<api::AgentVolume> readVolume(const VolumeTexts &texts)
{
    api::AgentVolume volume;
    CM_TRY_ASSIGN(const Tree info, answerOf(texts.info, "volume info"));
    CM_TRY_ASSIGN(const Tree peers, answerOf(texts.peers, "pool list"));
    readInfo(info, ownServer(peers), volume);
    if (volume.name.empty())
        return fail(ErrorCode::NotFound, "there is no such volume");
    CM_TRY_ASSIGN(const Tree status, answerOf(texts.status, "volume status"));
    readStatus(status, volume);
    eachChild(peers, "peerStatus", "peer", [&](const Tree &peer) {
        volume.peers.push_back({peer.get("hostname", std::string()), peer.get("connected", 0) == 1});
    });
    if (!texts.heal.empty()) {
        CM_TRY_ASSIGN(const Tree heal, answerOf(texts.heal, "volume heal"));
        readHeal(heal, volume);
    }
    readCounts(texts.counts, volume);
    if (!texts.split.empty()) {
        CM_TRY_ASSIGN(const Tree split, answerOf(texts.split, "volume heal"));
        readSplit(split, volume);
    }
    return volume;
}

Result<std::vector<std::string>> readPending(std::string_view xml)
{
    CM_TRY_ASSIGN(const Tree answer, answerOf(xml, "volume heal", true));
    std::set<std::string> paths;
    eachChild(answer, "healInfo.bricks", "brick", [&](const Tree &entry) {
        for (const auto &[key, file] : entry) {
            if (key == "file" && (file.data().starts_with('/') || file.data().starts_with("<gfid:")))
                paths.insert(file.data());
        }
    });
    return std::vector<std::string>(paths.begin(), paths.end());
}

Result<std::vector<std::string>> pendingOf(const std::string &name)
{
    CM_TRY_ASSIGN(const std::string told, ask({"volume", "heal", name, "info"}, orderIn));
    return readPending(told);
}

Result<api::AgentVolume> VolumeWatch::look()
{
    if (const auto now = std::chrono::steady_clock::now(); m_info.empty() || now >= m_infoUntil) {
        CM_TRY_ASSIGN(m_info, ask({"volume", "info", m_name}));
        m_infoUntil = now + infoFor;
    }
    // What fails may do so because the volume is another one now.
    const std::string info = std::exchange(m_info, {});
    CM_TRY_ASSIGN(const std::string status, ask({"volume", "status", m_name}));
    CM_TRY_ASSIGN(const std::string peers, ask({"pool", "list"}));
    const auto counts = countsOf(m_name);
    HealCrawl::Walk walk;
    if (!m_crawl)
        walk = {{}, walkOnce(m_name, orderIn), {}, true};
    else if (auto last = m_crawl->last(counts.value_or(HealCounts()), walkPatience))
        walk = std::move(*last);
    else
        walk.found = fail(ErrorCode::Timeout, "what waits is still being walked over");
    // Who serves is known without it.
    const HealFound found = walk.found.value_or(HealFound());
    const HealCounts later = walk.isOfNow && walk.found ? HealCounts() : counts.value_or(HealCounts());
    CM_TRY_ASSIGN(api::AgentVolume volume, readVolume({info, status, peers, found.summary, found.split, later}));
    m_info = info;
    for (api::AgentBrick &brick : volume.bricks) {
        if (!walk.found && brick.online)
            brick.problem = walk.found.error().detail;
    }
    return volume;
}

Result<HealFound> walkOver(const std::string &name)
{
    return walkOnce(name, walkIn);
}

Result<api::AgentDone> healVolume(const std::string &name)
{
    CM_TRY(needVolume(name));
    // In words alone, whatever is asked for.
    CM_TRY_ASSIGN(const host::CommandResult done, host::runCommand({"gluster", "--mode=script", "volume", "heal", name}, orderIn));
    if (done.status != 0)
        return fail(ErrorCode::Unavailable, fmt::format("gluster volume heal: {}{}", done.output, done.errors));
    return api::AgentDone{fmt::format("{} is being healed", name), {}};
}

Result<api::AgentDone> restartBrick(const std::string &name)
{
    CM_TRY_ASSIGN(const api::AgentVolume volume, lookOnce(name));
    CM_TRY_ASSIGN(const api::AgentBrick own, ownBrick(volume));
    if (own.online && own.pid) {
        const auto away = std::find_if(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return !brick.online; });
        if (away != volume.bricks.end()) {
            const std::string why = fmt::format("the brick of {} does not serve: without this one nobody could write", away->host);
            return fail(Error{ErrorCode::GuardFailed, why, {{"others-serve", why}}, {}});
        }
        // What this one alone has nobody could read meanwhile.
        if (std::any_of(volume.bricks.begin(), volume.bricks.end(), [](const api::AgentBrick &brick) { return brick.unhealed != 0; })) {
            const std::string why = "something waits to be healed, or nobody knows: this brick may alone have it";
            return fail(Error{ErrorCode::GuardFailed, why, {{"healed", why}}, {}});
        }
        const auto process = host::processAt(*own.pid);
        if (!process || !host::isCalled(*process, "glusterfsd"))
            return fail(ErrorCode::Conflict, fmt::format("process {} is no brick any more", *own.pid));
        CM_TRY(host::signalProcess(*process, SIGTERM));
        if (!host::waitForEnd(*process, brickEndsIn)) {
            CM_TRY(host::signalProcess(*process, SIGKILL));
            CM_TRY(host::waitForEnd(*process, brickEndsIn));
        }
    }
    CM_TRY_ASSIGN(const std::string said, ask({"volume", "start", name, "force"}, orderIn));
    CM_TRY(answerOf(said, "volume start"));
    return api::AgentDone{own.online ? "the brick was ended and started" : "the brick was started", {}};
}

Result<api::AgentDone> resolveSplit(const std::string &name, const std::vector<std::string> &files)
{
    CM_TRY_ASSIGN(api::AgentVolume volume, lookOnce(name));
    CM_TRY_ASSIGN(const api::AgentBrick own, ownBrick(volume));
    // The digests of these alone, taken anew.
    std::erase_if(volume.splitFiles, [&](const std::string &file) { return std::find(files.begin(), files.end(), file) == files.end(); });
    volume.copies = BrickCopies().look(volume);
    Error refused{ErrorCode::GuardFailed, {}, {}, {}};
    for (const std::string &file : files) {
        const auto copy = std::find_if(volume.copies.begin(), volume.copies.end(), [&](const api::AgentCopy &one) { return one.path == file; });
        if (copy == volume.copies.end())
            refused.fields.push_back({"split", fmt::format("{} does not contradict itself any more", file)});
        else if (!copy->isRight())
            refused.fields.push_back({"right-copy", fmt::format("{} here has not the bytes of its digest", file)});
    }
    if (files.empty() || !refused.fields.empty()) {
        refused.detail = files.empty() ? "which files?" : refused.fields.front().problem;
        return fail(std::move(refused));
    }
    const std::string source = fmt::format("{}:{}", own.host, own.path);
    for (std::size_t i = 0; i < files.size(); ++i) {
        // In words alone: "Healed /file." or "Healing /file failed: why.".
        CM_TRY_ASSIGN(const host::CommandResult done,
                      host::runCommand({"gluster", "--mode=script", "volume", "heal", name, "split-brain", "source-brick", source, files[i]}, orderIn));
        if (done.status != 0 || done.output.find(" failed") != std::string::npos)
            return fail(ErrorCode::Unavailable, fmt::format("{} of {} files resolved, then: {}{}", i, files.size(), done.output, done.errors));
    }
    return api::AgentDone{fmt::format("{} file{} the bytes of {}", files.size(), files.size() == 1 ? " has" : "s have", own.host), {}};
}

}  // namespace cm::agent
