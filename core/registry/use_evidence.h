// SPDX-License-Identifier: GPL-3.0-or-later
// Who uses what is on its way out, how often, and whom the next stage would refuse: read from the uses that were
// recorded, by the same rule and judgement that nodes enforce. Sums are made by the database, and of people with all
// their details there are at most mostPeople. The thread of the reader.
#pragma once

#include "core/catalog/catalog.h"
#include "core/deprecation/policy.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cm::registry {

inline constexpr std::int64_t mostPeople = 1'000;

struct PersonUse {
    catalog::UserRow user;
    bool reachable = false;  // there is an address, and the newest message to it did not fail
    Time firstUse{};
    Time lastUse{};
    std::int64_t uses30 = 0;
    std::int64_t uses90 = 0;
    std::int64_t refused = 0;
    std::int64_t notices = 0;
    std::vector<std::string> credentials;  // as people know them
    std::vector<std::string> clients;
    std::vector<std::string> projects;
    std::optional<catalog::DeprecationMessageRow> told;
    std::optional<Time> exemptUntil;
    std::optional<Time> movedOver;
    std::string movedTo;
    bool isNew = false;
};

// Where uses of a record are missing, or may be.
struct UseGaps {
    std::optional<Time> since;
    std::int64_t lost = 0;     // that are known to be missing
    std::int64_t unknown = 0;  // stretches of which nobody knows how many
    std::vector<catalog::UseGapRow> rows;  // newest first, 100 at most
};

struct UseEvidence {
    std::optional<Time> recordedSince;
    UseGaps gaps;  // of 90 days
    // 90 at most, today included, without a gap since recording began.
    std::vector<catalog::UseDayRow> days;
    catalog::UseTotals month;    // of 30 days
    catalog::UseTotals quarter;  // of 90 days
    std::vector<catalog::UseClientRow> clients;  // most uses first
    std::vector<catalog::UseClassRow> classes;
    std::vector<catalog::UseNetworkRow> networks;  // of nobody who is known
    std::vector<PersonUse> people;               // of 90 days, last use first
};

// The kinds of uses that the rule speaks of, by the judgement that nodes enforce.
Result<catalog::UseFilter> filterOf(catalog::Reader &reader, const deprecation::Entry &entry);
// It is of an endpoint that is read.
[[nodiscard]] bool isOfReads(const deprecation::Entry &entry);
// Since when its uses are recorded, where uses are since `usesSince`.
[[nodiscard]] std::optional<Time> recordedSince(const deprecation::Entry &entry, std::optional<Time> usesSince);
Result<UseGaps> gapsOf(catalog::Reader &reader, const deprecation::Entry &entry, Time from);

// `announced`: when it was told to people for the first time; nothing: it was not.
Result<UseEvidence> useEvidence(catalog::Reader &reader, const deprecation::Entry &entry, std::optional<Time> announced, Time now);
Result<catalog::UseTotals> useTotalsSince(catalog::Reader &reader, const deprecation::Entry &entry, Time from);

struct RefusedPerson {
    catalog::UserRow user;
    std::int64_t uses = 0;
    std::vector<std::string> projects;
    Time lastUse{};
    bool reachable = false;
    std::optional<Time> exemptUntil;  // then it would not be refused
};

struct DryRun {
    std::vector<RefusedPerson> people;  // most uses first; who is exempt as well, last
    std::int64_t uses = 0;              // that would have been refused
    std::int64_t anonymous = 0;         // of nobody who is known, besides
    std::optional<Time> recordedSince;
};

// Whom the record would refuse in that state, by the accepted uses of the last 30 days. `at`: the last moment of it,
// or its first where it has no end, for exemptions.
Result<DryRun> dryRun(catalog::Reader &reader, const deprecation::Entry &entry, deprecation::State to, Time at, Time now);

struct BrownOutFigures {
    std::int64_t refused = 0;
    std::int64_t people = 0;
    std::int64_t movedOver = 0;  // of the people: came by another way afterwards
    std::int64_t anonymous = 0;  // refusals of nobody who is known, besides
};
struct ClassRefusals {
    std::string clientClass;  // as the admin contract names it; empty: nobody has looked
    std::int64_t refused = 0;
    std::int64_t people = 0;
};

struct PersonRefused {
    catalog::UserRow user;
    std::int64_t refused = 0;
    Time first{};
    Time last{};
    std::optional<Time> movedOver;
    std::string movedTo;
};

struct BrownOutDetails {
    std::vector<ClassRefusals> classes;  // most refusals first
    std::vector<PersonRefused> people;   // most refusals first, mostRefused of them
};
inline constexpr std::size_t mostRefused = 50;
// New uses are summed up so many at once: a fraction of a second's work for the store.
inline constexpr std::int64_t summedAtOnce = 5'000;
Result<BrownOutDetails> brownOutDetails(catalog::Reader &reader, const deprecation::Entry &entry, catalog::Id brownOut);

Result<std::map<catalog::Id, BrownOutFigures>> brownOutFigures(catalog::Reader &reader, const deprecation::Entry &entry);
// Of windows that ended before: their sums are kept with them, in the place of their uses.
Result<void> keepBrownOutFigures(catalog::Writer &writer, Time before);

}  // namespace cm::registry
