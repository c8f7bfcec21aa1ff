// SPDX-License-Identifier: GPL-3.0-or-later
// Where the registry is and what proves who we are: the one owner of the network access manager,
// which is made on first use (start-up does not pay for it). GUI thread. A token is never sent over
// plain HTTP outside loopback.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QNetworkRequest>
#include <QObject>
#include <QUrl>

class QNetworkAccessManager;
class QNetworkReply;

namespace cm::ui {

class Wire : public QObject {
    Q_OBJECT
public:
    explicit Wire(QObject *parent = nullptr);
    ~Wire() override;

    void setEndpoint(const QUrl &base, const QByteArray &token);
    [[nodiscard]] const QUrl &base() const { return m_base; }
    [[nodiscard]] bool hasEndpoint() const { return m_base.isValid() && !m_base.isEmpty(); }
    // While the registry is known to be away, what is only read waits for its return instead of failing.
    void setHeld(bool held);
    [[nodiscard]] bool isHeld() const { return m_held; }
    // There is no registry and none can be started: what waits for one is answered with this.
    void giveUp(const Error &why);

    // A request for path and query on this registry; Unavailable without an endpoint, Unsupported where
    // the token would travel unprotected.
    [[nodiscard]] Result<QNetworkRequest> request(const QByteArray &target) const;
    [[nodiscard]] const QByteArray &token() const { return m_token; }
    QNetworkAccessManager &manager();

    // Ends a reply whose bytes outgrow `most` before anybody has read them (an error's: 1 MiB), whatever its
    // head claims; outcome() then says BadAnswer. To be called last of what connects to the reply.
    static void bound(QNetworkReply &reply, qint64 most);
    // Ends it as bound() does.
    static void abortOversized(QNetworkReply &reply, qint64 most);
    // What a finished reply says: its body, or the error it stands for (problem+json, TLS, refused,
    // timeout).
    static Result<QByteArray> outcome(QNetworkReply &reply);

Q_SIGNALS:
    void endpointChanged();
    void released();
    void givenUp(const cm::Error &why);

private:
    QUrl m_base;
    QByteArray m_token;
    bool m_held = false;
    QNetworkAccessManager *m_manager = nullptr;
};

}  // namespace cm::ui
