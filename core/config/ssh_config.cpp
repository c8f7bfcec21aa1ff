// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/config/ssh_config.h"

#include "core/base/loopback.h"
#include "core/config/flat_section.h"

#include <array>

namespace cm::config {
namespace {

using Config = SshConfig;
using Key = FlatKey<Config>;

// Separated by commas, as a list of the file is put together.
Problem setNodes(Config &config, std::string_view text)
{
    config.nodes.clear();
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        std::string_view node = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        while (node.ends_with('/'))
            node.remove_suffix(1);
        if ((!node.starts_with("https://") && !isPlainLoopbackUrl(node)) || node.find_first_of(" \t\"<>?#") != std::string_view::npos)
            return "has to be a list of https addresses, such as [\"https://192.0.2.10:8427\"]; http is for this machine alone";
        config.nodes.emplace_back(node);
    }
    return std::nullopt;
}

Problem setUser(Config &config, std::string_view text)
{
    if (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string_view::npos)
        return "has to be the name of an account";
    config.user = text;
    return std::nullopt;
}

Problem setHealth(Config &config, std::string_view text)
{
    if (!text.empty()) {
        if (const auto listen = parseListen(text); !listen)
            return listen.error().detail;
    }
    config.health = text;
    return std::nullopt;
}

Problem setLimit(Config &config, std::string_view text)
{
    auto problem = setSize(text, config.fileLimit);
    if (!problem && config.fileLimit == 0)
        problem = "has to be more than nothing";
    return problem;
}

constexpr std::array keys{
    Key{"nodes", setNodes},
    Key{"ca", [](Config &config, std::string_view text) { return setPath(text, config.ca); }},
    Key{"key_file", [](Config &config, std::string_view text) { return setPath(text, config.keyFile); }},
    Key{"user", setUser},
    Key{"health", setHealth},
    Key{"snapshot", [](Config &config, std::string_view text) { return setPath(text, config.snapshot); }},
    Key{"spool", [](Config &config, std::string_view text) { return setPath(text, config.spool); }},
    Key{"limit", setLimit},
    Key{"at_once", [](Config &config, std::string_view text) { return setNumber(text, 1, 1'000, config.atOnce); }},
    Key{"follow", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(1), config.follow); }},
    Key{"receive", [](Config &config, std::string_view text) { return setDuration(text, std::chrono::seconds(10), config.receive); }},
};

}  // namespace

Result<SshConfig> loadSshConfig(const std::filesystem::path &file)
{
    Inputs inputs;
    inputs.file = file;
    SshConfig config;
    FlatSection<SshConfig> section(inputs, config, "ssh", "ssh.", keys);
    section.read();
    if (config.nodes.empty())
        section.report("ssh", "needs nodes, the addresses of the registry's web nodes");
    if (config.keyFile.empty())
        section.report("ssh", "needs a key_file, as the web nodes have it in [serve.ssh]");
    CM_TRY(section.verdict());
    return config;
}

std::vector<std::string_view> sshKeys()
{
    std::vector<std::string_view> names;
    for (const Key &key : keys)
        names.push_back(key.name);
    return names;
}

}  // namespace cm::config
