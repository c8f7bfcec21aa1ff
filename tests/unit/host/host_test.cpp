// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/host/disk.h"
#include "core/host/drain_file.h"
#include "core/host/last_known.h"
#include "core/host/process.h"
#include "core/host/whole_file.h"

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

using namespace cm;
using namespace cm::host;

namespace {

class Folder {
public:
    Folder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "cm-host-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    std::filesystem::path path;
};

// Opens once for all.
struct Gate {
    std::mutex mutex;
    std::condition_variable opened;
    bool open = false;
    void wait()
    {
        std::unique_lock lock(mutex);
        opened.wait(lock, [this] { return open; });
    }
    void unlock()
    {
        const std::lock_guard lock(mutex);
        open = true;
        opened.notify_all();
    }
};

}  // namespace

TEST_CASE("a question that hangs leaves the last answer standing and blocks nobody, not even its owner's end")
{
    const auto gate = std::make_shared<Gate>();
    const auto asked = std::make_shared<std::atomic<int>>(0);
    {
        LastKnown<int> known(
            [gate, asked]() -> Result<int> {
                if (++*asked > 1)
                    gate->wait();
                return asked->load();
            },
            std::chrono::milliseconds(1));
        known.waitForFirst(std::chrono::steady_clock::now() + std::chrono::seconds(20));
        REQUIRE(known.value());
        CHECK(**known.value() == 1);
        while (asked->load() < 2)
            std::this_thread::yield();
        while (known.waiting().count() == 0)
            std::this_thread::yield();
        CHECK(**known.value() == 1);
    }
    gate->unlock();
}

TEST_CASE("who asks anew gets the answer to a question that began afterwards, and is not held up by one that hangs")
{
    const auto truth = std::make_shared<std::atomic<int>>(0);
    const auto far = [] { return std::chrono::steady_clock::now() + std::chrono::hours(1); };
    const LastKnown<int> known([truth]() -> Result<int> { return truth->load(); }, std::chrono::hours(1));
    for (int changed = 1; changed <= 50; ++changed) {
        *truth = changed;
        known.waitFor(known.askAnew(), far());
        CHECK(**known.value() == changed);
    }
    const auto gate = std::make_shared<Gate>();
    {
        const LastKnown<int> hangs(
            [gate]() -> Result<int> {
                gate->wait();
                return 1;
            },
            std::chrono::hours(1));
        while (hangs.waiting().count() <= 200)
            std::this_thread::yield();
        hangs.waitFor(hangs.askAnew(), far());
        CHECK_FALSE(hangs.value());
    }
    gate->unlock();
}

TEST_CASE("files are replaced as a whole, with the mode that is asked for")
{
    const Folder folder;
    const auto file = folder.path / "file";
    CHECK(readWhole(file).error().code == ErrorCode::NotFound);
    REQUIRE(writeWhole(file, "one", 0644));
    REQUIRE(writeWhole(file, "two", 0600));
    CHECK(*readWhole(file) == "two");
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
    CHECK_FALSE(writeWhole(folder.path / "no" / "file", "x", 0600));
    CHECK(removeWhole(file));
    CHECK(removeWhole(file));
}

TEST_CASE("a process is known by its name and first words, and its number alone proves nothing")
{
    const auto self = processAt(::getpid());
    REQUIRE(self);
    CHECK(self->pid == ::getpid());
    CHECK(std::chrono::abs(self->started - SystemClock().now()) < std::chrono::hours(1));
    CHECK(isCalled(*self, self->name));
    CHECK_FALSE(isCalled(*self, self->name + " nonsense"));
    CHECK_FALSE(isCalled(*self, ""));
    CHECK_FALSE(isCalled(*self, "other"));
    Process serve{1, "cheesemongerd", {"/usr/bin/cheesemongerd", "serve", "--config", "x"}, {}};
    CHECK(isCalled(serve, "cheesemongerd serve"));
    CHECK_FALSE(isCalled(serve, "cheesemongerd agent"));
    CHECK_FALSE(processAt(999'999'999));
    Process replaced = *self;
    replaced.started += std::chrono::seconds(5);
    CHECK(signalProcess(replaced, 0).error().code == ErrorCode::Conflict);
    CHECK(signalProcess(*self, 0));
    CHECK(bootIdentity().has_value());
    CHECK(*bootIdentity() == *bootIdentity());
}

TEST_CASE("a drain ends by itself, and what cannot be read drains nobody and is told once")
{
    const Folder folder;
    const auto file = folder.path / "drain.json";
    const auto logFile = folder.path / "log";
    Log log(LogLevel::Info, logFile.string());
    DrainWatch watch(file, log);
    const Time now = SystemClock().now();
    CHECK_FALSE(watch.at(now));
    REQUIRE(writeDrain(file, {now + std::chrono::minutes(1), "ann", "a new disk"}));
    REQUIRE(watch.at(now));
    CHECK(watch.at(now)->reason == "a new disk");
    CHECK_FALSE(watch.at(now + std::chrono::minutes(1)));
    REQUIRE(writeDrain(file, {now + std::chrono::minutes(9), "ann", "longer"}));
    CHECK(watch.at(now + std::chrono::minutes(1)));
    REQUIRE(writeWhole(file, "nonsense", 0644));
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(watch.at(now));
    log.flush();
    const std::string text = *readWhole(logFile);
    const auto first = text.find("drain.unreadable");
    CHECK(first != std::string::npos);
    CHECK(text.find("drain.unreadable", first + 1) == std::string::npos);
    REQUIRE(removeWhole(file));
    CHECK_FALSE(watch.at(now));
    CHECK_FALSE(DrainWatch({}, log).at(now));
}

TEST_CASE("the room on a disk is told, a folder that is not there is not")
{
    REQUIRE(diskAt("/"));
    CHECK(diskAt("/")->total > 0);
    CHECK(diskAt("/nowhere/at/all").error().code == ErrorCode::NotFound);
}
