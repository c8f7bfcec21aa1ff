// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions and API tokens.
#include "core/base/hash.h"
#include "core/pypi/names.h"
#include "core/registry/macaroon.h"
#include "core/registry/people.h"
#include "core/registry/recorder.h"
#include "core/registry/rights.h"
#include "core/registry/text.h"

#include <algorithm>
#include <boost/json.hpp>

namespace cm::registry {

namespace {

namespace json = boost::json;

constexpr std::size_t maxDescription = 200;
// Anybody may ask, so that it must not take all threads of those who are signed in.
constexpr int signingInAtOnce = 3;

struct Minted {
    catalog::TokenRow row;
    std::string secret;
};

// One random key per token: revoking it is forgetting one row's worth of trust.
Minted mint(const NodeKey &nodeKey, const std::string &location, const catalog::UserRow &owner, catalog::TokenRow row)
{
    const std::vector<std::byte> bytes = randomBytes(32);
    const std::string_view key(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    row.macaroonId = toHex(randomBytes(16));
    row.userId = owner.id;
    row.encryptedKey = nodeKey.seal(key);
    std::vector<std::string> caveats{userCaveat(owner.id)};
    if (!row.projects.empty())
        caveats.push_back(projectsCaveat(row.projects));
    if (row.expires)
        caveats.push_back(expiryCaveat(*row.expires, row.created));
    std::string secret = encodeToken(makeMacaroon(key, location, row.macaroonId, std::move(caveats)));
    return {std::move(row), std::move(secret)};
}

json::object described(const catalog::TokenRow &token, std::string_view owner)
{
    json::array projects;
    for (const std::string &project : token.projects)
        projects.emplace_back(project);
    json::object out{{"user", owner}, {"description", token.description}, {"projects", std::move(projects)}};
    if (token.expires)
        out["expires"] = formatRfc3339(*token.expires);
    return out;
}

}  // namespace

Result<std::vector<std::string>> normalizedScope(const std::vector<std::string> &projects)
{
    std::vector<std::string> names;
    for (const std::string &project : projects) {
        if (!pypi::isValidName(project))
            return fail(Error{ErrorCode::InvalidInput, "no project can have that name", {{"projects", project}}, {}});
        names.push_back(pypi::normalizeName(project));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Result<std::int64_t> checkedDays(std::int64_t days)
{
    if (days < 0 || days > maxTokenDays)
        return fail(Error{ErrorCode::InvalidInput, "no such time", {{"expires_days", "is 0 to 3650"}}, {}});
    return days;
}

Result<Session> People::signIn(std::string_view name, std::string_view password, const Origin &origin)
{
    Credentials credentials{Credentials::Kind::Basic, std::string(name), std::string(password)};
    const bool free = m_signingIn.fetch_add(1) < signingInAtOnce;
    auto identified = free ? m_access.identify(credentials, origin)
                           : fail(Error{ErrorCode::Unavailable,
                                        "too many people sign in; try again in a second",
                                        {},
                                        std::chrono::seconds(1)});
    m_signingIn.fetch_sub(1);
    CM_TRY_ASSIGN(Identification who, std::move(identified));
    if (!who.principal || !who.principal->byPassword)
        return fail(ErrorCode::Unauthorized, "name and password do not fit");
    Principal principal = std::move(*who.principal);
    catalog::UserRow owner;
    owner.id = principal.userId;
    catalog::TokenRow row;
    row.kind = catalog::TokenKind::Session;
    row.description = "session";
    row.created = m_clock.now();
    row.expires = row.created + m_settings.session;
    const Minted minted = mint(m_key, m_settings.name, owner, std::move(row));
    CM_TRY_ASSIGN(principal.tokenId, m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<catalog::Id> {
        CM_TRY_ASSIGN(const catalog::TokenRow created, writer.createToken(minted.row));
        CM_TRY(Recorder(writer, principal, minted.row.created)
                   .audit({"session.start",
                           "user",
                           principal.name,
                           {},
                           nullptr,
                           json::object{{"remote", origin.remoteAddress}}}));
        return created.id;
    }));
    principal.byPassword = false;
    return Session{minted.secret, *minted.row.expires, std::move(principal)};
}

Result<void> People::signOut(const Principal &principal)
{
    if (!principal.tokenId)
        return {};
    return m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        CM_TRY_ASSIGN(const catalog::TokenRow row, writer.token(*principal.tokenId));
        if (row.kind != catalog::TokenKind::Session)
            return fail(ErrorCode::InvalidInput, "this is an API token and no session; it is ended by revoking it");
        const Time now = m_clock.now();
        CM_TRY(writer.revokeToken(row.id, now));
        return Recorder(writer, principal, now).audit({"session.end", "user", principal.name, {}, nullptr, nullptr});
    });
}

Result<IssuedToken> People::createToken(const Principal &by, const NewToken &token)
{
    CM_TRY(require(by, Action::CreateToken));
    CM_TRY_ASSIGN(const catalog::UserRow owner,
                  m_catalog.read([&](catalog::Reader &reader) { return reader.user(by.userId); }));
    return issue(by, owner, token);
}

Result<IssuedToken> People::createTokenFor(const Principal &by, std::string_view user, const NewToken &token)
{
    CM_TRY(require(by, Action::ManageUsers));
    CM_TRY_ASSIGN(const std::string name, normalizeUserName(user));
    CM_TRY_ASSIGN(const catalog::UserRow owner,
                  m_catalog.read([&](catalog::Reader &reader) { return reader.findUser(name); }));
    return issue(by, owner, token);
}

Result<IssuedToken> People::issue(const Principal &by, const catalog::UserRow &owner, const NewToken &token)
{
    catalog::TokenRow row;
    row.description = trimmed(token.description);
    if (row.description.size() > maxDescription || !isUtf8(row.description))
        return fail(
            Error{ErrorCode::InvalidInput, "too long a description", {{"description", "has at most 200 bytes"}}, {}});
    CM_TRY(checkedDays(token.expiresDays));
    CM_TRY_ASSIGN(row.projects, normalizedScope(token.projects));
    row.created = m_clock.now();
    if (token.expiresDays > 0)
        row.expires = row.created + std::chrono::days(token.expiresDays);
    if (by.until && (!row.expires || *row.expires > *by.until))
        return fail(Error{ErrorCode::Forbidden,
                          "the token that asks ends at " + formatRfc3339(*by.until) +
                              " and makes none that lasts longer; sign in for that",
                          {},
                          {}});
    const Minted minted = mint(m_key, m_settings.name, owner, std::move(row));
    return m_catalog.write([&](catalog::Writer &writer) -> Result<IssuedToken> {
        IssuedToken issued;
        CM_TRY_ASSIGN(issued.token, writer.createToken(minted.row));
        issued.token.encryptedKey.clear();
        issued.secret = minted.secret;
        Recorder recorder(writer, by, minted.row.created);
        const std::string subject = std::to_string(issued.token.id);
        CM_TRY(recorder.audit({"token.create", "token", subject, {}, nullptr, described(issued.token, owner.name)}));
        CM_TRY(recorder.event("token.created", subject));
        issued.change = recorder.change();
        return issued;
    });
}

Result<std::vector<catalog::TokenRow>> People::tokens(const Principal &by, std::string_view user,
                                                      std::string *ownerName)
{
    std::string name;
    if (!user.empty()) {
        CM_TRY_ASSIGN(name, normalizeUserName(user));
    }
    return m_catalog.read([&](catalog::Reader &reader) -> Result<std::vector<catalog::TokenRow>> {
        CM_TRY_ASSIGN(const catalog::UserRow owner, name.empty() ? reader.user(by.userId) : reader.findUser(name));
        if (owner.id != by.userId)
            CM_TRY(require(by, Action::ManageUsers));
        if (ownerName != nullptr)
            *ownerName = owner.name;
        CM_TRY_ASSIGN(auto rows, reader.tokensOfUser(owner.id, catalog::TokenKind::Api));
        std::erase_if(rows, [now = m_clock.now()](const catalog::TokenRow &row) {
            return row.revoked || (row.expires && *row.expires <= now);
        });
        for (catalog::TokenRow &row : rows)
            row.encryptedKey.clear();
        return rows;
    });
}

Result<std::int64_t> People::revokeAllTokens(const Principal &by)
{
    CM_TRY(require(by, Action::ManageUsers));
    return m_catalog.write([&](catalog::Writer &writer) -> Result<std::int64_t> {
        const Time now = m_clock.now();
        CM_TRY_ASSIGN(const std::int64_t ended, writer.revokeAllTokens(now));
        Recorder recorder(writer, by, now);
        CM_TRY(recorder.audit({"token.revoke-all", "token", "all", {}, json::object{{"tokens", ended}}, nullptr}));
        CM_TRY(recorder.event("token.revoked", "all"));
        return ended;
    });
}

Result<Change> People::revokeToken(const Principal &by, catalog::Id token)
{
    CM_TRY(require(by, Action::CreateToken));
    return m_catalog.write([&](catalog::Writer &writer) -> Result<Change> {
        CM_TRY_ASSIGN(const catalog::TokenRow row, writer.token(token));
        if (row.userId != by.userId && !may(by, Action::ManageUsers))
            return fail(ErrorCode::NotFound, "no such token");
        if (row.revoked)
            return fail(ErrorCode::Conflict, "the token is revoked already");
        CM_TRY_ASSIGN(const catalog::UserRow owner, writer.user(row.userId));
        const Time now = m_clock.now();
        CM_TRY(writer.revokeToken(token, now));
        Recorder recorder(writer, by, now);
        const std::string subject = std::to_string(token);
        CM_TRY(recorder.audit({"token.revoke", "token", subject, {}, described(row, owner.name), nullptr}));
        CM_TRY(recorder.event("token.revoked", subject));
        return recorder.change();
    });
}

}  // namespace cm::registry
