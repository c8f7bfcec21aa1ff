// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/verdicts/content.h"

#include <fmt/format.h>

namespace cm::monitor {
namespace {

namespace code = api::finding;

// Fewer are no share of anything.
constexpr std::int64_t fewestErrors = 5;
constexpr double outlierShare = 0.05, outlierTimes = 5;

RawFinding finding(const std::string &node, Time taken, Verdict verdict, std::string_view found, std::string statement,
                   std::string subject = {}, int raiseAfter = 2)
{
    return {node, std::string(found), verdict, std::move(statement), taken, raiseAfter, 2, {}, std::move(subject)};
}

}  // namespace

RawFindings judgePops(const std::string &node, const std::vector<PopFacts> &pops, Time taken)
{
    RawFindings out;
    std::int64_t requests = 0, errors = 0;
    for (const PopFacts &pop : pops) {
        requests += pop.requests;
        errors += pop.errors;
    }
    const auto shareOf = [](std::int64_t failed, std::int64_t all) { return all > 0 ? static_cast<double>(failed) / static_cast<double>(all) : 0.0; };
    for (const PopFacts &pop : pops) {
        const double share = shareOf(pop.errors, pop.requests), elsewhere = shareOf(errors - pop.errors, requests - pop.requests);
        if (pop.errors >= fewestErrors && share > outlierShare && share > outlierTimes * elsewhere && pop.requests < requests)
            out.push_back(finding(node, taken, Verdict::Critical, code::outlierPop,
                                  fmt::format("{} fails {:.0f} % of its requests at {}, elsewhere {:.1f} %: it has to be taken out there", node, 100 * share, pop.pop,
                                              100 * elsewhere), pop.pop));
    }
    return out;
}

RawFindings judgeStream(const std::string &node, const StreamFacts &facts, Time taken)
{
    RawFindings out;
    // An open connection is no sign of life: half of it may be gone.
    if (facts.silentSeconds >= 60 && facts.requests > 0)
        out.push_back(finding(node, taken, Verdict::Critical, code::streamDead,
                              fmt::format("{} has had no line for {}{}", node, secondsText(facts.silentSeconds),
                                          facts.connected ? ", on an open connection" : ""), {}, 1));
    if (facts.sent && facts.parsed && *facts.sent > 0) {
        const double share = facts.stored.value_or(*facts.parsed) / *facts.sent;
        const std::string percent = fmt::format("{:.1f} %", 100 * share);
        if (share < 0.97)
            out.push_back(finding(node, taken, share <= 0.9 ? Verdict::Critical : Verdict::Warning, code::streamLoss,
                                  fmt::format("{} of what the edge sent arrived at {}", percent, node)));
        if (share > 1.03)
            out.push_back(finding(node, taken, Verdict::Warning, code::streamDoubled,
                                  fmt::format("{} has had {} of what the edge sent: lines are counted twice", node, percent)));
    }
    return out;
}

RawFindings judgeTombstone(const std::string &node, const TombstoneFacts &facts, Time taken)
{
    if (facts.status == facts.expected)
        return {};
    return {finding(node, taken, Verdict::Critical, code::tombstoneBroken,
                    fmt::format("The tombstone of {} answers {} instead of {}", node, facts.status, facts.expected))};
}

}  // namespace cm::monitor
