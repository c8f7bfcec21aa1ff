// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/votes.h"

#include "core/monitor/verdicts/parts.h"

#include <algorithm>
#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// etcd's own limit (quota-backend-bytes), unless it is told another.
constexpr double quota = 2.0 * (1 << 30);

bool isFresh(const EtcdInput &member, Time stillFresh)
{
    return member.watched.answers() && member.watched.taken >= stillFresh;
}

bool votes(const EtcdInput &member, Time stillFresh)
{
    return isFresh(member, stillFresh) && !member.watched.facts->leader.empty();
}

std::size_t voters(const std::vector<EtcdInput> &members, Time stillFresh)
{
    return static_cast<std::size_t>(std::count_if(members.begin(), members.end(), [&](const EtcdInput &member) { return votes(member, stillFresh); }));
}

}  // namespace

RawFindings judgeEtcds(const std::vector<EtcdInput> &members, Time stillFresh)
{
    RawFindings out;
    const std::size_t majority = members.size() / 2 + 1;
    const std::size_t voting = voters(members, stillFresh);
    for (const EtcdInput &member : members) {
        RawFindings unanswered = judgeAnswer(member.name, member.watched);
        for (RawFinding &finding : unanswered) {
            if (voting == majority)
                finding.statement += "; one more, and Patroni lets nobody write";
            out.push_back(std::move(finding));
        }
        if (!isFresh(member, stillFresh))
            continue;
        const EtcdFacts &facts = *member.watched.facts;
        // An election takes a second.
        if (facts.leader.empty())
            out.push_back({member.name, std::string(code::noLeader), Verdict::Critical,
                           fmt::format("{} works and follows nobody, for too few of them vote: Patroni lets nobody write", member.name), member.watched.taken, 3, 2, {}, {}});
        if (facts.bytes && *facts.bytes >= 0.8 * quota)
            out.push_back({member.name, std::string(code::diskFilling), Verdict::Warning,
                           fmt::format("{} holds {:.1f} GB; at its quota, which is 2 GB by default, it takes no writes", member.name, *facts.bytes / 1e9),
                           member.watched.taken, 2, 2, {}, {}});
    }
    return out;
}

void blameVotes(RawFindings &found, const std::vector<EtcdInput> &members, Time stillFresh)
{
    if (members.empty() || voters(members, stillFresh) > members.size() / 2)
        return;
    // One that works and follows nobody says it best; else the first that does not answer.
    const auto saying = std::find_if(members.begin(), members.end(), [&](const EtcdInput &member) { return isFresh(member, stillFresh); });
    const EtcdInput &root = saying == members.end() ? members.front() : *saying;
    if (!root.watched.wasTried())
        return;
    for (RawFinding &finding : found) {
        const bool follows = finding.code == code::noPrimary || finding.code == code::readOnlyDatabase;
        if (follows && finding.cause.empty())
            finding.cause = root.name;
    }
}

}  // namespace cm::monitor
