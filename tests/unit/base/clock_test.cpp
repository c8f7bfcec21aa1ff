// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock_watch.h"

#include <doctest/doctest.h>

using namespace cm;

TEST_CASE("a time survives its RFC 3339 text to the microsecond")
{
    const auto time = parseRfc3339("2026-11-22T09:44:19.123456Z");
    REQUIRE(time);
    CHECK(formatRfc3339(*time) == "2026-11-22T09:44:19.123456Z");
}

TEST_CASE("offsets, short and long fractions and a space are read")
{
    CHECK(formatRfc3339(*parseRfc3339("2026-11-22 10:44:19+01:00")) == "2026-11-22T09:44:19.000000Z");
    CHECK(formatRfc3339(*parseRfc3339("2026-11-22T09:44:19.5Z")) == "2026-11-22T09:44:19.500000Z");
    CHECK(formatRfc3339(*parseRfc3339("2026-11-22t09:44:19.1234567899z")) == "2026-11-22T09:44:19.123456Z");
}

TEST_CASE("what is no time is refused by name")
{
    for (const char *text : {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                             "2026-01-01T00:00:00", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+25:00"}) {
        CAPTURE(text);
        const auto time = parseRfc3339(text);
        REQUIRE_FALSE(time);
        CHECK(time.error().code == ErrorCode::InvalidInput);
    }
}

TEST_CASE("an HTTP date is an IMF-fixdate")
{
    CHECK(formatHttpDate(*parseRfc3339("2026-11-22T09:44:19Z")) == "Sun, 22 Nov 2026 09:44:19 GMT");
}

TEST_CASE("a clock that is set is noticed, ahead and back, and time that passes is not")
{
    using std::chrono::seconds;
    ClockWatch watch(seconds(1));
    Time steady{}, clock = *parseRfc3339("2026-11-22T12:00:00Z");
    const auto later = [&](seconds passed, std::chrono::microseconds set = {}) {
        steady += passed;
        clock += passed + set;
        return watch.setBy(clock, steady);
    };
    CHECK_FALSE(later(seconds(0)));
    CHECK_FALSE(later(seconds(3600)));
    CHECK_FALSE(later(seconds(1), std::chrono::milliseconds(-900)));
    CHECK(later(seconds(1), seconds(-3600)) == seconds(-3600));
    CHECK_FALSE(later(seconds(1)));
    CHECK(later(seconds(5), seconds(7200)) == seconds(7200));
    CHECK_FALSE(later(seconds(5)));
}
