// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads over ssh judged by what a client with a key is told: a port that is open, or a banner, says nothing of what lies
// behind it. Pure: everything, the time included, is an argument.
#pragma once

#include "core/monitor/verdicts/facts.h"
#include "core/monitor/verdicts/finding.h"

namespace cm::monitor {

// One session with the canary's key.
struct SshFacts {
    int status = 0;     // of the answer; 0: there was none
    std::string words;  // its reason, or what ssh said instead
    bool strange = false;  // it shows another identity than the hosts of this registry have
    double seconds = 0;    // the whole session
};

struct SshInput {
    std::string name;
    std::string host;
    Watched<SshFacts> watched;
};

[[nodiscard]] RawFindings judgeSshes(const std::vector<SshInput> &sshes, Time stillFresh);

}  // namespace cm::monitor
