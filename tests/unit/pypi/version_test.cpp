// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/version.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace cm::pypi;

TEST_CASE("every spelling has one normal form")
{
    struct Row {
        const char *text;
        const char *normalised;
        const char *canonical;
    };
    static constexpr Row rows[] = {
        {"1.0", "1.0", "1"},
        {"v1.0.0", "1.0.0", "1"},
        {" 1.0\n", "1.0", "1"},
        {"1.0-ALPHA.1", "1.0a1", "1a1"},
        {"1.0preview2", "1.0rc2", "1rc2"},
        {"1.0c", "1.0rc0", "1rc0"},
        {"1.0.beta_03", "1.0b3", "1b3"},
        {"1.0-1", "1.0.post1", "1.post1"},
        {"1.0rev4", "1.0.post4", "1.post4"},
        {"1.0r", "1.0.post0", "1.post0"},
        {"1.0.DEV", "1.0.dev0", "1.dev0"},
        {"1!2.0", "1!2.0", "1!2"},
        {"0!2.0", "2.0", "2"},
        {"007", "7", "7"},
        {"0.0", "0.0", "0"},
        {"1.0a1.post2.dev3+Ubuntu-1_X.01", "1.0a1.post2.dev3+ubuntu.1.x.1", "1a1.post2.dev3+ubuntu.1.x.1"},
        {"1.0a.", "1.0a0", "1a0"},
        {"1.0a--1", "1.0a0.post1", "1a0.post1"},
    };
    for (const Row &row : rows) {
        const auto version = Version::parse(row.text);
        REQUIRE_MESSAGE(version, row.text);
        CHECK(version->normalised() == row.normalised);
        CHECK(version->canonical() == row.canonical);
        CHECK(canonicalVersion(row.text) == row.canonical);
        CHECK(Version::parse(row.normalised)->normalised() == row.normalised);
    }
}

TEST_CASE("what is no PEP 440 version is refused")
{
    for (const char *text :
         {"",         " ",  "a",  "1.",     "1..0",    "1.0+",          "1.0+a..b", "1.0+a.", "1.0+\xc3\xa9",
          "1.0 beta", "1!", "!1", "1.0foo", "1.0a1a2", "1.0.dev1.dev2", "2004d",    "1.0-",   "french toast",
          "1.0++x",   "-1"})
        CHECK_FALSE_MESSAGE(Version::parse(text), text);
}

TEST_CASE("versions stand in the order of PEP 440")
{
    static const std::vector<std::string> ascending{"1.0.dev456",
                                                    "1.0a1",
                                                    "1.0a2.dev456",
                                                    "1.0a12.dev456",
                                                    "1.0a12",
                                                    "1.0b1.dev456",
                                                    "1.0b2",
                                                    "1.0b2.post345.dev456",
                                                    "1.0b2.post345",
                                                    "1.0rc1.dev456",
                                                    "1.0rc1",
                                                    "1.0",
                                                    "1.0+abc.5",
                                                    "1.0+abc.7",
                                                    "1.0+5",
                                                    "1.0+5.1",
                                                    "1.0.post456.dev34",
                                                    "1.0.post456",
                                                    "1.1.dev1",
                                                    "1.10",
                                                    "1!0.1"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
        for (std::size_t k = 0; k < ascending.size(); ++k) {
            INFO(ascending[i], " against ", ascending[k]);
            CHECK((compareVersions(ascending[i], ascending[k]) < 0) == (i < k));
            CHECK((compareVersions(ascending[i], ascending[k]) == 0) == (i == k));
        }
    }
    CHECK(*Version::parse("1.0.0") == *Version::parse("1"));
}

TEST_CASE("numbers of any length compare")
{
    const std::string large = "1." + std::string(5000, '9');
    const std::string larger = "1.1" + std::string(5000, '0');
    CHECK(compareVersions(large, larger) < 0);
    CHECK(Version::parse(large)->normalised() == large);
    CHECK(compareVersions("20260101120000", "9") > 0);
}

TEST_CASE("other versions come first and keep their own order")
{
    std::vector<std::string> versions{"1.0", "zzz", "0.0.dev0", "2004d", "abc"};
    std::ranges::stable_sort(versions, [](const auto &a, const auto &b) { return compareVersions(a, b) < 0; });
    CHECK(versions == std::vector<std::string>{"2004d", "abc", "zzz", "0.0.dev0", "1.0"});
    CHECK(canonicalVersion("2004d") == "2004d");
}

TEST_CASE("pre-releases and local versions are told apart")
{
    CHECK(Version::parse("1.0rc1")->isPrerelease());
    CHECK(Version::parse("1.0.dev1")->isPrerelease());
    CHECK_FALSE(Version::parse("1.0.post1")->isPrerelease());
    CHECK(Version::parse("1.0+x")->hasLocal());
    CHECK(Version::parse("1.0+x")->publicPart() == "1.0");
}
