// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/archive.h"
#include "tests/support/make_archive.h"

#include <doctest/doctest.h>
#include <random>

using namespace cm;
using namespace cm::archive;
using namespace cm::test;

namespace {

constexpr const char *sdistName = "demo-1.0.tar.gz";

std::vector<TarEntry> goodEntries()
{
    return {
        {"demo-1.0/", "", '5'}, {"demo-1.0/PKG-INFO", metadataText("demo", "1.0")}, {"demo-1.0/setup.py", "pass\n"}};
}

Facts inspectBytes(std::string_view bytes, const Limits &limits = {})
{
    const TempFolder folder;
    auto facts = inspect(folder.write("file", bytes), sdistName, Content::Sdist, limits);
    REQUIRE(facts);
    return std::move(*facts);
}

std::string firstProblem(std::string_view bytes, const Limits &limits = {})
{
    const Facts facts = inspectBytes(bytes, limits);
    return facts.problems.empty() ? "" : facts.problems.front().message;
}

std::string withEntry(TarEntry entry)
{
    auto entries = goodEntries();
    entries.push_back(std::move(entry));
    return firstProblem(makeTarGz(entries));
}

}  // namespace

TEST_CASE("a correct sdist has no problems and gives its metadata")
{
    const std::string bytes = makeTarGz(goodEntries());
    const Facts facts = inspectBytes(bytes);
    CHECK(facts.problems.empty());
    CHECK(facts.container == Container::TarGz);
    CHECK(facts.infoDirectory == "demo-1.0");
    CHECK(facts.metadataPath == "demo-1.0/PKG-INFO");
    CHECK(facts.metadata == metadataText("demo", "1.0"));
    CHECK(facts.members.size() == 3);
    const TempFolder folder;
    const auto path = folder.write(sdistName, bytes);
    CHECK(*listMembers(path) == facts.members);
    CHECK(*readMember(path, "demo-1.0/setup.py", 100) == "pass\n");
    CHECK(readMember(path, "demo-1.0/setup.py", 4).error().code == ErrorCode::TooLarge);
    CHECK(readMember(path, "demo-1.0/none", 4).error().code == ErrorCode::NotFound);
    CHECK(readMember(path, "demo-1.0/", 4).error().code == ErrorCode::InvalidInput);
}

TEST_CASE("names written with a leading dot mean the same")
{
    CHECK(firstProblem(makeTarGz(
              {{"./", "", '5'}, {"./demo-1.0/", "", '5'}, {"./demo-1.0/PKG-INFO", metadataText("demo", "1.0")}})) ==
          "");
}

TEST_CASE("an sdist of two gzip members and padding is one stream")
{
    const std::string tar = makeTar(goodEntries());
    CHECK(firstProblem(gzip(tar.substr(0, 700)) + gzip(tar.substr(700)) + std::string(100, '\0')) == "");
}

TEST_CASE("what is no sdist is refused")
{
    const std::string good = makeTarGz(goodEntries());
    CHECK(firstProblem("") == "File is not a tarfile");
    CHECK(firstProblem("garbage") == "File is not a tarfile");
    CHECK(firstProblem(gzip("garbage")) == "File is not a tarfile");
    CHECK(firstProblem(good.substr(0, good.size() / 2)) == "File is not a tarfile");
    CHECK(firstProblem(good.substr(0, good.size() - 3)) == "File is not a tarfile");
    CHECK(firstProblem(makeTar(goodEntries())) == "File is not a tarfile");
    CHECK(firstProblem(makeWheel("demo", "1.0")) == "File is not a tarfile");
    CHECK(firstProblem(good + makeWheel("demo", "1.0")) == "File is both a zip and a tar file");
    CHECK(firstProblem(makeTarGz({{"demo-1.0/a", "x"}})) == "PKG-INFO not found at demo-1.0/PKG-INFO");
    CHECK(firstProblem(makeTarGz({{"demo-1.0/", "", '5'}, {"demo-1.0/PKG-INFO", "", '2', "a"}})) ==
          "PKG-INFO not found at demo-1.0/PKG-INFO");
    const std::string tops = "Incorrect number of top-level directories in sdist";
    CHECK(withEntry({"other/a", "x"}) == tops);
    CHECK(withEntry({"stray", "x"}) == tops);
    CHECK(firstProblem(makeTarGz({{"PKG-INFO", "x"}})) == tops);
}

TEST_CASE("members that no tool should unpack are refused")
{
    const std::string outside = "Filename points outside the archive";
    CHECK(withEntry({"demo-1.0/../../evil", "x"}) == outside);
    CHECK(withEntry({"demo-1.0/a\\b", "x"}) == "Invalid character in filename");
    CHECK(withEntry({"demo-1.0/a\nb", "x"}) == "Invalid character in filename");
    CHECK(withEntry({"demo-1.0/\xff", "x"}) == "Filename not valid UTF-8");
    CHECK(withEntry({"demo-1.0/device", "", '3'}) == "Members other than files, directories and links are not allowed");
    const std::string link = "Links that point outside the archive are not allowed";
    CHECK(withEntry({"demo-1.0/l", "", '2', "/etc/passwd"}) == link);
    CHECK(withEntry({"demo-1.0/l", "", '2', "../../x"}) == link);
    CHECK(withEntry({"demo-1.0/l", "", '1', "../x"}) == link);
    CHECK(withEntry({"demo-1.0/l", "", '2', "setup.py"}) == "");
    CHECK(withEntry({"demo-1.0/l", "", '1', "demo-1.0/setup.py"}) == "");
    CHECK(withEntry({"demo-1.0/PKG-INFO", "Name: other\n"}) == "Duplicate filename");
    const Facts absolute = inspectBytes(makeTarGz({{"/demo-1.0/PKG-INFO", "x"}}));
    CHECK(absolute.problems.back().message == outside);
    CHECK(absolute.problems.back().kind == ProblemKind::TarStructure);
}

TEST_CASE("a tar bomb stops at its budget, with the memory of one piece")
{
    auto entries = goodEntries();
    entries.push_back({"demo-1.0/zeros", std::string(70U << 20, '\0')});
    const Facts facts = inspectBytes(makeTarGz(entries));
    REQUIRE_FALSE(facts.problems.empty());
    CHECK(facts.problems.front().message == "File exceeds compression ratio of 50");
    CHECK(facts.unpackedBytes < (66U << 20));
    CHECK(firstProblem(makeTarGz(goodEntries()), {.members = 2}) == "File has more than 2 members");
    CHECK(firstProblem(makeTarGz(goodEntries()), {.metadataBytes = 10}) == "File is too large: demo-1.0/PKG-INFO");
}

TEST_CASE("data behind the end of the archive is refused")
{
    const std::string tar = makeTar(goodEntries());
    CHECK(firstProblem(gzip(tar + std::string(20480, '\0'))) == "");
    CHECK(firstProblem(gzip(tar + makeTar({{"other/x", "y"}}))) == "Trailing data");
    CHECK(firstProblem(gzip(tar) + "junk") == "Trailing data");
    CHECK(firstProblem(gzip(tar) + "\x1fjunk that is no gzip") == "Trailing data");
}

TEST_CASE("reading stops when asked")
{
    const TempFolder folder;
    std::stop_source stop;
    stop.request_stop();
    const auto path = folder.write(sdistName, makeTarGz(goodEntries()));
    CHECK(inspect(path, sdistName, Content::Sdist, {}, stop.get_token()).error().code == ErrorCode::Cancelled);
}

TEST_CASE("no mutation of an sdist crashes")
{
    const std::string tar = makeTar(goodEntries());
    std::mt19937 random(8427);
    const TempFolder folder;
    for (int round = 0; round < 600; ++round) {
        std::string bytes = tar;
        for (int k = 0; k < 1 + round % 4; ++k)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        bytes = gzip(bytes);
        if (round % 3 == 0)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto path = folder.write("mutant.tar.gz", bytes);
        REQUIRE(inspect(path, sdistName, Content::Sdist));
        if (const auto members = listMembers(path)) {
            for (const Member &member : *members)
                (void)readMember(path, member.path, 1U << 16);
        }
    }
}

TEST_CASE("a zip sdist is read too")
{
    const TempFolder folder;
    const auto path =
        folder.write("x", makeZip({{"demo-1.0/PKG-INFO", metadataText("demo", "1.0")}, {"demo-1.0/setup.py", "pass"}}));
    const auto facts = inspect(path, "demo-1.0.zip", Content::Sdist);
    REQUIRE(facts);
    CHECK(facts->problems.empty());
    CHECK(facts->metadata == metadataText("demo", "1.0"));
}

TEST_CASE("a path that is too long is refused and not kept")
{
    auto entries = goodEntries();
    for (const char letter : {'a', 'b'}) {
        // How GNU tar writes a name that its header has no room for.
        entries.push_back({"././@LongLink", "demo-1.0/" + std::string(500'000, letter) + std::string(1, '\0'), 'L'});
        entries.push_back({"demo-1.0/short", "x"});
    }
    const TempFolder folder;
    const auto path = folder.write(sdistName, makeTarGz(entries));
    const auto facts = inspect(path, sdistName, Content::Sdist);
    REQUIRE(facts);
    REQUIRE(facts->problems.size() == 1);
    CHECK(facts->problems.front() == Problem{ProblemKind::TarStructure, "Filename is too long"});
    CHECK(facts->members.size() == 3);
    CHECK(listMembers(path).error().code == ErrorCode::TooLarge);
}

TEST_CASE("all paths together have a bound")
{
    const std::string bytes = makeTarGz(goodEntries());
    CHECK(firstProblem(bytes, {.allPathBytes = 100}) == "");
    const Facts facts = inspectBytes(bytes, {.allPathBytes = 30});
    CHECK(facts.problems.back().message == "Filenames are too long");
    CHECK(facts.members.size() < 3);
}
