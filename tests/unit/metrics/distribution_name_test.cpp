// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/metrics/distribution_name.h"

#include <doctest/doctest.h>
#include <string>

using namespace cm::metrics;

namespace {

std::string read(std::string_view filename)
{
    const auto name = readDistributionName(filename);
    return name ? std::string(name->project) + " " + std::string(name->version) + " " + std::string(name->type) : "nothing";
}

}  // namespace

TEST_CASE("file names of every kind that an index has had say what they are")
{
    CHECK(read("my_pkg-1.0-py3-none-any.whl") == "my_pkg 1.0 bdist_wheel");
    CHECK(read("my_pkg-1.0-1-cp311-cp311-manylinux_2_17_x86_64.whl") == "my_pkg 1.0 bdist_wheel");
    CHECK(read("my-pkg-2-1.0.tar.gz") == "my-pkg-2 1.0 sdist");
    CHECK(read("zope.interface-4.1.0.zip") == "zope.interface 4.1.0 sdist");
    CHECK(read("pkg-1.0b1.tar.bz2") == "pkg 1.0b1 sdist");
    CHECK(read("pkg-v1.0.tgz") == "pkg v1.0 sdist");
    CHECK(read("pkg-1.0-py2.7.egg") == "pkg 1.0 bdist_egg");
    CHECK(read("my-pkg-1.0.win32-py2.7.exe") == "my-pkg 1.0 bdist_wininst");
    CHECK(read("pkg-1.0.win-amd64-py2.7.msi") == "pkg 1.0 bdist_msi");
    CHECK(read("pkg-1.0.linux-x86_64.tar.gz") == "pkg 1.0 bdist_dumb");
    CHECK(read("pkg-1.0-1.noarch.rpm") == "pkg 1.0 bdist_rpm");
    CHECK(read("my.windows.tool-1.0.tar.gz") == "my.windows.tool 1.0 sdist");
    for (const char *name : {"", ".whl", "-.whl", "a.whl", "-1.0-py3.whl", "a-.whl", "README", "pkg.tar.gz",
            "-1.0.tar.gz", "pkg-x.zip", "pkg-1.0.txt", "-.rpm", "1.rpm", "foo-bar-1.2-py3-none-any.whl"})
        CHECK_MESSAGE(read(name) == "nothing", name);
}

TEST_CASE("what stands beside a file is no file")
{
    for (const char *name : {"a-1-py3-none-any.whl.metadata", "a-1.tar.gz.asc", "a-1.tar.gz.provenance"})
        CHECK(isSidecar(name));
    for (const char *name : {"a-1-py3-none-any.whl", "a-1.tar.gz", "metadata", ""})
        CHECK_FALSE(isSidecar(name));
}
