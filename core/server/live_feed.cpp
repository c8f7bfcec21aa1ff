// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/live_feed.h"

#include "core/api/codec.h"
#include "core/api/people.h"

#include <algorithm>
#include <chrono>

namespace cm::server {
namespace {

// How long a change of another process may stay unseen.
constexpr auto pollEvery = std::chrono::milliseconds(100);
constexpr std::int64_t batch = 500;
constexpr auto askEvery = std::chrono::seconds(15);

// Events after which somebody may have lost a right.
bool concernsPeople(const catalog::EventRow &row)
{
    return row.name.starts_with("user.") || row.name.starts_with("token.");
}

// What every reader sees anyway: changes of the index, and whether it takes any.
bool isPublic(const catalog::EventRow &row)
{
    return row.serial || row.name.starts_with("registry.");
}

std::string eventText(const catalog::EventRow &row)
{
    api::Event event;
    event.id = api::Id{row.id};
    event.time = row.time;
    event.kind = row.name;
    event.serial = row.serial;
    event.subject = row.subject;
    event.actor = row.actor;
    return http::formatEvent(std::to_string(row.id), row.name, api::toJsonText(event));
}

}  // namespace

Result<void> LiveFeed::start()
{
    CM_TRY(m_changes.start());
    CM_TRY_ASSIGN(m_newest, m_events.newest());
    m_thread = std::jthread([this](std::stop_token stop) { run(stop); });
    return {};
}

void LiveFeed::stop()
{
    if (!m_thread.joinable())
        return;
    m_thread.request_stop();
    m_thread.join();
    for (const Subscriber &subscriber : m_subscribers)
        subscriber.channel->close();
    m_subscribers.clear();
    const std::lock_guard lock(m_mutex);
    m_stopped = true;
    for (const Subscriber &subscriber : m_newcomers)
        subscriber.channel->close();
    m_newcomers.clear();
}

void LiveFeed::wake()
{
    {
        const std::lock_guard lock(m_mutex);
        m_pending = true;
    }
    m_wake.notify_one();
}

std::shared_ptr<http::EventChannel> LiveFeed::subscribe(std::optional<std::int64_t> after, bool publicOnly,
                                                        std::function<bool()> stillMay)
{
    auto channel = std::make_shared<http::EventChannel>();
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopped) {
            channel->close();
            return channel;
        }
        m_newcomers.push_back({channel, after, publicOnly, std::move(stillMay), 0});
        m_pending = true;
    }
    m_wake.notify_one();
    return channel;
}

void LiveFeed::run(std::stop_token stop)
{
    while (!stop.stop_requested()) {
        std::vector<Subscriber> newcomers;
        bool pending = false;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, pollEvery, [this] { return m_pending; });
            pending = std::exchange(m_pending, false);
            newcomers.swap(m_newcomers);
        }
        // Announces to the observers, this feed's wake() among them.
        if (const auto polled = m_changes.poll(); !polled)
            report("poll", polled.error());
        if (pending)
            pump();
        for (Subscriber &newcomer : newcomers) {
            welcome(newcomer);
            m_subscribers.push_back(std::move(newcomer));
        }
        if (std::chrono::steady_clock::now() - m_asked >= askEvery)
            endWithdrawn();
        std::erase_if(m_subscribers, [](const Subscriber &subscriber) { return subscriber.channel->isClosed(); });
    }
}

void LiveFeed::welcome(Subscriber &subscriber)
{
    subscriber.sent = m_newest;
    subscriber.channel->send(": open\n\n");
    if (!subscriber.after)
        return;
    const auto oldest = m_events.oldest();
    if (!oldest) {
        report("oldest", oldest.error());
        subscriber.channel->close();
        return;
    }
    const bool known = *subscriber.after <= m_newest &&
                       (*oldest == 0 ? *subscriber.after == m_newest : *subscriber.after >= *oldest - 1);
    if (!known) {
        subscriber.channel->send(http::formatEvent(std::to_string(m_newest), "reset", "{}"));
        return;
    }
    subscriber.sent = *subscriber.after;
    while (subscriber.sent < m_newest && !subscriber.channel->isClosed()) {
        auto rows = m_events.since(subscriber.sent, batch);
        if (!rows) {
            report("backlog", rows.error());
            subscriber.channel->close();
            return;
        }
        std::erase_if(*rows, [&](const catalog::EventRow &row) { return row.id > m_newest; });
        if (rows->empty())
            break;
        send(subscriber, *rows);
    }
    subscriber.sent = m_newest;
}

void LiveFeed::pump()
{
    for (;;) {
        const auto rows = m_events.since(m_newest, batch);
        if (!rows) {
            report("events", rows.error());
            return;
        }
        m_failing = false;
        if (rows->empty())
            return;
        if (std::any_of(rows->begin(), rows->end(), concernsPeople))
            endWithdrawn();
        for (Subscriber &subscriber : m_subscribers)
            send(subscriber, *rows);
        m_newest = rows->back().id;
    }
}

void LiveFeed::send(Subscriber &subscriber, const std::vector<catalog::EventRow> &rows)
{
    std::string bytes;
    for (const catalog::EventRow &row : rows) {
        if (row.id > subscriber.sent && (isPublic(row) || !subscriber.publicOnly))
            bytes += eventText(row);
    }
    if (!rows.empty())
        subscriber.sent = std::max(subscriber.sent, rows.back().id);
    // A client that is too slow was cut off by its channel and resumes by its last id.
    if (!bytes.empty())
        subscriber.channel->send(bytes);
}

void LiveFeed::endWithdrawn()
{
    m_asked = std::chrono::steady_clock::now();
    std::erase_if(m_subscribers, [](const Subscriber &subscriber) {
        const bool ends = !subscriber.stillMay();
        if (ends)
            subscriber.channel->close();
        return ends;
    });
}

void LiveFeed::report(std::string_view what, const Error &error)
{
    if (!m_failing)
        m_log.warning("feed.failed", {{"what", what}, {"detail", std::string_view(error.detail)}});
    m_failing = true;
}

}  // namespace cm::server
