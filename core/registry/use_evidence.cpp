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

// The rule as a condition of the database: ranges become the versions within them that came at all.
Result<catalog::UseFilter> filterOf(catalog::Reader &reader, const Entry &entry)
{
    const deprecation::Rule &rule = entry.rule;
    catalog::UseFilter filter;
    filter.deprecation = entry.id;
    switch (rule.kind) {
    case Kind::Channel:
        filter.channel = rule.value;
        return filter;
    case Kind::Endpoint:
        filter.endpoint = rule.value;
        return filter;
    case Kind::FileType:
        filter.fileType = rule.value;
        return filter;
    case Kind::Digest:
        filter.digest = rule.value;
        return filter;
    case Kind::Authentication:
        filter.authentications.emplace();
        for (const char *way : {"password", "token", "unscoped-token", "ssh-key"}) {
            if (deprecation::matches(rule, {.authentication = way}))
                filter.authentications->push_back(way);
        }
        return filter;
    case Kind::ClientVersion:
        filter.client = rule.value;
        if (rule.range.empty())
            return filter;
        break;
    case Kind::MetadataVersion:
        break;
    }
    CM_TRY_ASSIGN(auto versions, reader.useVersions(filter.client));
    std::erase_if(versions, [&](const std::string &version) {
        return !deprecation::matches(rule, {.client = filter.client, .clientVersion = version, .metadataVersion = version});
    });
    (rule.kind == Kind::ClientVersion ? filter.clientVersions : filter.metadataVersions) = std::move(versions);
    return filter;
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
    CM_TRY_ASSIGN(const auto rows, reader.usePeople(filter, from, now - month, mostPeople));
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

}  // namespace

Result<UseEvidence> useEvidence(catalog::Reader &reader, const Entry &entry, std::optional<Time> announced, Time now)
{
    UseEvidence out;
    CM_TRY_ASSIGN(out.recordedSince, reader.usesSince());
    CM_TRY_ASSIGN(out.lost, reader.usesLost());
    const Time from = std::chrono::floor<days>(now) - looked + days(1);
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(out.month, reader.useTotals(filter, now - month));
    CM_TRY_ASSIGN(out.quarter, reader.useTotals(filter, from));
    CM_TRY_ASSIGN(const auto rows, reader.useDays(filter, from));
    fillDays(rows, from, now, out);
    CM_TRY_ASSIGN(out.clients, reader.useClients(filter, from, mostClients));
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
    CM_TRY_ASSIGN(out.recordedSince, reader.usesSince());
    if (deprecation::effectOf(to) != deprecation::Effect::Windows && deprecation::effectOf(to) != deprecation::Effect::Tombstone)
        return out;
    const Entry then = deprecation::asIf(entry, to, at);
    const deprecation::Traits use = deprecation::exampleOf(entry.rule);
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto totals, reader.useTotals(filter, now - month));
    CM_TRY_ASSIGN(const auto rows, reader.usePeople(filter, now - month, now - month, mostPeople));
    const std::vector<Id> users = idsOf(rows);
    CM_TRY_ASSIGN(const auto details, detailsOf(reader, filter, now - month, users));
    CM_TRY_ASSIGN(const auto told, newestMessages(reader, entry.id));
    out.uses = totals.accepted;
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

Result<BrownOutDetails> brownOutDetails(catalog::Reader &reader, const Entry &entry, Id brownOut)
{
    BrownOutDetails out;
    CM_TRY_ASSIGN(auto rows, reader.brownOutUses(entry.id));
    std::erase_if(rows, [&](const catalog::BrownOutUseRow &row) { return row.brownOut != brownOut; });
    std::map<std::string, ClassRefusals> classes;
    std::map<std::string, std::set<Id>> peopleOf;
    std::map<Id, PersonRefused> people;
    for (const catalog::BrownOutUseRow &row : rows) {
        classes[row.clientClass].refused += row.refused;
        if (!row.userId)
            continue;
        peopleOf[row.clientClass].insert(*row.userId);
        const auto [found, fresh] = people.try_emplace(*row.userId);
        PersonRefused &person = found->second;
        person.user.id = *row.userId;
        person.refused += row.refused;
        person.first = fresh ? row.first : std::min(person.first, row.first);
        person.last = std::max(person.last, row.last);
    }
    for (auto &[name, one] : classes) {
        one.clientClass = name;
        one.people = static_cast<std::int64_t>(peopleOf[name].size());
        out.classes.push_back(one);
    }
    for (auto &[id, person] : people)
        out.people.push_back(std::move(person));
    std::ranges::stable_sort(out.classes, std::ranges::greater(), &ClassRefusals::refused);
    std::ranges::stable_sort(out.people, std::ranges::greater(), &PersonRefused::refused);
    if (out.people.size() > mostRefused)
        out.people.resize(mostRefused);
    std::vector<Id> users;
    Time first = Time::max();
    for (PersonRefused &person : out.people) {
        users.push_back(person.user.id);
        first = std::min(first, person.first);
        CM_TRY_ASSIGN(person.user, reader.user(person.user.id));
    }
    if (users.empty())
        return out;
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto others, reader.otherUses(filter, first, users));
    for (PersonRefused &person : out.people) {
        for (const catalog::OtherUseRow &other : others) {
            const Time time = other.first > person.first ? other.first : other.last;
            if (other.userId != person.user.id || time <= person.first || (person.movedOver && *person.movedOver <= time))
                continue;
            person.movedOver = time;
            person.movedTo = other.channel;
        }
    }
    return out;
}

Result<std::map<Id, BrownOutFigures>> brownOutFigures(catalog::Reader &reader, const Entry &entry)
{
    std::map<Id, BrownOutFigures> out;
    if (entry.windows.empty())
        return out;
    CM_TRY_ASSIGN(const auto rows, reader.brownOutUses(entry.id));
    std::set<Id> people;
    Time first = Time::max();
    for (const catalog::BrownOutUseRow &row : rows) {
        out[row.brownOut].refused += row.refused;
        if (!row.userId)
            continue;
        ++out[row.brownOut].people;
        people.insert(*row.userId);
        first = std::min(first, row.first);
    }
    const std::vector<Id> users(people.begin(), people.end());
    CM_TRY_ASSIGN(const auto filter, filterOf(reader, entry));
    CM_TRY_ASSIGN(const auto others, reader.otherUses(filter, first == Time::max() ? Time{} : first, users));
    for (const catalog::BrownOutUseRow &row : rows) {
        const bool moved = row.userId && std::any_of(others.begin(), others.end(), [&](const catalog::OtherUseRow &other) {
                               return other.userId == *row.userId && other.last > row.first;
                           });
        out[row.brownOut].movedOver += moved ? 1 : 0;
    }
    return out;
}

}  // namespace cm::registry
