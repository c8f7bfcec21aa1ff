// SPDX-License-Identifier: GPL-3.0-or-later
// How we stand with the registry: connecting, live, stale since, refused; who we are there and what
// it is. Listens to the live feed and hands its events on. Owned by the composition root, GUI thread.
#pragma once

#include "core/api/operations.h"
#include "core/api/people.h"
#include "ui/client/admin_client.h"
#include "ui/client/profiles.h"
#include "ui/client/trust.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <optional>

namespace cm::ui {

class LiveFeed;
class Wire;

class Connection : public QObject {
    Q_OBJECT
public:
    enum class State {
        Connecting,  // nothing was heard yet
        Live,        // what is on the screen follows the registry
        Stale,       // was live; the figures keep their age, the feed tries again
        Refused,     // it answered that we may not; only a new token helps
    };

    // Who answers at the other end. A monitor knows no counters of a registry and is not asked for them.
    enum class To { Registry, Monitor };

    // `feed` and `wire` may be null (recorded data); state is then set by hand with force().
    Connection(AdminClient &client, Wire *wire, LiveFeed *feed, const Clock &clock, To to = To::Registry, QObject *parent = nullptr);

    void connectTo(const Profile &profile, const QUrl &url, const QByteArray &token);
    // There is nobody to talk to (any more), and nobody is missed.
    void leave();
    // Whether there is anybody to talk to: false before the first connectTo() and after leave().
    [[nodiscard]] bool isChosen() const { return m_chosen; }
    // The registry has ended and whoever runs it starts it again: nothing is tried until connectTo()
    // tells its return.
    void awaitReturn(const Error &why);
    // Tries at once instead of at the end of the back-off (F5).
    void retryNow();

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool isLive() const { return m_state == State::Live; }
    // When something was last heard; absent before the first answer.
    [[nodiscard]] std::optional<Time> lastHeard() const { return m_lastHeard; }
    [[nodiscard]] const std::optional<Error> &problem() const { return m_problem; }
    [[nodiscard]] const Profile &profile() const { return m_profile; }
    // It was heard once, or tried, and does not answer: whoever asks it would wait.
    [[nodiscard]] bool isGone() const;
    // Why nobody answers.
    [[nodiscard]] Error whyGone() const;
    // Who vouches for the other end besides the system's.
    [[nodiscard]] Authorities authorities() const;
    [[nodiscard]] const std::optional<api::Who> &who() const { return m_who; }
    [[nodiscard]] const std::optional<api::RegistryInfo> &registry() const { return m_registry; }
    // Whether the person's role in the whole registry allows the endpoint (their role on a project
    // may allow it too).
    [[nodiscard]] bool allows(const api::EndpointInfo &endpoint) const;

    void force(State state, std::optional<api::Who> who, std::optional<api::RegistryInfo> registry,
               std::optional<Time> lastHeard);

Q_SIGNALS:
    void stateChanged();
    // Another one, the first one, or none any more: what was known is about somebody else.
    void chosenChanged();
    void whoChanged();
    void registryChanged();
    void heard();
    // Something changed in the registry; each page knows what concerns it.
    void event(const cm::api::Event &event);
    // Events were missed, or another registry was chosen: read everything again.
    void reset();

private:
    void greet();
    void onHeard();
    void onBroken(const Error &error);
    void setState(State state);
    void readRegistry();
    void awaitEndOfReadOnly();

    AdminClient &m_client;
    Wire *m_wire;
    LiveFeed *m_feed;
    const Clock &m_clock;
    To m_to;
    Profile m_profile;
    State m_state = State::Connecting;
    std::optional<Time> m_lastHeard;
    std::optional<Error> m_problem;
    std::optional<api::Who> m_who;
    std::optional<api::RegistryInfo> m_registry;
    LatestCall m_greeting;
    LatestCall m_info;
    QTimer m_retry;
    QTimer m_infoSoon;
    QTimer m_readOnlyEnd;
    QElapsedTimer m_sinceInfo;
    int m_failures = 0;
    bool m_wasLive = false;
    bool m_awaiting = false;
    bool m_gaveUp = false;
    bool m_chosen = false;
};

}  // namespace cm::ui
