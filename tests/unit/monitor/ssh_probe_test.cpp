// SPDX-License-Identifier: GPL-3.0-or-later
// What a session of ssh came to, by what it left.
#include "core/monitor/probes/ssh_probe.h"

#include "core/host/command.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::monitor;

TEST_CASE("a session of ssh is told apart by its answer, or by what ssh said")
{
    const auto answered = readSshSession({0, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK\n", "a banner\n"});
    REQUIRE(answered);
    CHECK(answered->status == 200);
    CHECK(answered->words == "200 OK");
    const auto refused = readSshSession({0, "HTTP/1.1 503 Registry is failing over\r\n\r\n", ""});
    REQUIRE(refused);
    CHECK(refused->status == 503);
    const auto closed = readSshSession({255, "", "Warning\r\nsubmit@192.0.2.1: Permission denied (publickey).\r\n"});
    REQUIRE(closed);
    CHECK(closed->status == 0);
    CHECK(closed->words == "submit@192.0.2.1: Permission denied (publickey).");
    CHECK_FALSE(closed->strange);
    const auto strange = readSshSession({255, "", "No ED25519 host key is known for registry\r\nHost key verification failed.\r\n"});
    REQUIRE(strange);
    CHECK(strange->strange);
    CHECK(readSshSession({255, "", "ssh: connect to host 192.0.2.1 port 22: Connection refused\r\n"}).error().code == ErrorCode::Unavailable);
    CHECK(readSshSession({255, "", "ssh: connect to host 192.0.2.1 port 22: Connection timed out\r\n"}).error().code == ErrorCode::Timeout);
    CHECK(readSshSession({0, "This account is currently not available.\n", ""})->status == 0);
}
