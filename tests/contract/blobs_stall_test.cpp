// SPDX-License-Identifier: GPL-3.0-or-later
// A store over a file system whose calls do not return.
#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/blobs/posix/posix_blob_store.h"
#include "tests/contract/temp_folder.h"

#include <condition_variable>
#include <cstdlib>
#include <doctest/doctest.h>
#include <mutex>
#include <thread>
#include <unistd.h>

using namespace cm;
using namespace cm::blobs;
using namespace cm::test;

namespace {

// Calls that come while it is shut return when it is opened.
class Gate {
public:
    void shut(int calls)
    {
        const std::lock_guard lock(m_mutex);
        m_held = calls;
    }
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_held = 0;
        ++m_opened;
        m_changed.notify_all();
    }
    void pass()
    {
        std::unique_lock lock(m_mutex);
        if (m_held <= 0)
            return;
        --m_held;
        m_changed.wait(lock, [this, opened = m_opened] { return m_opened != opened; });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_held = 0;
    int m_opened = 0;
};

// More where the folder lies on a file system whose own writes take longer than that.
std::chrono::milliseconds patienceHere()
{
    const char *given = std::getenv("CHEESEMONGER_TEST_PATIENCE_MS");
    return std::chrono::milliseconds(given ? std::atoi(given) : 200);
}
const std::chrono::milliseconds patience = patienceHere();
constexpr int always = 1'000'000;

std::string pathOf(std::string_view bytes)
{
    return *blobPath(hashHex(HashKind::Blake2b256, bytes), "a-1.0.tar.gz");
}

// The gate is shared: a call that hangs may outlive the store.
std::unique_ptr<PosixBlobStore> storeIn(const TempFolder &folder, const std::shared_ptr<Gate> &gate)
{
    auto made = PosixBlobStore::create(folder.path(), "tmp", {{}, patience, [gate](int fd) {
                                                                  gate->pass();
                                                                  return ::fsync(fd);
                                                              }});
    REQUIRE(made.has_value());
    return std::move(*made);
}

template <class Condition>
void waitUntil(Condition condition)
{
    while (!condition())
        std::this_thread::yield();
}

}  // namespace

TEST_CASE("a write that does not end is given up, what follows it is stored, and nothing of it is claimed")
{
    const TempFolder folder;
    const auto gate = std::make_shared<Gate>();
    const auto store = storeIn(folder, gate);
    gate->shut(1);
    Result<void> hung;
    std::thread first([&] { hung = store->put(pathOf("hung"), "hung"); });
    waitUntil([&] { return store->health().waits.count() > 0; });
    // Comes while the first is waited for.
    const auto beside = store->put(pathOf("beside"), "beside");
    first.join();
    REQUIRE_FALSE(hung);
    CHECK(hung.error().code == ErrorCode::Unavailable);
    CHECK(hung.error().retryAfter.count() > 0);
    CHECK_MESSAGE(beside, beside.error().detail);
    CHECK(store->put(pathOf("after"), "after"));
    CHECK(store->health().waits >= patience);
    CHECK(store->health().writable);
    gate->open();
    waitUntil([&] { return store->health().waits.count() == 0; });
    CHECK(store->put(pathOf("hung"), "hung"));
    CHECK(store->open(pathOf("hung"))->size() == 4);
    CHECK(std::filesystem::is_empty(folder.path() + "/tmp"));
}

TEST_CASE("a file system that takes no writes at all is asked no more, until it answers")
{
    const TempFolder folder;
    const auto gate = std::make_shared<Gate>();
    const auto store = storeIn(folder, gate);
    gate->shut(always);
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(store->put(pathOf(std::to_string(i)), std::to_string(i)));
    const auto refused = store->stage();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::Unavailable);
    CHECK(refused.error().retryAfter.count() > 0);
    CHECK_FALSE(store->health().writable);
    CHECK_FALSE(store->health().problem.empty());
    // Reading goes on.
    CHECK(store->open(pathOf("none")).error().code == ErrorCode::NotFound);
    gate->open();
    waitUntil([&] { return store->health().writable; });
    CHECK(store->put(pathOf("0"), "0"));
}

TEST_CASE("many uploads that wait for one write that hangs are all let go")
{
    const TempFolder folder;
    const auto gate = std::make_shared<Gate>();
    const auto store = storeIn(folder, gate);
    gate->shut(always);
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> uploads;
        for (int i = 0; i < 24; ++i)
            uploads.emplace_back([&, i] { refused += store->put(pathOf(std::to_string(i)), std::to_string(i)) ? 0 : 1; });
    }
    CHECK(refused == 24);
    gate->open();
    waitUntil([&] { return store->health().writable; });
    CHECK(store->put(pathOf("7"), "7"));
}

TEST_CASE("a store may end while a call of it hangs")
{
    const TempFolder folder;
    const auto gate = std::make_shared<Gate>();
    {
        const auto store = storeIn(folder, gate);
        gate->shut(1);
        CHECK_FALSE(store->put(pathOf("hung"), "hung"));
    }
    gate->open();
}

TEST_CASE("a look that does not end says that the files are away, and one that ends that they are back")
{
    Log log(LogLevel::Error, "/dev/null");
    const auto gate = std::make_shared<Gate>();
    const auto look = [gate] {
        gate->pass();
        StoreHealth health;
        health.writable = true;
        health.freeBytes = 7;
        return health;
    };
    {
        StoreWatch watch(look, patience, log);
        CHECK(watch.isPresent());
        CHECK(watch.health().freeBytes == 7);
        gate->shut(1);
        waitUntil([&] { return !watch.isPresent(); });
        CHECK_FALSE(watch.health().writable);
        CHECK(watch.health().waits >= patience);
        CHECK(watch.health().problem.find("not answered") != std::string::npos);
        gate->open();
        waitUntil([&] { return watch.isPresent(); });
        CHECK(watch.health().writable);
        gate->shut(1);
        waitUntil([&] { return !watch.isPresent(); });
    }
    gate->open();
}

TEST_CASE("nothing is staged below the place of a mount")
{
    const TempFolder folder;
    // Nothing is mounted there, and everything lies ready.
    std::filesystem::create_directories(folder.path() + "/mount/files/packages");
    std::filesystem::create_directories(folder.path() + "/mount/files/tmp");
    const auto refused = PosixBlobStore::create(folder.path() + "/mount/files", "tmp", {folder.path() + "/mount", patience, {}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().detail == "nothing is mounted at " + folder.path() + "/mount");
}
