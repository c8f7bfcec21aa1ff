// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/version_range.h"

#include <doctest/doctest.h>

using namespace cm::pypi;

TEST_CASE("a version lies in a range or does not")
{
    struct Row {
        const char *range;
        const char *version;
        bool within;
    };
    static constexpr Row rows[] = {
        {"<3.0", "2.9.1", true},      {"<3.0", "3.0", false},       {"<3", "3.0.0", false},      {"<=3.0", "3", true},
        {">1.4", "1.4.post1", true},  {">=1.4,<2", "1.13", true},   {">=1.4,<2", "2.0rc1", true}, {">=1.4,<2", "2.0", false},
        {"==1.4", "1.4.0", true},     {"!=1.4", "1.4", false},      {"==1.4.*", "1.4.7", true},  {"==1.4.*", "1.40", false},
        {"==2.*", "2", true},         {"!=1.6.*", "1.6.1", false},  {"~=2.2", "2.9", true},      {"~=2.2", "3.0", false},
        {"~=2.2.1", "2.2.9", true},   {"~=2.2.1", "2.3", false},    {"<3.0", "not a version", false}, {" < 3.0 ", "1", true},
    };
    for (const Row &row : rows) {
        CAPTURE(row.range);
        CAPTURE(row.version);
        const auto range = VersionRange::parse(row.range);
        REQUIRE(range);
        CHECK(range->contains(row.version) == row.within);
    }
}

TEST_CASE("what is no range is refused")
{
    for (const char *text : {"", " ", "3.0", "<", "<three", "=1.0", "===1.0", "<1.*", "~=2", "<1,,>2", "<1;>0"})
        CHECK_FALSE_MESSAGE(VersionRange::parse(text), text);
}

TEST_CASE("a range has an example that lies in it")
{
    for (const char *text : {"<3.0", ">3.0", ">=1.4,<2", "==1.4.*", "~=2.2", "!=1.0", "<1.2"}) {
        const auto range = VersionRange::parse(text);
        REQUIRE(range);
        CHECK_MESSAGE(range->contains(range->example()), text);
    }
}
