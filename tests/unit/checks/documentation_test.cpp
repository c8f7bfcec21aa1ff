// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/checks/documentation.h"
#include "tests/support/make_archive.h"

#include <doctest/doctest.h>

using namespace cm;
using namespace cm::checks;
using archive::MemberKind;
using archive::ZipEntry;

namespace {

ZipEntry entry(std::string name, std::uint64_t size = 10, MemberKind kind = MemberKind::File)
{
    ZipEntry out;
    out.name = std::move(name);
    out.size = out.packed = size;
    out.kind = kind;
    out.flags = archive::zipFlagUtf8;
    return out;
}

// What is said of an archive that has these entries beside its first page; empty: it is taken.
std::string said(std::vector<ZipEntry> entries, const DocumentationLimits &limits = {})
{
    entries.insert(entries.begin(), entry("index.html"));
    const auto refusal = documentationRefusal(entries, limits);
    return refusal ? refusal->text : std::string();
}

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("ordinary trees of pages are documentation")
{
    CHECK(said({}).empty());
    CHECK(said({entry("api/", 0, MemberKind::Directory), entry("api/index.html"), entry("_static/a b.css"), entry(".buildinfo"),
                entry("gr\xc3\xb6\xc3\x9f" "e.html"), entry("a..b/c...html")})
              .empty());
}

TEST_CASE("names that do not mean the same everywhere are refused, with what to do")
{
    CHECK(has(said({entry("../x")}), "points outside the archive. Zip the files from within"));
    CHECK(has(said({entry("a/../../x")}), "points outside"));
    CHECK(has(said({entry("a/..")}), "points outside"));
    CHECK(has(said({entry("/etc/passwd")}), "absolute"));
    CHECK(has(said({entry("C:\\x")}), "backslash"));
    CHECK(has(said({entry("c:x")}), "absolute"));
    CHECK(has(said({entry("a\\b")}), "backslash"));
    CHECK(has(said({entry("a//b")}), "empty part"));
    CHECK(has(said({entry("./a")}), "empty part"));
    CHECK(has(said({entry("a/.")}), "empty part"));
    CHECK(has(said({entry("a\nb")}), "control character"));
    CHECK(has(said({entry("")}), "not marked as UTF-8"));
    CHECK(has(said({entry("caf\xe9")}), "not marked as UTF-8"));
    ZipEntry unmarked = entry("caf\xc3\xa9");
    unmarked.flags = 0;
    CHECK(has(said({unmarked}), "not marked as UTF-8"));
    CHECK(has(said({entry(std::string(600, 'x'))}), "more than 512 bytes. Shorten"));
    // One line of a terminal and of an HTTP answer, whatever the name.
    const std::string hostile = said({entry("a\x1b[31m\r\nSet-Cookie: x")});
    CHECK(hostile.find_first_of("\r\n\x1b") == std::string::npos);
}

TEST_CASE("entries that are no plain files are refused")
{
    CHECK(has(said({entry("link", 10, MemberKind::Symlink)}), "'link' is a link"));
    CHECK(has(said({entry("device", 0, MemberKind::Other)}), "neither a file nor a folder"));
    CHECK(has(said({entry("folder/", 5, MemberKind::Directory)}), "content of its own"));
    ZipEntry locked = entry("locked");
    locked.flags |= archive::zipFlagEncrypted;
    CHECK(has(said({locked}), "encrypted. Zip without a password"));
    ZipEntry squeezed = entry("squeezed");
    squeezed.method = 14;
    CHECK(has(said({squeezed}), "packed by method 14"));
}

TEST_CASE("files that get in each other's way are refused")
{
    CHECK(has(said({entry("a.html"), entry("a.html")}), "twice"));
    CHECK(has(said({entry("Api.html"), entry("api.html")}), "differ only in upper and lower case"));
    CHECK(has(said({entry("api"), entry("api/x")}), "both a file and a folder"));
    CHECK(has(said({entry("API/x"), entry("api")}), "both a file and a folder"));
    CHECK(has(said({entry("api"), entry("api/", 0, MemberKind::Directory)}), "both a file and a folder"));
    CHECK(said({entry("api/x"), entry("API/y")}).empty());
}

TEST_CASE("limits are held to what the archive says of itself")
{
    DocumentationLimits limits;
    limits.files = 3;
    limits.unpackedBytes = 100;
    CHECK(said({entry("a"), entry("b"), entry("c/", 0, MemberKind::Directory)}, limits).empty());
    CHECK(has(said({entry("a"), entry("b"), entry("c")}, limits), "4 files, more than 3"));
    CHECK(has(said({entry("a", 91)}, limits), "unpacks to more than 100 bytes"));
    // Sums that would turn over.
    CHECK(has(said({entry("a", ~std::uint64_t{0}), entry("b", 100)}, limits), "unpacks to more than"));
    CHECK(has(said({entry("a", 50), entry("b", ~std::uint64_t{0} - 20)}, limits), "unpacks to more than"));
}

TEST_CASE("without a first page at the top it says where that is")
{
    const auto text = [](std::vector<ZipEntry> entries) { return documentationRefusal(entries, {})->text; };
    CHECK(has(text({entry("html/index.html")}), "is in the folder 'html'"));
    CHECK(has(text({entry("a/b/index.html")}), "no index.html"));
    CHECK(has(text({entry("Index.html")}), "no index.html"));
    CHECK(has(text({}), "no index.html"));
    CHECK(has(text({entry("index.html/", 0, MemberKind::Directory), entry("index.html/x")}), "no index.html"));
}

TEST_CASE("what is dropped is told apart by name and content")
{
    const test::TempFolder folder;
    const std::string pages = test::makeZip({{"index.html", "x"}});
    CHECK(looksLikeDocumentation(folder.write("docs.zip", pages)));
    CHECK(looksLikeDocumentation(folder.write("html.zip", test::makeZip({{"html/index.html", "x"}}))));
    CHECK_FALSE(looksLikeDocumentation(folder.write("demo-1.0.zip", pages)));
    CHECK_FALSE(looksLikeDocumentation(folder.write("docs.whl", pages)));
    CHECK_FALSE(looksLikeDocumentation(folder.write("other.zip", test::makeZip({{"readme", "x"}}))));
    CHECK_FALSE(looksLikeDocumentation(folder.write("text.zip", "no zip at all")));
    CHECK_FALSE(looksLikeDocumentation(folder.path() / "missing.zip"));
}

TEST_CASE("an archive is looked at as a whole")
{
    const test::TempFolder folder;
    const auto look = [&](const std::string &bytes, const DocumentationLimits &limits = {}) {
        const auto found = inspectDocumentation(folder.write("docs.zip", bytes), limits);
        REQUIRE(found);
        return *found;
    };
    const auto good = look(test::makeZip({{"index.html", "welcome"}, {"a/b.html", "page"}}));
    CHECK_FALSE(good.refusal);
    CHECK(good.files.size() == 2);
    CHECK(good.unpackedBytes == 11);
    CHECK(has(look("PK nothing").refusal->text, "not a zip"));
    CHECK(has(look(test::makeZip({{"index.html", "x"}}, {.before = "#!/bin/sh\n"})).refusal->text, "Make it anew"));
    CHECK(has(look(test::makeZip({{"index.html", "x"}}, {.after = "more"})).refusal->text, "Make it anew"));
    DocumentationLimits small;
    small.archiveBytes = 50;
    CHECK(look(test::makeZip({{"index.html", "x"}}), small).refusal->status == 413);
    DocumentationLimits few;
    few.files = 1;
    std::vector<test::ZipMember> many{{"index.html", "x"}};
    for (int i = 0; i < 300; ++i)
        many.push_back({"p" + std::to_string(i), ""});
    CHECK(has(look(test::makeZip(many), few).refusal->text, "more than 1 files"));
}
