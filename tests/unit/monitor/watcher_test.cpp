// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/watcher.h"

#include <doctest/doctest.h>

using namespace cm::monitor;
using namespace std::chrono_literals;

TEST_CASE("a target that hangs delays no other, and a stop ends it")
{
    std::atomic<int> looks{0};
    std::atomic<int> hangs{0};
    std::mutex mutex;
    std::condition_variable_any wake;
    std::vector<Watcher::Target> targets;
    for (int i = 0; i < 8; ++i)
        targets.push_back({5ms, 1h, [&](const ProbeTime &time) {
                               ++hangs;
                               std::unique_lock lock(mutex);
                               wake.wait(lock, time.stop, [] { return false; });
                           }});
    targets.push_back({5ms, 1s, [&](const ProbeTime &) {
                           ++looks;
                           looks.notify_all();
                       }});
    Watcher watcher(std::move(targets));
    watcher.start();
    for (int seen = looks; seen < 20; seen = looks)
        looks.wait(seen);
    CHECK(hangs == 8);  // each once: what has not ended is not begun again
    CHECK(watcher.overdue() > 0);
    watcher.stop();
    const int after = looks;
    CHECK(looks == after);
}

TEST_CASE("a watcher of nothing starts and stops")
{
    Watcher watcher({});
    watcher.start();
    watcher.stop();
}

TEST_CASE("a look that is asked for begins afterwards, and is waited for")
{
    std::atomic<int> value{0}, seen{-1};
    std::vector<Watcher::Target> targets;
    targets.push_back({1h, 1h, [&](const ProbeTime &) { seen = value.load(); }});
    Watcher watcher(std::move(targets));
    watcher.start();
    for (int wanted = 1; wanted <= 50; ++wanted) {
        value = wanted;
        CHECK(watcher.lookNow(1min, {}));
        CHECK(seen == wanted);
    }
}

TEST_CASE("who asks for a look at what hangs is told so")
{
    std::vector<Watcher::Target> targets;
    targets.push_back({1h, 1h, [&](const ProbeTime &time) {
                           std::mutex mutex;
                           std::condition_variable_any wake;
                           std::unique_lock lock(mutex);
                           wake.wait(lock, time.stop, [] { return false; });
                       }});
    Watcher watcher(std::move(targets));
    watcher.start();
    CHECK_FALSE(watcher.lookNow(10ms, {}));
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(watcher.lookNow(1h, stop.get_token()));
}

TEST_CASE("who asks for a look at some waits for nobody else")
{
    std::atomic<int> looks{0}, others{0};
    std::vector<Watcher::Target> targets;
    targets.push_back({1h, 1h, [&](const ProbeTime &time) {
                           ++others;
                           std::mutex mutex;
                           std::condition_variable_any wake;
                           std::unique_lock lock(mutex);
                           wake.wait(lock, time.stop, [] { return false; });
                       },
                       "mirror"});
    targets.push_back({1h, 1h, [&](const ProbeTime &) { ++looks; }, "web"});
    Watcher watcher(std::move(targets));
    watcher.start();
    CHECK(watcher.lookNow(1h, {}, {"web", "postgres"}));
    CHECK(watcher.lookNow(1h, {}, {"web"}));
    CHECK(watcher.lookNow(1h, {}, {"gluster"}));  // nobody looks at any: there is nothing to wait for
    CHECK(looks >= 2);
    CHECK_FALSE(watcher.lookNow(10ms, {}, {"web", "mirror"}));
    CHECK(others <= 1);
}
