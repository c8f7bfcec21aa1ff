// SPDX-License-Identifier: GPL-3.0-or-later
// What gluster 10.3 says of a volume of two bricks and an arbiter, read.
#include "core/agent/volume.h"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>

using namespace cm;
using namespace cm::agent;

namespace {

std::string text(const char *name)
{
    std::ifstream file(std::string(CHEESEMONGER_TEST_DATA) + "/gluster/" + name + ".xml");
    REQUIRE(file);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a volume that is well")
{
    const std::string info = text("info"), status = text("status"), pool = text("pool"), heal = text("heal");
    const auto volume = readVolume({info, status, pool, heal, {}});
    REQUIRE(volume);
    CHECK(volume->name == "p");
    CHECK(volume->started);
    CHECK(volume->healDaemon);
    CHECK(volume->quorum.empty());
    REQUIRE(volume->bricks.size() == 3);
    CHECK(volume->bricks[0].host == "192.0.2.1");
    CHECK(volume->bricks[0].path == "/b1/p");
    CHECK(volume->bricks[0].online);
    CHECK(volume->bricks[0].pid);
    CHECK(volume->bricks[0].unhealed == 0);
    CHECK(volume->bricks[0].problem.empty());
    CHECK(volume->bricks[0].own);
    CHECK_FALSE(volume->bricks[1].arbiter);
    CHECK(volume->bricks[2].arbiter);
    REQUIRE(volume->peers.size() == 1);
    CHECK(volume->peers[0].connected);
}

TEST_CASE("a brick that is away has no figures, not 0")
{
    const std::string info = text("info"), status = text("status_down"), pool = text("pool"), heal = text("heal_down");
    const auto volume = readVolume({info, status, pool, heal, {}});
    REQUIRE(volume);
    CHECK_FALSE(volume->healDaemon);
    CHECK(volume->bricks[0].unhealed == 1);
    for (const std::size_t away : {1U, 2U}) {
        CHECK_FALSE(volume->bricks[away].online);
        CHECK_FALSE(volume->bricks[away].pid);
        CHECK_FALSE(volume->bricks[away].unhealed);
        CHECK_FALSE(volume->bricks[away].splitBrain);
        CHECK_FALSE(volume->bricks[away].problem.empty());
    }
}

TEST_CASE("who serves is known without what waits to be healed")
{
    const std::string info = text("info"), status = text("status_down"), pool = text("pool");
    const auto volume = readVolume({info, status, pool, {}, {}});
    REQUIRE(volume);
    CHECK(volume->bricks[0].online);
    CHECK_FALSE(volume->bricks[0].unhealed);
    CHECK_FALSE(volume->bricks[1].online);
}

TEST_CASE("a file with two versions is named by whoever knows its name")
{
    const std::string info = text("info"), status = text("status"), pool = text("pool"), heal = text("heal_split"), split = text("split");
    const auto volume = readVolume({info, status, pool, heal, split});
    REQUIRE(volume);
    CHECK(volume->bricks[0].splitBrain == 1);
    CHECK(volume->splitFiles == std::vector<std::string>{"/f"});
}

TEST_CASE("what is no answer is an error that says so")
{
    const std::string info = text("info"), status = text("status"), pool = text("pool"), heal = text("heal");
    CHECK(readVolume({"Connection failed. Please check if gluster daemon is operational.", status, pool, heal, {}}).error().code == ErrorCode::Corrupt);
    CHECK(readVolume({"<a/>", status, pool, heal, {}}).error().code == ErrorCode::Corrupt);
    const std::string refused = "<cliOutput><opRet>-1</opRet><opErrno>30806</opErrno><opErrstr>Volume x does not exist</opErrstr></cliOutput>";
    const auto answer = readVolume({refused, status, pool, heal, {}});
    CHECK(answer.error().code == ErrorCode::Unavailable);
    CHECK(answer.error().detail == "gluster volume info: Volume x does not exist");
}
