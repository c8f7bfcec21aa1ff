// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/deprecation/policy.h"

#include <doctest/doctest.h>

using namespace cm::deprecation;
using namespace std::chrono_literals;
using cm::Time;

namespace {

Time at(std::string_view text)
{
    return *cm::parseRfc3339(text);
}

const Time noon = at("2026-03-24T12:00:00Z");
const Traits overSsh{"ssh upload", "file-upload", "ssh-key", "", "", "sdist", "1.0", "md5"};
const Traits overHttps{"https upload", "file-upload", "token", "twine", "6.0", "bdist_wheel", "2.1", "sha256"};

Entry ssh(State state)
{
    Entry entry;
    entry.id = 4;
    entry.title = "Upload over ssh";
    entry.rule = *parseRule(Kind::Channel, "ssh upload");
    entry.state = state;
    entry.replacement = "an API token over https";
    entry.link = "https://shop.example/help";
    entry.deprecated = at("2026-02-10T00:00:00Z");
    entry.sunset = at("2026-06-01T00:00:00Z");
    return entry;
}

}  // namespace

TEST_CASE("what is in its stage of warning is told and served")
{
    const auto judged = judge(ssh(State::Warning), overSsh, 7, noon);
    CHECK_FALSE(judged.refusal);
    REQUIRE(judged.notices.size() == 1);
    CHECK(judged.notices[0].text == "Upload over ssh ends on 2026-06-01; use an API token over https: https://shop.example/help");
    const Headers headers = headersOf(judged.notices);
    CHECK(headers.deprecation == "@1770681600");
    CHECK(headers.sunset == "Mon, 01 Jun 2026 00:00:00 GMT");
    CHECK(headers.link == "<https://shop.example/help>; rel=\"deprecation\"");
}

TEST_CASE("what is not meant is left alone in every stage")
{
    for (const State state : {State::Warning, State::BrownOut, State::Sunset, State::Removed}) {
        const auto judged = judge(asIf(ssh(state), state, noon), overHttps, 7, noon);
        CHECK_FALSE(judged.refusal);
        CHECK(judged.notices.empty());
    }
}

TEST_CASE("stages that act on nobody say nothing")
{
    for (const State state : {State::Proposed, State::Measuring, State::Announced, State::Paused, State::Cancelled, State::Frozen}) {
        const auto judged = judge(asIf(ssh(state), state, noon), overSsh, 7, noon);
        CHECK_FALSE(judged.refusal);
        CHECK(judged.notices.empty());
    }
}

TEST_CASE("a brown-out refuses from its first moment to its last, by the clock alone")
{
    Entry entry = ssh(State::BrownOut);
    entry.windows = {{11, 2, noon, noon + 10min}};
    CHECK_FALSE(judge(entry, overSsh, 7, noon - 1us).refusal);
    const auto first = judge(entry, overSsh, 7, noon).refusal;
    REQUIRE(first);
    CHECK(first->status == 403);
    CHECK(first->window == 11);
    CHECK(first->until == noon + 10min);
    CHECK(first->text == "Upload over ssh is off until 2026-03-24 12:10:00 UTC (brown-out 2); use an API token over https: "
                         "https://shop.example/help");
    CHECK(judge(entry, overSsh, 7, noon + 10min - 1us).refusal);
    CHECK_FALSE(judge(entry, overSsh, 7, noon + 10min).refusal);
    CHECK(judge(entry, overSsh, 7, noon + 10min).notices.size() == 1);
}

TEST_CASE("a tombstone says what to use instead, with 410")
{
    const auto refusal = judge(ssh(State::Sunset), overSsh, std::nullopt, at("2026-07-01T00:00:00Z")).refusal;
    REQUIRE(refusal);
    CHECK(refusal->status == 410);
    CHECK_FALSE(refusal->window);
    CHECK(refusal->text == "Upload over ssh ended on 2026-06-01; use an API token over https: https://shop.example/help");
}

TEST_CASE("who is exempt goes on until the end of the exemption, and is told")
{
    for (const State state : {State::BrownOut, State::Sunset}) {
        Entry entry = asIf(ssh(state), state, noon);
        entry.exemptions = {{7, noon + 1h}};
        CHECK_FALSE(judge(entry, overSsh, 7, noon).refusal);
        CHECK(judge(entry, overSsh, 7, noon).notices.size() == 1);
        CHECK(judge(entry, overSsh, 8, noon).refusal);
        CHECK(judge(entry, overSsh, std::nullopt, noon).refusal);
    }
    Entry entry = ssh(State::Sunset);
    entry.exemptions = {{7, noon}};
    CHECK(judge(entry, overSsh, 7, noon).refusal);
}

TEST_CASE("of two that refuse the one for good speaks, and headers bear the earliest dates")
{
    Entry digest = ssh(State::Sunset);
    digest.id = 5;
    digest.rule = *parseRule(Kind::Digest, "md5");
    digest.title = "MD5 alone";
    const Policy both{{asIf(ssh(State::BrownOut), State::BrownOut, noon), digest}};
    const auto judged = judge(both, overSsh, 7, noon);
    REQUIRE(judged.refusal);
    CHECK(judged.refusal->status == 410);
    CHECK(judged.refusal->entry == 5);

    Entry later = ssh(State::Warning);
    later.sunset = at("2027-01-01T00:00:00Z");
    later.link = "https://shop.example/later";
    const auto told = judge(Policy{{later, ssh(State::Warning)}}, overSsh, 7, noon);
    CHECK(headersOf(told.notices).sunset == "Mon, 01 Jun 2026 00:00:00 GMT");
    CHECK(headersOf(told.notices).link == "<https://shop.example/later>; rel=\"deprecation\", <https://shop.example/help>; rel=\"deprecation\"");
}

TEST_CASE("a link that would break its header is left out of it")
{
    Entry entry = ssh(State::Warning);
    entry.link = "https://shop.example/> ; rel=\"x";
    CHECK(headersOf(judge(entry, overSsh, 7, noon).notices).link.empty());
}

TEST_CASE("rules tell requests apart")
{
    struct Row {
        Kind kind;
        const char *subject;
        bool ssh;
        bool https;
    };
    static constexpr Row rows[] = {
        {Kind::Channel, "ssh upload", true, false},      {Kind::Channel, "https upload", false, true},
        {Kind::Endpoint, "file-upload", true, true},     {Kind::Authentication, "ssh-key", true, false},
        {Kind::Authentication, "token", false, true},    {Kind::ClientVersion, "twine", false, true},
        {Kind::ClientVersion, "Twine >=6", false, true}, {Kind::ClientVersion, "twine <3.0", false, false}, {Kind::ClientVersion, "twine>=6", false, true},
        {Kind::FileType, "sdist", true, false},          {Kind::MetadataVersion, "<1.2", true, false},
        {Kind::Digest, "md5", true, false},
    };
    for (const Row &row : rows) {
        CAPTURE(row.subject);
        const auto rule = parseRule(row.kind, row.subject);
        REQUIRE(rule);
        CHECK(matches(*rule, overSsh) == row.ssh);
        CHECK(matches(*rule, overHttps) == row.https);
        CHECK(matches(*rule, exampleOf(*rule)));
    }
    Traits unscoped = overHttps;
    unscoped.authentication = "unscoped-token";
    CHECK(matches(*parseRule(Kind::Authentication, "token"), unscoped));
    CHECK_FALSE(matches(*parseRule(Kind::Authentication, "unscoped-token"), overHttps));
}

TEST_CASE("what no request could ever be is no subject")
{
    CHECK_FALSE(parseRule(Kind::Channel, "carrier pigeon"));
    CHECK_FALSE(parseRule(Kind::Channel, ""));
    CHECK_FALSE(parseRule(Kind::ClientVersion, "<3.0"));
    CHECK_FALSE(parseRule(Kind::ClientVersion, "twine three"));
    CHECK_FALSE(parseRule(Kind::MetadataVersion, "1.0"));
    const auto refused = parseRule(Kind::Digest, "sha3");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().detail.find("blake2, sha256, md5, none") != std::string::npos);
}

TEST_CASE("what was taken back names no end that is over")
{
    Entry entry = ssh(State::RolledBack);
    entry.sunset = noon - 1h;
    const auto judged = judge(entry, overSsh, 7, noon);
    REQUIRE(judged.notices.size() == 1);
    CHECK(judged.notices[0].text == "Upload over ssh is going to end; use an API token over https: https://shop.example/help");
    CHECK(headersOf(judged.notices).sunset.empty());
    CHECK_FALSE(headersOf(judged.notices).deprecation.empty());
}

TEST_CASE("an answer may be kept until a brown-out begins, and a refusal until it ends")
{
    Entry entry = ssh(State::BrownOut);
    entry.windows = {{1, 1, noon + 10min, noon + 20min, 0}, {2, 2, noon + 3h, noon + 4h, 0}, {3, 3, noon + 5min, noon + 5min, 0}};
    const Policy policy{{entry}};
    CHECK(nextEdge(policy, overSsh, noon) == noon + 10min);
    CHECK(nextEdge(policy, overSsh, noon + 10min) == noon + 20min);
    CHECK(nextEdge(policy, overSsh, noon + 1h) == noon + 3h);
    CHECK_FALSE(nextEdge(policy, overSsh, noon + 4h));
    CHECK_FALSE(nextEdge(policy, overHttps, noon));
    CHECK(commonAnswer(entry, noon) != commonAnswer(entry, noon + 10min));
    CHECK(commonAnswer(entry, noon) == commonAnswer(entry, noon + 20min));
    CHECK(commonAnswer(ssh(State::Measuring), noon).empty());
}

TEST_CASE("rules of uploads leave readers alone, and what every installation needs cannot retire")
{
    const Traits read{"https read", "project-json", "", "twine", "2.0", "", "", ""};
    CHECK(matches(*parseRule(Kind::Endpoint, "project-json"), read));
    CHECK_FALSE(matches(*parseRule(Kind::ClientVersion, "twine <3.0"), read));
    CHECK_FALSE(matches(*parseRule(Kind::Endpoint, "file-upload"), read));
    for (const char *needed : {"simple-index", "simple", "files", "packages"}) {
        const auto refused = parseRule(Kind::Endpoint, needed);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().detail.find("every installation needs") != std::string::npos);
    }
    for (const Rule &rule : closedChoices())
        CHECK(matches(rule, exampleOf(rule)));
}
