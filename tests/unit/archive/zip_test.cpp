// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/archive/archive.h"
#include "tests/support/make_archive.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <functional>
#include <random>

using namespace cm;
using namespace cm::archive;
using namespace cm::test;

namespace {

constexpr const char *wheelName = "demo-1.0-py3-none-any.whl";

std::vector<ZipMember> goodMembers()
{
    return {{"demo/__init__.py", "x = 1\n"},
            {"demo-1.0.dist-info/METADATA", metadataText("demo", "1.0"), false},
            {"demo-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"},
            {"demo-1.0.dist-info/RECORD", ""}};
}

Facts inspectBytes(std::string_view bytes, std::string_view filename = wheelName, const Limits &limits = {})
{
    const TempFolder folder;
    const auto path = folder.write("file", bytes);
    const Content content = filename.ends_with(".whl") ? Content::Wheel : Content::Sdist;
    auto facts = inspect(path, filename, content, limits);
    REQUIRE(facts);
    return std::move(*facts);
}

// The first problem, as the refusal will name it.
std::string firstProblem(std::string_view bytes, std::string_view filename = wheelName, const Limits &limits = {})
{
    const Facts facts = inspectBytes(bytes, filename, limits);
    return facts.problems.empty() ? "" : facts.problems.front().message;
}

std::string bent(const std::function<void(std::vector<ZipMember> &)> &bend, const ZipShape &shape = {})
{
    auto members = goodMembers();
    bend(members);
    return firstProblem(makeZip(members, shape));
}

}  // namespace

TEST_CASE("a correct wheel has no problems and gives its metadata")
{
    const Facts facts = inspectBytes(makeZip(goodMembers()));
    CHECK(facts.problems.empty());
    CHECK(facts.members.size() == 4);
    CHECK(facts.infoDirectory == "demo-1.0.dist-info");
    CHECK(facts.metadataPath == "demo-1.0.dist-info/METADATA");
    CHECK(facts.metadata == metadataText("demo", "1.0"));
    CHECK(facts.record == "");
    CHECK_FALSE(facts.entryPoints.has_value());
    CHECK(inspectBytes(makeWheel("other", "2")).problems.front().message ==
          "WHEEL not found at demo-1.0.dist-info/WHEEL");
}

TEST_CASE("the wheels of the system are read whole")
{
    const auto wheels = systemWheels();
    if (wheels.empty())
        MESSAGE("no wheels in /usr/share/python-wheels: nothing tried");
    for (const auto &path : wheels) {
        INFO(path.string());
        const auto facts = inspect(path, path.filename().string(), Content::Wheel);
        REQUIRE(facts);
        CHECK(facts->problems.empty());
        REQUIRE(facts->metadata);
        CHECK(facts->metadata->starts_with("Metadata-Version: "));
        CHECK(facts->record.has_value());
        const auto members = listMembers(path);
        REQUIRE(members);
        CHECK(*members == facts->members);
        for (const Member &member : *members) {
            const auto bytes = readMember(path, member.path, 16U << 20);
            REQUIRE_MESSAGE(bytes, member.path);
            CHECK(bytes->size() == member.size);
        }
    }
}

TEST_CASE("the directory of a wheel may be spelled another way")
{
    auto members = goodMembers();
    for (auto &member : members) {
        if (member.name.starts_with("demo-1.0.dist-info"))
            member.name.replace(0, 18, "Demo_Pkg-1.0.dist-info");
    }
    const Facts facts = inspectBytes(makeZip(members), "demo.pkg-1.0-py3-none-any.whl");
    CHECK(facts.problems.empty());
    CHECK(facts.metadataPath == "Demo_Pkg-1.0.dist-info/METADATA");
}

TEST_CASE("what is no zip file is refused")
{
    const std::string good = makeZip(goodMembers());
    CHECK(firstProblem("") == "File is not a zipfile");
    CHECK(firstProblem("garbage") == "File is not a zipfile");
    CHECK(firstProblem(good.substr(0, good.size() - 1)) == "File is not a zipfile");
    CHECK(firstProblem(good.substr(0, good.size() / 2)) == "File is not a zipfile");
    CHECK(firstProblem(makeTarGz({{"demo-1.0/PKG-INFO", "x"}})) == "File is not a zipfile");
    CHECK(firstProblem(good, "demo.whl") == "Unable to parse name and version from wheel filename");
    CHECK(firstProblem(makeZip({})) == "WHEEL not found at demo-1.0.dist-info/WHEEL");
    CHECK(firstProblem(makeTarGz({{"a", "b"}}) + good) == "File is both a zip and a tar file");
    CHECK(firstProblem(makeTar({{"a", "b"}}) + good) == "File is both a zip and a tar file");
}

TEST_CASE("crooked records are refused in the words of the protocol")
{
    const std::string good = makeZip(goodMembers());
    CHECK(firstProblem(good + "x") == "Trailing data");
    CHECK(bent([](auto &) {}, {.before = "MZ"}) == "Unknown record signature");
    CHECK(bent([](auto &) {}, {.comment = "hello"}) == "Comment in central directory");
    CHECK(bent([](auto &) {}, {.extraRecords = 1}) == "Mismatched central directory records");
    CHECK(bent([](auto &) {}, {.extraRecords = -1}) == "Mismatched central directory records");
    CHECK(bent([](auto &) {}, {.offsetShift = 4}) == "Mismatched central directory offset");
    CHECK(bent([](auto &m) { m[0].flags = 8; }) == "ZIP contains a data descriptor");
    CHECK(bent([](auto &m) { m[0].flags = 1; }) == "Malformed zip file");
    CHECK(bent([](auto &m) { m[0].localName = "demo/__other__.py"; }) == "Filename not in central directory");
    CHECK(bent([](auto &m) { m[0].comment = "hidden"; }) == "Comment in central directory");
    CHECK(bent([](auto &m) { m[0].centralSize = 7; }) == "Mis-matched file size");
    CHECK(bent([](auto &m) { m[1].declaredSize = 7; }) == "Mis-matched file size");
    CHECK(bent([](auto &m) { m[0].localExtra = std::string("\x99\x99\0\0\x99\x99\0\0", 8); }) ==
          "Invalid duplicate extra in local file");
    CHECK(bent([](auto &m) { m[0].localExtra = "\x99"; }) == "Malformed zip file");
    CHECK(bent([](auto &m) { m[0].inDirectory = false; }) == "Filename not in central directory");
    CHECK(bent([](auto &m) { m.insert(m.begin(), ZipMember{.name = "x", .content = "PK", .inDirectory = false}); }) ==
          "Filename not in central directory");
    CHECK(bent([](auto &m) { m.push_back({.name = "last", .content = "x", .inDirectory = false}); }) ==
          "Filename not in central directory");
    CHECK(bent([](auto &m) { m.push_back(m[0]); }) == "Duplicate filename in central directory");
    CHECK(bent([](auto &m) { m[1].damaged = true; }) == "Malformed zip file");
    CHECK(bent([](auto &m) { m[0].method = 12; }) == "File does not use a supported compression type");
}

TEST_CASE("names that no tool should meet are refused")
{
    const auto named = [](std::string name, std::uint16_t flags = 1U << 11) {
        return bent([&](auto &m) {
            m[0].name = std::move(name);
            m[0].flags = flags;
        });
    };
    for (const char *name : {"../evil", "a/../../evil", "/etc/passwd", "C:/evil", "a/.."})
        CHECK_MESSAGE(named(name) == "Filename points outside the archive", name);
    for (const char *name : {"a\\b", "a\nb", "a\x7f", "\x01"})
        CHECK_MESSAGE(named(name) == "Invalid character in filename", name);
    CHECK(named(std::string("a\0b", 3)) == "Invalid character in filename");
    CHECK(named("a\xff") == "Filename not valid UTF-8");
    CHECK(named("caf\xc3\xa9", 0) == "Filename not unicode");
    CHECK(named("caf\xc3\xa9") == "");
    CHECK(named("a..b/...") == "");
}

TEST_CASE("bombs are refused by what they declare, and lies by what they hold")
{
    const std::string zeros(70U << 20, '\0');
    auto members = goodMembers();
    members.push_back({"demo/zeros", zeros});
    CHECK(firstProblem(makeZip(members)) == "File exceeds compression ratio of 50");
    members.back().declaredSize = 10;
    CHECK(firstProblem(makeZip(members)) == "");  // nothing that is read lies, the rest is never unpacked
    CHECK(readMember(TempFolder().path() / "none", "x", 10).error().code == ErrorCode::NotFound);
    const TempFolder folder;
    const auto lie = folder.write("lie.whl", makeZip(members));
    CHECK(readMember(lie, "demo/zeros", 1U << 30).error().code == ErrorCode::Corrupt);
    members.back().declaredSize = -1;
    const auto bomb = folder.write("bomb.whl", makeZip(members));
    CHECK(readMember(bomb, "demo/zeros", 1U << 20).error().code == ErrorCode::TooLarge);
    CHECK(readMember(bomb, "demo/none", 1U << 20).error().code == ErrorCode::NotFound);
    CHECK(firstProblem(makeZip(goodMembers()), wheelName, {.members = 3}) == "File has more than 3 members");
    CHECK(firstProblem(makeZip(goodMembers()), wheelName, {.metadataBytes = 10}) ==
          "File is too large: demo-1.0.dist-info/METADATA");
}

TEST_CASE("no mutation of a wheel crashes or reads past its end")
{
    const std::string good = makeZip(goodMembers());
    std::mt19937 random(20261122);
    const TempFolder folder;
    for (int round = 0; round < 1000; ++round) {
        std::string bytes = good;
        for (int k = 0; k < 1 + round % 4; ++k)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        if (round % 5 == 0)
            bytes.resize(random() % bytes.size());
        const auto path = folder.write("mutant.whl", bytes);
        const auto facts = inspect(path, wheelName, Content::Wheel);
        REQUIRE(facts);
        if (const auto members = listMembers(path)) {
            for (const Member &member : *members)
                (void)readMember(path, member.path, 1U << 16);
        }
        // Whatever still counts as correct gives the bytes that were put in.
        if (facts->problems.empty() && facts->metadata)
            CHECK(*facts->metadata == metadataText("demo", "1.0"));
    }
}

TEST_CASE("only regular files are read")
{
    const TempFolder folder;
    CHECK(inspect(folder.path(), wheelName, Content::Wheel).error().code == ErrorCode::InvalidInput);
    CHECK(inspect(folder.path() / "none", wheelName, Content::Wheel).error().code == ErrorCode::NotFound);
    CHECK(listMembers(folder.write("text", "hello")).error().code == ErrorCode::InvalidInput);
}

TEST_CASE("a name that is too long is refused and not kept")
{
    auto members = goodMembers();
    members.insert(members.begin(), {"demo/" + std::string(5000, 'a'), "x"});
    const TempFolder folder;
    const auto path = folder.write(wheelName, makeZip(members));
    const auto facts = inspect(path, wheelName, Content::Wheel);
    REQUIRE(facts);
    REQUIRE_FALSE(facts->problems.empty());
    CHECK(facts->problems.front() == Problem{ProblemKind::ZipStructure, "Filename is too long"});
    CHECK(facts->members.size() == goodMembers().size());
    CHECK(listMembers(path).error().code == ErrorCode::TooLarge);
}

TEST_CASE("a directory of more than 32 MiB is not read")
{
    auto members = goodMembers();
    for (int i = 0; i < 600; ++i)
        members.push_back({.name = "demo/" + std::to_string(i), .content = "", .comment = std::string(60'000, 'c')});
    CHECK(firstProblem(makeZip(members)) == "File has more than 200000 members");
}
