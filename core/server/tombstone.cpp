// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/tombstone.h"

#include "core/http/response.h"
#include "core/server/use_judge.h"

#include <fmt/format.h>

namespace cm::server {
namespace {

using deprecation::State;

// Longer ones are cut by terminals and by proxies, which limit a line of the head.
constexpr std::size_t longestReason = 500;

// What is wrong with the answer in that state; empty: nothing.
std::string problemOf(const deprecation::Entry &entry, State state, int status, Time now)
{
    const deprecation::Entry then = deprecation::asIf(entry, state, now);
    const deprecation::Traits traits = deprecation::exampleOf(entry.rule);
    if (!deprecation::matches(entry.rule, traits))
        return "no request could be made that is a use of it";
    const deprecation::Judgement judged = deprecation::judge(then, traits, std::nullopt, now);
    if (status == 200)
        return judged.refusal ? "it would be refused where it is to be warned only" : std::string();
    if (!judged.refusal)
        return "it would not be refused";
    const std::string line = checks::asciiLine(judged.refusal->text);
    if (line != judged.refusal->text)
        return "the text has characters that a status line cannot hold: " + line;
    if (line.size() > longestReason)
        return fmt::format("the text has {} bytes, which is more than {}", line.size(), longestReason);
    http::Response response = http::Response::refusal(judged.refusal->status, line);
    setNotices(response, judged, true);
    std::string head;
    http::appendHead(head, response);
    const std::string first = head.substr(0, head.find("\r\n"));
    if (first != fmt::format("HTTP/1.1 {} {}", status, line))
        return "it would answer \"" + first + "\"";
    if (response.body.find(line) == std::string::npos)
        return "the body of the answer does not say why";
    if (!entry.link.empty() && line.find(entry.link) == std::string::npos)
        return "the answer does not name the link";
    return {};
}

}  // namespace

registry::Rehearsed rehearse(const deprecation::Entry &entry, Time now)
{
    for (const auto &[state, status] : {std::pair(State::Sunset, 410), std::pair(State::BrownOut, 403), std::pair(State::Warning, 200)}) {
        if (const std::string problem = problemOf(entry, state, status, now); !problem.empty())
            return {false, fmt::format("{}: {}", deprecation::stateName(state), problem)};
    }
    const auto judged = deprecation::judge(deprecation::asIf(entry, State::Sunset, now), deprecation::exampleOf(entry.rule), std::nullopt, now);
    return {true, fmt::format("{} {}", judged.refusal->status, judged.refusal->text)};
}

}  // namespace cm::server
