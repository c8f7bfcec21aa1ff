// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/agent/volume.h"

#include "core/host/command.h"

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <charconv>
#include <fmt/format.h>
#include <sstream>
#include <utility>

namespace cm::agent {
namespace {

using Tree = boost::property_tree::ptree;

constexpr std::size_t mostFiles = 100;
constexpr auto answersIn = std::chrono::seconds(5);
constexpr auto infoFor = std::chrono::seconds(30);

Result<Tree> answerOf(std::string_view xml, const char *asked)
{
    Tree tree;
    try {
        std::istringstream text{std::string(xml)};
        boost::property_tree::read_xml(text, tree, boost::property_tree::xml_parser::trim_whitespace);
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

void readInfo(const Tree &answer, api::AgentVolume &volume)
{
    eachChild(answer, "volInfo.volumes", "volume", [&](const Tree &one) {
        volume.name = one.get("name", std::string());
        volume.started = one.get("statusStr", std::string()) == "Started";
        eachChild(one, "bricks", "brick", [&](const Tree &entry) {
            api::AgentBrick brick = brickCalled(entry.get("name", std::string()));
            brick.arbiter = entry.get("isArbiter", 0) != 0;
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

Result<std::string> ask(std::vector<std::string> words)
{
    std::vector<std::string> command{"gluster", "--mode=script", "--xml"};
    command.insert(command.end(), words.begin(), words.end());
    CM_TRY_ASSIGN(const host::CommandResult done, host::runCommand(command, answersIn));
    if (done.output.find("<cliOutput>") == std::string::npos)
        return fail(ErrorCode::Unavailable, fmt::format("gluster {} {}: {}", words[0], words[1],
                                                        done.errors.empty() ? done.output : done.errors));
    return done.output;
}

}  // namespace

Result<api::AgentVolume> readVolume(const VolumeTexts &texts)
{
    api::AgentVolume volume;
    CM_TRY_ASSIGN(const Tree info, answerOf(texts.info, "volume info"));
    readInfo(info, volume);
    if (volume.name.empty())
        return fail(ErrorCode::NotFound, "there is no such volume");
    CM_TRY_ASSIGN(const Tree status, answerOf(texts.status, "volume status"));
    readStatus(status, volume);
    CM_TRY_ASSIGN(const Tree peers, answerOf(texts.peers, "pool list"));
    eachChild(peers, "peerStatus", "peer", [&](const Tree &peer) {
        volume.peers.push_back({peer.get("hostname", std::string()), peer.get("connected", 0) == 1});
    });
    CM_TRY_ASSIGN(const Tree heal, answerOf(texts.heal, "volume heal"));
    readHeal(heal, volume);
    if (!texts.split.empty()) {
        CM_TRY_ASSIGN(const Tree split, answerOf(texts.split, "volume heal"));
        readSplit(split, volume);
    }
    return volume;
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
    CM_TRY_ASSIGN(const std::string heal, ask({"volume", "heal", m_name, "info", "summary"}));
    CM_TRY_ASSIGN(api::AgentVolume volume, readVolume({info, status, peers, heal, {}}));
    m_info = info;
    const bool split = std::any_of(volume.bricks.begin(), volume.bricks.end(),
                                   [](const api::AgentBrick &brick) { return brick.splitBrain.value_or(0) > 0; });
    if (!split)
        return volume;
    CM_TRY_ASSIGN(const std::string files, ask({"volume", "heal", m_name, "info", "split-brain"}));
    return readVolume({info, status, peers, heal, files});
}

}  // namespace cm::agent
