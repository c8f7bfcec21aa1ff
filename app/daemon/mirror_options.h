// SPDX-License-Identifier: GPL-3.0-or-later
// The flags of `cheesemongerd mirror`, the configuration they lead to, and what the mirror is made with. Values; one
// thread.
#pragma once

#include "core/config/mirror_config.h"
#include "core/mirror/mirror.h"

#include <map>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace cm::daemon {

struct MirrorFlags {
    std::optional<std::string> configFile;
    std::map<std::string, std::optional<std::string>> settings;  // by key
    bool once = false;
    bool check = false;
    bool checkConfig = false;
    bool allowDeletions = false;
    bool acceptUpstream = false;
};

void addMirrorFlags(CLI::App &command, MirrorFlags &flags);
Result<config::MirrorConfig> mirrorConfigOf(const MirrorFlags &flags);
[[nodiscard]] mirror::Options mirrorOptions(const config::MirrorConfig &config, const MirrorFlags &flags);

}  // namespace cm::daemon
