// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/names.h"

#include <doctest/doctest.h>

using namespace cm::pypi;

TEST_CASE("names that differ in case and separators are one project")
{
    for (const char *name : {"Friendly-Bard", "FRIENDLY_BARD", "friendly.bard", "friendly--bard", "FrIeNdLy-._.-bArD"})
        CHECK(normalizeName(name) == "friendly-bard");
    CHECK(normalizeName("") == "");
}

TEST_CASE("isNormalizedName agrees with normalizeName")
{
    for (const char *name : {"a", "a-b", "a--b", "A", "a_b", "a.b", "a1-2", ""})
        CHECK(isNormalizedName(name) == (normalizeName(name) == name));
}

TEST_CASE("a valid name begins and ends with a letter or digit")
{
    for (const char *name : {"a", "A", "0", "a.b", "a-b_c.d", "Zope.Interface", "a--b"})
        CHECK_MESSAGE(isValidName(name), name);
    for (const char *name : {"", "-a", "a-", ".a", "a.", "_", "a b", "a/b", "../x", "\xc3\xa9", "a\n", "a\x01", "a@b"})
        CHECK_FALSE_MESSAGE(isValidName(name), name);
    CHECK_FALSE(isValidName(std::string_view("a\0b", 3)));
}

TEST_CASE("names that look alike share one key")
{
    CHECK(ultranormalize("pillow") == ultranormalize("PI-L1.o_w"));
    CHECK(ultranormalize("l0ok") == ultranormalize("look"));
    CHECK(ultranormalize("requests") != ultranormalize("requestz"));
}

TEST_CASE("names of the standard library are known in every spelling")
{
    for (const char *name : {"json", "JSON", "urllib2", "configparser", "ConfigParser", "tomllib", "zoneinfo"})
        CHECK_MESSAGE(isStdlibModule(name), name);
    for (const char *name : {"requests", "jsons", ""})
        CHECK_FALSE_MESSAGE(isStdlibModule(name), name);
}
