// SPDX-License-Identifier: GPL-3.0-or-later
// What projects would lose, and when two such sets are the same.
#include "core/mirror/losses.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::mirror;

namespace {

KnownFile file(const std::string &path, char digest = 'a', FileState state = FileState::Served)
{
    return {path, "demo", std::string(64, digest), 1, "", state, {}};
}

}  // namespace

TEST_CASE("a loss is known by what goes, in whatever order it is told")
{
    const Loss loss = lossOf({file("x/one"), file("x/two")}, false);
    CHECK(loss.files == 2);
    CHECK(loss == lossOf({file("x/two"), file("x/one")}, false));
    CHECK_FALSE(loss == lossOf({file("x/one")}, false));
    CHECK_FALSE(loss == lossOf({file("x/one"), file("x/two", 'b')}, false));
    // All of the project is more than all of its files.
    CHECK_FALSE(loss == lossOf({file("x/one"), file("x/two")}, true));
    // What is out of service already is lost no more.
    CHECK(loss == lossOf({file("x/one"), file("x/two"), file("x/three", 'a', FileState::Aside)}, false));
}

TEST_CASE("losses are read as they were written, and what is none is refused")
{
    Losses losses;
    for (int i = 0; i < 30; ++i)
        losses["p" + std::to_string(i)] = lossOf({file("x/" + std::to_string(i)), file("y")}, i % 2 == 0);
    const std::string text = lossesText(losses);
    CHECK(*readLosses(text) == losses);
    CHECK(readLosses("")->empty());
    const HeldBack held = heldBack(losses, 20);
    CHECK(held.projects == 30);
    CHECK(held.files == 60);
    CHECK(held.first.size() == 20);
    losses.erase("p7");
    CHECK(heldBack(losses, 20).digest != held.digest);
    for (const std::string &bad : {text.substr(0, text.size() - 1), text + "x", std::string("demo all 1 zz\n"), std::string("demo none 1 ") + std::string(32, 'a') + "\n",
                                   std::string("demo all -1 ") + std::string(32, 'a') + "\n", std::string(1, '\0')})
        CHECK(readLosses(bad).error().code == ErrorCode::Corrupt);
}
