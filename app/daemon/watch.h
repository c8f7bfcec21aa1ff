// SPDX-License-Identifier: GPL-3.0-or-later
// What the main thread of `serve` waits for: signals, the death of the desktop that started it, and
// the clock. Make it before any other thread, so that signals reach nobody else. Main thread only.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <optional>

namespace cm::daemon {

class Watch {
public:
    // Now: somebody wants what would be done later anyhow (SIGUSR1).
    enum class Event { Stop, Reload, ParentGone, Minute, Now };

    // `parent` 0: nobody to outlive. Conflict when that process has ended already.
    static Result<Watch> open(int parent);
    ~Watch();
    Watch(Watch &&other) noexcept;
    Watch &operator=(Watch &&) = delete;

    Event next();
    // Nothing when the time is over, or when there is something to read from `wake` (-1: nothing to wait for).
    std::optional<Event> nextWithin(std::chrono::milliseconds limit, int wake = -1);

private:
    std::optional<Event> readSignal();

    Watch(int signals, int parent) : m_signals(signals), m_parent(parent) {}

    int m_signals;
    int m_parent;
    std::chrono::steady_clock::time_point m_nextMinute = std::chrono::steady_clock::now() + std::chrono::minutes(1);
};

}  // namespace cm::daemon
