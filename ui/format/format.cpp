// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <array>
#include <cmath>

namespace cm::ui {

namespace {

using namespace std::chrono;

constexpr QChar thinSpace(0x202f);
constexpr QChar hardSpace(0x00a0);

QString tr(const char *source)
{
    return QCoreApplication::translate("format", source);
}

QString withUnit(const QString &figure, const char *unit)
{
    return figure + hardSpace + tr(unit);
}

// A figure with as many decimals as people can use: 1.4, 21, 214.
QString shortFigure(double value)
{
    return QLocale().toString(value, 'f', value < 9.95 ? 1 : 0);
}

QDateTime utc(Time time)
{
    return QDateTime::fromMSecsSinceEpoch(duration_cast<milliseconds>(time.time_since_epoch()).count()).toUTC();
}

}  // namespace

QString formatDuration(microseconds duration)
{
    const auto seconds = duration_cast<std::chrono::seconds>(duration).count();
    if (seconds < 0)
        return dash();
    if (seconds < 1)
        return withUnit(QString::number(duration_cast<milliseconds>(duration).count()), QT_TRANSLATE_NOOP("format", "ms"));
    const QString s = withUnit(QString::number(seconds % 60), QT_TRANSLATE_NOOP("format", "s"));
    if (seconds < 60)
        return s;
    const QString min = withUnit(QString::number(seconds / 60 % 60), QT_TRANSLATE_NOOP("format", "min"));
    if (seconds < 3600)
        return seconds % 60 == 0 || seconds >= 600 ? min : min + QLatin1Char(' ') + s;
    const QString h = withUnit(QString::number(seconds / 3600 % 24), QT_TRANSLATE_NOOP("format", "h"));
    if (seconds < 86400)
        return seconds / 60 % 60 == 0 ? h : h + QLatin1Char(' ') + min;
    const QString d = withUnit(formatCount(seconds / 86400), QT_TRANSLATE_NOOP("format", "d"));
    return seconds >= 7 * 86400 || seconds / 3600 % 24 == 0 ? d : d + QLatin1Char(' ') + h;
}

QString formatAge(Time then, Time now)
{
    const auto age = now - then;
    if (age < seconds(2))
        return tr(QT_TRANSLATE_NOOP("format", "just now"));
    // One unit is enough for what lies back.
    const auto s = duration_cast<seconds>(age);
    const auto rounded = s >= hours(24) ? seconds(duration_cast<days>(s))
        : s >= hours(1)                 ? seconds(duration_cast<hours>(s))
        : s >= minutes(1)               ? seconds(duration_cast<minutes>(s))
                                        : s;
    return tr(QT_TRANSLATE_NOOP("format", "%1 ago")).arg(formatDuration(rounded));
}

QString formatSampleAge(Time sampled, Time now)
{
    const auto age = std::max(now - sampled, microseconds(0));
    if (age < seconds(10))
        return withUnit(QLocale().toString(duration<double>(age).count(), 'f', 1), QT_TRANSLATE_NOOP("format", "s"));
    return formatDuration(age);
}

QString formatBytes(std::int64_t bytes)
{
    static constexpr std::array units{QT_TRANSLATE_NOOP("format", "B"), QT_TRANSLATE_NOOP("format", "kB"),
                                      QT_TRANSLATE_NOOP("format", "MB"), QT_TRANSLATE_NOOP("format", "GB"),
                                      QT_TRANSLATE_NOOP("format", "TB"), QT_TRANSLATE_NOOP("format", "PB")};
    if (bytes < 0)
        return dash();
    if (bytes < 1024)
        return withUnit(QString::number(bytes), units[0]);
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return withUnit(shortFigure(value), units[unit]);
}

QString formatRate(double bytesPerSecond)
{
    if (!(bytesPerSecond > 0))
        return dash();
    return tr(QT_TRANSLATE_NOOP("format", "%1/s")).arg(formatBytes(std::llround(bytesPerSecond)));
}

QString formatCount(std::int64_t count)
{
    QString digits = QString::number(count);
    const qsizetype first = count < 0 ? 1 : 0;
    for (qsizetype at = digits.size() - 3; at > first; at -= 3)
        digits.insert(at, thinSpace);
    return digits;
}

QString formatPercent(double ratio)
{
    const double percent = ratio * 100;
    const auto written = [](double value, int digits) { return withUnit(QLocale().toString(value, 'f', digits), QT_TRANSLATE_NOOP("format", "%")); };
    if (percent > 0 && percent < 0.005)
        return tr(QT_TRANSLATE_NOOP("format", "< %1")).arg(written(0.01, 2));
    if (percent > 99.995 && percent < 100)
        return tr(QT_TRANSLATE_NOOP("format", "> %1")).arg(written(99.99, 2));
    const bool nearAnEnd = (percent > 0 && percent < 0.1) || (percent >= 99.95 && percent < 100);
    return written(percent, nearAnEnd ? 2 : 1);
}

QString formatTime(Time time)
{
    return tr(QT_TRANSLATE_NOOP("format", "%1 UTC")).arg(utc(time).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")));
}

QString formatMinute(Time time)
{
    return utc(time).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString formatSecond(Time time)
{
    return utc(time).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

QString formatClock(Time time)
{
    return utc(time).toString(QStringLiteral("HH:mm:ss"));
}

QString formatClockUtc(Time time)
{
    return tr(QT_TRANSLATE_NOOP("format", "%1 UTC")).arg(formatClock(time));
}

QString formatUntil(Time end, Time now)
{
    const Time minute = std::chrono::ceil<std::chrono::minutes>(end);
    const bool today = std::chrono::floor<std::chrono::days>(minute) == std::chrono::floor<std::chrono::days>(now);
    return tr(QT_TRANSLATE_NOOP("format", "%1 UTC")).arg(today ? formatMinute(minute).right(5) : formatMinute(minute));
}

QString formatDate(Time time)
{
    return utc(time).toString(QStringLiteral("yyyy-MM-dd"));
}

QString timeTip(Time time)
{
    const QDateTime local = utc(time).toLocalTime();
    return tr(QT_TRANSLATE_NOOP("format", "%1\n%2 local time (%3)"))
        .arg(formatTime(time), local.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")), local.timeZoneAbbreviation());
}

QString dash()
{
    return QStringLiteral("–");
}

QString elideMiddle(const QString &text, int characters)
{
    if (text.size() <= characters || characters < 3)
        return text;
    const qsizetype tail = (characters - 1) / 3;
    const qsizetype head = characters - 1 - tail;
    return text.left(head) + QChar(0x2026) + text.right(tail);
}

QString ltr(const QString &identifier)
{
    return QChar(0x2066) + identifier + QChar(0x2069);
}

}  // namespace cm::ui
