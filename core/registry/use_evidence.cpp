// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/use_evidence.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace cm::registry {

namespace {

using catalog::Id;
using deprecation::Rule;
using deprecation::Traits;
using std::chrono::days;

constexpr days looked{90};
constexpr days month{30};

Traits traitsOf(const catalog::UseRow &use)
{
    return {use.channel,       use.endpoint, use.authentication,  use.client,
            use.clientVersion, use.fileType, use.metadataVersion, use.digest};
}

// What the engine can leave out; the rule has the last word.
catalog::UseQuery queryFor(const Rule &rule, Time from)
{
    catalog::UseQuery query;
    query.from = from;
    switch (rule.kind) {
    case deprecation::Kind::Channel:
        query.channel = rule.value;
        break;
    case deprecation::Kind::Endpoint:
        query.endpoint = rule.value;
        break;
    case deprecation::Kind::Authentication:
        // "token" is of two kinds.
        query.authentication = rule.value == "token" ? std::string() : rule.value;
        break;
    case deprecation::Kind::ClientVersion:
        query.client = rule.value;
        break;
    case deprecation::Kind::FileType:
        query.fileType = rule.value;
        break;
    case deprecation::Kind::Digest:
        query.digest = rule.value;
        break;
    case deprecation::Kind::MetadataVersion:
        break;
    }
    return query;
}

struct Seen {
    PersonUse use;
    std::set<std::string> credentials;
    std::set<std::string> clients;
    std::set<std::string> projects;
};

struct Gathered {
    std::map<Id, Seen> people;
    std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::set<Id>>> clients;
    std::map<std::int64_t, std::pair<UseDay, std::set<Id>>> days;
    std::set<Id> people30;
    std::set<std::string> projects30;
    std::set<std::string> projects90;
};

std::vector<std::string> listOf(std::set<std::string> values)
{
    return {values.begin(), values.end()};
}

bool isAccepted(const catalog::UseRow &use)
{
    return use.status >= 200 && use.status < 300;
}

void gatherUse(const catalog::UseRow &use, Time monthAgo, Gathered &all, UseEvidence &out)
{
    const bool accepted = isAccepted(use);
    const bool refusedForIt = use.refusedBy.has_value();
    auto &[day, dayPeople] = all.days[std::chrono::floor<days>(use.time).time_since_epoch().count()];
    (accepted ? day.accepted : day.refused) += accepted || refusedForIt ? use.uses : 0;
    const bool recent = use.time >= monthAgo;
    if (refusedForIt && recent)
        out.refused30 += use.uses;
    // Refused for something else: no use that retiring it would touch.
    if (!accepted && !refusedForIt)
        return;
    if (!use.userId) {
        out.unattributed += use.uses;
        return;
    }
    dayPeople.insert(*use.userId);
    Seen &seen = all.people.try_emplace(*use.userId).first->second;
    PersonUse &person = seen.use;
    if (person.lastUse == Time{})
        person.firstUse = use.time;
    person.lastUse = use.time;
    person.notices += use.noticed ? use.uses : 0;
    if (!use.credential.empty())
        seen.credentials.insert(use.credential);
    if (!use.client.empty())
        seen.clients.insert(use.clientVersion.empty() ? use.client : use.client + " " + use.clientVersion);
    if (!use.project.empty())
        seen.projects.insert(use.project);
    if (!accepted) {
        person.refused += use.uses;
        return;
    }
    person.uses90 += use.uses;
    out.uses90 += use.uses;
    if (!use.project.empty())
        all.projects90.insert(use.project);
    auto &[count, clientPeople] = all.clients[{use.client, use.clientVersion}];
    count += use.uses;
    clientPeople.insert(*use.userId);
    if (!recent)
        return;
    person.uses30 += use.uses;
    out.uses30 += use.uses;
    all.people30.insert(*use.userId);
    if (!use.project.empty())
        all.projects30.insert(use.project);
}

// A use that the record does not touch, of somebody who was seen before with one that it does.
void gatherOther(const catalog::UseRow &use, std::optional<Time> announced, std::map<Id, Seen> &people)
{
    if (!isAccepted(use) || !use.userId)
        return;
    const auto found = people.find(*use.userId);
    if (found == people.end() || found->second.use.movedOver || (announced && use.time <= *announced))
        return;
    found->second.use.movedOver = use.time;
    found->second.use.movedTo = use.channel;
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

Result<void> describePeople(catalog::Reader &reader, Id deprecation, std::optional<Time> announced, Time now, Gathered &all,
                            UseEvidence &out)
{
    std::map<Id, catalog::DeprecationMessageRow> told;
    CM_TRY_ASSIGN(const auto messages, reader.deprecationMessages(deprecation));
    for (const catalog::DeprecationMessageRow &message : messages)
        told[message.userId] = message;
    std::map<Id, Time> exempt;
    CM_TRY_ASSIGN(const auto exemptions, reader.deprecationExemptions(deprecation));
    for (const catalog::DeprecationExemptionRow &exemption : exemptions) {
        if (now < exemption.until)
            exempt[exemption.userId] = exemption.until;
    }
    for (auto &[id, seen] : all.people) {
        PersonUse &person = seen.use;
        CM_TRY_ASSIGN(person.user, reader.user(id));
        if (const auto found = told.find(id); found != told.end())
            person.told = found->second;
        person.reachable = !person.user.email.empty() && (!person.told || person.told->outcome != "failed");
        if (const auto found = exempt.find(id); found != exempt.end())
            person.exemptUntil = found->second;
        person.isNew = announced && person.firstUse > *announced;
        for (const std::string &credential : seen.credentials) {
            CM_TRY_ASSIGN(std::string text, credentialText(reader, credential));
            person.credentials.push_back(std::move(text));
        }
        person.clients = listOf(std::move(seen.clients));
        person.projects = listOf(std::move(seen.projects));
        out.people.push_back(std::move(person));
    }
    std::sort(out.people.begin(), out.people.end(), [](const PersonUse &a, const PersonUse &b) { return a.lastUse > b.lastUse; });
    return {};
}

void fillDays(Gathered &all, Time from, Time now, UseEvidence &out)
{
    if (!out.recordedSince)
        return;
    const auto last = std::chrono::floor<days>(now);
    for (auto day = std::chrono::floor<days>(std::max(from, *out.recordedSince)); day <= last; day += days(1)) {
        UseDay row;
        if (const auto found = all.days.find(day.time_since_epoch().count()); found != all.days.end()) {
            row = found->second.first;
            row.people = static_cast<std::int64_t>(found->second.second.size());
        }
        row.day = day;
        out.days.push_back(row);
    }
}

}  // namespace

Result<UseEvidence> useEvidence(catalog::Reader &reader, const catalog::DeprecationRow &row, const deprecation::Entry &entry,
                                std::optional<Time> announced, Time now)
{
    UseEvidence out;
    CM_TRY_ASSIGN(out.recordedSince, reader.usesSince());
    CM_TRY_ASSIGN(out.lost, reader.usesLost());
    const Time from = std::chrono::floor<days>(now) - looked + days(1);
    catalog::UseQuery query = queryFor(entry.rule, from);
    query.wholePeople = true;
    Gathered all;
    CM_TRY(reader.eachUse(query, [&](const catalog::UseRow &use) {
        if (deprecation::matches(entry.rule, traitsOf(use)))
            gatherUse(use, now - month, all, out);
        else
            gatherOther(use, announced, all.people);
    }));
    out.people30 = static_cast<std::int64_t>(all.people30.size());
    out.projects30 = static_cast<std::int64_t>(all.projects30.size());
    out.projects90 = static_cast<std::int64_t>(all.projects90.size());
    for (const auto &[client, uses] : all.clients)
        out.clients.push_back({client.first, client.second, uses.first, static_cast<std::int64_t>(uses.second.size())});
    std::sort(out.clients.begin(), out.clients.end(), [](const ClientUse &a, const ClientUse &b) { return a.uses > b.uses; });
    fillDays(all, from, now, out);
    CM_TRY(describePeople(reader, row.id, announced, now, all, out));
    return out;
}

Result<AcceptedUse> acceptedSince(catalog::Reader &reader, const Rule &rule, Time from)
{
    CM_TRY_ASSIGN(const auto totals, reader.useTotals(queryFor(rule, from)));
    AcceptedUse out;
    std::set<Id> people;
    for (const catalog::UseTotal &total : totals) {
        if (!total.use.userId || !deprecation::matches(rule, traitsOf(total.use)))
            continue;
        out.uses += total.use.uses;
        people.insert(*total.use.userId);
    }
    out.people = static_cast<std::int64_t>(people.size());
    return out;
}

Result<DryRun> dryRun(catalog::Reader &reader, const deprecation::Entry &entry, deprecation::State to, Time at, Time now)
{
    DryRun out;
    CM_TRY_ASSIGN(out.recordedSince, reader.usesSince());
    if (deprecation::effectOf(to) != deprecation::Effect::Windows && deprecation::effectOf(to) != deprecation::Effect::Tombstone)
        return out;
    const deprecation::Entry then = deprecation::asIf(entry, to, at);
    std::map<Id, std::pair<RefusedPerson, std::set<std::string>>> people;
    CM_TRY(reader.eachUse(queryFor(entry.rule, now - month), [&](const catalog::UseRow &use) {
        if (!isAccepted(use) || !deprecation::matches(entry.rule, traitsOf(use)))
            return;
        if (deprecation::judge(then, traitsOf(use), use.userId, at).refusal)
            out.uses += use.uses;
        if (!use.userId)
            return;
        auto &[person, projects] = people[*use.userId];
        person.uses += use.uses;
        person.lastUse = use.time;
        if (!use.project.empty())
            projects.insert(use.project);
    }));
    CM_TRY_ASSIGN(const auto messages, reader.deprecationMessages(entry.id));
    std::map<Id, std::string> outcomes;
    for (const catalog::DeprecationMessageRow &message : messages)
        outcomes[message.userId] = message.outcome;
    for (auto &[id, found] : people) {
        RefusedPerson &person = found.first;
        CM_TRY_ASSIGN(person.user, reader.user(id));
        person.projects = listOf(std::move(found.second));
        person.reachable = !person.user.email.empty() && outcomes[id] != "failed";
        for (const deprecation::Exemption &exemption : entry.exemptions) {
            if (exemption.userId == id && at < exemption.until)
                person.exemptUntil = exemption.until;
        }
        out.people.push_back(std::move(person));
    }
    std::sort(out.people.begin(), out.people.end(), [](const RefusedPerson &a, const RefusedPerson &b) {
        if (a.exemptUntil.has_value() != b.exemptUntil.has_value())
            return b.exemptUntil.has_value();
        return a.uses > b.uses;
    });
    return out;
}

Result<std::map<Id, BrownOutFigures>> brownOutFigures(catalog::Reader &reader, const deprecation::Entry &entry)
{
    std::map<Id, BrownOutFigures> out;
    CM_TRY_ASSIGN(const auto refusals, reader.brownOutRefusals(entry.id));
    if (refusals.empty())
        return out;
    catalog::UseQuery query;
    query.from = std::ranges::min(refusals, {}, &catalog::BrownOutRefusals::first).first;
    query.ofRefused = entry.id;
    CM_TRY_ASSIGN(const auto totals, reader.useTotals(query));
    std::map<Id, Time> movedOver;  // by person: the newest use that the record does not touch
    for (const catalog::UseTotal &total : totals) {
        if (!total.use.userId || deprecation::matches(entry.rule, traitsOf(total.use)))
            continue;
        Time &newest = movedOver[*total.use.userId];
        newest = std::max(newest, total.use.time);
    }
    for (const catalog::BrownOutRefusals &refusal : refusals) {
        BrownOutFigures &figures = out[refusal.brownOut];
        figures.refused += refusal.uses;
        if (!refusal.userId)
            continue;
        ++figures.people;
        const auto moved = movedOver.find(*refusal.userId);
        figures.movedOver += moved != movedOver.end() && moved->second > refusal.first ? 1 : 0;
    }
    return out;
}

}  // namespace cm::registry
