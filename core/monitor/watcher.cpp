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

// With the mutex held.
void Watcher::begin(Place &place)
{
    place.running = true;
    place.again = false;
    ++place.begun;
    const bool posted = m_pool.post([this, &place] {
        place.target.look({SteadyClock::now() + place.target.timeout, m_stop.get_token()});
        const std::lock_guard lock(m_mutex);
        place.running = false;
        ++place.ended;
        m_asked = m_asked || place.again;
        m_wake.notify_all();
        m_ended.notify_all();
    });
    if (!posted) {
        place.running = false;
        --place.begun;
    }
}

void Watcher::run(const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        const SteadyClock::time_point now = SteadyClock::now();
        SteadyClock::time_point next = now + std::chrono::seconds(1);
        m_asked = false;
        for (const auto &place : m_places) {
            const bool due = place->due <= now;
            if (due)
                place->due = std::max(place->due + place->target.every, now);
            if (due && place->running)
                ++m_overdue;
            if ((due || place->again) && !place->running)
                begin(*place);
            next = std::min(next, place->due);
        }
        m_wake.wait_until(lock, stop, next, [this] { return m_asked; });
    }
}

bool Watcher::lookNow(std::chrono::milliseconds within, const std::stop_token &stop, const std::vector<std::string_view> &roles)
{
    std::unique_lock lock(m_mutex);
    std::vector<std::pair<const Place *, std::int64_t>> wanted;
    for (const auto &place : m_places) {
        if (!roles.empty() && std::find(roles.begin(), roles.end(), place->target.role) == roles.end())
            continue;
        place->again = true;
        wanted.emplace_back(place.get(), place->begun + 1);
    }
    m_asked = true;
    m_wake.notify_all();
    return m_ended.wait_for(lock, stop, within, [&] {
        return std::all_of(wanted.begin(), wanted.end(), [](const auto &one) { return one.first->ended >= one.second; });
    });
}

}  // namespace cm::monitor
