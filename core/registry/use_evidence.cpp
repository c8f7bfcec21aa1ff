// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_evidence.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::registry {

namespace {

using catalog::Id;
using deprecation::Entry;
using deprecation::Kind;
using std::chrono::days;

constexpr days looked{90};
constexpr days month{30};
constexpr std::int64_t mostClients = 100;
constexpr std::int64_t mostNetworks = 100;
constexpr std::size_t mostGaps = 100;

// Whole days, today included.
Time monthBefore(Time now)
{
    return std::chrono::floor<days>(now) - month + days(1);
}

// "ssh-ed25519 SHA256:…" of "key 7", "token 12 (release)" of "token 12".
Result<std::string> credentialText(catalog::Reader &reader, const std::string &credential)
{
    const auto number = [&](std::string_view prefix) {
        return credential.starts_with(prefix) ? std::atoll(credential.c_str() + prefix.size()) : 0;
    };
    if (const Id id = number("key "); id > 0) {
        const auto key = reader.sshKey(id);
        if (!key && key.error().code != ErrorCode::NotFound)
            return fail(key.error());
        return key ? key->type + " " + key->fingerprint : credential;
    }
    const Id id = number("token ");
    if (id == 0)
        return credential;
    const auto token = reader.token(id);
    if (!token && token.error().code != ErrorCode::NotFound)
        return fail(token.error());
    return token && !token->description.empty() ? fmt::format("{} ({})", credential, token->description) : credential;
}

struct Details {
    std::set<std::string> credentials;
    std::set<std::string> clients;
    std::set<std::string> projects;
};

Result<std::map<Id, Details>> detailsOf(catalog::Reader &reader, const catalog::UseFilter &filter, Time from, std::span<const Id> users)
{
    std::map<Id, Details> out;
    CM_TRY_ASSIGN(const auto rows, reader.useDetails(filter, from, users));
    for (const catalog::UseDetailRow &row : rows) {
        Details &details = out[row.userId];
        if (!row.credential.empty())
            details.credentials.insert(row.credential);
        if (!row.client.empty())
            details.clients.insert(row.version.empty() ? row.client : row.client + " " + row.version);
        if (!row.project.empty())
            details.projects.insert(row.project);
    }
    return out;
}

std::vector<std::string> listOf(const std::set<std::string> &values)
{
    return {values.begin(), values.end()};
}

// The newest message to each, whatever became of it.
Result<std::map<Id, catalog::DeprecationMessageRow>> newestMessages(catalog::Reader &reader, Id deprecation)
{
    std::map<Id, catalog::DeprecationMessageRow> out;
    CM_TRY_ASSIGN(const auto messages, reader.deprecationMessages(deprecation));
    for (const catalog::DeprecationMessageRow &message : messages)
        out[message.userId] = message;
    return out;
}

bool canBeReached(const catalog::UserRow &user, const std::map<Id, catalog::DeprecationMessageRow> &told)
{
    const auto found = told.find(user.id);
    return !user.email.empty() && (found == told.end() || found->second.outcome != "failed");
}

std::optional<Time> exemptUntil(const Entry &entry, Id user, Time now)
{
    for (const deprecation::Exemption &exemption : entry.exemptions) {
        if (exemption.userId == user && now < exemption.until)
            return exemption.until;
    }
    return std::nullopt;
}

std::vector<Id> idsOf(const std::vector<catalog::UsePersonRow> &rows)
{
    std::vector<Id> out;
    for (const catalog::UsePersonRow &row : rows)
        out.push_back(row.userId);
    return out;
}

// The first use by another way, later than both the person's first one by this way and the announcement.
void noteMoves(const std::vector<catalog::OtherUseRow> &others, std::optional<Time> announced, std::map<Id, PersonUse *> &people)
{
    for (const catalog::OtherUseRow &other : others) {
        const auto found = people.find(other.userId);
        if (found == people.end())
            continue;
        PersonUse &person = *found->second;
        const Time after = std::max(person.firstUse, announced.value_or(Time{}));
        const Time time = other.first > after ? other.first : other.last;
        if (time <= after || (person.movedOver && *person.movedOver <= time))
            continue;
        person.movedOver = time;
        person.movedTo = other.channel;
    }
}

Result<void> describePeople(catalog::Reader &reader, const Entry &entry, const catalog::UseFilter &filter, Time from,
                            std::optional<Time> announced, Time now, UseEvidence &out)
{
    CM_TRY_ASSIGN(const auto rows, reader.usePeople(filter, from, monthBefore(now), mostPeople));
    out.quarter.people = rows.empty() ? 0 : rows.front().ofPeople;
    out.month.people = rows.empty() ? 0 : rows.front().ofRecent;
    const std::vector<Id> users = idsOf(rows);
    CM_TRY_ASSIGN(const auto details, detailsOf(reader, filter, from, users));
    CM_TRY_ASSIGN(const auto told, newestMessages(reader, entry.id));
    std::map<Id, PersonUse *> byId;
    out.people.reserve(rows.size());
    for (const catalog::UsePersonRow &row : rows) {
        PersonUse person;
        CM_TRY_ASSIGN(person.user, reader.user(row.userId));
        person.firstUse = row.first;
        person.lastUse = row.last;
        person.uses30 = row.recent;
        person.uses90 = row.accepted;
        person.refused = row.refused;
        person.notices = row.notices;
        if (const auto found = told.find(row.userId); found != told.end())
            person.told = found->second;
        person.reachable = canBeReached(person.user, told);
        person.exemptUntil = exemptUntil(entry, row.userId, now);
        person.isNew = announced && person.firstUse > *announced;
        if (const auto found = details.find(row.userId); found != details.end()) {
            for (const std::string &credential : found->second.credentials) {
                CM_TRY_ASSIGN(std::string text, credentialText(reader, credential));
                person.credentials.push_back(std::move(text));
            }
            person.clients = listOf(found->second.clients);
            person.projects = listOf(found->second.projects);
        }
        out.people.push_back(std::move(person));
        byId[row.userId] = &out.people.back();
    }
    // Who reads something less has not gone anywhere that is known.
    if (isOfReads(entry))
        return {};
    CM_TRY_ASSIGN(const auto others, reader.otherUses(filter, from, users));
    noteMoves(others, announced, byId);
    return {};
}

// Days without a use are days as well, once recording has begun.
void fillDays(const std::vector<catalog::UseDayRow> &rows, Time from, Time now, UseEvidence &out)
{
    if (!out.recordedSince)
        return;
    auto row = rows.begin();
    const auto last = std::chrono::floor<days>(now);
    for (auto day = std::chrono::floor<days>(std::max(from, *out.recordedSince)); day <= last; day += days(1)) {
        const std::int64_t number = day.time_since_epoch().count();
        while (row != rows.end() && row->day < number)
            ++row;
        out.days.push_back(row != rows.end() && row->day == number ? *row : catalog::UseDayRow{number, 0, 0, 0});
    }
}

// One look through the sums of a million uses serves both spans.
void addDays(const std::vector<catalog::UseDayRow> &rows, Time from, catalog::UseTotals &totals)
{
    const std::int64_t first = std::chrono::floor<days>(from).time_since_epoch().count();
    for (const catalog::UseDayRow &row : rows) {
        if (row.day < first)
            continue;
        totals.accepted += row.accepted;
        totals.refused += row.refused;
        totals.anonymous += row.anonymous;
    }
}

// Uses that this record might have been told of, had they not been lost.
bool concerns(const catalog::UseGapRow &gap, const Entry &entry)
{
    if (gap.refusedBy)
        return *gap.refusedBy == entry.id;
    const deprecation::Rule &rule = entry.rule;
    if (rule.kind == Kind::Channel && !gap.channel.empty() && gap.channel != rule.value)
        return false;
    if (rule.kind == Kind::Endpoint && !gap.endpoint.empty() && gap.endpoint != rule.value)
        return false;
    // Of what is read no other rule speaks.
    return rule.kind == Kind::Endpoint || !deprecation::isRead(gap.endpoint);
}

}  // namespace

Result<catalog::UseFilter> filterOf(catalog::Reader &reader, const Entry &entry)
{
    catalog::UseFilter filter;
    filter.deprecation = entry.id;
    CM_TRY_ASSIGN(const auto kinds, reader.useKinds());
    for (const catalog::UseKindRow &kind : kinds) {
        const deprecation::Traits traits{kind.channel, kind.endpoint, kind.authentication, kind.client, kind.clientVersion, kind.fileType,
                                         kind.metadataVersion, kind.digest};
        if (deprecation::matches(entry.rule, traits))
            filter.kinds.push_back(kind.id);
    }
    return filter;
}

bool isOfReads(const Entry &entry)
{
    return entry.rule.kind == Kind::Endpoint && deprecation::isRead(entry.rule.value);
}

Result<UseGaps> gapsOf(catalog::Reader &reader, const Entry &entry, Time from)
{
    UseGaps out;
    CM_TRY_ASSIGN(const auto rows, reader.useGaps(std::max(from, entry.created)));
    for (const catalog::UseGapRow &gap : rows) {
        if (!concerns(gap, entry))
            continue;
        out.since = out.since ? std::min(*out.since, gap.began) : gap.began;
        out.lost += gap.uses.value_or(0);
        out.unknown += gap.uses ? 0 : 1;
        if (out.rows.size() < mostGaps)
            out.rows.push_back(gap);
    }
    return out;
}

std::optional<Time> recordedSince(const Entry &entry, std::optional<Time> usesSince)
{
    // What is read is counted while there is a record of it.
    return usesSince && isOfReads(entry) ? std::optional(std::max(*usesSince, entry.created)) : usesSince;
}

Result<UseEvidence> useEvidence(catalog::Reader &reader, const Entry &entry, std::optional<Time> announced, Time now)
{
    UseEvidence out;
    CM_TRY_ASSIGN(const auto usesSince, reader.usesSince());
    out.recordedSince = recordedSince(entry, usesSince);
    const Time from = std::chrono::floor<days>(now) - looked + days(1);
    CM_TRY_ASSIGN(out.gaps, gapsOf(reader, entry, from));
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto rows, reader.useDays(filter, from));
    addDays(rows, from, out.quarter);
    addDays(rows, monthBefore(now), out.month);
    for (const auto &[since, totals] : {std::pair(from, &out.quarter), std::pair(monthBefore(now), &out.month)}) {
        CM_TRY_ASSIGN(totals->projects, reader.useProjects(filter, since));
        CM_TRY_ASSIGN(totals->unattributed, reader.unattributedUses(filter, since));
    }
    fillDays(rows, from, now, out);
    CM_TRY_ASSIGN(out.clients, reader.useClients(filter, from, mostClients));
    CM_TRY_ASSIGN(out.classes, reader.useClasses(filter, from));
    CM_TRY_ASSIGN(out.networks, reader.useNetworks(filter, from, mostNetworks));
    CM_TRY(describePeople(reader, entry, filter, from, announced, now, out));
    return out;
}

Result<catalog::UseTotals> useTotalsSince(catalog::Reader &reader, const Entry &entry, Time from)
{
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    return reader.useTotals(filter, from);
}

Result<DryRun> dryRun(catalog::Reader &reader, const Entry &entry, deprecation::State to, Time at, Time now)
{
    DryRun out;
    CM_TRY_ASSIGN(const auto usesSince, reader.usesSince());
    out.recordedSince = recordedSince(entry, usesSince);
    if (deprecation::effectOf(to) != deprecation::Effect::Windows && deprecation::effectOf(to) != deprecation::Effect::Tombstone)
        return out;
    const Entry then = deprecation::asIf(entry, to, at);
    const deprecation::Traits use = deprecation::exampleOf(entry.rule);
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto totals, reader.useTotals(filter, monthBefore(now)));
    CM_TRY_ASSIGN(const auto rows, reader.usePeople(filter, monthBefore(now), monthBefore(now), mostPeople));
    const std::vector<Id> users = idsOf(rows);
    CM_TRY_ASSIGN(const auto details, detailsOf(reader, filter, monthBefore(now), users));
    CM_TRY_ASSIGN(const auto told, newestMessages(reader, entry.id));
    out.uses = totals.accepted;
    out.anonymous = totals.anonymous;
    for (const catalog::UsePersonRow &row : rows) {
        // Who has been refused only has nothing that could be refused once more.
        if (row.accepted == 0)
            continue;
        RefusedPerson person;
        CM_TRY_ASSIGN(person.user, reader.user(row.userId));
        person.uses = row.accepted;
        person.lastUse = row.last;
        person.reachable = canBeReached(person.user, told);
        if (const auto found = details.find(row.userId); found != details.end())
            person.projects = listOf(found->second.projects);
        if (!deprecation::judge(then, use, row.userId, at).refusal) {
            person.exemptUntil = exemptUntil(entry, row.userId, at);
            out.uses -= row.accepted;
        }
        out.people.push_back(std::move(person));
    }
    std::stable_sort(out.people.begin(), out.people.end(), [](const RefusedPerson &a, const RefusedPerson &b) {
        if (a.exemptUntil.has_value() != b.exemptUntil.has_value())
            return b.exemptUntil.has_value();
        return a.uses > b.uses;
    });
    return out;
}

}  // namespace cm::registry
