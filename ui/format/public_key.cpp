// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/public_key.h"

#include <QByteArray>
#include <QCoreApplication>
#include <QCryptographicHash>
#include <QStringList>
#include <QtEndian>

#include <array>
#include <bit>

namespace cm::ui {

namespace {

constexpr qsizetype longestLine = 16 * 1024;

QString tr(const char *source)
{
    return QCoreApplication::translate("keys", source);
}

// One length-prefixed string of the key's wire form (RFC 4253, 6.6); takes it off the front.
std::optional<QByteArray> takeString(QByteArray &blob)
{
    if (blob.size() < 4)
        return std::nullopt;
    const auto length = static_cast<qsizetype>(qFromBigEndian<quint32>(blob.constData()));
    if (length > blob.size() - 4)
        return std::nullopt;
    QByteArray out = blob.mid(4, length);
    blob.remove(0, 4 + length);
    return out;
}

int bitsOf(QByteArray modulus)
{
    while (modulus.startsWith('\0'))
        modulus.remove(0, 1);
    if (modulus.isEmpty())
        return 0;
    const int first = std::bit_width(static_cast<unsigned>(static_cast<unsigned char>(modulus.front())));
    return static_cast<int>(modulus.size() - 1) * 8 + first;
}

bool isTaken(const QString &type)
{
    static constexpr std::array names{"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                                      "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"};
    return std::any_of(names.begin(), names.end(), [&](const char *name) { return type == QLatin1String(name); });
}

}  // namespace

PublicKey PublicKey::of(const QString &text)
{
    PublicKey key;
    const QString trimmed = text.trimmed();
    if (trimmed.isEmpty())
        return key;
    // Of OpenSSH and OpenSSL, and of PuTTY.
    const auto isPrivate = [&trimmed](const char *mark) { return trimmed.contains(QLatin1String(mark)); };
    if (isPrivate("PRIVATE KEY") || isPrivate("PuTTY-User-Key-File") || isPrivate("Private-Lines:")) {
        key.state = State::Private;
        return key;
    }
    key.state = State::NoKey;
    if (trimmed.size() > longestLine)
        return key;
    if (trimmed.contains(QLatin1Char('\n')) || trimmed.contains(QLatin1Char('\r'))) {
        key.state = State::SeveralKeys;
        return key;
    }
    const QStringList words = trimmed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (words.size() < 2)
        return key;
    key.type = words[0];
    if (key.type == QLatin1String("ssh-dss")) {
        key.state = State::OldKind;
        return key;
    }
    const auto decoded = QByteArray::fromBase64Encoding(words[1].toLatin1(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || !isTaken(key.type))
        return key;
    QByteArray blob = *decoded;
    // The key itself says once more of which kind it is.
    const auto inside = takeString(blob);
    if (!inside || *inside != key.type.toLatin1() || blob.isEmpty())
        return key;
    if (key.isRsa()) {
        [[maybe_unused]] const auto exponent = takeString(blob);
        key.bits = bitsOf(takeString(blob).value_or(QByteArray()));
    }
    key.line = trimmed;
    key.comment = words.mid(2).join(QLatin1Char(' '));
    const QByteArray digest = QCryptographicHash::hash(*decoded, QCryptographicHash::Sha256);
    key.fingerprint = QStringLiteral("SHA256:") + QString::fromLatin1(digest.toBase64(QByteArray::OmitTrailingEquals));
    key.state = State::Ready;
    return key;
}

QString PublicKey::problem() const
{
    switch (state) {
    case State::Private:
        return tr(QT_TRANSLATE_NOOP("keys", "This is a private key. It was not sent; paste the .pub file beside it."));
    case State::NoKey:
        return tr(QT_TRANSLATE_NOOP("keys", "This is no line of a .pub file: a kind, the key, and a comment."));
    case State::OldKind:
        return tr(QT_TRANSLATE_NOOP("keys", "DSA keys are no longer taken by any ssh server; make an Ed25519 or ECDSA key."));
    case State::SeveralKeys:
        return tr(QT_TRANSLATE_NOOP("keys", "These are several lines; add one key at a time."));
    case State::Nothing:
    case State::Ready:
        break;
    }
    return {};
}

QString keyKindWords(const QString &type, int bits)
{
    QString name = type;
    if (type == QLatin1String("ssh-rsa"))
        name = QStringLiteral("RSA");
    else if (type == QLatin1String("ssh-ed25519"))
        return QStringLiteral("Ed25519");
    else if (type == QLatin1String("sk-ssh-ed25519@openssh.com"))
        return QStringLiteral("Ed25519-SK");
    else if (type == QLatin1String("sk-ecdsa-sha2-nistp256@openssh.com"))
        return QStringLiteral("ECDSA-SK");
    else if (type.startsWith(QLatin1String("ecdsa-sha2-")))
        name = QStringLiteral("ECDSA");
    return bits > 0 ? name + QLatin1Char(' ') + QString::number(bits) : name;
}

QString rsaWords()
{
    return tr(QT_TRANSLATE_NOOP("keys", "RSA: OpenSSH before 7.2 (2016) signs with SHA-1, which ssh servers refuse today. "
                                        "Where such a client cannot log in, an ECDSA key helps."));
}

}  // namespace cm::ui
