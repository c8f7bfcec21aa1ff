// SPDX-License-Identifier: GPL-3.0-or-later
// What is on its way out: one record per retiring thing, its stages, guards, windows of refusal, evidence, people and
// the words that were exchanged. A figure that nobody knows is absent, never 0. Plain values, any thread.
#pragma once

#include "core/api/brown_outs.h"
#include "core/api/types.h"

namespace cm::api {

enum class DeprecationKind { Channel, Endpoint, Authentication, ClientVersion, FileType, MetadataVersion, Digest };
template <>
struct EnumNames<DeprecationKind> {
    static constexpr std::array values{std::pair{DeprecationKind::Channel, std::string_view("channel")},
                                       std::pair{DeprecationKind::Endpoint, std::string_view("endpoint")},
                                       std::pair{DeprecationKind::Authentication, std::string_view("authentication")},
                                       std::pair{DeprecationKind::ClientVersion, std::string_view("client_version")},
                                       std::pair{DeprecationKind::FileType, std::string_view("file_type")},
                                       std::pair{DeprecationKind::MetadataVersion, std::string_view("metadata_version")},
                                       std::pair{DeprecationKind::Digest, std::string_view("digest")}};
};

// RolledBack acts as Warning does; Paused keeps the dates and stops the clock: nothing is announced and nobody refused.
enum class DeprecationState {
    Proposed,
    Measuring,
    Announced,
    Warning,
    BrownOut,
    Sunset,
    Removed,
    Closed,
    Paused,
    RolledBack,
    Cancelled,
    Frozen
};
template <>
struct EnumNames<DeprecationState> {
    static constexpr std::array values{std::pair{DeprecationState::Proposed, std::string_view("proposed")},
                                       std::pair{DeprecationState::Measuring, std::string_view("measuring")},
                                       std::pair{DeprecationState::Announced, std::string_view("announced")},
                                       std::pair{DeprecationState::Warning, std::string_view("warning")},
                                       std::pair{DeprecationState::BrownOut, std::string_view("brown_out")},
                                       std::pair{DeprecationState::Sunset, std::string_view("sunset")},
                                       std::pair{DeprecationState::Removed, std::string_view("removed")},
                                       std::pair{DeprecationState::Closed, std::string_view("closed")},
                                       std::pair{DeprecationState::Paused, std::string_view("paused")},
                                       std::pair{DeprecationState::RolledBack, std::string_view("rolled_back")},
                                       std::pair{DeprecationState::Cancelled, std::string_view("cancelled")},
                                       std::pair{DeprecationState::Frozen, std::string_view("frozen")}};
};

// Met; Unmet blocks, and may be overridden only where `overridable`; Unknown: nobody could say, blocks like Unmet.
// Advice blocks nothing and is to be read.
enum class GuardState { Met, Unmet, Unknown, Advice };
template <>
struct EnumNames<GuardState> {
    static constexpr std::array values{std::pair{GuardState::Met, std::string_view("met")},
                                       std::pair{GuardState::Unmet, std::string_view("unmet")},
                                       std::pair{GuardState::Unknown, std::string_view("unknown")},
                                       std::pair{GuardState::Advice, std::string_view("advice")}};
};

struct DeprecationGuard {
    // A stable word: "replacement", "dates", "owner", "window", "tombstone", "alerts", "second-person", …
    std::string name;
    GuardState state = GuardState::Unknown;
    // One sentence with the live figures, English, for the record; the desktop has words of its own by `name`.
    std::string detail;
    // A reason and a second person stand in for it.
    bool overridable = false;
    friend bool operator==(const DeprecationGuard &, const DeprecationGuard &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationGuard, (), (name, state, detail, overridable), (), ())
};

// What retires. `subject` by kind: a channel ("ssh upload", "https upload"), an endpoint that takes something
// ("file-upload", "doc-upload") or is read ("project-json", "journal", "stats"; the simple index and the files are refused:
// every installation needs them), a way to prove who one is ("password", "token", "unscoped-token", "ssh-key"), a client with a PEP 440 range ("twine <3.0"), a file
// type ("bdist_egg"), a range of metadata versions ("<1.2"), the strongest digest sent ("md5", "sha256", "none").
struct DeprecationTerms {
    std::string title;
    DeprecationKind kind = DeprecationKind::Channel;
    std::string subject;
    // Who runs it: a user's name.
    std::string owner;
    // In words, for refusals: "an API token over https".
    std::string replacement;
    // Where it is explained.
    std::string link;
    // A command that does the same the new way, for mails; "{project}" and "{user}" are filled in.
    std::string command;
    // The project whose downloads stand for indirect use; empty: none does.
    std::string clientProject;
    // Words that the registry's own texts must not mention after the removal, with commas between.
    std::string mentions;
    // RFC 9745's date and RFC 8594's; the latter not before the former.
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    std::optional<Time> removal;
    // Accepted uses by people in the last `quietDays` that a sunset may still meet.
    std::int64_t budget = 0;
    std::int64_t quietDays = 7;
    // Each step from the announcement on needs a second admin.
    bool secondPerson = false;
    friend bool operator==(const DeprecationTerms &, const DeprecationTerms &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationTerms, (),
                         (title, kind, subject, owner, replacement, link, command, clientProject, mentions, deprecated, sunset,
                          removal, budget, quietDays, secondPerson),
                         (), ())
};

// Something that a record may be of, where the choice is a closed one.
struct Retirable {
    DeprecationKind kind = DeprecationKind::Channel;
    std::string subject;
    // It is read, mostly by nobody who is known, and caches may answer for it: direct use is a lower bound there.
    bool isRead = false;
    friend bool operator==(const Retirable &, const Retirable &) = default;
    BOOST_DESCRIBE_CLASS(Retirable, (), (kind, subject, isRead), (), ())
};

struct DeprecationExemption {
    std::string user;
    Time until;
    std::string reason;
    std::string by;
    friend bool operator==(const DeprecationExemption &, const DeprecationExemption &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationExemption, (), (user, until, reason, by), (), ())
};

enum class Stance { For, Against, Note };
template <>
struct EnumNames<Stance> {
    static constexpr std::array values{std::pair{Stance::For, std::string_view("for")},
                                       std::pair{Stance::Against, std::string_view("against")},
                                       std::pair{Stance::Note, std::string_view("note")}};
};

// What somebody who was consulted said.
struct DeprecationAnswer {
    Id id;
    // Whoever it was; need be no user.
    std::string who;
    Stance stance = Stance::Note;
    std::string text;
    Time time;
    // Who wrote it down.
    std::string by;
    friend bool operator==(const DeprecationAnswer &, const DeprecationAnswer &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationAnswer, (), (id, who, stance, text, time, by), (), ())
};

// One step that was taken, with what was known then.
struct DeprecationStep {
    Id id;
    DeprecationState from = DeprecationState::Proposed;
    DeprecationState to = DeprecationState::Proposed;
    Time time;
    std::string by;
    // The second person; empty: none was needed.
    std::string confirmedBy;
    std::string reason;
    std::vector<DeprecationGuard> guards;
    // Guards that did not hold and were overridden.
    bool overridden = false;
    friend bool operator==(const DeprecationStep &, const DeprecationStep &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationStep, (), (id, from, to, time, by, confirmedBy, reason, guards, overridden), (), ())
};

// What one node answers when it rehearses the tombstone of this record.
struct TombstoneProof {
    std::string node;
    // Of the record that it rehearsed.
    std::int64_t revision = 0;
    bool right = false;
    // What it would answer, or what is wrong with it.
    std::string detail;
    Time time;
    friend bool operator==(const TombstoneProof &, const TombstoneProof &) = default;
    BOOST_DESCRIBE_CLASS(TombstoneProof, (), (node, revision, right, detail, time), (), ())
};

struct DeprecationSummary {
    Id id;
    // Rises with each change of the record; a step names the one it was planned on.
    std::int64_t revision = 0;
    std::string title;
    DeprecationKind kind = DeprecationKind::Channel;
    std::string subject;
    std::string owner;
    DeprecationState state = DeprecationState::Proposed;
    Time since;
    // The brown-out that is planned next or runs.
    std::optional<BrownOut> next;
    // The next date of the record that lies ahead, and what it is of.
    std::optional<Time> nextDate;
    std::optional<DeprecationState> nextState;
    // Accepted uses, and people, of the last 30 days.
    std::int64_t uses = 0;
    std::int64_t people = 0;
    // Accepted uses of the last 30 days that no account stands behind; of what is read these are most.
    std::int64_t anonymous = 0;
    // Why this node cannot read the record, which a newer program has written: then title, subject, owner and times are
    // all that is known of it, and `kind` and `state` say nothing. Empty: it can.
    std::string unreadable;
    friend bool operator==(const DeprecationSummary &, const DeprecationSummary &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationSummary, (),
                         (id, revision, title, kind, subject, owner, state, since, next, nextDate, nextState, uses, people, anonymous,
                          unreadable),
                         (), ())
};

struct DeprecationList {
    std::vector<DeprecationSummary> items;
    // What a new record may be of, by closed choices; clients and metadata versions are written as ranges.
    std::vector<Retirable> retirable;
    Time sampled;
    friend bool operator==(const DeprecationList &, const DeprecationList &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationList, (), (items, retirable, sampled), (), ())
};

// What the second person has agreed to; a step that differs in any of it needs another word.
struct AgreedStep {
    DeprecationState to = DeprecationState::Measuring;
    std::int64_t revision = 0;
    // Of a brown-out.
    std::optional<Time> starts;
    std::optional<Time> ends;
    std::string onCall;
    std::int64_t abortAt = 0;
    bool overrideGuards = false;
    // Of all that; a plan of the same step has the same.
    std::string digest;
    std::string by;
    Time time;
    friend bool operator==(const AgreedStep &, const AgreedStep &) = default;
    BOOST_DESCRIBE_CLASS(AgreedStep, (), (to, revision, starts, ends, onCall, abortAt, overrideGuards, digest, by, time), (), ())
};

struct DeprecationRecord {
    Id id;
    std::int64_t revision = 0;
    DeprecationTerms terms;
    DeprecationState state = DeprecationState::Proposed;
    // Before the pause; only while paused.
    std::optional<DeprecationState> pausedFrom;
    Time since;
    Time created;
    std::string createdBy;
    // Oldest first, all of them.
    std::vector<DeprecationStep> steps;
    std::vector<BrownOut> brownOuts;
    std::vector<DeprecationExemption> exemptions;
    std::vector<DeprecationAnswer> answers;
    std::vector<TombstoneProof> tombstones;
    // Where it may go from here, the ordinary next one first.
    std::vector<DeprecationState> possible;
    // Who has confirmed the step to that state at this revision; absent: nobody.
    std::optional<DeprecationState> confirmedStep;
    std::string confirmedBy;
    // The same with all that the word binds.
    std::optional<AgreedStep> agreed;
    Time sampled;
    friend bool operator==(const DeprecationRecord &, const DeprecationRecord &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationRecord, (),
                         (id, revision, terms, state, pausedFrom, since, created, createdBy, steps, brownOuts, exemptions, answers,
                          tombstones, possible, confirmedStep, confirmedBy, agreed, sampled),
                         (), ())
};

struct DeprecationRef {
    Id deprecation;
    BOOST_DESCRIBE_CLASS(DeprecationRef, (), (deprecation), (), ())
};

struct ProposeDeprecation {
    DeprecationTerms terms;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ProposeDeprecation, (), (terms, reason), (), ())
};

// The kind and the subject stay once it is measured.
struct EditDeprecation {
    Id deprecation;
    std::int64_t revision = 0;
    DeprecationTerms terms;
    std::string reason;
    BOOST_DESCRIBE_CLASS(EditDeprecation, (), (deprecation, revision, terms, reason), (), ())
};

// The dry run: somebody whom the state asked for would have refused, from the last 30 days.
struct RefusedPerson {
    std::string user;
    std::int64_t uses = 0;
    std::vector<std::string> projects;
    Time lastUse;
    bool reachable = false;
    std::optional<Time> exemptUntil;
    friend bool operator==(const RefusedPerson &, const RefusedPerson &) = default;
    BOOST_DESCRIBE_CLASS(RefusedPerson, (), (user, uses, projects, lastUse, reachable, exemptUntil), (), ())
};

struct PlanDeprecationStep {
    Id deprecation;
    DeprecationState to = DeprecationState::Measuring;
    // Of the brown-out, when that is the step.
    std::optional<Time> starts;
    std::optional<Time> ends;
    std::string onCall;
    std::int64_t abortAt = 0;
    // Changes the digest alone: guards are told both ways.
    bool overrideGuards = false;
    BOOST_DESCRIBE_CLASS(PlanDeprecationStep, (), (deprecation, to, starts, ends, onCall, abortAt, overrideGuards), (), ())
};

struct DeprecationPlan {
    DeprecationState to = DeprecationState::Measuring;
    std::int64_t revision = 0;
    std::vector<DeprecationGuard> guards;
    // Whether it may be pressed now; with an override, whether that would do.
    bool allowed = false;
    bool allowedByOverride = false;
    // Who would be refused, most uses first; who is exempt as well, last. `refusedUses`: without those.
    std::vector<RefusedPerson> refused;
    std::int64_t refusedUses = 0;
    // Since when uses are recorded: a shorter time than 30 days is no evidence of 30 days.
    std::optional<Time> recordedSince;
    // Uses of the last 30 days that would have been refused and that no account stands behind.
    std::int64_t refusedAnonymous = 0;
    // Of the step as it was asked for, at this revision: what a second person's word is bound to.
    std::string digest;
    friend bool operator==(const DeprecationPlan &, const DeprecationPlan &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationPlan, (),
                         (to, revision, guards, allowed, allowedByOverride, refused, refusedUses, recordedSince, refusedAnonymous,
                          digest),
                         (), ())
};

struct TakeDeprecationStep {
    Id deprecation;
    DeprecationState to = DeprecationState::Measuring;
    // As the plan had it; Conflict when the record has moved since.
    std::int64_t revision = 0;
    std::string reason;
    // Of the guards that allow it.
    bool overrideGuards = false;
    std::optional<Time> starts;
    std::optional<Time> ends;
    std::string onCall;
    std::int64_t abortAt = 0;
    BOOST_DESCRIBE_CLASS(TakeDeprecationStep, (),
                         (deprecation, to, revision, reason, overrideGuards, starts, ends, onCall, abortAt), (), ())
};

// The second person's word, for this very step and no other: the stage, the revision, the window, who watches it, when it
// aborts itself, and whether guards are overridden. Never by who takes the step.
struct ConfirmDeprecationStep {
    Id deprecation;
    DeprecationState to = DeprecationState::Measuring;
    std::int64_t revision = 0;
    std::string reason;
    bool overrideGuards = false;
    std::optional<Time> starts;
    std::optional<Time> ends;
    std::string onCall;
    std::int64_t abortAt = 0;
    BOOST_DESCRIBE_CLASS(ConfirmDeprecationStep, (),
                         (deprecation, to, revision, reason, overrideGuards, starts, ends, onCall, abortAt), (), ())
};

struct ExemptFromDeprecation {
    Id deprecation;
    std::string user;
    // Absent: the exemption ends now.
    std::optional<Time> until;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ExemptFromDeprecation, (), (deprecation, user, until, reason), (), ())
};

// A node that enforces records, by its last sign of life. The tombstone guard asks each that has given one within a day.
struct ServingNode {
    std::string node;
    Time seen;
    // Silent for so long that it may be forgotten.
    bool mayForget = false;
    friend bool operator==(const ServingNode &, const ServingNode &) = default;
    BOOST_DESCRIBE_CLASS(ServingNode, (), (node, seen, mayForget), (), ())
};

struct ServingNodes {
    std::vector<ServingNode> items;
    Time sampled;
    friend bool operator==(const ServingNodes &, const ServingNodes &) = default;
    BOOST_DESCRIBE_CLASS(ServingNodes, (), (items, sampled), (), ())
};

// That a node is gone for good, so that no step waits for it. GuardFailed ("silent") while it was heard of in the last ten
// minutes. One that was not gone is back by itself with its next sign of life.
struct ForgetServingNode {
    std::string node;
    std::string reason;
    BOOST_DESCRIBE_CLASS(ForgetServingNode, (), (node, reason), (), ())
};

struct AnswerDeprecation {
    Id deprecation;
    std::string who;
    Stance stance = Stance::Note;
    std::string text;
    BOOST_DESCRIBE_CLASS(AnswerDeprecation, (), (deprecation, who, stance, text), (), ())
};

}  // namespace cm::api
