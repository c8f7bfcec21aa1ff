// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts, silences and where they are delivered, as the admin contract speaks of them; and an incident
// as it is handed over. Plain values, any thread. Times are UTC.
#pragma once

#include "core/api/actions.h"
#include "core/api/people.h"

namespace cm::api {

enum class AlertState { Firing, Acknowledged, Silenced, Closed };
template <>
struct EnumNames<AlertState> {
    static constexpr std::array values{std::pair{AlertState::Firing, std::string_view("firing")},
                                       std::pair{AlertState::Acknowledged, std::string_view("acknowledged")},
                                       std::pair{AlertState::Silenced, std::string_view("silenced")},
                                       std::pair{AlertState::Closed, std::string_view("closed")}};
};

// What follows from an alert's cause and therefore is no alert of its own.
struct AlertConsequence {
    std::string node;
    std::string finding;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    Time since;
    friend bool operator==(const AlertConsequence &, const AlertConsequence &) = default;
    BOOST_DESCRIBE_CLASS(AlertConsequence, (), (node, finding, verdict, statement, since), (), ())
};

struct Alert {
    Id id;
    AlertState state = AlertState::Firing;
    std::string node;
    std::string role;
    std::string finding;
    Verdict verdict = Verdict::Unknown;
    std::string statement;
    std::string runbook;
    Time started;
    // When its verdict or statement last changed.
    Time changed;
    std::optional<Time> closed;
    // Who acknowledged it, with the note that lives as long as the alert.
    std::string owner;
    std::string note;
    std::optional<Time> acknowledged;
    // When the acknowledgement runs out and it fires again.
    std::optional<Time> acknowledgedUntil;
    std::optional<Id> silence;
    std::vector<AlertConsequence> consequences;
    // The last time that every receiver had it; absent: not yet.
    std::optional<Time> delivered;
    friend bool operator==(const Alert &, const Alert &) = default;
    BOOST_DESCRIBE_CLASS(Alert, (),
                         (id, state, node, role, finding, verdict, statement, runbook, started, changed, closed, owner,
                          note, acknowledged, acknowledgedUntil, silence, consequences, delivered),
                         (), ())
};

struct ListAlerts {
    // Absent: all but closed ones.
    std::optional<AlertState> state;
    std::string node;
    // Closed ones too, newest first.
    bool history = false;
    std::int64_t offset = 0;
    std::int64_t limit = 100;
    BOOST_DESCRIBE_CLASS(ListAlerts, (), (state, node, history, offset, limit), (), ())
};

struct AlertRef {
    Id alert;
    BOOST_DESCRIBE_CLASS(AlertRef, (), (alert), (), ())
};

struct AcknowledgeAlert {
    Id alert;
    std::string note;
    // Fires again then. At most a week ahead.
    Time until;
    BOOST_DESCRIBE_CLASS(AcknowledgeAlert, (), (alert, note, until), (), ())
};

// "I am awake": everything that fires now, and nothing that comes later.
struct AcknowledgeAll {
    std::string note;
    Time until;
    BOOST_DESCRIBE_CLASS(AcknowledgeAll, (), (note, until), (), ())
};

struct ReleaseAlert {
    Id alert;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ReleaseAlert, (), (alert, reason), (), ())
};

// What a silence matches: every member that is not empty has to be equal. All empty matches nothing.
struct SilenceMatch {
    std::string node;
    std::string role;
    std::string finding;
    std::string site;
    friend bool operator==(const SilenceMatch &, const SilenceMatch &) = default;
    BOOST_DESCRIBE_CLASS(SilenceMatch, (), (node, role, finding, site), (), ())
};

struct PreviewSilence {
    SilenceMatch match;
    BOOST_DESCRIBE_CLASS(PreviewSilence, (), (match), (), ())
};

// What a silence would do now.
struct SilencePreview {
    // Open alerts that would fall silent.
    std::vector<Alert> alerts;
    // Nodes whose coming alerts would be silent.
    std::vector<std::string> nodes;
    // What speaks against it, such as "hides a critical alert that nobody owns".
    std::vector<std::string> warnings;
    friend bool operator==(const SilencePreview &, const SilencePreview &) = default;
    BOOST_DESCRIBE_CLASS(SilencePreview, (), (alerts, nodes, warnings), (), ())
};

struct CreateSilence {
    SilenceMatch match;
    std::string reason;
    // At most a week ahead.
    Time until;
    BOOST_DESCRIBE_CLASS(CreateSilence, (), (match, reason, until), (), ())
};

struct Silence {
    Id id;
    SilenceMatch match;
    std::string author;
    std::string reason;
    Time created;
    Time until;
    // When it was ended or ran out.
    std::optional<Time> ended;
    std::string endedBy;
    // Open alerts that it holds back now, and what returns with its end.
    std::int64_t holds = 0;
    friend bool operator==(const Silence &, const Silence &) = default;
    BOOST_DESCRIBE_CLASS(Silence, (), (id, match, author, reason, created, until, ended, endedBy, holds), (), ())
};

struct ListSilences {
    // Ended ones too.
    bool history = false;
    BOOST_DESCRIBE_CLASS(ListSilences, (), (history), (), ())
};

struct SilenceList {
    std::vector<Silence> silences;
    friend bool operator==(const SilenceList &, const SilenceList &) = default;
    BOOST_DESCRIBE_CLASS(SilenceList, (), (silences), (), ())
};

struct EndSilence {
    Id silence;
    std::string reason;
    BOOST_DESCRIBE_CLASS(EndSilence, (), (silence, reason), (), ())
};

// A place where alerts go, and what has not got there yet.
struct Receiver {
    std::string name;
    // "webhook" or "mail".
    std::string kind;
    std::int64_t waiting = 0;
    std::optional<Time> oldestWaiting;
    std::optional<Time> lastDelivered;
    std::string lastProblem;
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
    friend bool operator==(const Receiver &, const Receiver &) = default;
    BOOST_DESCRIBE_CLASS(Receiver, (),
                         (name, kind, waiting, oldestWaiting, lastDelivered, lastProblem, delivered, failed), (), ())
};

struct ReceiverList {
    std::vector<Receiver> receivers;
    friend bool operator==(const ReceiverList &, const ReceiverList &) = default;
    BOOST_DESCRIBE_CLASS(ReceiverList, (), (receivers), (), ())
};

struct ExportIncident {
    // Absent: from 30 minutes before the first open alert, until now.
    std::optional<Time> from;
    std::optional<Time> until;
    BOOST_DESCRIBE_CLASS(ExportIncident, (), (from, until), (), ())
};

// Everything that a colleague, or the write-up afterwards, needs.
struct Incident {
    Time time;
    Time from;
    Time until;
    Topology topology;  // as of now
    // As of now; absent of a span that had ended before.
    std::optional<MonitorState> state;
    std::optional<ReplicationView> replication;
    std::optional<PoolView> pools;
    // Those that were open in the span, with what has become of them since.
    std::vector<Alert> alerts;
    std::vector<Silence> silences;
    // Those that were at work in the span, with their steps, newest first.
    std::vector<Action> actions;
    // Oldest first.
    std::vector<TimelineEvent> timeline;
    std::vector<AuditEntry> audit;
    // Of the nodes that were ever not ok.
    std::vector<Series> series;
    // What belongs to the span and is not here, each in a sentence.
    std::vector<std::string> leftOut;
    friend bool operator==(const Incident &, const Incident &) = default;
    BOOST_DESCRIBE_CLASS(Incident, (),
                         (time, from, until, topology, state, replication, pools, alerts, silences, actions, timeline, audit,
                          series, leftOut),
                         (), ())
};

}  // namespace cm::api
