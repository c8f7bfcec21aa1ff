// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/blobs/posix/store_watch.h"

#include <atomic>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <utility>

namespace cm::blobs {

using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds between{1};

}  // namespace

std::string silentFor(std::chrono::milliseconds taken)
{
    return fmt::format("the file system of the packages has not answered for {} s", taken.count() / 1000);
}

// Shared with a thread that hangs.
struct StoreWatch::State {
    State(std::function<StoreHealth()> how, std::chrono::milliseconds longest) : look(std::move(how)), patience(longest) { note(look()); }
    void run();
    void note(StoreHealth found)
    {
        present = found.present;
        last = std::move(found);
    }
    // How long the look that goes on has taken; zero: none does.
    [[nodiscard]] steady_clock::duration taken() const
    {
        const steady_clock::time_point since = looksSince;
        return since == steady_clock::time_point() ? steady_clock::duration::zero() : steady_clock::now() - since;
    }

    const std::function<StoreHealth()> look;
    const std::chrono::milliseconds patience;
    std::atomic<bool> present{true};                          // at the last look that ended
    std::atomic<steady_clock::time_point> looksSince{};       // of a look that has not
    std::atomic<bool> told{true};                             // whether they were there when it was last said
    std::mutex mutex;
    std::condition_variable wake;
    StoreHealth last;
    bool stopping = false;
    std::thread thread;
};

StoreWatch::StoreWatch(std::function<StoreHealth()> look, std::chrono::milliseconds patience, Log &log)
    : m_state(std::make_shared<State>(std::move(look), patience)), m_log(log)
{
    m_state->thread = std::thread([state = m_state] { state->run(); });
    // The kernel keeps 15 characters of a thread's name.
    pthread_setname_np(m_state->thread.native_handle(), "files-watch");
}

StoreWatch::~StoreWatch()
{
    std::unique_lock lock(m_state->mutex);
    m_state->stopping = true;
    m_state->wake.notify_all();
    std::thread looking = std::move(m_state->thread);
    const bool ended = m_state->wake.wait_for(lock, m_state->patience, [this] { return m_state->taken() == steady_clock::duration::zero(); });
    lock.unlock();
    if (ended)
        looking.join();
    else
        looking.detach();
}

void StoreWatch::State::run()
{
    std::unique_lock lock(mutex);
    while (!stopping) {
        looksSince = steady_clock::now();
        lock.unlock();
        StoreHealth found = look();
        lock.lock();
        note(std::move(found));
        looksSince = steady_clock::time_point();
        wake.notify_all();
        wake.wait_for(lock, between, [this] { return stopping; });
    }
}

bool StoreWatch::isPresent()
{
    const bool present = m_state->present && m_state->taken() < m_state->patience;
    if (present != m_state->told && m_state->told.exchange(present) != present) {
        if (present)
            m_log.info("files.back");
        else
            m_log.error("files.away", {{"detail", std::string_view(health().problem)}});
    }
    return present;
}

StoreHealth StoreWatch::health() const
{
    const auto taken = m_state->taken();
    if (taken < m_state->patience) {
        const std::lock_guard lock(m_state->mutex);
        StoreHealth health = m_state->last;
        health.waits = std::chrono::duration_cast<std::chrono::milliseconds>(taken);
        return health;
    }
    StoreHealth hanging;
    hanging.present = false;
    hanging.waits = std::chrono::duration_cast<std::chrono::milliseconds>(taken);
    hanging.problem = silentFor(hanging.waits);
    return hanging;
}

}  // namespace cm::blobs
