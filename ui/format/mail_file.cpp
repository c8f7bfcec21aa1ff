// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/mail_file.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

namespace cm::ui {

namespace {

constexpr qsizetype encodedBytes = 42;  // of UTF-8 in one encoded word, which has at most 75 characters
constexpr qsizetype lineOfBase64 = 76;

// Blanks in the place of everything that would end the line.
QString oneLine(QString text)
{
    for (QChar &c : text) {
        if (c.unicode() < 0x20 || c.unicode() == 0x7f || c == QChar::LineSeparator || c == QChar::ParagraphSeparator)
            c = QLatin1Char(' ');
    }
    return text.trimmed();
}

// RFC 2047: words of base64 where the text is more than ASCII.
QByteArray headWords(const QString &text)
{
    const QString line = oneLine(text);
    const QByteArray utf8 = line.toUtf8();
    if (utf8.size() == line.size() && utf8.size() < 900)
        return utf8;
    QByteArray out;
    QByteArray part;
    const auto flush = [&] {
        if (!part.isEmpty())
            out += (out.isEmpty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + part.toBase64() + "?=";
        part.clear();
    };
    for (const uint letter : line.toUcs4()) {
        const char32_t one = letter;
        const QByteArray bytes = QString::fromUcs4(&one, 1).toUtf8();
        if (part.size() + bytes.size() > encodedBytes)
            flush();
        part += bytes;
    }
    flush();
    return out;
}

}  // namespace

QByteArray mailFile(const api::DeprecationMessage &message, Time time)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    const QString date = QLocale::c().toString(QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC), QStringLiteral("ddd, dd MMM yyyy HH:mm:ss")) + QStringLiteral(" +0000");
    QByteArray out;
    out += "Date: " + date.toLatin1() + "\r\n";
    out += "To: " + oneLine(QString::fromStdString(message.email)).toUtf8() + "\r\n";
    out += "Subject: " + headWords(QString::fromStdString(message.subject)) + "\r\n";
    // Unsent: mail programs open it for writing.
    out += "X-Unsent: 1\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    QString body = QString::fromStdString(message.text);
    body.replace(QStringLiteral("\r\n"), QStringLiteral("\n")).replace(QLatin1Char('\n'), QStringLiteral("\r\n"));
    const QByteArray encoded = body.toUtf8().toBase64();
    for (qsizetype at = 0; at < encoded.size(); at += lineOfBase64)
        out += encoded.mid(at, lineOfBase64) + "\r\n";
    return out;
}

QString mailFileName(const api::DeprecationMessage &message)
{
    QString name;
    for (const QChar c : QString::fromStdString(message.user)) {
        const bool plain = c.unicode() < 0x80 && (c.isLetterOrNumber() || c == QLatin1Char('-') || c == QLatin1Char('_') || c == QLatin1Char('.'));
        if (plain && !(name.isEmpty() && c == QLatin1Char('.')))
            name += c;
    }
    return (name.isEmpty() ? QStringLiteral("message") : name) + QStringLiteral(".eml");
}

}  // namespace cm::ui
