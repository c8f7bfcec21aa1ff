// SPDX-License-Identifier: GPL-3.0-or-later
// What takes a mirror out of rotation, and that it ends.
#include "core/host/out_file.h"
#include "core/host/whole_file.h"

#include <doctest/doctest.h>
#include <filesystem>
#include <unistd.h>

using namespace cm;
using namespace cm::host;

TEST_CASE("a mirror is out of rotation until its time, or without an end when somebody put the file there by hand")
{
    std::string name = (std::filesystem::temp_directory_path() / "cm-out-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    const std::filesystem::path tree = name;
    const Time noon = *parseRfc3339("2026-11-22T12:00:00Z");
    CHECK_FALSE(*readOut(tree));
    CHECK_FALSE(*endOut(tree, noon));

    const api::AgentOut out{noon, "ann", "a new disk", noon + std::chrono::minutes(5)};
    REQUIRE(writeOut(tree, out));
    CHECK(*readOut(tree) == out);
    CHECK_FALSE(*endOut(tree, noon + std::chrono::minutes(4)));
    CHECK(std::filesystem::exists(outFile(tree)));
    CHECK(*endOut(tree, noon + std::chrono::minutes(5)) == out);
    CHECK_FALSE(std::filesystem::exists(outFile(tree)));

    for (const char *byHand : {"", "nonsense", "{\"since\": \"2026-11-22T12:00:00Z\", \"by\": \"bob\", \"reason\": \"as it was before ends\"}"}) {
        REQUIRE(writeWhole(outFile(tree), byHand, 0644));
        CHECK_FALSE(*endOut(tree, noon + std::chrono::hours(1000)));
        CHECK(*readOut(tree));
    }
    std::filesystem::remove_all(tree);
    CHECK_FALSE(writeOut(tree, out));
}
