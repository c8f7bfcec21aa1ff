// SPDX-License-Identifier: GPL-3.0-or-later
// A question that may hang, asked again and again on a thread of its own: whoever wants the answer gets the
// last one, and how old it is. Any thread. At the end the thread is waited for a moment only, so the question
// must own what it uses: one that hangs in the kernel outlives this.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace cm::host {

template <class T>
class LastKnown {
public:
    using SteadyClock = std::chrono::steady_clock;

    LastKnown(std::function<Result<T>()> question, std::chrono::milliseconds every) : m_shared(std::make_shared<Shared>())
    {
        std::thread([shared = m_shared, question = std::move(question), every] { ask(*shared, question, every); }).detach();
    }
    ~LastKnown()
    {
        std::unique_lock lock(m_shared->mutex);
        m_shared->stopped = true;
        m_shared->changed.notify_all();
        m_shared->changed.wait_for(lock, patience, [this] { return !m_shared->asked; });
    }
    LastKnown(const LastKnown &) = delete;
    LastKnown &operator=(const LastKnown &) = delete;

    // Nothing before the first answer.
    [[nodiscard]] std::optional<Result<T>> value() const
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->last;
    }
    // For how long the question that is asked now has waited for its answer.
    [[nodiscard]] std::chrono::milliseconds waiting() const
    {
        const std::lock_guard lock(m_shared->mutex);
        return m_shared->asked ? std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - *m_shared->asked)
                               : std::chrono::milliseconds(0);
    }
    // Asks at once, or once more where the question is being asked: for waitFor().
    [[nodiscard]] std::uint64_t askAnew() const
    {
        const std::lock_guard lock(m_shared->mutex);
        ++m_shared->wanted;
        m_shared->changed.notify_all();
        return m_shared->wanted;
    }
    // Returns when a question is answered that began after askAnew(), or at the deadline; at once while an earlier one hangs.
    void waitFor(std::uint64_t wanted, SteadyClock::time_point deadline) const
    {
        std::unique_lock lock(m_shared->mutex);
        const auto hangs = [this] { return m_shared->asked && SteadyClock::now() - *m_shared->asked > patience; };
        m_shared->changed.wait_until(lock, deadline, [&] { return m_shared->answered >= wanted || hangs(); });
    }
    // Returns at the first answer or at the deadline.
    void waitForFirst(SteadyClock::time_point deadline) const
    {
        std::unique_lock lock(m_shared->mutex);
        m_shared->changed.wait_until(lock, deadline, [this] { return m_shared->last.has_value(); });
    }

private:
    static constexpr auto patience = std::chrono::milliseconds(200);

    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Result<T>> last;
        std::optional<SteadyClock::time_point> asked;
        std::uint64_t wanted = 0, answered = 0;
        bool stopped = false;
    };

    static void ask(Shared &shared, const std::function<Result<T>()> &question, std::chrono::milliseconds every)
    {
        std::unique_lock lock(shared.mutex);
        while (!shared.stopped) {
            shared.asked = SteadyClock::now();
            const std::uint64_t wanted = shared.wanted;
            lock.unlock();
            auto answer = question();
            lock.lock();
            shared.asked.reset();
            shared.last = std::move(answer);
            shared.answered = wanted;
            shared.changed.notify_all();
            shared.changed.wait_for(lock, every, [&shared] { return shared.stopped || shared.wanted > shared.answered; });
        }
    }

    std::shared_ptr<Shared> m_shared;
};

}  // namespace cm::host
