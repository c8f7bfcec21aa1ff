// SPDX-License-Identifier: GPL-3.0-or-later
// Figures and times as people read them, in the language of the window: the one place that does so.
// Times are UTC; a value nobody can know is a dash. Plain functions, GUI thread.
#pragma once

#include "core/base/clock.h"

#include <QString>

#include <chrono>
#include <cstdint>
#include <optional>

namespace cm::ui {

// "3 min 12 s", "2 h 10 min", "17 d".
QString formatDuration(std::chrono::microseconds duration);
// "12 s ago", "just now".
QString formatAge(Time then, Time now);
// "0.8 s", for the age of a sample.
QString formatSampleAge(Time sampled, Time now);
// Binary steps written as people say them: "214 MB", "1.4 GB".
QString formatBytes(std::int64_t bytes);
QString formatRate(double bytesPerSecond);
// Groups of three with thin spaces: "31 407 922".
QString formatCount(std::int64_t count);
// "98.9 %". A little is not nothing, and nearly all is not all: "0.02 %", "99.98 %", and "< 0.01 %", "> 99.99 %" beyond.
QString formatPercent(double ratio);
// "2026-11-22 09:44:19 UTC"
QString formatTime(Time time);
// "2026-11-22 09:44", without the zone for columns whose header names it.
QString formatMinute(Time time);
QString formatDate(Time time);
// "2026-11-22 09:44:19" and "09:44:19", likewise without the zone; "09:44:19 UTC" within a sentence.
QString formatSecond(Time time);
QString formatClock(Time time);
QString formatClockUtc(Time time);
// An end, rounded up: "14:05 UTC", with the date unless it is that of `now`.
QString formatUntil(Time end, Time now);
// For tool tips: UTC with seconds, and the local time.
QString timeTip(Time time);
QString dash();
// "sha256:6f8cca…dfaa7": both ends stay readable.
QString elideMiddle(const QString &text, int characters);
// Isolates an identifier so that it stays left to right in any sentence.
QString ltr(const QString &identifier);

inline QString text(const std::string &utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

template <class T, class Format>
QString orDash(const std::optional<T> &value, Format format)
{
    return value ? format(*value) : dash();
}

}  // namespace cm::ui
