// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of downloads in the language of the window: client classes, splits, what a line is called, and series as
// a file for others. Plain functions, GUI thread.
#pragma once

#include "core/api/downloads.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace cm::ui {

QString nameFor(api::ClientClass clientClass);
QString nameFor(api::DownloadSplit split);
QString nameFor(api::AnnotationKind kind);
// "by hour".
QString byStep(api::DownloadStep step);
// What a value of a split is called: "Mirrors and proxies", "3.11", "wheel", "not told".
QString valueName(api::DownloadSplit split, api::DownloadLineKind kind, const std::string &value);
// A line of a chart; of several projects their names.
QString lineName(api::DownloadSplit split, const api::DownloadLine &line);
// "3 of 1 440 minutes without data"; empty where none is missing.
QString missingWords(std::int64_t minutes, std::int64_t known);
// Of a count to which some of the `folded` may belong; empty for none.
QString foldedWords(std::int64_t folded);
// "2026-11-03", or with the minute where a bucket is no day.
QString bucketName(api::DownloadStep step, Time start);
// A bound of an interval: that of a small count lies between whole numbers.
QString boundWords(double bound);
Time bucketEnd(const api::DownloadSeries &series, std::size_t bucket);
// Nothing: it is of a moment. A gap without an end goes on, up to what is sampled.
std::optional<Time> annotationEnd(const api::DownloadSeries &series, const api::DownloadAnnotation &said);
// CSV (RFC 4180, UTF-8): a row for each bucket, with the minutes of which it is known and what people say of it; empty
// where a figure is not. `lines`, where it is known, adds those that came again, and those that are counted twice.
QByteArray downloadsAsCsv(api::DownloadSplit split, const api::DownloadSeries &series, const api::DownloadCompleteness *lines = nullptr);

}  // namespace cm::ui
