// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/executor.h"

#include <pthread.h>

namespace cm {

Executor::Executor(std::string name, std::size_t threads, std::size_t maxQueued)
    : m_name(std::move(name)), m_maxQueued(maxQueued)
{
    m_threads.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) {
        m_threads.emplace_back([this] { run(); });
        // The kernel keeps 15 characters of a thread's name.
        pthread_setname_np(m_threads.back().native_handle(), m_name.substr(0, 15).c_str());
    }
}

Executor::~Executor()
{
    stop();
}

bool Executor::post(std::function<void()> job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping || m_jobs.size() >= m_maxQueued)
            return false;
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
    return true;
}

void Executor::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_all();
    for (std::thread &thread : m_threads) {
        if (thread.joinable())
            thread.join();
    }
}

std::size_t Executor::queued() const
{
    const std::lock_guard lock(m_mutex);
    return m_jobs.size();
}

void Executor::run()
{
    for (;;) {
        std::function<void()> job;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
            if (m_jobs.empty())
                return;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
    }
}

}  // namespace cm
