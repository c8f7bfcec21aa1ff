// SPDX-License-Identifier: GPL-3.0-or-later
// What a killed brick had begun to make: found where a folder waits, removed only while nobody can have meant it.
#include "core/agent/half_made.h"

#include "tests/contract/temp_folder.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/xattr.h>

using namespace cm;
using namespace cm::agent;
using namespace std::chrono_literals;

namespace {

void touch(const std::string &path, std::string_view bytes = {})
{
    std::ofstream(path) << bytes;
}

}  // namespace

TEST_CASE("empty names without an identity are found in folders that wait, and removed")
{
    const test::TempFolder brick;
    const std::string root = brick.path();
    std::filesystem::create_directories(root + "/files/tmp-1");
    std::filesystem::create_directories(root + "/files/other");
    std::filesystem::create_directories(root + "/.glusterfs");
    touch(root + "/files/tmp-1/begun");
    touch(root + "/files/other/begun");
    CHECK(halfMadeIn(root, {"/files/tmp-1", "<gfid:2f0b8391-9587-4395-9cf1-5a7d4b2c9416>", "/gone", ""}, 0s) == std::vector<std::string>{"/files/tmp-1/begun"});
    CHECK(removeHalfMade(root, {"/files/tmp-1/begun", "/files/tmp-1/never"}) == 1);
    CHECK(!std::filesystem::exists(root + "/files/tmp-1/begun"));
    CHECK(std::filesystem::exists(root + "/files/other/begun"));
    // The root of a brick has folders of GlusterFS's own.
    std::filesystem::remove_all(root + "/files");
    touch(root + "/begun");
    CHECK(halfMadeIn(root, {"/"}, 0s) == std::vector<std::string>{"/begun"});
}

TEST_CASE("what may be somebody's, or still be on its way, stays")
{
    const test::TempFolder brick;
    const std::string root = brick.path();
    std::filesystem::create_directories(root + "/files/full");
    touch(root + "/files/full/inside");
    touch(root + "/files/restored.whl", "bytes that somebody put there by hand");
    std::filesystem::create_symlink("/", root + "/files/away");
    CHECK(halfMadeIn(root, {"/files/away"}, 0s).empty());
    CHECK(removeHalfMade(root, {"/files/restored.whl", "/files/full", "/files/away"}) == 0);
    CHECK(std::filesystem::exists(root + "/files/full/inside"));
    CHECK(std::filesystem::exists(root + "/files/restored.whl"));
    touch(root + "/files/fresh");
    CHECK(halfMadeIn(root, {"/files"}, 60s).empty());
    // Root alone may give an identity; whoever is not root sees the rest.
    if (::setxattr((root + "/files/fresh").c_str(), "trusted.gfid", "0123456789abcdef", 16, 0) == 0) {
        CHECK(removeHalfMade(root, {"/files/fresh"}) == 0);
        CHECK(halfMadeIn(root, {"/files"}, 0s) == std::vector<std::string>{"/files/full"});
    }
}
