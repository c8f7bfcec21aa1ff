// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/posix_blob_store.h"
#include "core/base/hash.h"
#include "tests/contract/temp_folder.h"

#include <algorithm>
#include <atomic>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/stat.h>
#include <mutex>
#include <thread>

using namespace cm;
using namespace cm::blobs;
using namespace cm::test;

namespace {

// The stores under test; a further implementation is one more way to make `store`.
class BlobFixture {
public:
    BlobFixture() : m_store(open()) {}
    BlobStore &store() { return *m_store; }
    std::unique_ptr<BlobStore> open()
    {
        auto made = PosixBlobStore::create(m_folder.path());
        REQUIRE(made.has_value());
        return std::move(*made);
    }
    const std::string &root() const { return m_folder.path(); }

private:
    TempFolder m_folder;
    std::unique_ptr<BlobStore> m_store;
};

std::string pathOf(std::string_view bytes, const std::string &filename = "a-1.0.tar.gz")
{
    return *blobPath(hashHex(HashKind::Blake2b256, bytes), filename);
}

std::string contentOf(BlobStore &store, const std::string &path)
{
    const auto blob = store.open(path);
    REQUIRE(blob.has_value());
    std::string bytes(blob->size(), '\0');
    REQUIRE(::pread(blob->fd(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return bytes;
}

std::size_t filesIn(const std::string &folder)
{
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a blob's path is made of its digest, and nothing leads out of the store")
{
    const std::string digest = "ABCDEF" + std::string(58, '0');
    CHECK(*blobPath(digest, "x.whl") == "ab/cd/ef" + std::string(58, '0') + "/x.whl");
    CHECK_FALSE(blobPath("abc", "x.whl"));
    const std::string path = *blobPath(digest, "x.whl");
    const std::string lower = "abcdef" + std::string(58, '0');
    for (const char *before : {"", "/", "/files/packages/"})
        CHECK(digestOfBlobPath(before + path) == lower);
    for (const std::string &other : {std::string(), std::string("x.whl"), "a" + path, "1" + path.substr(1), path.substr(3), path + "/y", path.substr(0, path.size() - 5), "g" + path.substr(1)})
        CHECK_MESSAGE(digestOfBlobPath(other) != lower, other);
    CHECK(digestOfBlobPath("files/" + path.substr(0, path.size() - 6)).empty());
    CHECK(digestOfBlobPath("gg" + path.substr(2)).empty());
    for (const char *name : {"", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\nb", "\x7f"})
        CHECK_FALSE(blobPath(digest, name));
    CHECK_FALSE(blobPath(digest, std::string(256, 'a')));
    CHECK_FALSE(blobPath(digest, std::string("a\0b", 3)));
    CHECK(checkBlobPath("ab/cd/ef/x.whl.metadata"));
    for (const char *path : {"", "/", "/etc/passwd", "a//b", "a/../b", "a/b/", "./a", "a/.."})
        CHECK_FALSE(checkBlobPath(path));
}

TEST_CASE_FIXTURE(BlobFixture, "bytes come back as they went in, and staging is empty afterwards")
{
    std::string bytes(3'000'000, 'x');
    bytes[1'234'567] = '\0';
    auto staged = store().stage();
    REQUIRE(staged.has_value());
    for (std::size_t at = 0; at < bytes.size(); at += 65'536)
        REQUIRE((*staged)->append(std::as_bytes(std::span(bytes).subspan(at, std::min<std::size_t>(65'536, bytes.size() - at)))));
    CHECK((*staged)->size() == bytes.size());
    CHECK(std::filesystem::file_size((*staged)->localPath()) == bytes.size());
    const std::string path = pathOf(bytes);
    CHECK(store().stat(path).error().code == ErrorCode::NotFound);
    std::vector<Placement> placements;
    placements.push_back({std::move(*staged), path});
    placements.push_back({std::move(*store().stage()), path + ".metadata"});
    REQUIRE(store().commit(std::move(placements)));
    CHECK(contentOf(store(), path) == bytes);
    CHECK(contentOf(store(), path + ".metadata").empty());
    CHECK(store().stat(path)->size == bytes.size());
    CHECK(*store().absolutePath(path) == root() + "/packages/" + path);
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "storing the same again keeps the very file that lies there")
{
    const std::string path = pathOf("cheese");
    const std::string file = root() + "/packages/" + path;
    REQUIRE(store().put(path, "cheese"));
    struct stat first {};
    REQUIRE(::stat(file.c_str(), &first) == 0);
    REQUIRE(store().put(path, "cheese"));
    struct stat second {};
    REQUIRE(::stat(file.c_str(), &second) == 0);
    CHECK(first.st_ino == second.st_ino);
    CHECK(contentOf(store(), path) == "cheese");
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "what nobody relies on is withdrawn, what somebody has come to rely on stays")
{
    const auto place = [this](const std::string &bytes) {
        std::vector<Placement> placements;
        placements.push_back({std::move(*store().stage()), pathOf(bytes)});
        REQUIRE(placements[0].blob->append(std::as_bytes(std::span(bytes))));
        return *store().commit(std::move(placements));
    };
    const auto alone = place("alone");
    store().withdraw(alone);
    CHECK(store().stat(pathOf("alone")).error().code == ErrorCode::NotFound);
    // Again, and twice: the second has found it there.
    const auto first = place("shared");
    const auto second = place("shared");
    store().withdraw(first);
    CHECK(contentOf(store(), pathOf("shared")) == "shared");
    store().withdraw(second);
    CHECK(contentOf(store(), pathOf("shared")) == "shared");
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "withdrawing while others store the same bytes loses none that is relied on")
{
    for (int round = 0; round < 60; ++round) {
        const std::string bytes = "round " + std::to_string(round);
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                std::vector<Placement> placements;
                placements.push_back({std::move(*store().stage()), pathOf(bytes)});
                (void)placements[0].blob->append(std::as_bytes(std::span(bytes)));
                const auto placed = store().commit(std::move(placements));
                // One is accepted, the others are refused.
                if (placed && i != round % 4)
                    store().withdraw(*placed);
                else
                    CHECK(placed);
            });
        }
        threads.clear();
        REQUIRE(store().stat(pathOf(bytes)));
    }
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "what is left damaged at the path is replaced; what is no file is not")
{
    const std::string path = pathOf("cheese");
    const std::string file = root() + "/packages/" + path;
    for (const char *damaged : {"", "chee", "cheesecake", "chaise"}) {
        REQUIRE(store().put(path, "cheese"));
        std::ofstream(file, std::ios::trunc) << damaged;
        INFO(damaged);
        REQUIRE(store().put(path, "cheese"));
        CHECK(contentOf(store(), path) == "cheese");
    }
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    const auto refused = store().put(path, "cheese");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Corrupt);
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "discarded uploads leave nothing; what a crash leaves is swept at the next start")
{
    {
        auto staged = store().stage();
        REQUIRE((*staged)->append(std::as_bytes(std::span("half", 4))));
        CHECK(filesIn(root() + "/tmp") == 1);
    }
    CHECK(filesIn(root() + "/tmp") == 0);
    // A killed process runs no destructors: its staged files are still there.
    for (int i = 0; i < 5; ++i)
        std::ofstream(root() + "/tmp/left" + std::to_string(i)) << "half of an upload";
    REQUIRE(store().put(pathOf("kept"), "kept"));
    const auto next = open();
    CHECK(*next->sweepStaging() == 5);
    CHECK(filesIn(root() + "/tmp") == 0);
    CHECK(contentOf(*next, pathOf("kept")) == "kept");
}

TEST_CASE_FIXTURE(BlobFixture, "of another node's staging only what was abandoned long ago is swept")
{
    const std::unique_ptr<BlobStore> other = *PosixBlobStore::create(root(), "tmp-other");
    auto coming = *other->stage();
    REQUIRE(coming->append(std::as_bytes(std::span("half", 4))));
    std::ofstream(root() + "/tmp-other/abandoned") << "half of an upload";
    std::filesystem::last_write_time(root() + "/tmp-other/abandoned",
                                     std::filesystem::file_time_type::clock::now() - std::chrono::hours(25));
    CHECK(*store().sweepStaging() == 1);
    CHECK(filesIn(root() + "/tmp-other") == 1);
    REQUIRE(other->commit(std::move(coming), pathOf("half")));
    CHECK(contentOf(store(), pathOf("half")) == "half");
}

TEST_CASE("blobs of another store are taken over, again and again, and damage is mended")
{
    TempFolder here;
    TempFolder there;
    const auto from = *PosixBlobStore::create(here.path());
    const auto to = *PosixBlobStore::create(there.path());
    std::vector<std::string> paths;
    for (const char *bytes : {"one", "two", "three"}) {
        paths.push_back(pathOf(bytes));
        REQUIRE(from->put(paths.back(), bytes));
    }
    // A crash may have left anything where nobody looks yet.
    REQUIRE(to->put(paths[1], "tw?"));
    CHECK(*to->adopt(*from, paths) == 1);
    CHECK(*to->adopt(*from, paths) == 1);
    CHECK(contentOf(*to, paths[0]) == "one");
    CHECK(contentOf(*to, paths[1]) == "two");
    CHECK(filesIn(there.path() + "/tmp") == 0);
    // What is removed in one of them stays in the other.
    REQUIRE(from->remove(paths[2]));
    CHECK(contentOf(*to, paths[2]) == "three");
    CHECK(to->adopt(*from, paths).error().code == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(BlobFixture, "paths that lead elsewhere are refused by every verb")
{
    std::ofstream(root() + "/secret") << "secret";
    for (const char *path : {"../secret", "/etc/passwd", "ab/../../secret", ""}) {
        CHECK(store().open(path).error().code == ErrorCode::InvalidInput);
        CHECK(store().stat(path).error().code == ErrorCode::InvalidInput);
        CHECK(store().remove(path).error().code == ErrorCode::InvalidInput);
        CHECK(store().put(path, "x").error().code == ErrorCode::InvalidInput);
        CHECK(store().absolutePath(path).error().code == ErrorCode::InvalidInput);
    }
    // A planted link is not followed.
    REQUIRE(store().put("aa/bb/cc/plain", "x"));
    std::filesystem::create_symlink(root() + "/secret", root() + "/packages/aa/bb/cc/link");
    CHECK_FALSE(store().open("aa/bb/cc/link"));
    CHECK_FALSE(store().put("aa/bb/cc/link", "secret"));
    CHECK(store().open("aa/bb/cc").error().code == ErrorCode::NotFound);
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "removing takes the blob and its empty folder; listing shows the rest")
{
    const std::string first = pathOf("one");
    const std::string second = pathOf("two");
    REQUIRE(store().put(first, "one"));
    REQUIRE(store().put(first + ".metadata", "meta"));
    REQUIRE(store().put(second, "two"));
    REQUIRE(store().remove(first));
    CHECK(store().remove(first).error().code == ErrorCode::NotFound);
    std::vector<std::string> seen;
    REQUIRE(store().list([&](const BlobInfo &blob) {
        seen.push_back(blob.path);
        return true;
    }));
    std::sort(seen.begin(), seen.end());
    std::vector<std::string> expected{first + ".metadata", second};
    std::sort(expected.begin(), expected.end());
    CHECK(seen == expected);
    REQUIRE(store().remove(first + ".metadata"));
    const std::string folder = root() + "/packages/" + first;
    CHECK_FALSE(std::filesystem::exists(std::filesystem::path(folder).parent_path()));
    REQUIRE(store().put(first, "one"));
    CHECK(contentOf(store(), first) == "one");
}

TEST_CASE_FIXTURE(BlobFixture, "many at once, some of the same bytes, with removals between")
{
    std::mutex mutex;
    std::vector<std::string> failures;
    const auto put = [&](const std::string &bytes, const std::string &path) {
        if (const auto done = store().put(path, bytes); !done) {
            const std::lock_guard lock(mutex);
            failures.push_back(done.error().detail);
        }
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 25; ++i) {
                const std::string own = "own " + std::to_string(t) + " " + std::to_string(i);
                const std::string shared = "shared " + std::to_string(i);
                put(own, pathOf(own));
                put(shared, pathOf(shared));
                const std::string passing = pathOf("passing " + std::to_string(i));
                put("passing", passing);
                (void)store().remove(passing);
            }
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    CHECK_MESSAGE(failures.empty(), failures.size(), " failed, such as: ", failures.empty() ? "" : failures.front());
    for (int i = 0; i < 25; ++i)
        CHECK(contentOf(store(), pathOf("shared " + std::to_string(i))) == "shared " + std::to_string(i));
    CHECK(filesIn(root() + "/tmp") == 0);
}

TEST_CASE_FIXTURE(BlobFixture, "bytes that nobody has committed lately are removed, and others stay")
{
    const std::string path = pathOf("idle");
    REQUIRE(store().put(path, "idle").has_value());
    const Time now = SystemClock().now();
    CHECK(store().removeIdle(path, now - std::chrono::hours(24)) == false);
    CHECK(contentOf(store(), path) == "idle");
    CHECK(store().removeIdle(path, now + std::chrono::hours(1)) == true);
    CHECK(store().stat(path).error().code == ErrorCode::NotFound);
    CHECK(store().removeIdle(path, now) == true);
    // Committed once more, long after it was written: somebody relies on it.
    REQUIRE(store().put(path, "idle").has_value());
    std::filesystem::last_write_time(root() + "/packages/" + path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
    REQUIRE(store().put(path, "idle").has_value());
    CHECK(store().removeIdle(path, now - std::chrono::hours(24)) == false);
    CHECK(store().removeIdle("../outside", now).error().code == ErrorCode::InvalidInput);
}

TEST_CASE_FIXTURE(BlobFixture, "what is removed as idle while others commit the same is there for them")
{
    std::atomic<bool> done = false;
    std::atomic<int> lost = 0;
    const std::string path = pathOf("contended");
    std::thread remover([&] {
        while (!done) {
            std::error_code error;
            std::filesystem::last_write_time(root() + "/packages/" + path,
                                             std::filesystem::file_time_type::clock::now() - std::chrono::hours(48), error);
            (void)store().removeIdle(path, SystemClock().now() - std::chrono::hours(24));
        }
    });
    for (int i = 0; i < 300; ++i) {
        if (!store().put(path, "contended"))
            ++lost;
    }
    done = true;
    remover.join();
    CHECK(lost == 0);
    REQUIRE(store().put(path, "contended").has_value());
    CHECK(contentOf(store(), path) == "contended");
}

TEST_CASE_FIXTURE(BlobFixture, "health tells free space, and why a store cannot be written")
{
    const StoreHealth good = store().health();
    CHECK(good.writable);
    CHECK(good.freeBytes > 0);
    CHECK(good.totalBytes >= good.freeBytes);
    std::filesystem::remove(root() + "/tmp");
    const StoreHealth bad = store().health();
    CHECK_FALSE(bad.writable);
    CHECK_FALSE(bad.problem.empty());
    CHECK(store().stage().error().code == ErrorCode::Unavailable);
}
