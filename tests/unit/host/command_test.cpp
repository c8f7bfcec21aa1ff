// SPDX-License-Identifier: GPL-3.0-or-later
// Programs that answer, fail, hang, talk much, or are not there.
#include "core/host/command.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::host;
using std::chrono::seconds;

TEST_CASE("a program answers with its output, its errors and its status")
{
    const auto done = runCommand({"sh", "-c", "echo out; echo err >&2; exit 3"}, seconds(20));
    REQUIRE(done);
    CHECK(done->output == "out\n");
    CHECK(done->errors == "err\n");
    CHECK(done->status == 3);
    CHECK(runCommand({"sh", "-c", "kill -9 $$"}, seconds(20))->status == 137);
}

TEST_CASE("it gets no input, and words go to it as they are")
{
    CHECK(runCommand({"cat"}, seconds(20))->output.empty());
    CHECK(runCommand({"printf", "%s", "$HOME; *"}, seconds(20))->output == "$HOME; *");
}

TEST_CASE("much output is read to its end")
{
    const auto done = runCommand({"sh", "-c", "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2"}, seconds(60));
    REQUIRE(done);
    CHECK(done->output.size() == 3000000);
    CHECK(done->errors.size() == 3000000);
}

TEST_CASE("what is not there, and what gives no answer, with its children")
{
    CHECK(runCommand({"no-such-program-at-all"}, seconds(20)).error().code == ErrorCode::NotFound);
    CHECK(runCommand({"sh", "-c", "sleep 1000 & sleep 1000"}, std::chrono::milliseconds(300)).error().code == ErrorCode::Timeout);
}
