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

    // A request for path and query on this registry; Unavailable without an endpoint, Unsupported where
    // the token would travel unprotected.
    [[nodiscard]] Result<QNetworkRequest> request(const QByteArray &target) const;
    [[nodiscard]] const QByteArray &token() const { return m_token; }
    QNetworkAccessManager &manager();

    // What a finished reply says: its body, or the error it stands for (problem+json, TLS, refused,
    // timeout).
    static Result<QByteArray> outcome(QNetworkReply &reply);

Q_SIGNALS:
    void endpointChanged();

private:
    QUrl m_base;
    QByteArray m_token;
    QNetworkAccessManager *m_manager = nullptr;
};

}  // namespace cm::ui
