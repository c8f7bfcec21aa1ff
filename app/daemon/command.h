// SPDX-License-Identifier: GPL-3.0-or-later
// The command line of cheesemongerd. Each sub-command adds its options to the parser and leaves, when
// it is the one that was asked for, what is to be run; main() runs it. Exit codes: 0 done, 1 the
// registry said no or failed, 2 the command line or configuration is wrong, 3 fsck, move or a check of a mirror found damage.
#pragma once

#include "core/base/result.h"

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace cm::daemon {

inline constexpr int exitDone = 0;
inline constexpr int exitFailed = 1;
inline constexpr int exitUsage = 2;
inline constexpr int exitDamaged = 3;

using Command = std::function<int()>;

void addServe(CLI::App &app, Command &chosen);
void addMonitor(CLI::App &app, Command &chosen);
void addAgent(CLI::App &app, Command &chosen);
void addMirror(CLI::App &app, Command &chosen);
void addIngest(CLI::App &app, Command &chosen);
void addSshKeys(CLI::App &app, Command &chosen);
void addSshGateway(CLI::App &app, Command &chosen);
void addAdmin(CLI::App &app, Command &chosen);
void addAdminUser(CLI::App &admin, Command &chosen);
void addAdminToken(CLI::App &admin, Command &chosen);
void addAdminReadOnly(CLI::App &admin, Command &chosen);
void addAdminStore(CLI::App &admin, Command &chosen);  // fsck, migrate
void addAdminMove(CLI::App &admin, Command &chosen);
void addAdminMonitor(CLI::App &admin, Command &chosen);
void addAdminAuthority(CLI::App &admin, Command &chosen);
void addAdminSshSecret(CLI::App &admin, Command &chosen);

// The error as one line on standard error, its fields below; answers the exit code.
int complain(const Error &error, int code = exitFailed);
// $XDG_DATA_HOME/cheesemonger, or empty when there is no home.
std::string defaultDataFolder();

}  // namespace cm::daemon
