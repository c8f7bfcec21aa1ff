// SPDX-License-Identifier: GPL-3.0-or-later
// Uploads over ssh, by what a client is told.
#include "core/monitor/verdicts/channels.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;
namespace code = cm::api::finding;

namespace {

const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");

RawFindings judged(const SshFacts &facts, Time taken = noon)
{
    return judgeSshes({{"ssh1", "ssh1-host", {facts, taken, Outcome::Answered, taken, {}, 0, {}}}}, noon - std::chrono::seconds(20));
}

}  // namespace

TEST_CASE("only an answer of 200 is well, whatever else was reached")
{
    CHECK(judged({200, "200 OK", false, 0.1}).empty());
    const RawFindings closed = judged({0, "submit@192.0.2.16: Permission denied (publickey).", false, 0.1});
    REQUIRE(closed.size() == 1);
    CHECK(closed.front().code == code::channelBroken);
    CHECK(closed.front().verdict == Verdict::Critical);
    CHECK(closed.front().statement == "ssh1 takes no uploads over ssh: submit@192.0.2.16: Permission denied (publickey).");
    CHECK(judged({503, "503 Registry is failing over; nothing was stored", false, 5}).front().statement.find("failing over") != std::string::npos);
    CHECK(judged({0, "Host key verification failed.", true, 0.1}).front().statement.find("another identity") != std::string::npos);
    // What was seen long ago says nothing of now; that it is old is told by others.
    CHECK(judged({0, "x", false, 0.1}, noon - std::chrono::seconds(60)).empty());
}

TEST_CASE("a host of sshd that is not there is down, one that is silent does not answer")
{
    const auto unanswered = [](Outcome outcome) {
        return judgeSshes({{"ssh1", "ssh1-host", {std::nullopt, {}, outcome, noon, "connection refused", 3, {}}}}, noon - std::chrono::seconds(20));
    };
    CHECK(unanswered(Outcome::Refused).front().code == code::down);
    CHECK(unanswered(Outcome::Silent).front().code == code::noAnswer);
}
