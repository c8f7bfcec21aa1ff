// SPDX-License-Identifier: GPL-3.0-or-later
// Who vouches for a server: the system's authorities, and one's own from a file of PEM certificates (RFC 7468). Why a
// server was not trusted is an Error of the code Unavailable with one field "trust", whose problem is one of: file,
// authority, name, ended, early, certificate, handshake; ui/format has the words. Values, any thread.
#pragma once

#include "core/base/result.h"

#include <QFuture>
#include <QList>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslError>
#include <QString>
#include <QUrl>

namespace cm::ui {

using Authorities = QList<QSslCertificate>;

// Of a file; blocks on the disk. Errors: "file", with what is wrong with it.
[[nodiscard]] Result<Authorities> readAuthorities(const QString &path);
// The same beside the thread that asks.
[[nodiscard]] QFuture<Result<Authorities>> readAuthoritiesBeside(const QString &path);
// Besides the system's.
[[nodiscard]] QSslConfiguration trusting(const Authorities &own);

// What made it fail first: of several errors the one without which the others say nothing.
[[nodiscard]] Error whyUntrusted(const QUrl &url, const QList<QSslError> &errors);
// No certificate was even shown: what is there speaks no TLS, or none that we speak.
[[nodiscard]] Error noHandshake(const QUrl &url, const QString &detail);
// Which of the problems above; empty for every other error.
[[nodiscard]] std::string trustProblem(const Error &error);

}  // namespace cm::ui
