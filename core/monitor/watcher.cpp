// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/watcher.h"

#include <algorithm>

namespace cm::monitor {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t mostThreads = 256;

}  // namespace

Watcher::Watcher(std::vector<Target> targets)
    : m_pool("probes", std::clamp<std::size_t>(targets.size(), 1, mostThreads), targets.size() + 1)
{
    for (Target &target : targets) {
        auto place = std::make_unique<Place>();
        place->target = std::move(target);
        m_places.push_back(std::move(place));
    }
}

void Watcher::start()
{
    // Spread over their interval, so that they do not all come at once.
    const SteadyClock::time_point now = SteadyClock::now();
    for (std::size_t i = 0; i < m_places.size(); ++i)
        m_places[i]->due = now + m_places[i]->target.every * static_cast<std::int64_t>(i) /
                                     static_cast<std::int64_t>(m_places.size());
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
}

void Watcher::stop()
{
    m_stop.request_stop();
    if (m_thread.joinable()) {
        m_thread.request_stop();
        m_thread.join();
    }
    m_pool.stop();
}

void Watcher::run(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        const SteadyClock::time_point now = SteadyClock::now();
        SteadyClock::time_point next = now + std::chrono::seconds(1);
        for (const auto &place : m_places) {
            if (place->due <= now) {
                place->due = std::max(place->due + place->target.every, now);
                if (place->running.exchange(true)) {
                    ++m_overdue;
                } else {
                    const bool posted = m_pool.post([this, &place = *place] {
                        place.target.look({SteadyClock::now() + place.target.timeout, m_stop.get_token()});
                        place.running = false;
                    });
                    if (!posted)
                        place->running = false;
                }
            }
            next = std::min(next, place->due);
        }
        m_wake.wait_until(lock, stop, next, [] { return false; });
    }
}

}  // namespace cm::monitor
