// SPDX-License-Identifier: GPL-3.0-or-later
// Counts of downloads: series, breakdowns, how complete they are, what people say of them. A figure that nobody
// knows is absent, never 0. Buckets are whole minutes, hours, days or months in UTC. Plain values, any thread.
//
// One rule for every stretch of time, be it a bucket or the whole window of a question: its figure is all that was counted
// in it, also within what somebody calls a gap. `minutes` of it are over, and of `known` of these it is known what came; those
// of a gap are not known. Where `known` is less than `minutes` the figure is a lower bound; where it is 0 there is none.
// So a total, which is the figure of its window, may be more than its buckets' figures together: what was counted in buckets
// that have none is in it.
//
// Values that clients make up are told by name up to a number (4,096 a dimension and day); beyond that they are folded into
// one. Those that everybody knows (installers, systems, Pythons, countries, types) always keep their name. `folded` is how many
// lines that is: any value by name that is not known to everybody may have up to so many more.
#pragma once

#include "core/api/client_class.h"

namespace cm::api {

enum class DownloadSplit { None, Class, Installer, Python, System, Country, FileType, Version, Project };
template <>
struct EnumNames<DownloadSplit> {
    static constexpr std::array values{std::pair{DownloadSplit::None, std::string_view("none")},
                                       std::pair{DownloadSplit::Class, std::string_view("class")},
                                       std::pair{DownloadSplit::Installer, std::string_view("installer")},
                                       std::pair{DownloadSplit::Python, std::string_view("python")},
                                       std::pair{DownloadSplit::System, std::string_view("system")},
                                       std::pair{DownloadSplit::Country, std::string_view("country")},
                                       std::pair{DownloadSplit::FileType, std::string_view("file_type")},
                                       std::pair{DownloadSplit::Version, std::string_view("version")},
                                       std::pair{DownloadSplit::Project, std::string_view("project")}};
};

enum class DownloadStep { Auto, Minute, Hour, Day, Month };
template <>
struct EnumNames<DownloadStep> {
    static constexpr std::array values{std::pair{DownloadStep::Auto, std::string_view("auto")},
                                       std::pair{DownloadStep::Minute, std::string_view("minute")},
                                       std::pair{DownloadStep::Hour, std::string_view("hour")},
                                       std::pair{DownloadStep::Day, std::string_view("day")},
                                       std::pair{DownloadStep::Month, std::string_view("month")}};
};

// What was asked for: a file, or a project's page of the simple index.
enum class DownloadRequest { Download, Simple };
template <>
struct EnumNames<DownloadRequest> {
    static constexpr std::array values{std::pair{DownloadRequest::Download, std::string_view("download")},
                                       std::pair{DownloadRequest::Simple, std::string_view("simple")}};
};

// Value: `value` names it. NotTold: the lines did not say. Other: all the rest. All: no split.
enum class DownloadLineKind { Value, NotTold, Other, All };
template <>
struct EnumNames<DownloadLineKind> {
    static constexpr std::array values{std::pair{DownloadLineKind::Value, std::string_view("value")},
                                       std::pair{DownloadLineKind::NotTold, std::string_view("not_told")},
                                       std::pair{DownloadLineKind::Other, std::string_view("other")},
                                       std::pair{DownloadLineKind::All, std::string_view("all")}};
};

enum class AnnotationKind { Gap, Deploy, Definition, Note };
template <>
struct EnumNames<AnnotationKind> {
    static constexpr std::array values{std::pair{AnnotationKind::Gap, std::string_view("gap")},
                                       std::pair{AnnotationKind::Deploy, std::string_view("deploy")},
                                       std::pair{AnnotationKind::Definition, std::string_view("definition")},
                                       std::pair{AnnotationKind::Note, std::string_view("note")}};
};

// What somebody says of a stretch of time, for every chart that spans it. A gap: what was counted then is not all,
// so that its minutes are not known.
struct DownloadAnnotation {
    // 0: a store says it of itself, and nobody removes it.
    Id id;
    AnnotationKind kind = AnnotationKind::Note;
    // Empty: of the whole registry.
    std::string project;
    Time from;
    // Absent: a moment, or a gap that goes on.
    std::optional<Time> to;
    std::string text;
    std::string author;
    Time created;
    friend bool operator==(const DownloadAnnotation &, const DownloadAnnotation &) = default;
    BOOST_DESCRIBE_CLASS(DownloadAnnotation, (), (id, kind, project, from, to, text, author, created), (), ())
};

struct DownloadSeriesQuery {
    // Names with commas between, at most 10; empty: the registry. Several are compared, without a split.
    std::string projects;
    // Of the one project.
    std::string version;
    DownloadRequest request = DownloadRequest::Download;
    DownloadSplit split = DownloadSplit::Class;
    // Client classes with commas between; empty: all six.
    std::string classes;
    DownloadStep step = DownloadStep::Auto;
    // Absent: since counting began; until now.
    std::optional<Time> from;
    std::optional<Time> to;
    // Values by name; the rest is one line more.
    std::int64_t most = 8;
    BOOST_DESCRIBE_CLASS(DownloadSeriesQuery, (), (projects, version, request, split, classes, step, from, to, most), (), ())
};

// The same for one project, which a maintainer may ask.
struct ProjectSeriesQuery {
    std::string project;
    std::string version;
    DownloadRequest request = DownloadRequest::Download;
    DownloadSplit split = DownloadSplit::Class;
    std::string classes;
    DownloadStep step = DownloadStep::Auto;
    std::optional<Time> from;
    std::optional<Time> to;
    std::int64_t most = 8;
    BOOST_DESCRIBE_CLASS(ProjectSeriesQuery, (), (project, version, request, split, classes, step, from, to, most), (), ())
};

struct DownloadBucket {
    Time start;
    // Minutes of it that are over, and of how many of these lines are known. 0 known: the bucket has no figure.
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    friend bool operator==(const DownloadBucket &, const DownloadBucket &) = default;
    BOOST_DESCRIBE_CLASS(DownloadBucket, (), (start, minutes, known), (), ())
};

struct DownloadLine {
    // Empty: of the registry.
    std::string project;
    DownloadLineKind kind = DownloadLineKind::All;
    // "3.11", "pip", "mirror", …
    std::string value;
    // Of the window; absent: nothing is known of it.
    std::optional<std::int64_t> total;
    // One for each bucket: 0 also where the bucket has no figure.
    std::vector<std::int64_t> counts;
    friend bool operator==(const DownloadLine &, const DownloadLine &) = default;
    BOOST_DESCRIBE_CLASS(DownloadLine, (), (project, kind, value, total, counts), (), ())
};

struct DownloadSeries {
    // Auto never.
    DownloadStep step = DownloadStep::Day;
    // Where the first bucket begins and the last one ends.
    Time from;
    Time to;
    std::vector<DownloadBucket> buckets;
    // The largest first, what is not told and the rest last; classes in their order.
    std::vector<DownloadLine> lines;
    std::vector<DownloadAnnotation> annotations;
    // Of the window.
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    // Lines of values that are not told apart: in the line of kind other. Of one version: what may be of it, and is in no line.
    std::int64_t folded = 0;
    // The first minute and the newest one of which anything is known, but for a few lines long before all others (their clock
    // was wrong) and what lies ahead; absent: nothing was ever counted.
    std::optional<Time> since;
    std::optional<Time> newest;
    // A window that begins here or later has steps of minutes, of hours; absent: what was asked for has none.
    std::optional<Time> minutesFrom;
    std::optional<Time> hoursFrom;
    Time sampled;
    friend bool operator==(const DownloadSeries &, const DownloadSeries &) = default;
    BOOST_DESCRIBE_CLASS(DownloadSeries, (),
                         (step, from, to, buckets, lines, annotations, minutes, known, folded, since, newest, minutesFrom, hoursFrom, sampled), (), ())
};

// Small charts for a list of projects, all in one answer.
struct DownloadTrendsQuery {
    // Names with commas between, from 1 to 100.
    std::string projects;
    DownloadRequest request = DownloadRequest::Download;
    // Client classes with commas between; empty: all six.
    std::string classes;
    // The last days in UTC, today's beginning included; from 1 to 400.
    std::int64_t days = 30;
    BOOST_DESCRIBE_CLASS(DownloadTrendsQuery, (), (projects, request, classes, days), (), ())
};

struct DownloadTrend {
    // Normalised.
    std::string project;
    // Of the window; absent: nothing is known of it for this project.
    std::optional<std::int64_t> total;
    // One for each bucket; absent (null): the day has no figure for this project.
    std::vector<std::optional<std::int64_t>> counts;
    // Minutes that are known for this project: less than `minutes` of all.
    std::int64_t known = 0;
    friend bool operator==(const DownloadTrend &, const DownloadTrend &) = default;
    BOOST_DESCRIBE_CLASS(DownloadTrend, (), (project, total, counts, known), (), ())
};

struct DownloadTrends {
    // Where the first day begins and the last one ends.
    Time from;
    Time to;
    // Of the whole registry: a day of which some minutes are not known has less than was downloaded.
    std::vector<DownloadBucket> buckets;
    // In the order of the question, each project once.
    std::vector<DownloadTrend> items;
    // Of the window.
    std::int64_t minutes = 0;
    std::optional<Time> since;
    std::optional<Time> newest;
    Time sampled;
    friend bool operator==(const DownloadTrends &, const DownloadTrends &) = default;
    BOOST_DESCRIBE_CLASS(DownloadTrends, (), (from, to, buckets, items, minutes, since, newest, sampled), (), ())
};

struct DownloadShareQuery {
    // Empty: the registry.
    std::string project;
    std::string version;
    DownloadRequest request = DownloadRequest::Download;
    // Project: a list of the most downloaded, of the registry alone.
    DownloadSplit split = DownloadSplit::Project;
    std::string classes;
    std::optional<Time> from;
    std::optional<Time> to;
    std::int64_t offset = 0;
    std::int64_t limit = 50;
    BOOST_DESCRIBE_CLASS(DownloadShareQuery, (), (project, version, request, split, classes, from, to, offset, limit), (), ())
};

struct ProjectShareQuery {
    std::string project;
    std::string version;
    DownloadRequest request = DownloadRequest::Download;
    DownloadSplit split = DownloadSplit::Version;
    std::string classes;
    std::optional<Time> from;
    std::optional<Time> to;
    std::int64_t offset = 0;
    std::int64_t limit = 50;
    BOOST_DESCRIBE_CLASS(ProjectShareQuery, (), (project, version, request, split, classes, from, to, offset, limit), (), ())
};

// By client class: six disjoint parts of one count.
struct ClassFigures {
    std::int64_t interactive = 0;
    std::int64_t ci = 0;
    std::int64_t mirror = 0;
    std::int64_t browser = 0;
    std::int64_t tooling = 0;
    std::int64_t unknown = 0;
    friend bool operator==(const ClassFigures &, const ClassFigures &) = default;
    BOOST_DESCRIBE_CLASS(ClassFigures, (), (interactive, ci, mirror, browser, tooling, unknown), (), ())
};

struct DownloadShare {
    DownloadLineKind kind = DownloadLineKind::Value;
    std::string value;
    // Of the classes that were asked for.
    std::int64_t count = 0;
    // Of all classes.
    ClassFigures classes;
    friend bool operator==(const DownloadShare &, const DownloadShare &) = default;
    BOOST_DESCRIBE_CLASS(DownloadShare, (), (kind, value, count, classes), (), ())
};

struct DownloadShares {
    // What was counted: the window rounded to whole buckets that are kept.
    Time from;
    Time to;
    std::vector<DownloadShare> items;
    // Values there are.
    std::int64_t values = 0;
    std::int64_t offset = 0;
    // Of the classes that were asked for all values together, and of all classes. Absent: nothing is known of the window.
    std::optional<std::int64_t> count;
    std::optional<ClassFigures> classes;
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    // Lines of values that are not told apart: the item of kind other. Of one version: what may be of it, and is not counted here.
    std::int64_t folded = 0;
    friend bool operator==(const DownloadShares &, const DownloadShares &) = default;
    BOOST_DESCRIBE_CLASS(DownloadShares, (), (from, to, items, values, offset, count, classes, minutes, known, folded), (), ())
};

struct CompletenessQuery {
    DownloadStep step = DownloadStep::Auto;
    std::optional<Time> from;
    std::optional<Time> to;
    BOOST_DESCRIBE_CLASS(CompletenessQuery, (), (step, from, to), (), ())
};

// received = downloads + simple + ignored + unprocessed + refused.
struct LineFigures {
    std::int64_t received = 0;
    std::int64_t downloads = 0;
    std::int64_t simple = 0;
    std::int64_t ignored = 0;
    std::int64_t unprocessed = 0;
    std::int64_t refused = 0;
    // Sums of the counts that charts show: equal to downloads + simple, unless something is wrong.
    std::int64_t stored = 0;
    // Beside all of these: lines that a sender sent again, by when they came again. They were known again and dropped, and
    // count once.
    std::int64_t repeated = 0;
    friend bool operator==(const LineFigures &, const LineFigures &) = default;
    BOOST_DESCRIBE_CLASS(LineFigures, (), (received, downloads, simple, ignored, unprocessed, refused, stored, repeated), (), ())
};

struct CompletenessBucket {
    Time start;
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    // Absent: nothing is known of it.
    std::optional<LineFigures> lines;
    // Lines that senders say to have sent, and how many came from them in the stretches of time of which they say it,
    // by the hour in which they said it. Absent: no sender told anything then, or the bucket is a minute.
    std::optional<std::int64_t> sent;
    std::optional<std::int64_t> told;
    // Lines that came and had not been sent, of hours in which more than 3 % too many came from a sender: lines are counted
    // twice then, and nobody knows which. Nothing that others lost is taken off.
    std::int64_t doubled = 0;
    friend bool operator==(const CompletenessBucket &, const CompletenessBucket &) = default;
    BOOST_DESCRIBE_CLASS(CompletenessBucket, (), (start, minutes, known, lines, sent, told, doubled), (), ())
};

// Who sends lines, by the name that it gives itself; empty: lines that name no sender.
struct LineSender {
    std::string name;
    // Lines that came from it, by the hour in which they came.
    std::int64_t received = 0;
    // As CompletenessBucket's; absent: it tells nothing.
    std::optional<std::int64_t> sent;
    std::optional<std::int64_t> told;
    std::int64_t doubled = 0;
    friend bool operator==(const LineSender &, const LineSender &) = default;
    BOOST_DESCRIBE_CLASS(LineSender, (), (name, received, sent, told, doubled), (), ())
};

struct LineReason {
    std::string reason;
    std::int64_t lines = 0;
    friend bool operator==(const LineReason &, const LineReason &) = default;
    BOOST_DESCRIBE_CLASS(LineReason, (), (reason, lines), (), ())
};

struct DownloadCompleteness {
    DownloadStep step = DownloadStep::Day;
    Time from;
    Time to;
    std::vector<CompletenessBucket> buckets;
    LineFigures total;
    // Minutes that are over and of how many anything is known.
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    // The most frequent first.
    std::vector<LineReason> reasons;
    // As CompletenessBucket's, of all: more sent than told are lines that were lost. Absent: nobody tells.
    std::optional<std::int64_t> sent;
    std::optional<std::int64_t> told;
    // Lines of senders that tell nothing, of which nobody knows how many were sent: above 0 `sent` is not of all.
    std::int64_t untold = 0;
    // Who sends most first; at most 50.
    std::vector<LineSender> senders;
    // As CompletenessBucket's, of all.
    std::int64_t doubled = 0;
    std::optional<Time> since;
    std::optional<Time> newest;
    Time sampled;
    friend bool operator==(const DownloadCompleteness &, const DownloadCompleteness &) = default;
    BOOST_DESCRIBE_CLASS(DownloadCompleteness, (),
                         (step, from, to, buckets, total, minutes, known, reasons, sent, told, untold, senders, doubled, since, newest,
                          sampled),
                         (), ())
};

struct ListAnnotations {
    std::optional<Time> from;
    std::optional<Time> to;
    BOOST_DESCRIBE_CLASS(ListAnnotations, (), (from, to), (), ())
};

struct AnnotationList {
    std::vector<DownloadAnnotation> items;
    friend bool operator==(const AnnotationList &, const AnnotationList &) = default;
    BOOST_DESCRIBE_CLASS(AnnotationList, (), (items), (), ())
};

struct AddAnnotation {
    AnnotationKind kind = AnnotationKind::Note;
    std::string project;
    Time from;
    std::optional<Time> to;
    std::string text;
    std::string reason;
    BOOST_DESCRIBE_CLASS(AddAnnotation, (), (kind, project, from, to, text, reason), (), ())
};

struct RemoveAnnotation {
    Id annotation;
    std::string reason;
    BOOST_DESCRIBE_CLASS(RemoveAnnotation, (), (annotation, reason), (), ())
};

struct EvidenceQuery {
    // Empty: the registry.
    std::string project;
    std::string version;
    // What is asked about: clients of these classes, an installer, or all.
    std::string classes;
    std::string installer;
    std::optional<Time> from;
    std::optional<Time> to;
    BOOST_DESCRIBE_CLASS(EvidenceQuery, (), (project, version, classes, installer, from, to), (), ())
};

// Downloads of a client are not uses of a channel: who has it may use it daily and never download it again.
struct DownloadEvidence {
    Time from;
    Time to;
    // Absent: nothing is known of the window.
    std::optional<std::int64_t> count;
    // Of the rate that led to it, per window: the exact interval of a Poisson mean (Garwood) of 95 %. It takes each download for
    // one that came by itself, at a rate that does not change: where one machine made many of them it is wider than told here.
    std::optional<double> lower;
    std::optional<double> upper;
    // The same count by class.
    std::optional<ClassFigures> classes;
    // All downloads of the project, version or registry in the window.
    std::optional<std::int64_t> of;
    std::int64_t minutes = 0;
    std::int64_t known = 0;
    // Downloads of values that are not told apart, of which some may be what is asked about: `count` is a lower bound then, and
    // `upper` is that of both together.
    std::int64_t folded = 0;
    // A log of downloads does not tell.
    std::optional<std::int64_t> people;
    friend bool operator==(const DownloadEvidence &, const DownloadEvidence &) = default;
    BOOST_DESCRIBE_CLASS(DownloadEvidence, (), (from, to, count, lower, upper, classes, of, minutes, known, folded, people), (), ())
};

}  // namespace cm::api
