// SPDX-License-Identifier: GPL-3.0-or-later
// What a brick has of files with two versions: which of its copies are right.
#include "core/agent/brick_copies.h"

#include "core/base/hash.h"
#include "core/blobs/blob_path.h"
#include "tests/contract/temp_folder.h"

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>

using namespace cm;
using namespace cm::agent;

namespace {

struct Brick {
    test::TempFolder folder{};
    std::filesystem::path root = folder.path();
    api::AgentVolume volume{};
    Brick()
    {
        api::AgentBrick own;
        own.own = true;
        own.path = folder.path();
        volume.bricks.push_back(own);
    }
    // A file with two versions; its path in the volume.
    std::string put(const std::string &path, const std::string &bytes)
    {
        std::filesystem::create_directories((root / path).parent_path());
        std::ofstream(root / path) << bytes;
        volume.splitFiles.push_back("/" + path);
        return "/" + path;
    }
};

std::string packagePath(const std::string &bytes)
{
    return "files/packages/" + *blobs::blobPath(hashHex(HashKind::Blake2b256, bytes), "demo-1.0.tar.gz");
}

template <class Number>
void add(std::string &out, Number number)
{
    number = boost::endian::native_to_little(number);
    out.append(reinterpret_cast<const char *>(&number), sizeof number);
}

// A wheel of one member, as it is.
std::string wheelWith(const std::string &name, const std::string &text)
{
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    const auto length = static_cast<std::uint32_t>(text.size());
    std::string common;
    for (const std::uint16_t field : {20, 0, 0, 0, 0x21})
        add<std::uint16_t>(common, field);
    for (const std::uint32_t field : {static_cast<std::uint32_t>(crc.checksum()), length, length, static_cast<std::uint32_t>(name.size())})
        add(common, field);
    std::string out = "PK\3\4" + common + name + text;
    const auto directory = static_cast<std::uint32_t>(out.size());
    std::string record = std::string("PK\1\2\24\0", 6) + common + std::string(14, '\0') + name;
    out += record;
    out += "PK\5\6" + std::string(4, '\0');
    add<std::uint16_t>(out, 1);
    add<std::uint16_t>(out, 1);
    add(out, static_cast<std::uint32_t>(record.size()));
    add(out, directory);
    return out + std::string(2, '\0');
}

}  // namespace

TEST_CASE("the metadata beside a wheel is right when it is what the wheel has, and nobody knows where the wheel is not right")
{
    const std::string text = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n";
    const std::string wheel = wheelWith("demo-1.0.dist-info/METADATA", text);
    const std::string path = "files/packages/" + *blobs::blobPath(hashHex(HashKind::Blake2b256, wheel), "demo-1.0-py3-none-any.whl");
    Brick brick;
    brick.put(path + ".metadata", text);
    BrickCopies copies;
    api::AgentCopy copy = copies.look(brick.volume).front();
    CHECK_FALSE(copy.isRight());
    CHECK(copy.problem.find("wheel") != std::string::npos);
    std::ofstream(brick.root / path) << wheel;
    copy = copies.look(brick.volume).front();
    CHECK(copy.isRight());
    CHECK(copy.problem.empty());
    CHECK(copy.wanted == hashHex(HashKind::Blake2b256, text));
    std::ofstream(brick.root / (path + ".metadata")) << text << "tail";
    copy = copies.look(brick.volume).front();
    CHECK_FALSE(copy.isRight());
    CHECK(copy.wanted == hashHex(HashKind::Blake2b256, text));
    // A wheel with other bytes than its own digest vouches for nothing.
    std::ofstream(brick.root / path) << wheelWith("demo-1.0.dist-info/METADATA", text + "tail");
    copy = copies.look(brick.volume).front();
    CHECK_FALSE(copy.isRight());
    CHECK(copy.wanted.empty());
    CHECK(copy.problem == "the wheel beside it has not the bytes of its digest");
}

TEST_CASE("the copy with the bytes of its path's digest is right, and another one is not")
{
    Brick brick;
    const std::string right = brick.put(packagePath("right"), "right");
    const std::string wrong = brick.put(packagePath("other"), "othertail");
    brick.put("files/serve.lock", "1");
    brick.volume.splitFiles.push_back("<gfid:a33c5929-6355-4309-b69b-bd8d89e66c11>");
    brick.volume.splitFiles.push_back("/gone");
    brick.volume.splitFiles.push_back("/files");
    BrickCopies copies;
    const auto seen = copies.look(brick.volume);
    REQUIRE(seen.size() == 5);
    CHECK(seen[0].path == right);
    CHECK(seen[0].isRight());
    CHECK(seen[0].size == 5);
    CHECK(seen[1].path == wrong);
    CHECK_FALSE(seen[1].isRight());
    CHECK(seen[1].digest == hashHex(HashKind::Blake2b256, "othertail"));
    CHECK_FALSE(seen[2].isRight());
    CHECK(seen[2].wanted.empty());
    CHECK(seen[2].digest.empty());
    CHECK(seen[2].problem.empty());
    CHECK_FALSE(seen[3].isRight());
    CHECK(seen[4].problem == "it is a folder");
}

TEST_CASE("a copy that changes is read again")
{
    Brick brick;
    const std::string path = packagePath("right");
    brick.put(path, "wrong");
    BrickCopies copies;
    CHECK_FALSE(copies.look(brick.volume).front().isRight());
    std::ofstream(brick.root / path) << "right";
    CHECK(copies.look(brick.volume).front().isRight());
}

TEST_CASE("what is no file of the brick is not read")
{
    Brick brick;
    std::ofstream(brick.root / "elsewhere") << "right";
    const std::string path = packagePath("right");
    std::filesystem::create_directories((brick.root / path).parent_path());
    std::filesystem::create_symlink(brick.root / "elsewhere", brick.root / path);
    brick.volume.splitFiles = {"/" + path};
    BrickCopies copies;
    for (const api::AgentCopy &copy : copies.look(brick.volume)) {
        CHECK_FALSE(copy.isRight());
        CHECK_FALSE(copy.problem.empty());
    }
    // An arbiter has names and no bytes.
    brick.volume.bricks.front().arbiter = true;
    CHECK(copies.look(brick.volume).empty());
}
