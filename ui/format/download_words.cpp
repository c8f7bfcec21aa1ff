// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/download_words.h"

#include "ui/format/format.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace cm::ui {

namespace {

QString tr(const char *source)
{
    return QCoreApplication::translate("downloads", source);
}

QString fileTypeName(const std::string &type)
{
    if (type == "sdist")
        return QCoreApplication::translate("downloads", "Source (sdist)");
    if (type == "bdist_wheel")
        return QCoreApplication::translate("downloads", "Wheel");
    if (type == "bdist_egg")
        return QCoreApplication::translate("downloads", "Egg");
    return text(type);
}

QByteArray quoted(QString field)
{
    // What a spreadsheet would take for a formula is text.
    if (!field.isEmpty() && QStringLiteral("=+-@\t\r").contains(field.front()))
        field.prepend(QLatin1Char('\''));
    if (field.contains(QLatin1Char('"')) || field.contains(QLatin1Char(',')) || field.contains(QLatin1Char('\n')))
        field = QLatin1Char('"') + field.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    return field.toUtf8();
}

}  // namespace

QString nameFor(api::ClientClass clientClass)
{
    switch (clientClass) {
    case api::ClientClass::Interactive:
        return QCoreApplication::translate("downloads", "Interactive installers");
    case api::ClientClass::Ci:
        return QCoreApplication::translate("downloads", "CI installers");
    case api::ClientClass::Mirror:
        return QCoreApplication::translate("downloads", "Mirrors and proxies");
    case api::ClientClass::Browser:
        return QCoreApplication::translate("downloads", "Browsers and fetchers");
    case api::ClientClass::Tooling:
        return QCoreApplication::translate("downloads", "Tooling");
    case api::ClientClass::Unknown:
        break;
    }
    return QCoreApplication::translate("downloads", "Unknown");
}

QString nameFor(api::DownloadSplit split)
{
    switch (split) {
    case api::DownloadSplit::None:
        return QCoreApplication::translate("downloads", "Not split");
    case api::DownloadSplit::Class:
        return QCoreApplication::translate("downloads", "Client class");
    case api::DownloadSplit::Installer:
        return QCoreApplication::translate("downloads", "Installer");
    case api::DownloadSplit::Python:
        return QCoreApplication::translate("downloads", "Python");
    case api::DownloadSplit::System:
        return QCoreApplication::translate("downloads", "System");
    case api::DownloadSplit::Country:
        return QCoreApplication::translate("downloads", "Country");
    case api::DownloadSplit::FileType:
        return QCoreApplication::translate("downloads", "File type");
    case api::DownloadSplit::Version:
        return QCoreApplication::translate("downloads", "Version");
    case api::DownloadSplit::Project:
        break;
    }
    return QCoreApplication::translate("downloads", "Project");
}

QString nameFor(api::AnnotationKind kind)
{
    switch (kind) {
    case api::AnnotationKind::Gap:
        return QCoreApplication::translate("downloads", "Gap in the counts");
    case api::AnnotationKind::Deploy:
        return QCoreApplication::translate("downloads", "Deploy");
    case api::AnnotationKind::Definition:
        return QCoreApplication::translate("downloads", "Change of definition");
    case api::AnnotationKind::Note:
        break;
    }
    return QCoreApplication::translate("downloads", "Note");
}

QString byStep(api::DownloadStep step)
{
    switch (step) {
    case api::DownloadStep::Minute:
        return QCoreApplication::translate("downloads", "by minute");
    case api::DownloadStep::Hour:
        return QCoreApplication::translate("downloads", "by hour");
    case api::DownloadStep::Month:
        return QCoreApplication::translate("downloads", "by month");
    case api::DownloadStep::Auto:
    case api::DownloadStep::Day:
        break;
    }
    return QCoreApplication::translate("downloads", "by day");
}

QString valueName(api::DownloadSplit split, api::DownloadLineKind kind, const std::string &value)
{
    switch (kind) {
    case api::DownloadLineKind::NotTold:
        return tr(QT_TRANSLATE_NOOP("downloads", "Not told"));
    case api::DownloadLineKind::Other:
        return tr(QT_TRANSLATE_NOOP("downloads", "All others"));
    case api::DownloadLineKind::All:
        return tr(QT_TRANSLATE_NOOP("downloads", "Downloads"));
    case api::DownloadLineKind::Value:
        break;
    }
    if (split == api::DownloadSplit::Class) {
        const auto named = api::enumNamed<api::ClientClass>(value);
        return named ? nameFor(*named) : text(value);
    }
    return split == api::DownloadSplit::FileType ? fileTypeName(value) : text(value);
}

QString lineName(api::DownloadSplit split, const api::DownloadLine &line)
{
    if (line.kind == api::DownloadLineKind::All && !line.project.empty())
        return text(line.project);
    return valueName(split, line.kind, line.value);
}

QString missingWords(std::int64_t minutes, std::int64_t known)
{
    if (known >= minutes)
        return {};
    return QCoreApplication::translate("downloads", "%1 of %2 minutes without data").arg(formatCount(minutes - known), formatCount(minutes));
}

QString foldedWords(std::int64_t folded)
{
    if (folded <= 0)
        return {};
    return QCoreApplication::translate("downloads", "a lower bound: %1 more are of clients too many to be told apart").arg(formatCount(folded));
}

QString bucketName(api::DownloadStep step, Time start)
{
    return step == api::DownloadStep::Day || step == api::DownloadStep::Month ? formatDate(start) : formatMinute(start);
}

QString boundWords(double bound)
{
    return bound < 100 ? QLocale().toString(bound, 'f', 1) : formatCount(std::llround(bound));
}

Time bucketEnd(const api::DownloadSeries &series, std::size_t bucket)
{
    return bucket + 1 < series.buckets.size() ? series.buckets[bucket + 1].start : series.to;
}

std::optional<Time> annotationEnd(const api::DownloadSeries &series, const api::DownloadAnnotation &said)
{
    if (said.to || said.kind != api::AnnotationKind::Gap)
        return said.to;
    return std::max(said.from, series.sampled);
}

QByteArray downloadsAsCsv(api::DownloadSplit split, const api::DownloadSeries &series, const api::DownloadCompleteness *lines)
{
    QByteArray out("start_utc,minutes,minutes_known");
    for (const api::DownloadLine &line : series.lines)
        out += ',' + quoted(lineName(split, line));
    out += lines ? ",lines_sent_again,lines_counted_twice,annotations\r\n" : ",annotations\r\n";
    for (std::size_t i = 0; i < series.buckets.size(); ++i) {
        const api::DownloadBucket &bucket = series.buckets[i];
        out += QByteArray::fromStdString(formatRfc3339(bucket.start)) + ',' + QByteArray::number(static_cast<qlonglong>(bucket.minutes)) + ',' +
               QByteArray::number(static_cast<qlonglong>(bucket.known));
        for (const api::DownloadLine &line : series.lines)
            out += ',' + (bucket.known > 0 && i < line.counts.size() ? QByteArray::number(static_cast<qlonglong>(line.counts[i])) : QByteArray());
        if (lines) {
            const auto same = std::ranges::find(lines->buckets, bucket.start, &api::CompletenessBucket::start);
            const bool known = lines->step == series.step && same != lines->buckets.end() && same->lines;
            out += known ? ',' + QByteArray::number(static_cast<qlonglong>(same->lines->repeated)) : QByteArray(",");
            // Nobody knows where no sender tells what it sent.
            out += known && same->sent ? ',' + QByteArray::number(static_cast<qlonglong>(same->doubled)) : QByteArray(",");
        }
        const Time end = bucketEnd(series, i);
        QStringList said;
        for (const api::DownloadAnnotation &one : series.annotations) {
            const Time to = annotationEnd(series, one).value_or(one.from);
            if (one.from < end && (to > bucket.start || one.from >= bucket.start))
                said << QStringLiteral("%1: %2 (%3)").arg(text(std::string(api::nameOf(one.kind))), text(one.text), text(one.author));
        }
        out += ',' + quoted(said.join(QStringLiteral("; "))) + "\r\n";
    }
    return out;
}

}  // namespace cm::ui
