// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pypi/filenames.h"
#include "core/pypi/status.h"

#include <doctest/doctest.h>

using namespace cm::pypi;

TEST_CASE("a wheel's name says what it is")
{
    const auto wheel =
        parseWheelName("Demo.Pkg-1.0.post1-2build-py2.py3-none-manylinux1_x86_64.manylinux2014_x86_64.whl");
    REQUIRE(wheel);
    CHECK(wheel->name == "Demo.Pkg");
    CHECK(wheel->version == "1.0.post1");
    CHECK(wheel->build == "2build");
    CHECK(wheel->pyversion() == "py2.py3");
    CHECK(wheel->abiTags == std::vector<std::string>{"none"});
    CHECK(wheel->platformTags == std::vector<std::string>{"manylinux1_x86_64", "manylinux2014_x86_64"});
    CHECK(parseWheelName("pip-23.0.1-py3-none-any.whl")->build.empty());
}

TEST_CASE("a bad wheel name is refused with the reason")
{
    struct Row {
        const char *filename;
        const char *reason;
    };
    static constexpr Row rows[] = {
        {"demo-1.0-py3-none-any.zip", "Invalid wheel filename (extension must be '.whl'): 'demo-1.0-py3-none-any.zip'"},
        {"demo-1.0.whl", "Invalid wheel filename (wrong number of parts): 'demo-1.0.whl'"},
        {"demo-1.0-a-b-c-d-e.whl", "Invalid wheel filename (wrong number of parts): 'demo-1.0-a-b-c-d-e.whl'"},
        {"de__mo-1.0-py3-none-any.whl", "Invalid project name: 'de__mo-1.0-py3-none-any.whl'"},
        {"-1.0-py3-none-any.whl", "Invalid project name: '-1.0-py3-none-any.whl'"},
        {"demo-one-py3-none-any.whl", "Invalid wheel filename (invalid version): 'demo-one-py3-none-any.whl'"},
        {"demo-1.0-x1-py3-none-any.whl", "Invalid build number: x1 in 'demo-1.0-x1-py3-none-any.whl'"},
        {"demo-1.0-py3-none-.whl", "Invalid wheel filename (invalid tag): 'demo-1.0-py3-none-.whl'"},
        {"demo-1.0-py3-none-a/b.whl", "Invalid wheel filename (invalid tag): 'demo-1.0-py3-none-a/b.whl'"},
    };
    for (const Row &row : rows) {
        const auto wheel = parseWheelName(row.filename);
        REQUIRE_FALSE_MESSAGE(wheel, row.filename);
        CHECK(wheel.error().detail == row.reason);
    }
}

TEST_CASE("an sdist's name splits before its version")
{
    CHECK(*parseSdistName("demo-1.0.tar.gz") == SdistName{"demo", "1.0", ".tar.gz"});
    CHECK(*parseSdistName("demo-pkg-1.0.zip") == SdistName{"demo-pkg", "1.0", ".zip"});
    CHECK(*parseSdistName("Demo.Pkg-1.0-rc1.tar.gz") == SdistName{"Demo.Pkg", "1.0-rc1", ".tar.gz"});
    for (const char *name : {"demo.tar.gz", "demo-.tar.gz", "-1.0.tar.gz", "demo-one.tar.gz", "demo-1.0.tgz", ".tar.gz",
                             "demo-1.0.tar.bz2"})
        CHECK_FALSE_MESSAGE(parseSdistName(name), name);
    CHECK(pep625Name("Demo.Pkg", "1.0-ALPHA1") == "demo_pkg-1.0a1.tar.gz");
}

TEST_CASE("platform tags are the list of the protocol")
{
    for (const char *tag :
         {"any", "win32", "win_amd64", "manylinux1_x86_64", "manylinux2014_s390x", "manylinux_2_28_riscv64",
          "musllinux_1_2_aarch64", "linux_armv7l", "macosx_10_9_universal2", "macosx_11_0_arm64", "macosx_26_0_arm64",
          "ios_13_0_arm64_iphoneos", "android_21_arm64_v8a", "pyemscripten_2026_0_wasm32"})
        CHECK_MESSAGE(isAllowedPlatformTag(tag), tag);
    for (const char *tag :
         {"", "linux_x86_64", "manylinux1_aarch64", "manylinux_2_x86_64", "manylinux_2_28_mips", "musllinux_1_2_ppc64",
          "macosx_11_1_arm64", "macosx_16_0_arm64", "macosx_10_9_", "any_", "win64"})
        CHECK_FALSE_MESSAGE(isAllowedPlatformTag(tag), tag);
    CHECK(isAllowedPlatformTag("linux_x86_64", {.plainLinux = true}));
    CHECK_FALSE(isAllowedPlatformTag("linux_mips", {.plainLinux = true}));
}

TEST_CASE("file types and project statuses keep their wire names")
{
    CHECK(packageTypeFromName("sdist") == PackageType::Sdist);
    CHECK(packageTypeFromName("bdist_wheel") == PackageType::BdistWheel);
    CHECK_FALSE(packageTypeFromName("bdist_egg"));
    CHECK(packageTypeOfFile("a-1.zip") == PackageType::Sdist);
    CHECK_FALSE(packageTypeOfFile("a-1.exe"));
    for (const auto status :
         {ProjectStatus::Active, ProjectStatus::Archived, ProjectStatus::Deprecated, ProjectStatus::Quarantined})
        CHECK(projectStatusFromName(projectStatusName(status)) == status);
    CHECK_FALSE(projectStatusFromName("gone"));
    CHECK_FALSE(acceptsUploads(ProjectStatus::Archived));
    CHECK_FALSE(acceptsUploads(ProjectStatus::Quarantined));
    CHECK(acceptsUploads(ProjectStatus::Deprecated));
    CHECK(offersFiles(ProjectStatus::Archived));
    CHECK_FALSE(offersFiles(ProjectStatus::Quarantined));
}
