// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/ssh_keys.h"

#include "core/registry/moderation.h"
#include "core/registry/people.h"
#include "core/registry/ssh_public_key.h"
#include "core/registry/text.h"

#include <boost/json.hpp>
#include <fmt/core.h>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::size_t maxTitle = 200;
// What sshd's hosts keep of everybody has to stay small.
constexpr std::int64_t mostOfOnePerson = 100;

tl::unexpected<Error> invalid(std::string field, std::string problem)
{
    return fail(Error{ErrorCode::InvalidInput, field + ": " + problem, {{field, problem}}, {}});
}

json::object described(const catalog::SshKeyRow &key, std::string_view owner)
{
    json::array projects;
    for (const std::string &project : key.projects)
        projects.emplace_back(project);
    json::object out{{"user", owner},
                     {"type", key.type},
                     {"fingerprint", key.fingerprint},
                     {"title", key.title},
                     {"projects", std::move(projects)}};
    if (key.expires)
        out["expires"] = formatRfc3339(*key.expires);
    return out;
}

Result<std::string> checkedTitle(std::string_view title)
{
    const std::string_view text = trimmed(title);
    const bool printable = std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
    if (text.size() > maxTitle || !isUtf8(text) || !printable)
        return invalid("title", "is a line of at most 200 bytes");
    return std::string(text);
}

// That of a key of somebody else is told to admins alone.
Result<catalog::SshKeyRow> ownOrAnybodys(catalog::Reader &reader, const Principal &by, catalog::Id id)
{
    CM_TRY_ASSIGN(catalog::SshKeyRow key, reader.sshKey(id));
    if ((by.userId == 0 || key.userId != by.userId) && !may(by, Action::ManageUsers))
        return fail(ErrorCode::NotFound, "no such ssh key");
    return key;
}

// Of one fingerprint there is one person, also when the key was revoked: what was done with it stays theirs.
Result<void> checkFree(catalog::Reader &reader, const catalog::SshKeyRow &key)
{
    CM_TRY_ASSIGN(const auto known, reader.sshKeysWithFingerprint(key.fingerprint));
    for (const catalog::SshKeyRow &row : known) {
        if (row.userId != key.userId)
            return fail(ErrorCode::Conflict, "the key belongs to somebody else");
        if (!row.revoked)
            return fail(ErrorCode::Conflict, "the key is there already");
    }
    catalog::SshKeyQuery own;
    own.userId = key.userId;
    own.now = key.created;
    own.limit = 1;
    CM_TRY_ASSIGN(const auto page, reader.sshKeys(own));
    if (page.total >= mostOfOnePerson)
        return fail(ErrorCode::Conflict, "nobody has more than 100 keys: revoke one that is not used");
    return {};
}

}  // namespace

Result<catalog::SshKeyPage> SshKeys::list(const Principal &by, const SshKeyListing &listing)
{
    catalog::SshKeyQuery query;
    query.part = trimmed(listing.part);
    query.ended = listing.ended;
    query.now = m_clock.now();
    query.offset = listing.offset;
    query.limit = listing.limit;
    std::string name;
    if (listing.everybody) {
        if (!listing.user.empty())
            return invalid("user", "and everybody exclude each other");
        CM_TRY(require(by, Action::ReadRegistry));
    } else if (!listing.user.empty()) {
        CM_TRY_ASSIGN(name, normalizeUserName(listing.user));
    }
    return m_catalog.read([&](catalog::Reader &reader) -> Result<catalog::SshKeyPage> {
        if (!listing.everybody) {
            CM_TRY_ASSIGN(const catalog::UserRow owner, name.empty() ? reader.user(by.userId) : reader.findUser(name));
            if (owner.id != by.userId)
                CM_TRY(require(by, Action::ReadRegistry));
            query.userId = owner.id;
        }
        return reader.sshKeys(query);
    });
}

Result<Change> SshKeys::add(const Principal &by, const NewSshKey &key)
{
    CM_TRY(require(by, Action::AddSshKey));
    std::string name;
    if (!key.user.empty()) {
        CM_TRY_ASSIGN(name, normalizeUserName(key.user));
    }
    CM_TRY_ASSIGN(SshPublicKey parsed, parseSshPublicKey(key.publicKey));
    catalog::SshKeyRow row;
    row.type = std::move(parsed.type);
    row.data = std::move(parsed.data);
    row.bits = parsed.bits;
    row.fingerprint = std::move(parsed.fingerprint);
    // A comment that is no title is nobody's mistake.
    CM_TRY_ASSIGN(row.title, trimmed(key.title).empty() ? checkedTitle(parsed.comment).value_or(std::string()) : checkedTitle(key.title));
    CM_TRY_ASSIGN(row.projects, normalizedScope(key.projects));
    CM_TRY_ASSIGN(const std::int64_t days, checkedDays(key.expiresDays));
    row.created = m_clock.now();
    row.addedBy = by.name;
    if (days > 0)
        row.expires = row.created + std::chrono::days(days);
    if (by.until && (!row.expires || *row.expires > *by.until))
        return fail(ErrorCode::Forbidden, "the token that asks ends at " + formatRfc3339(*by.until) +
                                              " and adds no key that lasts longer; sign in for that");
    auto change = m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::UserRow owner, name.empty() ? writer.user(by.userId) : writer.findUser(name));
        if (owner.id != by.userId)
            CM_TRY(require(by, Action::ManageUsers));
        row.userId = owner.id;
        CM_TRY(checkFree(writer, row));
        CM_TRY_ASSIGN(const catalog::Id id, writer.addSshKey(row));
        Recorder recorder(writer, by, row.created);
        const std::string subject = std::to_string(id);
        CM_TRY(recorder.audit({"ssh_key.add", "ssh-key", subject, {}, nullptr, described(row, owner.name)}));
        CM_TRY(recorder.event("ssh_key.added", subject));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> SshKeys::change(const Principal &by, catalog::Id id, const std::vector<std::string> &projects,
                               std::optional<Time> expires, std::string_view reason)
{
    CM_TRY(require(by, Action::AddSshKey));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    CM_TRY_ASSIGN(const auto scope, normalizedScope(projects));
    const Time now = m_clock.now();
    if (expires && (*expires <= now || *expires > now + std::chrono::days(maxTokenDays)))
        return invalid("expires", "is a time to come, within ten years");
    if (by.until && (!expires || *expires > *by.until))
        return fail(ErrorCode::Forbidden, "the token that asks ends at " + formatRfc3339(*by.until) +
                                              " and lets no key last longer; sign in for that");
    auto change = m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::SshKeyRow before, ownOrAnybodys(writer, by, id));
        if (before.revoked)
            return fail(ErrorCode::Conflict, "the key is revoked");
        CM_TRY(writer.changeSshKey(id, scope, expires));
        catalog::SshKeyRow after = before;
        after.projects = scope;
        after.expires = expires;
        Recorder recorder(writer, by, now);
        const std::string subject = std::to_string(id);
        CM_TRY(recorder.audit({"ssh_key.change", "ssh-key", subject, why, described(before, before.userName),
                               described(after, before.userName)}));
        CM_TRY(recorder.event("ssh_key.changed", subject));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<Change> SshKeys::revoke(const Principal &by, catalog::Id id, std::string_view reason)
{
    CM_TRY(require(by, Action::AddSshKey));
    CM_TRY_ASSIGN(const std::string why, checkedReason(reason, false));
    auto change = m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::SshKeyRow key, ownOrAnybodys(writer, by, id));
        if (key.revoked)
            return fail(ErrorCode::Conflict, "the key is revoked already");
        const Time now = m_clock.now();
        CM_TRY(writer.revokeSshKey(id, now, by.name, why));
        Recorder recorder(writer, by, now);
        const std::string subject = std::to_string(id);
        CM_TRY(recorder.audit({"ssh_key.revoke", "ssh-key", subject, why, described(key, key.userName), nullptr}));
        CM_TRY(recorder.event("ssh_key.revoked", subject));
        return recorder.change();
    });
    if (change)
        m_changes.announceCommit();
    return change;
}

Result<std::vector<catalog::SshKeyRow>> SshKeys::live()
{
    return m_catalog.readNow([&](catalog::Reader &reader) { return reader.liveSshKeys(m_clock.now()); });
}

Result<std::optional<catalog::SshKeyRow>> SshKeys::liveWithFingerprint(std::string_view fingerprint)
{
    return m_catalog.readNow([&](catalog::Reader &reader) -> Result<std::optional<catalog::SshKeyRow>> {
        CM_TRY_ASSIGN(auto rows, reader.sshKeysWithFingerprint(fingerprint));
        for (catalog::SshKeyRow &row : rows) {
            if (row.isLive(m_clock.now()))
                return std::optional(std::move(row));
        }
        return std::nullopt;
    });
}

Result<void> SshKeys::reachable()
{
    return m_catalog.readNow([](catalog::Reader &) { return Result<void>(); });
}

}  // namespace cm::registry
