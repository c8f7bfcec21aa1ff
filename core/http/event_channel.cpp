// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/event_channel.h"

#include <utility>

namespace cm::http {

bool EventChannel::send(std::string_view bytes)
{
    std::function<void()> wake;
    {
        std::unique_lock lock(m_mutex);
        if (m_closing || m_over)
            return false;
        if (m_queue.size() + bytes.size() > m_maxQueuedBytes) {
            // Too slow: what is queued is dropped with the connection, the client resumes by its last id.
            m_closing = true;
            m_queue.clear();
            wake = m_wake;
        } else {
            m_queue.append(bytes);
            if (!m_wakePending && m_wake) {
                m_wakePending = true;
                wake = m_wake;
            }
        }
    }
    if (wake)
        wake();
    return !isClosed();
}

void EventChannel::close()
{
    std::function<void()> wake;
    {
        const std::lock_guard lock(m_mutex);
        if (m_closing || m_over)
            return;
        m_closing = true;
        wake = m_wake;
    }
    if (wake)
        wake();
}

bool EventChannel::isClosed() const
{
    const std::lock_guard lock(m_mutex);
    return m_closing || m_over;
}

void EventChannel::onClosed(std::function<void()> callback)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_over) {
            m_onClosed = std::move(callback);
            return;
        }
    }
    callback();
}

void EventChannel::attach(std::function<void()> wake)
{
    const std::lock_guard lock(m_mutex);
    m_wake = std::move(wake);
    m_wakePending = true;  // the connection looks by itself now
}

std::string EventChannel::take(bool &ended)
{
    const std::lock_guard lock(m_mutex);
    m_wakePending = false;
    ended = m_closing;
    return std::exchange(m_queue, {});
}

void EventChannel::detach()
{
    std::function<void()> callback;
    {
        const std::lock_guard lock(m_mutex);
        if (m_over)
            return;
        m_over = true;
        m_closing = true;
        m_wake = nullptr;
        m_queue.clear();
        callback = std::exchange(m_onClosed, nullptr);
    }
    if (callback)
        callback();
}

std::string formatEvent(std::string_view id, std::string_view type, std::string_view data)
{
    std::string event;
    const auto line = [&](std::string_view name, std::string_view value) {
        event.append(name).append(": ").append(value).push_back('\n');
    };
    if (!id.empty())
        line("id", id);
    if (!type.empty())
        line("event", type);
    for (;;) {
        const auto end = data.find_first_of("\r\n");
        line("data", data.substr(0, end));
        if (end == std::string_view::npos)
            break;
        const bool pair = data.substr(end, 2) == "\r\n";
        data.remove_prefix(end + (pair ? 2 : 1));
    }
    event.push_back('\n');
    return event;
}

}  // namespace cm::http
