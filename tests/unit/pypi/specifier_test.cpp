// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/specifier.h"

#include <doctest/doctest.h>

using namespace cm::pypi;

TEST_CASE("version specifiers are told from other text")
{
    for (const char *text :
         {"", ">=3.8", ">=2.7, !=3.0.*, <4", "~=1.4.2", "==1.0+local", "===anything-goes", " > 1 ", "==2.0.*"})
        CHECK_MESSAGE(isValidSpecifierSet(text), text);
    for (const char *text :
         {"3.8", ">=", ">=3.8,,<4", ">3.*", "~=1", ">=1.0+local", "==1.0.dev1.*", "=>3", ">=3.8;", "~=1.0+x", ",>=1"})
        CHECK_FALSE_MESSAGE(isValidSpecifierSet(text), text);
}

TEST_CASE("requirements are taken apart")
{
    const auto full = parseRequirement("Demo.Pkg[x, y-z] (>=1,<2) ; python_version < '3.8' and extra == \"q\"");
    REQUIRE(full);
    CHECK(full->name == "Demo.Pkg");
    CHECK(full->extras == std::vector<std::string>{"x", "y-z"});
    CHECK(full->specifier == ">=1,<2");
    CHECK(full->marker == "python_version < '3.8' and extra == \"q\"");
    CHECK(full->url.empty());
    CHECK(parseRequirement("demo")->name == "demo");
    CHECK(parseRequirement("demo>=1")->specifier == ">=1");
    const auto direct = parseRequirement("demo @ https://example.org/a;b.whl ; python_version > '3'");
    REQUIRE(direct);
    CHECK(direct->url == "https://example.org/a;b.whl");
    CHECK(direct->marker == "python_version > '3'");
}

TEST_CASE("what is no requirement is refused")
{
    for (const char *text : {"", ">=1", "demo[", "demo[x,]", "demo[x y]", "demo >=", "demo (>=1", "demo ; ", "demo @ ",
                             "demo @ a b", "demo 1.0", "-demo", "demo; python_version"})
        CHECK_FALSE_MESSAGE(parseRequirement(text), text);
}
