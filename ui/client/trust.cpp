// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/client/trust.h"

#include "ui/client/when_done.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <array>

namespace cm::ui {

namespace {

constexpr qint64 longestFile = 1024 * 1024;
constexpr std::string_view trustField = "trust";

Error untrusted(std::string_view problem, const QString &detail)
{
    return {ErrorCode::Unavailable, detail.toStdString(), {{std::string(trustField), std::string(problem)}}, {}};
}

std::string_view problemOf(QSslError::SslError error)
{
    switch (error) {
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateSignatureFailed:
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
    case QSslError::CertificateUntrusted:
    case QSslError::InvalidCaCertificate:
    case QSslError::AuthorityIssuerSerialNumberMismatch:
    case QSslError::SubjectIssuerMismatch:
        return "authority";
    case QSslError::HostNameMismatch:
        return "name";
    case QSslError::CertificateExpired:
        return "ended";
    case QSslError::CertificateNotYetValid:
        return "early";
    default:
        return "certificate";
    }
}

// A name that anybody may have put into a certificate.
QString shown(const QString &name)
{
    return QStringLiteral("'%1'").arg(name.left(80).simplified());
}

QString namesOf(const QSslCertificate &certificate)
{
    constexpr qsizetype mostNames = 8;
    const auto alternatives = certificate.subjectAlternativeNames();
    QStringList names = alternatives.values(QSsl::DnsEntry) + alternatives.values(QSsl::IpAddressEntry);
    names.removeDuplicates();
    std::sort(names.begin(), names.end());
    for (QString &name : names)
        name = name.left(80);
    const bool more = names.size() > mostNames;
    return names.mid(0, mostNames).join(QStringLiteral(", ")) + (more ? QStringLiteral(", …") : QString());
}

QString authorityOf(const QSslCertificate &certificate)
{
    return shown(certificate.issuerInfo(QSslCertificate::CommonName).join(QLatin1Char(' ')));
}

QString detailOf(std::string_view problem, const QSslError &error)
{
    const QSslCertificate certificate = error.certificate();
    if (certificate.isNull())
        return error.errorString();
    const auto moment = [](const QDateTime &time) { return time.toUTC().toString(Qt::ISODate); };
    if (problem == "authority")
        return QStringLiteral("its certificate is by %1: %2").arg(authorityOf(certificate), error.errorString());
    if (problem == "name")
        return QStringLiteral("its certificate is for %1").arg(namesOf(certificate));
    const QString whose = shown(certificate.subjectInfo(QSslCertificate::CommonName).join(QLatin1Char(' ')));
    if (problem == "ended")
        return QStringLiteral("the certificate of %1 ended %2").arg(whose, moment(certificate.expiryDate()));
    if (problem == "early")
        return QStringLiteral("the certificate of %1 begins %2").arg(whose, moment(certificate.effectiveDate()));
    return error.errorString();
}

QString placeOf(const QUrl &url)
{
    return url.port() < 0 ? url.host() : QStringLiteral("%1:%2").arg(url.host()).arg(url.port());
}

}  // namespace

Result<Authorities> readAuthorities(const QString &path)
{
    const auto refuse = [&path](const QString &why) { return fail(untrusted("file", QStringLiteral("%1: %2").arg(path, why))); };
    const QFileInfo facts(path);
    if (!facts.exists())
        return refuse(QStringLiteral("there is no such file"));
    // A pipe would never end.
    if (!facts.isFile())
        return refuse(QStringLiteral("it is no file"));
    if (facts.size() > longestFile)
        return refuse(QStringLiteral("it is too long to be one"));
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return refuse(file.errorString());
    const QByteArray text = file.read(longestFile);
    const Authorities found = QSslCertificate::fromData(text, QSsl::Pem);
    const qsizetype announced = text.count("-----BEGIN CERTIFICATE-----");
    if (announced > found.size())
        return refuse(QStringLiteral("a certificate in it is damaged"));
    if (!found.isEmpty())
        return found;
    if (text.contains("PRIVATE KEY-----"))
        return refuse(QStringLiteral("it holds a key and no certificate"));
    return refuse(text.contains("-----BEGIN ") ? QStringLiteral("it holds no certificate") : QStringLiteral("it is no PEM file"));
}

QFuture<Result<Authorities>> readAuthoritiesBeside(const QString &path)
{
    return onWorker<Authorities>([path] { return readAuthorities(path); });
}

QSslConfiguration trusting(const Authorities &own)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.addCaCertificates(own);
    return tls;
}

Error whyUntrusted(const QUrl &url, const QList<QSslError> &errors)
{
    // Whose word does not count may claim any name and time.
    static constexpr std::array<std::string_view, 5> order{"authority", "certificate", "name", "ended", "early"};
    for (const std::string_view problem : order) {
        const auto found = std::find_if(errors.begin(), errors.end(), [problem](const QSslError &error) { return problemOf(error.error()) == problem; });
        if (found != errors.end())
            return untrusted(problem, QStringLiteral("%1: %2").arg(placeOf(url), detailOf(problem, *found)));
    }
    return untrusted("certificate", placeOf(url));
}

Error noHandshake(const QUrl &url, const QString &detail)
{
    return untrusted("handshake", QStringLiteral("%1: %2").arg(placeOf(url), detail));
}

std::string trustProblem(const Error &error)
{
    const bool is = error.code == ErrorCode::Unavailable && !error.fields.empty() && error.fields.front().field == trustField;
    return is ? error.fields.front().problem : std::string();
}

}  // namespace cm::ui
