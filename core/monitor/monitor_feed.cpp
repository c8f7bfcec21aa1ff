// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/monitor/monitor_feed.h"

#include "core/api/codec.h"

#include <algorithm>

namespace cm::monitor {
namespace {

constexpr std::int64_t batch = 500;

std::string eventText(const api::TimelineEvent &recorded)
{
    api::Event event;
    event.id = recorded.id;
    event.time = recorded.time;
    event.kind = recorded.kind;
    event.subject = recorded.node;
    event.actor = recorded.actor;
    return http::formatEvent(std::to_string(recorded.id.value), recorded.kind, api::toJsonText(event));
}

}  // namespace

void MonitorFeed::publish(const std::vector<api::TimelineEvent> &events)
{
    const std::lock_guard lock(m_mutex);
    for (Subscriber &subscriber : m_subscribers) {
        std::string bytes;
        for (const api::TimelineEvent &event : events) {
            if (event.id.value > subscriber.sent) {
                bytes += eventText(event);
                subscriber.sent = event.id.value;
            }
        }
        if (!bytes.empty())
            subscriber.channel->send(bytes);
    }
    std::erase_if(m_subscribers, [](const Subscriber &subscriber) { return subscriber.channel->isClosed(); });
}

std::shared_ptr<http::EventChannel> MonitorFeed::subscribe(std::optional<std::int64_t> after)
{
    Subscriber subscriber{std::make_shared<http::EventChannel>(), 0};
    subscriber.channel->send(": open\n\n");
    // What is published meanwhile waits: it is either in the backlog or comes after it, never both.
    const std::lock_guard lock(m_mutex);
    if (m_stopped) {
        subscriber.channel->close();
        return subscriber.channel;
    }
    const auto newest = m_journal.newestEvent();
    subscriber.sent = newest.value_or(0);
    if (after) {
        if (const auto welcomed = welcome(subscriber, *after); !welcomed) {
            m_log.warning("feed.failed", {{"detail", std::string_view(welcomed.error().detail)}});
            subscriber.channel->close();
            return subscriber.channel;
        }
    }
    m_subscribers.push_back(subscriber);
    return subscriber.channel;
}

Result<void> MonitorFeed::welcome(Subscriber &subscriber, std::int64_t after)
{
    CM_TRY_ASSIGN(const std::int64_t oldest, m_journal.oldestEvent());
    const bool known = after <= subscriber.sent && (oldest == 0 ? after == subscriber.sent : after >= oldest - 1);
    if (!known) {
        subscriber.channel->send(http::formatEvent(std::to_string(subscriber.sent), "reset", "{}"));
        return {};
    }
    while (after < subscriber.sent && !subscriber.channel->isClosed()) {
        CM_TRY_ASSIGN(const auto events, m_journal.eventsAfter(after, batch));
        if (events.empty())
            return {};
        std::string bytes;
        for (const api::TimelineEvent &event : events)
            bytes += eventText(event);
        subscriber.channel->send(bytes);
        after = events.back().id.value;
    }
    return {};
}

void MonitorFeed::stop()
{
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
    for (const Subscriber &subscriber : m_subscribers)
        subscriber.channel->close();
    m_subscribers.clear();
}

}  // namespace cm::monitor
