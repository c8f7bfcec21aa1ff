// SPDX-License-Identifier: GPL-3.0-or-later
// Where the registry is, what proves who we are and who vouches for it: the one owner of the network access
// manager, which is made on first use (start-up does not pay for it). GUI thread. A token is never sent over
// plain HTTP outside loopback, nor to a server that is not trusted.
#pragma once

#include "core/base/result.h"
#include "ui/client/trust.h"
#include "ui/client/when_done.h"

#include <QByteArray>
#include <QNetworkRequest>
#include <QObject>
#include <QUrl>

#include <optional>

class QNetworkAccessManager;
class QNetworkReply;

namespace cm::ui {

class Wire : public QObject {
    Q_OBJECT
public:
    explicit Wire(QObject *parent = nullptr);
    ~Wire() override;

    // `authority`: a file of certificates that vouch for it besides the system's; empty: those alone. It is read beside
    // this thread; until then there is no endpoint. While it cannot be used every request fails with the reason.
    void setEndpoint(const QUrl &base, const QByteArray &token, const QString &authority = {});
    // Reads that file anew: it may have been put right, or hold the next authority.
    void readAuthorityAgain();
    [[nodiscard]] const Authorities &authorities() const { return m_authorities; }
    [[nodiscard]] const QUrl &base() const { return m_base; }
    [[nodiscard]] bool hasEndpoint() const { return m_base.isValid() && !m_base.isEmpty() && m_knowsAuthorities; }
    // While the registry is known to be away, what is only read waits for its return instead of failing.
    void setHeld(bool held);
    [[nodiscard]] bool isHeld() const { return m_held; }
    // There is no registry and none can be started: what waits for one is answered with this.
    void giveUp(const Error &why);

    // A request for path and query on this registry; Unavailable without an endpoint or with a file of authorities that
    // cannot be used, Unsupported where the token would travel unprotected.
    [[nodiscard]] Result<QNetworkRequest> request(const QByteArray &target) const;
    // Lets the authorities of this registry vouch for where a request goes.
    void vouch(QNetworkRequest &request) const;
    [[nodiscard]] const QByteArray &token() const { return m_token; }
    QNetworkAccessManager &manager();

    // Ends a reply whose bytes outgrow `most` before anybody has read them (an error's: 1 MiB), whatever its
    // head claims; outcome() then says BadAnswer. To be called last of what connects to the reply.
    static void bound(QNetworkReply &reply, qint64 most);
    // Ends it as bound() does.
    static void abortOversized(QNetworkReply &reply, qint64 most);
    // What a finished reply says: its body, or the error it stands for (problem+json, a server
    // that is not trusted, refused, timeout).
    static Result<QByteArray> outcome(QNetworkReply &reply);

Q_SIGNALS:
    void endpointChanged();
    void released();
    void givenUp(const cm::Error &why);

private:
    void take(const Result<Authorities> &found);

    QUrl m_base;
    QByteArray m_token;
    QString m_authority;
    Authorities m_authorities;
    // Why the file cannot be used.
    std::optional<Error> m_distrust;
    LatestCall m_reading;
    bool m_isReading = false;
    bool m_knowsAuthorities = true;
    bool m_held = false;
    QNetworkAccessManager *m_manager = nullptr;
};

}  // namespace cm::ui
