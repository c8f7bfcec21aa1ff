// SPDX-License-Identifier: GPL-3.0-or-later
// What is on its way out, as the catalog holds it, and the uses by which it is judged. Kinds, states and stances are the
// names of core/deprecation and of the admin contract. Plain values, any thread. Times are UTC.
#pragma once

#include "core/catalog/rows.h"

#include <vector>

namespace cm::catalog {

struct DeprecationRow {
    Id id = 0;
    std::int64_t revision = 1;
    std::string title;
    std::string kind;
    std::string subject;
    std::string owner;
    std::string replacement;
    std::string link;
    std::string command;
    std::string clientProject;
    std::string mentions;
    std::optional<Time> deprecated;
    std::optional<Time> sunset;
    std::optional<Time> removal;
    std::int64_t budget = 0;
    std::int64_t quietDays = 7;
    bool secondPerson = false;
    std::string state;
    std::string pausedFrom;  // empty unless paused
    Time since{};            // of the state
    Time created{};
    std::string createdBy;
    std::string agreed;  // JSON, of core/registry: a second person's word; empty: there is none
};

struct DeprecationStepRow {
    Id id = 0;
    Id deprecationId = 0;
    std::string from;
    std::string to;
    Time time{};
    std::string actor;
    std::string confirmedBy;
    std::string reason;
    std::string guards;  // JSON
    bool overridden = false;
};

struct BrownOutRow {
    Id id = 0;
    Id deprecationId = 0;
    std::int64_t number = 0;
    Time starts{};
    Time ends{};
    std::string onCall;
    std::int64_t abortAt = 0;
    std::optional<Time> ended;  // before its time
    std::string endedBy;
    std::string endReason;
    std::string figures;  // JSON, of core/registry: its sums, once its uses are gone

    [[nodiscard]] Time end() const { return ended ? *ended : ends; }
};

struct DeprecationExemptionRow {
    Id deprecationId = 0;
    Id userId = 0;
    std::string userName;  // read only
    Time until{};
    std::string reason;
    std::string author;
};

struct DeprecationAnswerRow {
    Id id = 0;
    Id deprecationId = 0;
    std::string who;
    std::string stance;
    std::string text;
    Time time{};
    std::string author;
};

struct DeprecationMessageRow {
    Id id = 0;
    Id deprecationId = 0;
    Id userId = 0;
    Time time{};
    std::string outcome;
    std::string problem;
    std::string author;
};

struct DeprecationProofRow {
    Id deprecationId = 0;
    std::string node;
    std::int64_t revision = 0;
    bool right = false;
    std::string detail;
    Time time{};
};

struct ServingNodeRow {
    std::string node;
    Time seen{};
};

// One request, or several alike that nobody is known to stand behind.
struct UseRow {
    Time time{};
    std::string channel;
    std::string endpoint;
    std::string authentication;
    std::string client;
    std::string clientVersion;
    std::optional<Id> userId;
    std::string credential;  // "key 7", "token 12", "password"
    std::string project;     // normalised
    std::string fileType;
    std::string metadataVersion;
    std::string digest;
    std::int64_t status = 0;  // of the answer
    std::optional<Id> refusedBy;
    std::optional<Id> brownOut;
    bool noticed = false;  // the answer told of what is on its way out
    std::int64_t uses = 1;
    std::string clientClass;  // as the admin contract names it
    std::string network;      // of nobody who is known: a /24 or a /48
};

// A combination of what uses were.
struct UseKindRow {
    Id id = 0;
    std::string channel;
    std::string endpoint;
    std::string authentication;
    std::string client;
    std::string clientVersion;
    std::string clientClass;
    std::string fileType;
    std::string metadataVersion;
    std::string digest;
};

// Which uses.
struct UseFilter {
    std::vector<Id> kinds;
    // What retires: a refusal counts where it was for this.
    Id deprecation = 0;
};

struct UseTotals {
    std::int64_t accepted = 0;  // of people who are known
    std::int64_t people = 0;    // who were accepted, or refused for it
    std::int64_t projects = 0;  // of accepted uses
    std::int64_t refused = 0;       // for it, of people who are known
    std::int64_t unattributed = 0;  // that it would have refused or has, of nobody who is known
    std::int64_t anonymous = 0;     // accepted, of nobody who is known
};

struct UseDayRow {
    std::int64_t day = 0;  // since 1970, in UTC
    std::int64_t accepted = 0;
    std::int64_t refused = 0;
    std::int64_t people = 0;
    std::int64_t anonymous = 0;
};

struct UseClientRow {
    std::string client;
    std::string version;
    std::int64_t uses = 0;
    std::int64_t people = 0;
};

struct UseClassRow {
    std::string clientClass;  // empty: nobody has looked
    std::int64_t uses = 0;
    std::int64_t people = 0;
};

struct UseNetworkRow {
    std::string network;
    std::int64_t uses = 0;
    Time last{};
};

struct UsePersonRow {
    Id userId = 0;
    Time first{};
    Time last{};
    std::int64_t recent = 0;  // accepted since the second day that was asked for
    std::int64_t accepted = 0;
    std::int64_t refused = 0;
    std::int64_t notices = 0;
    // The same in each row: how many people there are in all, and since the second day.
    std::int64_t ofPeople = 0;
    std::int64_t ofRecent = 0;
};

// By what a person came, and to what.
struct UseDetailRow {
    Id userId = 0;
    std::string credential;
    std::string client;
    std::string version;
    std::string project;
};

// A use that is none of those filtered for: the first and the last of a person's by that channel on a day.
struct OtherUseRow {
    Id userId = 0;
    std::string channel;
    Time first{};
    Time last{};
};

struct BrownOutUseRow {
    Id brownOut = 0;
    std::optional<Id> userId;  // nothing: nobody who is known
    std::int64_t refused = 0;
    Time first{};
    Time last{};
    std::string clientClass;  // as the admin contract names it; empty: nobody has looked
};

struct CollateralCounts {
    std::int64_t uploads = 0;
    std::int64_t uploadsRefused = 0;
    std::int64_t uploadsFailed = 0;
    std::int64_t installs = 0;
    std::int64_t installsFailed = 0;
};

// What failed beside a brown-out at one node, and in as long a time before it.
struct CollateralRow {
    Id brownOut = 0;
    std::string node;
    Time from{};
    Time to{};
    CollateralCounts during;
    std::optional<CollateralCounts> before;
};

// A stretch in which uses are missing, or may be. Empty texts: of any.
struct UseGapRow {
    std::string node;
    Time began{};
    Time ended{};
    std::string cause;  // "overflow", "unsure", "unclean_stop"
    std::string channel;
    std::string endpoint;
    std::optional<Id> refusedBy;
    std::optional<std::int64_t> uses;  // nothing: nobody knows how many
};

}  // namespace cm::catalog
