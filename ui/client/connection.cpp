// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/connection.h"

#include "core/api/endpoints.h"
#include "ui/client/live_feed.h"
#include "ui/client/wire.h"

#include <algorithm>

namespace cm::ui {

namespace {
// Counters move with every upload; reading them once a second is enough.
constexpr int infoMilliseconds = 1000;
constexpr int soonMilliseconds = 40;
constexpr int longestRetryMilliseconds = 5000;
constexpr std::chrono::seconds shortestWaitForEnd{1};
constexpr std::chrono::minutes longestWaitForEnd{10};

// Trying again would change nothing: somebody has to do something first.
bool isFinal(ErrorCode code)
{
    return code == ErrorCode::Unauthorized || code == ErrorCode::Forbidden || code == ErrorCode::Unsupported ||
        code == ErrorCode::BadAnswer;
}
}  // namespace

Connection::Connection(AdminClient &client, Wire *wire, LiveFeed *feed, const Clock &clock, To to, QObject *parent)
    : QObject(parent), m_client(client), m_wire(wire), m_feed(feed), m_clock(clock), m_to(to)
{
    m_retry.setSingleShot(true);
    m_infoSoon.setSingleShot(true);
    m_readOnlyEnd.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &Connection::greet);
    for (const QTimer *timer : {&m_infoSoon, &m_readOnlyEnd})
        connect(timer, &QTimer::timeout, this, &Connection::readRegistry);
    if (!m_feed)
        return;
    connect(m_feed, &LiveFeed::connected, this, [this] {
        onHeard();
        setState(State::Live);
        // While it was away, more may have changed than the feed repeats.
        if (std::exchange(m_wasLive, true))
            Q_EMIT reset();
    });
    connect(m_feed, &LiveFeed::heard, this, &Connection::onHeard);
    connect(m_feed, &LiveFeed::broken, this, &Connection::onBroken);
    connect(m_feed, &LiveFeed::reset, this, &Connection::reset);
    connect(m_feed, &LiveFeed::event, this, [this](const api::Event &event) {
        if (m_to == To::Registry && !m_infoSoon.isActive()) {
            // At once, as the change is on the screen; what follows waits for the next second.
            m_infoSoon.start(std::chrono::milliseconds(m_sinceInfo.isValid() && m_sinceInfo.elapsed() < infoMilliseconds
                                                           ? infoMilliseconds
                                                           : soonMilliseconds));
        }
        Q_EMIT this->event(event);
    });
}

void Connection::connectTo(const Profile &profile, const QUrl &url, const QByteArray &token)
{
    const bool another = profile.id != m_profile.id || profile.url != m_profile.url;
    const bool first = m_profile.id.isEmpty();
    m_profile = profile;
    m_awaiting = false;
    if (m_feed)
        m_feed->stop();
    if (m_wire)
        m_wire->setEndpoint(url, token, profile.authority);
    if (another) {
        if (m_feed)
            m_feed->forget();
        m_wasLive = false;
        m_who.reset();
        m_registry.reset();
        m_lastHeard.reset();
        setState(State::Connecting);
        Q_EMIT whoChanged();
        Q_EMIT registryChanged();
    }
    if (!std::exchange(m_chosen, true) || another)
        Q_EMIT chosenChanged();
    m_failures = 0;
    greet();
    // Calls made before there was a registry are still waiting for it.
    if (std::exchange(m_gaveUp, false) || (another && !first))
        Q_EMIT reset();
}

void Connection::leave()
{
    if (!m_chosen)
        return;
    m_chosen = false;
    m_retry.stop();
    m_infoSoon.stop();
    m_readOnlyEnd.stop();
    m_greeting.drop();
    m_info.drop();
    if (m_feed) {
        m_feed->stop();
        m_feed->forget();
    }
    if (m_wire)
        m_wire->setEndpoint({}, {});
    m_profile = {};
    m_problem.reset();
    m_lastHeard.reset();
    m_who.reset();
    m_wasLive = false;
    setState(State::Connecting);
    Q_EMIT whoChanged();
    Q_EMIT chosenChanged();
}

void Connection::awaitReturn(const Error &why)
{
    m_awaiting = true;
    m_retry.stop();
    m_greeting.drop();
    if (m_feed)
        m_feed->stop();
    onBroken(why);
    if (m_wire && !m_wire->hasEndpoint()) {
        m_gaveUp = true;
        m_wire->giveUp(why);
    }
}

void Connection::retryNow()
{
    if (m_state == State::Live || m_awaiting)
        return;
    m_failures = 0;
    if (m_feed)
        m_feed->stop();
    greet();
}

void Connection::greet()
{
    m_retry.stop();
    m_greeting.start(this, m_client.call(api::endpoints::whoAmI, {}), [this](Result<api::Who> answer) {
        if (!answer) {
            onBroken(answer.error());
            if (!isFinal(answer.error().code))
                m_retry.start(std::min(250 << std::min(m_failures++, 5), longestRetryMilliseconds));
            return;
        }
        m_failures = 0;
        m_problem.reset();
        onHeard();
        if (m_who != *answer) {
            m_who = std::move(*answer);
            Q_EMIT whoChanged();
        }
        readRegistry();
        if (m_feed)
            m_feed->start();
        else
            setState(State::Live);
    });
}

void Connection::readRegistry()
{
    if (m_to == To::Monitor)
        return;
    m_sinceInfo.start();
    m_info.start(this, m_client.call(api::endpoints::registryInfo, {}), [this](Result<api::RegistryInfo> answer) {
        if (!answer)
            return;
        onHeard();
        if (m_registry != *answer) {
            m_registry = std::move(*answer);
            Q_EMIT registryChanged();
        }
        awaitEndOfReadOnly();
    });
}

// It ends without an event. The registry is asked rather than our clock, which may be wrong.
void Connection::awaitEndOfReadOnly()
{
    m_readOnlyEnd.stop();
    if (!m_registry || !m_registry->readOnly)
        return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(m_registry->readOnly->until - m_clock.now());
    m_readOnlyEnd.start(std::clamp<std::chrono::milliseconds>(left, shortestWaitForEnd, longestWaitForEnd));
}

void Connection::onHeard()
{
    m_lastHeard = m_clock.now();
    Q_EMIT heard();
}

void Connection::onBroken(const Error &error)
{
    const State before = m_state;
    const std::string untrusted = trustProblem(error);
    const bool news = m_problem ? trustProblem(*m_problem) != untrusted : m_state == State::Connecting;
    m_problem = error;
    m_infoSoon.stop();
    // Whoever mends that mends the file.
    if (m_wire && !untrusted.empty())
        m_wire->readAuthorityAgain();
    if (isFinal(error.code)) {
        if (m_feed)
            m_feed->stop();
        setState(State::Refused);
        return;
    }
    setState(m_lastHeard ? State::Stale : State::Connecting);
    if (news && m_state == before)
        Q_EMIT stateChanged();
}

void Connection::setState(State state)
{
    if (state == State::Live)
        m_problem.reset();
    if (state == m_state)
        return;
    m_state = state;
    if (m_wire)
        m_wire->setHeld(state == State::Stale);
    Q_EMIT stateChanged();
}

bool Connection::isGone() const
{
    return m_state == State::Stale || m_state == State::Refused || (!isLive() && m_problem);
}

Error Connection::whyGone() const
{
    return m_problem ? *m_problem : Error{ErrorCode::Unavailable, "there is no connection", {}, {}};
}

Authorities Connection::authorities() const
{
    return m_wire ? m_wire->authorities() : Authorities();
}

bool Connection::allows(const api::EndpointInfo &endpoint) const
{
    return endpoint.access.anonymous || (m_who && endpoint.access.allows(m_who->role));
}

void Connection::force(State state, std::optional<api::Who> who, std::optional<api::RegistryInfo> registry,
                       std::optional<Time> lastHeard)
{
    m_who = std::move(who);
    m_registry = std::move(registry);
    m_lastHeard = lastHeard;
    m_state = state;
    const bool first = !std::exchange(m_chosen, true);
    Q_EMIT whoChanged();
    Q_EMIT registryChanged();
    if (first)
        Q_EMIT chosenChanged();
    Q_EMIT stateChanged();
}

}  // namespace cm::ui
