// SPDX-License-Identifier: GPL-3.0-or-later
// An authority of a test's own and certificates by it, made as `cheesemongerd admin authority` makes them, at any moment.
// Its files go with it.
#pragma once

#include "core/agent/authority.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QString>
#include <QTemporaryDir>

namespace cm::ui {

class PrivateAuthority {
public:
    // `at`: when it was made.
    explicit PrivateAuthority(Time at = SystemClock().now())
    {
        if (!agent::createAuthority(folder(), at))
            qFatal("no authority was made");
    }
    // What those who trust it are given.
    [[nodiscard]] QString file() const { return m_folder.filePath(QStringLiteral("authority.pem")); }

    struct Files {
        QString certificate, key;
    };
    // For a server at `address`, from `at` on.
    [[nodiscard]] Files issue(const std::string &address = "127.0.0.1", std::chrono::days days = std::chrono::days(30), Time at = SystemClock().now()) const
    {
        agent::CertificateWish wish;
        wish.name = "server-" + std::to_string(++m_issued);
        wish.addresses = {address};
        wish.days = days;
        const auto made = agent::issueCertificate(folder(), wish, folder() / "servers", at);
        if (!made)
            qFatal("no certificate was made");
        return {QString::fromStdString(made->certificate.string()), QString::fromStdString(made->key.string())};
    }

private:
    [[nodiscard]] std::filesystem::path folder() const { return m_folder.path().toStdString(); }

    QTemporaryDir m_folder;
    mutable int m_issued = 0;
};

inline QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

// What a server of the test shows.
inline QSslConfiguration shownBy(const PrivateAuthority::Files &files)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificateChain(QSslCertificate::fromData(contentOf(files.certificate), QSsl::Pem));
    tls.setPrivateKey(QSslKey(contentOf(files.key), QSsl::Ec));
    return tls;
}

}  // namespace cm::ui
