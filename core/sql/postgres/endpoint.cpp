// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/postgres/endpoint.h"

#include "core/base/database_url.h"
#include "core/sql/postgres/postgres_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace cm::sql::pg {

namespace {

// Of all callers together: each try costs both sides a session and a proof of the password.
constexpr std::chrono::milliseconds betweenTries{40};

// What a session needs beyond its address. A server must notice that we are gone, for it would hold
// the lock of the writers; no limit may cut a commit off while it waits for a standby.
std::string setUpOf(Purpose purpose)
{
    std::string text = "SET client_encoding = 'UTF8'; SET client_min_messages = warning; SET lock_timeout = '10s';"
                       " SET standard_conforming_strings = on; SET jit = off; SET tcp_keepalives_idle = 10;"
                       " SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
    if (purpose == Purpose::Primary)
        text += "; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '5min'";
    return text;
}

std::string completed(std::string url, Purpose purpose)
{
    url = withDefault(std::move(url), "connect_timeout", "3");
    url = withDefault(std::move(url), "keepalives_idle", "5");
    url = withDefault(std::move(url), "keepalives_interval", "2");
    url = withDefault(std::move(url), "keepalives_count", "3");
    url = withDefault(std::move(url), "tcp_user_timeout", "10000");
    url = withDefault(std::move(url), "application_name", "cheesemongerd");
    return withDefault(std::move(url), "target_session_attrs", purpose == Purpose::Primary ? "read-write" : "any");
}

}  // namespace

std::string withDefault(std::string url, std::string_view key, std::string_view value)
{
    const std::string named = std::string(key) + "=";
    for (std::size_t at = url.find(named); at != std::string::npos; at = url.find(named, at + 1)) {
        if (at == 0 || url[at - 1] == '?' || url[at - 1] == '&' || url[at - 1] == ' ')
            return url;
    }
    const char *joint = !isDatabaseUri(url) ? " " : url.find('?') == std::string::npos ? "?" : "&";
    return url + joint + named + std::string(value);
}

Endpoint::Endpoint(std::string url, Purpose purpose, std::chrono::milliseconds patience)
    : m_hosts(completed(url, purpose)), m_password(passwordOf(url)), m_purpose(purpose), m_patience(patience)
{}

std::optional<Error> Endpoint::turn()
{
    // Who is alone gets its try, however long the server has been gone.
    const Moment atLeastUntil = std::chrono::steady_clock::now() + betweenTries;
    std::unique_lock lock(m_mutex);
    while (m_goneSince) {
        const Moment now = std::chrono::steady_clock::now();
        if (m_closed)
            return m_lastFailure;
        if (now >= m_nextTry) {
            m_nextTry = now + betweenTries;
            return {};
        }
        if (now >= std::max(*m_goneSince + m_patience, atLeastUntil))
            return m_lastFailure;
        m_changed.wait_until(lock, m_nextTry);
    }
    return {};
}

Outcome<std::unique_ptr<Link>> Endpoint::tryOnce() const
{
    const auto url = m_hosts.now();
    if (!url)
        return tl::unexpected(Failure{{}, url.error(), true});
    auto link = Link::connect(*url);
    if (link) {
        if (auto set = (*link)->run(setUpOf(m_purpose)); !set)
            link = tl::unexpected(set.error());
    }
    return link;
}

Result<std::unique_ptr<Link>> Endpoint::connect()
{
    const Moment begun = std::chrono::steady_clock::now();
    for (;;) {
        if (auto failure = turn())
            return fail(std::move(*failure));
        auto link = tryOnce();
        const std::lock_guard lock(m_mutex);
        if (link) {
            m_goneSince.reset();
            m_changed.notify_all();
            return std::move(*link);
        }
        Failure failure = link.error();
        failure.broken = true;
        m_lastFailure = hidden(postgresError(failure, "connect"));
        const Moment now = std::chrono::steady_clock::now();
        if (!m_goneSince) {
            m_goneSince = begun;
            m_nextTry = now + betweenTries;
        }
        if (m_closed || now >= *m_goneSince + m_patience)
            return fail(m_lastFailure);
    }
}

void Endpoint::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    m_changed.notify_all();
}

bool Endpoint::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_mutex);
    return !m_changed.wait_for(lock, time, [this] { return m_closed; });
}

Error Endpoint::hidden(Error error) const
{
    for (std::size_t at = m_password.empty() ? std::string::npos : error.detail.find(m_password);
         at != std::string::npos; at = error.detail.find(m_password, at))
        error.detail.replace(at, m_password.size(), "***");
    return error;
}

}  // namespace cm::sql::pg
