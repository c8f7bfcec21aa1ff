// SPDX-License-Identifier: GPL-3.0-or-later
// Names that a brick lost: which folders have to be compared with the other bricks'.
#include "core/agent/lost_names.h"

#include "core/agent/volume.h"
#include "tests/contract/temp_folder.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace cm;
using namespace cm::agent;

TEST_CASE("a name is missing where the way to what waits ends, told once")
{
    const test::TempFolder brick;
    std::filesystem::create_directories(brick.path() + "/files/packages/dd");
    const std::string root = brick.path();
    CHECK(gapsOf(root, {"/files/packages/83", "/files/packages/83/cd", "/files/packages/83/cd/demo.whl", "/files/packages/dd/b1/demo.whl"}) ==
          std::vector<Gap>{{"/files/packages", "83"}, {"/files/packages/dd", "b1"}});
    CHECK(gapsOf(root, {"/docs/demo"}) == std::vector<Gap>{{"", "docs"}});
    // All of it is there, or has no name.
    CHECK(gapsOf(root, {"/", "/files/packages/dd", "<gfid:a33c5929-6355-4309-b69b-bd8d89e66c11>", ""}).empty());
}

TEST_CASE("what is missing in a folder that waits itself is healed with it")
{
    const test::TempFolder brick;
    std::filesystem::create_directories(brick.path() + "/files");
    const std::string root = brick.path();
    CHECK(gapsOf(root, {"/files", "/files/new.whl"}).empty());
    CHECK(gapsOf(root, {"/", "/docs"}).empty());
    CHECK(gapsOf(root, {"/files/new.whl"}) == std::vector<Gap>{{"/files", "new.whl"}});
}

TEST_CASE("nothing is looked for behind a link or below a file")
{
    const test::TempFolder brick;
    std::filesystem::create_directories(brick.path() + "/files");
    std::filesystem::create_directory_symlink("/", brick.path() + "/files/away");
    std::ofstream(brick.path() + "/files/file") << "bytes";
    CHECK(gapsOf(brick.path(), {"/files/away/none", "/files/file/none"}).empty());
}

TEST_CASE("clients' name of a brick is that of its server and folder")
{
    const std::string volfile = "volume packages-client-0\n    type protocol/client\n    option remote-subvolume /bricks/packages\n    option remote-host 192.0.2.1\n"
                                "end-volume\n\nvolume packages-client-7\n    type protocol/client\n    option remote-subvolume /bricks/packages\n"
                                "    option remote-host 192.0.2.11\nend-volume\n\nvolume packages-replicate-0\n    subvolumes packages-client-0 packages-client-7\nend-volume\n";
    CHECK(*clientNameOf(volfile, "192.0.2.11", "/bricks/packages") == "packages-client-7");
    CHECK(*clientNameOf(volfile, "192.0.2.1", "/bricks/packages") == "packages-client-0");
    CHECK(clientNameOf(volfile, "192.0.2.1", "/bricks/docs").error().code == ErrorCode::NotFound);
    CHECK(clientNameOf("", "192.0.2.1", "/bricks/packages").error().code == ErrorCode::NotFound);
}

TEST_CASE("what waits is read from every brick's list, each path once")
{
    const auto pending = readPending("<cliOutput><healInfo><bricks>"
                                     "<brick><name>a:/b</name><file gfid=\"1\">/files/x</file><file gfid=\"2\">&lt;gfid:2&gt;</file><status>Connected</status></brick>"
                                     "<brick><name>c:/b</name><file gfid=\"1\">/files/x</file><file gfid=\"3\">/</file><status>Connected</status></brick>"
                                     "</bricks></healInfo><opRet>0</opRet></cliOutput>");
    REQUIRE(pending);
    CHECK(*pending == std::vector<std::string>{"/", "/files/x", "<gfid:2>"});
    // White space is part of a name.
    const auto odd = readPending("<cliOutput>\n <healInfo>\n  <bricks>\n   <brick><file gfid=\"1\">/a  b </file></brick>\n  </bricks>\n </healInfo>\n <opRet>0</opRet>\n</cliOutput>\n");
    REQUIRE(odd);
    CHECK(*odd == std::vector<std::string>{"/a  b "});
    CHECK_FALSE(readPending("not xml"));
}

TEST_CASE("healing stands still when no less waits for several looks with all bricks there")
{
    api::AgentVolume volume;
    volume.bricks.resize(3);
    for (api::AgentBrick &brick : volume.bricks) {
        brick.online = true;
        brick.unhealed = 16;
    }
    const auto after = [&](Standstill watch, int looks) {
        for (int i = 0; i < looks; ++i)
            watch.look(volume);
        return watch;
    };
    const Standstill still = after({}, 5);
    CHECK_FALSE(after({}, 4).lasts());
    CHECK(still.lasts());
    volume.bricks[0].unhealed = volume.bricks[1].unhealed = volume.bricks[2].unhealed = 15;
    CHECK_FALSE(after(still, 1).lasts());
    CHECK(after(still, 6).lasts());
    // Nobody knows, a brick is away, or nothing waits.
    volume.bricks[2].unhealed.reset();
    CHECK_FALSE(after(still, 10).lasts());
    volume.bricks[2].unhealed = 15;
    volume.bricks[1].online = false;
    CHECK_FALSE(after(still, 10).lasts());
    volume.bricks[1].online = true;
    for (api::AgentBrick &brick : volume.bricks)
        brick.unhealed = 0;
    CHECK_FALSE(after(still, 10).lasts());
    Standstill forgotten = still;
    forgotten.forget();
    CHECK_FALSE(forgotten.lasts());
}
