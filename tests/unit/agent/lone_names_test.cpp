// SPDX-License-Identifier: GPL-3.0-or-later
// Names that only one brick still has: found by the identity that waits, looked up when they stay so.
#include "core/agent/lone_names.h"

#include "tests/contract/temp_folder.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/xattr.h>

using namespace cm;
using namespace cm::agent;
using namespace std::chrono_literals;

namespace {

const std::string file = "d9c82ce4-fc85-499f-bdc7-343ca695d57f", folder = "3dffb54a-b59f-48d8-acc5-484522afcf14",
                  root = "00000000-0000-0000-0000-000000000001";

// A brick as GlusterFS keeps it: a file in a folder, each with what .glusterfs has of it. Attributes of its own ("trusted.")
// are root's alone.
struct Brick {
    test::TempFolder folderOfBrick;
    std::string path = folderOfBrick.path();
    bool permitted = false;

    std::string handle(const std::string &identity) const { return path + "/.glusterfs/" + identity.substr(0, 2) + "/" + identity.substr(2, 2) + "/" + identity; }
    Brick()
    {
        std::filesystem::create_directories(path + "/files/tmp-1");
        for (const std::string &identity : {file, folder, root})
            std::filesystem::create_directories(std::filesystem::path(handle(identity)).parent_path());
        std::filesystem::create_directory_symlink("../../..", handle(root));
        std::filesystem::create_directory_symlink("../../../files/tmp-1", handle(folder));
        std::ofstream(path + "/files/tmp-1/begun") << "bytes";
        std::filesystem::create_hard_link(path + "/files/tmp-1/begun", handle(file));
        permitted = name("one", folder + "/begun");
    }
    bool name(const std::string &key, const std::string &value) const
    {
        return ::lsetxattr(handle(file).c_str(), ("trusted.gfid2path." + key).c_str(), value.data(), value.size(), 0) == 0;
    }
};

}  // namespace

TEST_CASE("what waits by its identity alone is found by the names it has on this brick")
{
    const Brick brick;
    if (!brick.permitted) {
        MESSAGE("attributes of the name space trusted are not permitted here");
        return;
    }
    CHECK(loneNamesIn(brick.path, {"/files/tmp-1", "<gfid:" + file + ">"}) == std::vector<std::string>{"/files/tmp-1/begun"});
    // Each of its names that is there, also in the root; not those that are gone.
    std::filesystem::create_hard_link(brick.handle(file), brick.path + "/second");
    REQUIRE(brick.name("two", root + "/second"));
    REQUIRE(brick.name("three", root + "/gone"));
    const auto both = loneNamesIn(brick.path, {"<gfid:" + file + ">"});
    CHECK(both.size() == 2);
    CHECK(std::count(both.begin(), both.end(), "/second") == 1);
}

TEST_CASE("nothing outside the brick is named, whatever its attributes say")
{
    const Brick brick;
    CHECK(loneNamesIn(brick.path, {"<gfid:" + folder + ">", "<gfid:../../../etc/passwd>", "<gfid:>", "<gfid:" + file, "", "/x"}).empty());
    if (!brick.permitted)
        return;
    const test::TempFolder away;
    std::ofstream(away.path() + "/begun") << "another's";
    std::filesystem::remove(brick.handle(folder));
    std::filesystem::create_directory_symlink(away.path(), brick.handle(folder));
    CHECK(loneNamesIn(brick.path, {"<gfid:" + file + ">"}).empty());
    for (const char *bad : {"", "/", "x", "no-identity/begun"}) {
        REQUIRE(brick.name("one", bad));
        CHECK(loneNamesIn(brick.path, {"<gfid:" + file + ">"}).empty());
    }
}

TEST_CASE("a name is looked up when it stays so, ever more seldom, and counted when it is over")
{
    LoneNames names;
    const LoneNames::Clock::time_point begin{};
    const std::vector<std::string> one{"/a"};
    CHECK(names.look(one, begin).empty());
    CHECK_FALSE(names.waits());
    CHECK(names.look(one, begin + 5s) == one);
    names.tried(one, begin + 5s);
    CHECK(names.waits());
    CHECK(names.look(one, begin + 10s).empty());
    CHECK(names.look(one, begin + 20s) == one);
    names.tried(one, begin + 20s);
    CHECK(names.look(one, begin + 45s).empty());
    CHECK(names.ended() == 0);
    CHECK(names.look({}, begin + 60s).empty());
    CHECK(names.ended() == 1);
    CHECK_FALSE(names.waits());
    // What was over before it was tried was in the making.
    CHECK(names.look(one, begin + 70s).empty());
    CHECK(names.look({}, begin + 75s).empty());
    CHECK(names.ended() == 1);
}
