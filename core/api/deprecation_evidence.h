// SPDX-License-Identifier: GPL-3.0-or-later
// Who still uses what is on its way out, what they are told, and what is left of it in the registry's own words. A figure
// that nobody knows is absent, never 0. Plain values, any thread.
#pragma once

#include "core/api/client_class.h"
#include "core/api/types.h"

namespace cm::api {

struct DeprecationUseDay {
    Time day;
    std::int64_t accepted = 0;
    std::int64_t refused = 0;
    std::int64_t people = 0;
    // Accepted as well, and no account stands behind it.
    std::int64_t anonymous = 0;
    friend bool operator==(const DeprecationUseDay &, const DeprecationUseDay &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationUseDay, (), (day, accepted, refused, people, anonymous), (), ())
};

struct DeprecationClientUse {
    std::string client;
    std::string version;
    std::int64_t uses = 0;
    std::int64_t people = 0;
    friend bool operator==(const DeprecationClientUse &, const DeprecationClientUse &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationClientUse, (), (client, version, uses, people), (), ())
};

// By what the client says of itself; absent: the use was kept by a program that did not look.
struct DeprecationClassUse {
    std::optional<ClientClass> clientClass;
    std::int64_t uses = 0;
    std::int64_t people = 0;
    friend bool operator==(const DeprecationClassUse &, const DeprecationClassUse &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationClassUse, (), (clientClass, uses, people), (), ())
};

// Uses that no account stands behind, by the network that they came from: a /24 of IPv4, a /48 of IPv6.
struct DeprecationNetworkUse {
    std::string network;
    std::int64_t uses = 0;
    Time last;
    friend bool operator==(const DeprecationNetworkUse &, const DeprecationNetworkUse &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationNetworkUse, (), (network, uses, last), (), ())
};

// Overflow: more came than a node could hold while the database was away. Unsure: a commit whose answer was lost.
// UncleanStop: a node ended without writing what it held.
enum class UseGapCause { Overflow, Unsure, UncleanStop };
template <>
struct EnumNames<UseGapCause> {
    static constexpr std::array values{std::pair{UseGapCause::Overflow, std::string_view("overflow")},
                                       std::pair{UseGapCause::Unsure, std::string_view("unsure")},
                                       std::pair{UseGapCause::UncleanStop, std::string_view("unclean_stop")}};
};

// A stretch in which uses of this record are missing, or may be.
struct DeprecationUseGap {
    std::string node;
    Time from;
    Time to;
    UseGapCause cause = UseGapCause::Overflow;
    // Absent: nobody knows how many, or whether any.
    std::optional<std::int64_t> uses;
    friend bool operator==(const DeprecationUseGap &, const DeprecationUseGap &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationUseGap, (), (node, from, to, cause, uses), (), ())
};

// A person behind the uses of the last 90 days.
struct DeprecationPerson {
    std::string user;
    std::string email;
    // There is an address, and no mail to it has come back.
    bool reachable = false;
    Time firstUse;
    Time lastUse;
    std::int64_t uses30 = 0;
    std::int64_t uses90 = 0;
    std::int64_t refused = 0;
    // "ssh-ed25519 SHA256:…", "token 12 (release)", "password".
    std::vector<std::string> credentials;
    std::vector<std::string> clients;
    std::vector<std::string> projects;
    // The newest mail, and what became of it: "sent", "saved", "failed"; times it was told by a notice.
    std::optional<Time> told;
    std::string toldHow;
    std::int64_t notices = 0;
    std::optional<Time> exemptUntil;
    // The first later use that this record does not touch, and by which channel it came.
    std::optional<Time> movedOver;
    std::string movedTo;
    // First seen after the announcement.
    bool isNew = false;
    friend bool operator==(const DeprecationPerson &, const DeprecationPerson &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationPerson, (),
                         (user, email, reachable, firstUse, lastUse, uses30, uses90, refused, credentials, clients, projects, told,
                          toldHow, notices, exemptUntil, movedOver, movedTo, isNew),
                         (), ())
};

// Direct use: each request, attributed. Indirect use is a question for download-evidence.
struct DeprecationEvidence {
    // Absent: nothing was ever recorded.
    std::optional<Time> recordedSince;
    // Uses of this record in the last 90 days that are known to be missing. Where a gap has no figure there may be more.
    std::int64_t lost = 0;
    // Whole days in UTC, no gap; before recordedSince there is no day at all.
    std::vector<DeprecationUseDay> days;
    std::int64_t uses30 = 0;
    std::int64_t uses90 = 0;
    std::int64_t people30 = 0;
    std::int64_t people90 = 0;
    std::int64_t projects30 = 0;
    std::int64_t projects90 = 0;
    // Among `people`: of all, unless there are more than that list has.
    std::int64_t reachable = 0;
    std::int64_t newSinceAnnouncement = 0;
    // Requests of the last 90 days that it would have refused and that no account stands behind.
    std::int64_t unattributed = 0;
    // Fit over the last 30 days of a use a day; absent: too little is known, or it does not fall.
    std::optional<Time> zeroBy;
    std::optional<double> usesADay;
    // Upper bound of 95 % for uses a day when none was seen at all (3 / days).
    std::optional<double> boundADay;
    // Of the rate behind uses90 and anonymous90 together, in the days of those 90 that are recorded: the exact interval of a
    // Poisson mean (Garwood) of 95 %, as of downloads. It takes each use for one that came by itself, at a rate that does not
    // change: where few people make most of them, a job each night, or use falls, what is to be expected lies further apart
    // than it says. It is of what was counted: neither of what is lost nor of what caches answered. Absent: nothing was ever
    // recorded.
    std::optional<double> lower90;
    std::optional<double> upper90;
    std::vector<DeprecationClientUse> clients;
    // The 1,000 who came last.
    std::vector<DeprecationPerson> people;
    // Of the last 90 days, newest first, 100 at most; none: nothing is known to be missing.
    std::vector<DeprecationUseGap> gaps;
    // Since when, of those 90 days, something is missing or may be; absent: nothing is.
    std::optional<Time> lostSince;
    // Accepted uses that no account stands behind: of an endpoint that is read.
    std::int64_t anonymous30 = 0;
    std::int64_t anonymous90 = 0;
    // Accepted, of 90 days, most uses first; classes with those that no account stands behind, networks only those.
    std::vector<DeprecationClassUse> classes;
    std::vector<DeprecationNetworkUse> networks;
    // Caches in front answer for it as well: what is counted here is the least that there was.
    bool behindCaches = false;
    Time sampled;
    friend bool operator==(const DeprecationEvidence &, const DeprecationEvidence &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationEvidence, (),
                         (recordedSince, lost, days, uses30, uses90, people30, people90, projects30, projects90, reachable,
                          newSinceAnnouncement, unattributed, zeroBy, usesADay, boundADay, lower90, upper90, clients, people, gaps,
                          lostSince, anonymous30, anonymous90, classes, networks, behindCaches, sampled),
                         (), ())
};

struct DeprecationMessage {
    std::string user;
    std::string email;
    std::string subject;
    std::string text;
    // Empty: a draft. Else "sent", "saved", "failed".
    std::string outcome;
    std::string problem;
    friend bool operator==(const DeprecationMessage &, const DeprecationMessage &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationMessage, (), (user, email, subject, text, outcome, problem), (), ())
};

struct DeprecationMessages {
    std::vector<DeprecationMessage> items;
    // Whether this registry has an SMTP server to send them by.
    bool canSend = false;
    friend bool operator==(const DeprecationMessages &, const DeprecationMessages &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationMessages, (), (items, canSend), (), ())
};

enum class MessageDelivery { Send, Saved };
template <>
struct EnumNames<MessageDelivery> {
    static constexpr std::array values{std::pair{MessageDelivery::Send, std::string_view("send")},
                                       std::pair{MessageDelivery::Saved, std::string_view("saved")}};
};

struct WriteDeprecationMessages {
    Id deprecation;
    // As drafted or changed by hand; subject and text are what goes out.
    std::vector<DeprecationMessage> messages;
    // Saved: the caller has kept them as files, and it is noted.
    MessageDelivery delivery = MessageDelivery::Send;
    std::string reason;
    BOOST_DESCRIBE_CLASS(WriteDeprecationMessages, (), (deprecation, messages, delivery, reason), (), ())
};

// A text of the registry's own that still speaks of what retires.
struct DeprecationMention {
    // "help page", "answer to an upload", "message of the read-only mode", "documentation of project x".
    std::string where;
    std::string word;
    // The sentence around it.
    std::string text;
    friend bool operator==(const DeprecationMention &, const DeprecationMention &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationMention, (), (where, word, text), (), ())
};

struct DeprecationMentions {
    std::vector<DeprecationMention> items;
    // Texts that were looked through.
    std::int64_t texts = 0;
    friend bool operator==(const DeprecationMentions &, const DeprecationMentions &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationMentions, (), (items, texts), (), ())
};

// The written record, for the archive: Markdown.
struct DeprecationReport {
    std::string text;
    friend bool operator==(const DeprecationReport &, const DeprecationReport &) = default;
    BOOST_DESCRIBE_CLASS(DeprecationReport, (), (text), (), ())
};

}  // namespace cm::api
