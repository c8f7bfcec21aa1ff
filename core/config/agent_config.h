// SPDX-License-Identifier: GPL-3.0-or-later
// The [agent] section of cheesemongerd's configuration (resources/config/cheesemongerd.toml says what each key
// means). Values, any thread; reading blocks on the file. InvalidInput lists all problems at once, as for the
// other sections; TLS is not a choice.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace cm::config {

// A disk's path, or a certificate's file.
struct AgentPath {
    std::string name;
    std::string path;
};
struct AgentServiceConfig {
    std::string name;
    std::filesystem::path pidFile;
    std::string process;  // its name, and perhaps the first of its arguments
};
struct AgentWebConfig {
    std::filesystem::path drainFile, pidFile;
    std::string process;
};
struct AgentMirrorConfig {
    std::filesystem::path tree;     // its folder; empty: no mirror here
    std::filesystem::path pidFile;  // empty: the one in the folder
    std::string process;
};
struct AgentVarnishConfig {
    bool there = false;
    std::string instance;  // its -n; empty: without
};
struct AgentConfig {
    std::string listen = "127.0.0.1:8429";
    std::filesystem::path state;
    std::filesystem::path tlsCert, tlsKey, clientCa;
    std::vector<AgentPath> disks, certificates;
    std::vector<AgentServiceConfig> services;
    AgentWebConfig web;
    std::string databaseName = "postgres";
    std::filesystem::path databaseControl;  // empty: no database here
    std::string volume;  // of GlusterFS, one of whose servers this host is; empty: none
    AgentMirrorConfig mirror;
    AgentVarnishConfig varnish;
};
[[nodiscard]] Result<AgentConfig> loadAgentConfig(const std::filesystem::path &file);

}  // namespace cm::config
