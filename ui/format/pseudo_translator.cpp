// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/pseudo_translator.h"

namespace cm::ui {
namespace {

constexpr QStringView plain = u"AEIOUYaeiouycnsz";
constexpr QStringView accented = u"ÅÉÎÖÛÝåéîöûýçñšž";

// How many characters at `pos` must not be touched: %1, %L1, %n, a tag or an entity.
qsizetype untouched(const QString &text, qsizetype pos)
{
    const QChar c = text.at(pos);
    if (c == u'%') {
        qsizetype end = pos + 1;
        if (end < text.size() && text.at(end) == u'L')
            ++end;
        if (end < text.size() && text.at(end) == u'n')
            return end + 1 - pos;
        while (end < text.size() && text.at(end).isDigit())
            ++end;
        return end - pos;
    }
    if (c == u'<' || c == u'&') {
        const qsizetype end = text.indexOf(c == u'<' ? u'>' : u';', pos);
        // An ampersand before a letter is a mnemonic, which goes with its letter.
        if (end > pos && (c == u'<' || end - pos <= 6))
            return end + 1 - pos;
        return c == u'&' ? 2 : 1;
    }
    return 0;
}

}  // namespace

QString PseudoTranslator::translate(const char *, const char *source, const char *, int) const
{
    return pseudo(QString::fromUtf8(source));
}

QString PseudoTranslator::pseudo(const QString &source)
{
    if (source.isEmpty())
        return source;
    QString out = QStringLiteral("[");
    for (qsizetype pos = 0; pos < source.size();) {
        if (const qsizetype skip = untouched(source, pos)) {
            out += QStringView(source).mid(pos, skip);
            pos += skip;
            continue;
        }
        const qsizetype found = plain.indexOf(source.at(pos));
        out += found >= 0 ? accented.at(found) : source.at(pos);
        ++pos;
    }
    // Longer by 40 %, and at least by two.
    const qsizetype extra = std::max<qsizetype>(2, source.size() * 2 / 5);
    out += u' ';
    for (qsizetype i = 1; i < extra; ++i)
        out += i % 6 == 0 ? u' ' : u'~';
    return out + u']';
}

}  // namespace cm::ui
