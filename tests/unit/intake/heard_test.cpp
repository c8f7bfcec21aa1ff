// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/intake/heard.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::metrics::intake;

namespace {

Time at(int seconds)
{
    return Time(std::chrono::seconds(1'800'000'000 + seconds));
}

bool holds(const Heard &heard, int from, int through)
{
    return heard.span() && heard.span()->from == at(from) && heard.span()->through == at(through);
}

}  // namespace

TEST_CASE("what is heard reaches as far as the last line, whatever the time is")
{
    Heard heard;
    CHECK_FALSE(heard.span());
    heard.add({at(0), at(5)});
    CHECK(holds(heard, 0, 5));
    // Without another one it stays where it was.
    heard.add({at(0), at(5)});
    CHECK(holds(heard, 0, 5));
    heard.add({at(0), at(70)});
    CHECK(holds(heard, 0, 70));
}

TEST_CASE("senders that follow each other without a break are heard as one, and a break is none of anybody's time")
{
    Heard heard;
    heard.add({at(0), at(60)});
    heard.add({at(50), at(100)});
    CHECK(holds(heard, 0, 100));
    heard.add({at(101), at(130)});
    CHECK(holds(heard, 101, 130));
    // One that was there earlier and is silent takes nothing back.
    heard.add({at(0), at(100)});
    CHECK(holds(heard, 101, 130));
    // One that was there over the break as well, and is seen now, closes it.
    heard.add({at(90), at(140)});
    CHECK(holds(heard, 90, 140));
}

TEST_CASE("while nobody is read from nobody is heard, and what comes then begins anew")
{
    Heard heard;
    heard.add({at(0), at(60)});
    heard.interrupt(at(62));
    CHECK_FALSE(heard.span());
    heard.add({at(0), at(61)});
    CHECK_FALSE(heard.span());
    heard.add({at(0), at(65)});
    CHECK(holds(heard, 62, 65));
}
