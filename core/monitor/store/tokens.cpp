// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens of a monitor's own, for it must know who may act when the registry is down. Only digests are
// kept: the secrets are random and long, so that a plain hash is enough.
#include "core/base/hash.h"
#include "core/monitor/store/journal.h"

#include <fmt/format.h>

namespace cm::monitor {
namespace {

constexpr std::string_view prefix = "cmm-";

std::int64_t micros(Time time)
{
    return time.time_since_epoch().count();
}

}  // namespace

Result<std::string> Journal::createToken(const Operator &who, const std::string &description, std::int64_t days, Time now)
{
    const std::string secret = std::string(prefix) + toHex(randomBytes(32));
    const std::optional<std::int64_t> expires =
        days > 0 ? std::optional(micros(now + std::chrono::hours(24 * days))) : std::nullopt;
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("INSERT INTO tokens (person, role, description, digest, created, expires) VALUES ($1, $2, "
                                  "$3, $4, $5, $6)",
                                  {who.name, std::string(api::nameOf(who.role)), description,
                                   hashHex(HashKind::Sha256, secret), micros(now), expires}));
        return {};
    }));
    return secret;
}

Result<std::vector<api::Token>> Journal::tokens()
{
    std::vector<api::Token> out;
    CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT id, person, role, description, created, expires FROM tokens "
                                                        "WHERE revoked IS NULL ORDER BY id"));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                return {};
            api::Token token;
            token.id = {rows->integer(0)};
            token.user = rows->string(1);
            token.description = fmt::format("{}: {}", rows->text(2), rows->text(3));
            token.created = Time(std::chrono::microseconds(rows->integer(4)));
            if (!rows->isNull(5))
                token.expires = Time(std::chrono::microseconds(rows->integer(5)));
            out.push_back(std::move(token));
        }
    }));
    return out;
}

Result<void> Journal::revokeTokens(const std::string &person, Time now)
{
    std::int64_t revoked = 0;
    CM_TRY(m_database.write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(revoked, connection.execute("UPDATE tokens SET revoked = $1 WHERE person = $2 AND revoked IS NULL",
                                                  {micros(now), person}));
        return {};
    }));
    return revoked > 0 ? Result<void>() : fail(ErrorCode::NotFound, fmt::format("{} has no token", person));
}

Result<Operator> Journal::authenticate(const std::string &secret, Time now)
{
    std::optional<Operator> found;
    if (secret.starts_with(prefix))
        CM_TRY(m_database.read([&](sql::Connection &connection) -> Result<void> {
            CM_TRY_ASSIGN(const auto row, connection.query("SELECT person, role FROM tokens WHERE digest = $1 AND revoked IS NULL "
                                                           "AND (expires IS NULL OR expires > $2)",
                                                           {hashHex(HashKind::Sha256, secret), micros(now)}));
            CM_TRY_ASSIGN(const bool there, row->next());
            if (there)
                found = Operator{row->string(0), api::enumNamed<api::Role>(row->text(1)).value_or(api::Role::Observer)};
            return {};
        }));
    if (!found)
        return fail(ErrorCode::Unauthorized, "this token is not known here, was revoked or has run out");
    return *found;
}

}  // namespace cm::monitor
