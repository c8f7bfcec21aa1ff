// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/inspector/highlighter.h"

#include <QThreadPool>

namespace cm::ui {

namespace {

constexpr qsizetype sliceSize = 32 * 1024;
constexpr int portion = 400;

// Cuts the spans of a whole line to the display lines it is broken into.
void appendBroken(QList<QList<CodeSpan>> &out, const QList<CodeSpan> &spans, qsizetype length)
{
    const auto limit = static_cast<int>(Highlighter::displayLimit);
    for (int from = 0; from == 0 || from < length; from += limit) {
        QList<CodeSpan> part;
        for (const CodeSpan &span : spans) {
            const int start = std::max(span.start, from);
            const int end = std::min(span.start + span.length, from + limit);
            if (end > start)
                part.append({start - from, end - start, span.color, span.bold, span.italic});
        }
        out.append(part);
    }
}

}  // namespace

Highlighter::Highlighter(QObject *parent) : QObject(parent), m_stop(std::make_shared<std::atomic_bool>(false))
{
}

Highlighter::~Highlighter()
{
    cancel();
}

void Highlighter::cancel()
{
    m_stop->store(true);
    m_stop = std::make_shared<std::atomic_bool>(false);
    ++m_generation;
}

PreparedText Highlighter::prepare(const QString &text)
{
    PreparedText out;
    QString slice;
    slice.reserve(sliceSize + displayLimit);
    qsizetype from = 0;
    int number = 1;
    while (from <= text.size()) {
        qsizetype end = text.indexOf(QLatin1Char('\n'), from);
        if (end < 0)
            end = text.size();
        qsizetype stop = end;
        if (stop > from && text.at(stop - 1) == QLatin1Char('\r'))
            --stop;
        for (qsizetype at = from; at == from || at < stop; at += displayLimit) {
            if (at > from)
                ++out.brokenLines;
            slice += QStringView(text).mid(at, std::min(displayLimit, stop - at));
            slice += QLatin1Char('\n');
            out.lineNumbers.append(at == from ? number : -number);
        }
        if (slice.size() >= sliceSize) {
            out.slices.append(slice);
            slice.clear();
        }
        ++number;
        from = end + 1;
    }
    // The last line has no line after it.
    slice.chop(slice.endsWith(QLatin1Char('\n')) ? 1 : 0);
    if (slice.isEmpty() && !out.slices.isEmpty())
        out.slices.last().chop(1);
    else
        out.slices.append(slice);
    return out;
}

void Highlighter::start(const QString &fileName, const QString &text, bool dark)
{
    cancel();
    const int mine = m_generation;
    const auto stop = m_stop;
    const auto deliver = [this, mine, stop](auto report) {
        // The receiver is asked only while it lives: cancel() runs in its destructor.
        if (stop->load())
            return;
        QMetaObject::invokeMethod(
            this,
            [this, mine, report = std::move(report)] {
                if (mine == m_generation)
                    report();
            },
            Qt::QueuedConnection);
    };
    QThreadPool::globalInstance()->start([this, fileName, text, dark, stop, deliver] {
        deliver([this, made = prepare(text)] { Q_EMIT prepared(made); });
        LineColours colours(fileName, dark);
        const QString language = colours.language();
        deliver([this, language] { Q_EMIT languageKnown(language); });
        if (language.isEmpty())
            return;
        QList<QList<CodeSpan>> lines;
        int first = 0;
        for (qsizetype from = 0; from <= text.size() && !stop->load();) {
            qsizetype end = text.indexOf(QLatin1Char('\n'), from);
            if (end < 0)
                end = text.size();
            qsizetype length = end - from;
            if (length > 0 && text.at(end - 1) == QLatin1Char('\r'))
                --length;
            const QString line = text.mid(from, length);
            appendBroken(lines, length > colourLimit ? QList<CodeSpan>{} : colours.line(line), length);
            from = end + 1;
            if (lines.size() >= portion || from > text.size()) {
                const auto count = static_cast<int>(lines.size());
                deliver([this, first, part = lines] { Q_EMIT coloured(first, part); });
                first += count;
                lines.clear();
            }
        }
    });
}

}  // namespace cm::ui
