// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/channels.h"

#include "core/monitor/verdicts/parts.h"

#include <fmt/format.h>

namespace cm::monitor {

namespace code = api::finding;

RawFindings judgeSshes(const std::vector<SshInput> &sshes, Time stillFresh)
{
    RawFindings out;
    for (const SshInput &ssh : sshes) {
        RawFindings unanswered = judgeAnswer(ssh.name, ssh.watched);
        out.insert(out.end(), unanswered.begin(), unanswered.end());
        if (!ssh.watched.answers() || ssh.watched.taken < stillFresh || ssh.watched.facts->status == 200)
            continue;
        const SshFacts &facts = *ssh.watched.facts;
        std::string statement = facts.strange ? fmt::format("{} shows another identity than the other hosts of sshd: clients go no further", ssh.name)
                                              : fmt::format("{} takes no uploads over ssh: {}", ssh.name, facts.words);
        out.push_back({ssh.name, std::string(code::channelBroken), Verdict::Critical, std::move(statement), ssh.watched.taken, 2, 2, {}, {}});
    }
    return out;
}

}  // namespace cm::monitor
