// SPDX-License-Identifier: GPL-3.0-or-later
// Walks over a tree that somebody changes meanwhile.
#include "core/mirror/disk.h"
#include "tests/contract/temp_folder.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace cm;

TEST_CASE("a walk over files goes on where folders go meanwhile")
{
    const test::TempFolder folder;
    const std::filesystem::path root = folder.path();
    for (int i = 0; i < 20; ++i) {
        const auto deep = root / std::to_string(i) / "a" / "b";
        std::filesystem::create_directories(deep);
        std::filesystem::create_directory_symlink(root, deep / "round");
        std::ofstream(deep / "file") << "bytes";
    }
    int seen = 0;
    mirror::forEachFile(root, [&](const std::filesystem::path &) { ++seen; });
    CHECK(seen == 20);
    seen = 0;
    mirror::forEachFile(root, [&](const std::filesystem::path &file) {
        ++seen;
        for (const auto &other : std::filesystem::directory_iterator(root)) {
            if (!file.string().starts_with(other.path().string() + "/"))
                std::filesystem::remove_all(other.path());
        }
    });
    CHECK(seen == 1);
    mirror::forEachFile(root / "nowhere", [&](const std::filesystem::path &) { ++seen; });
    CHECK(seen == 1);
}
