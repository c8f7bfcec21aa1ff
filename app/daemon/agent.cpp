// SPDX-License-Identifier: GPL-3.0-or-later
// cheesemongerd agent
#include "app/daemon/command.h"

namespace cm::daemon {

void addAgent(CLI::App &, Command &) {}

}  // namespace cm::daemon
