// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/access.h"

#include "core/base/hash.h"
#include "core/registry/guess_limiter.h"
#include "core/registry/macaroon.h"
#include "core/registry/passwords.h"
#include "core/registry/people.h"

#include <atomic>
#include <fmt/core.h>
#include <map>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <unordered_map>

namespace cm::registry {

std::optional<std::string> endOf(const catalog::SshKeyRow &key, Time now)
{
    if (key.revoked)
        return "ssh key was revoked";
    if (key.expires && now >= *key.expires)
        return "ssh key is expired";
    if (!key.userActive)
        return "account is disabled";
    return std::nullopt;
}

namespace {

constexpr std::string_view localUserName = "local";
constexpr std::string_view tokenUserName = "__token__";
constexpr std::size_t maxCached = 10'000;
// Hashing takes 19 MiB each; more at once would be a way to fill the memory.
constexpr std::ptrdiff_t passwordsAtOnce = 2;
// With those that run. Whoever comes after them comes again: waiting would hold threads of uploads.
constexpr int mostHashing = 6;

struct KnownToken {
    catalog::TokenRow row;  // without the sealed key
    catalog::UserRow user;
    std::string key;
    std::int64_t dataVersion = 0;
};

struct KnownPassword {
    std::string storedHash;
    std::string digest;  // keyed, of the password that fitted
};

std::string bytesAsText(const std::vector<std::byte> &bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

Identification problem(std::string reason)
{
    return Identification{std::nullopt, true, std::move(reason)};
}

Identification sshProblem(std::string reason)
{
    return Identification{std::nullopt, true, std::move(reason), true};
}

Principal principalOf(const catalog::UserRow &user, const Origin &origin)
{
    Principal principal;
    principal.userId = user.id;
    principal.name = user.name;
    principal.role = user.role;
    principal.origin = origin;
    return principal;
}

}  // namespace

struct Access::State {
    std::shared_mutex tokensMutex;
    std::unordered_map<std::string, std::shared_ptr<const KnownToken>> tokens;  // by macaroon id

    std::mutex usesMutex;
    std::map<catalog::Id, Time> uses;
    struct SshUse {
        Time at;
        std::string from;
    };
    std::map<catalog::Id, SshUse> sshUses;

    std::mutex passwordsMutex;
    std::map<catalog::Id, KnownPassword> passwords;
    std::string passwordKey = bytesAsText(randomBytes(32));
    std::counting_semaphore<passwordsAtOnce> hashing{passwordsAtOnce};
    std::atomic<int> underWay{0};
    GuessLimiter guesses;
    std::once_flag decoyOnce;
    std::string decoyHash;

    std::mutex localMutex;
    std::optional<catalog::UserRow> local;

    std::shared_ptr<const KnownToken> knownToken(const std::string &identifier)
    {
        const std::shared_lock lock(tokensMutex);
        const auto found = tokens.find(identifier);
        return found == tokens.end() ? nullptr : found->second;
    }

    std::string passwordDigest(catalog::Id user, std::string_view password)
    {
        Hasher hasher(HashKind::Blake2b256);
        hasher.update(passwordKey);
        hasher.update(std::to_string(user) + ":");
        hasher.update(password);
        return hasher.finishHex();
    }

    // Whether `password` fits, by memory or by hashing. An unknown user costs the same as a wrong password.
    // Unavailable when too many passwords are hashed already.
    Result<bool> fits(const catalog::UserRow *user, std::string_view password)
    {
        std::call_once(decoyOnce, [this] { decoyHash = hashPassword(toHex(randomBytes(16))).value_or(std::string()); });
        const std::string digest = passwordDigest(user != nullptr ? user->id : 0, password);
        if (user != nullptr) {
            const std::lock_guard lock(passwordsMutex);
            const auto known = passwords.find(user->id);
            if (known != passwords.end() && known->second.storedHash == *user->passwordHash &&
                equalSecrets(known->second.digest, digest))
                return true;
        }
        CM_TRY_ASSIGN(const bool fitting, verifySlowly(user != nullptr ? *user->passwordHash : decoyHash, password));
        if (!fitting || user == nullptr)
            return false;
        const std::lock_guard lock(passwordsMutex);
        if (passwords.size() >= maxCached)
            passwords.clear();
        passwords[user->id] = {*user->passwordHash, digest};
        return true;
    }

    Result<bool> verifySlowly(const std::string &hash, std::string_view password)
    {
        if (underWay.fetch_add(1) >= mostHashing) {
            underWay.fetch_sub(1);
            return fail(Error{ErrorCode::Unavailable,
                              "too many passwords are being checked; try again in a second",
                              {},
                              std::chrono::seconds(1)});
        }
        hashing.acquire();
        bool fitting = false;
        for (const std::string &spelling : passwordSpellings(password))
            fitting = fitting || verifyPassword(hash, spelling);
        hashing.release();
        underWay.fetch_sub(1);
        return fitting;
    }
};

Access::Access(catalog::Catalog &catalog, const NodeKey &key, const Clock &clock, std::string localToken,
               std::optional<ssh::Secret> sshSecret)
    : m_catalog(catalog),
      m_key(key),
      m_clock(clock),
      m_localToken(std::move(localToken)),
      m_sshSecret(std::move(sshSecret)),
      m_state(std::make_unique<State>())
{}

Access::~Access() = default;

Result<Identification> Access::identify(const Credentials &credentials, const Origin &origin)
{
    if (credentials.kind == Credentials::Kind::None)
        return Identification{};
    if (credentials.kind == Credentials::Kind::Ssh)
        return bySsh(credentials.secret, origin);
    if (credentials.kind == Credentials::Kind::Bearer || credentials.user == tokenUserName)
        return byToken(credentials.secret, origin);
    return byPassword(credentials, origin);
}

Result<Principal> Access::authenticate(const Credentials &credentials, const Origin &origin)
{
    CM_TRY_ASSIGN(Identification who, identify(credentials, origin));
    if (who.principal)
        return std::move(*who.principal);
    if (!who.attempted)
        return fail(ErrorCode::Unauthorized, "sign in first");
    return fail(ErrorCode::Unauthorized, who.tokenProblem.empty() ? "name and password do not fit" : who.tokenProblem);
}

Result<void> Access::checkShape(const Credentials &credentials) const
{
    if (credentials.kind == Credentials::Kind::None)
        return fail(ErrorCode::Unauthorized, "sign in first");
    if (credentials.kind == Credentials::Kind::Ssh)
        return fail(ErrorCode::Unauthorized, "a host of sshd speaks for uploads alone");
    if (credentials.kind == Credentials::Kind::Basic && credentials.user != tokenUserName)
        return {};
    if (!m_localToken.empty() && equalSecrets(m_localToken, credentials.secret))
        return {};
    const auto macaroon = decodeToken(credentials.secret);
    return macaroon ? Result<void>() : fail(ErrorCode::Unauthorized, macaroon.error().detail);
}

Result<Identification> Access::byPassword(const Credentials &credentials, const Origin &origin)
{
    // No password is empty; installers send a user's name alone first, which is no guess.
    if (credentials.secret.empty())
        return Identification{std::nullopt, true, {}};
    std::optional<catalog::UserRow> user;
    const auto name = normalizeUserName(credentials.user);
    const std::string account = name.value_or(std::string());
    if (const auto wait = m_state->guesses.take(account, origin.remoteAddress, m_clock.now())) {
        return fail(Error{ErrorCode::RateLimited,
                          fmt::format("too many wrong passwords; try again in {} s", wait->count()),
                          {},
                          *wait});
    }
    if (name) {
        auto found = m_catalog.read([&](catalog::Reader &reader) { return reader.findUser(*name); });
        if (!found && found.error().code != ErrorCode::NotFound)
            return fail(found.error());
        if (found && found->active && found->passwordHash)
            user = std::move(*found);
    }
    const auto fits = m_state->fits(user ? &*user : nullptr, credentials.secret);
    if (!fits) {
        m_state->guesses.giveBack(account, origin.remoteAddress);
        return fail(fits.error());
    }
    if (!*fits)
        return Identification{std::nullopt, true, {}};
    m_state->guesses.succeeded(account, origin.remoteAddress);
    Principal principal = principalOf(*user, origin);
    principal.byPassword = true;
    return Identification{std::move(principal), true, {}};
}

Result<Identification> Access::byToken(const std::string &token, const Origin &origin)
{
    if (!m_localToken.empty() && equalSecrets(m_localToken, token)) {
        CM_TRY(ensureLocalUser());
        const std::lock_guard lock(m_state->localMutex);
        Principal principal = principalOf(*m_state->local, origin);
        principal.role = catalog::RegistryRole::Admin;
        principal.local = true;
        return Identification{std::move(principal), true, {}};
    }
    const auto macaroon = decodeToken(token);
    if (!macaroon)
        return problem(macaroon.error().detail);

    // Asked before the rows are read, so that what is remembered is never newer than it claims.
    CM_TRY_ASSIGN(const std::int64_t version, m_catalog.dataVersion());
    auto known = m_state->knownToken(macaroon->identifier);
    if (!known || known->dataVersion != version) {
        auto fresh = m_catalog.read([&](catalog::Reader &reader) -> Result<KnownToken> {
            CM_TRY_ASSIGN(catalog::TokenRow row, reader.findToken(macaroon->identifier));
            CM_TRY_ASSIGN(catalog::UserRow user, reader.user(row.userId));
            return KnownToken{std::move(row), std::move(user), {}, version};
        });
        if (!fresh && fresh.error().code == ErrorCode::NotFound)
            return problem("token is not known");
        if (!fresh)
            return fail(fresh.error());
        if (known) {
            fresh->key = known->key;
        } else {
            auto opened = m_key.unseal(fresh->row.encryptedKey);
            if (!opened && opened.error().code == ErrorCode::Corrupt)
                return problem("token was sealed with another node key; make a new one, or put the registry's node.key back");
            CM_TRY_ASSIGN(fresh->key, std::move(opened));
        }
        fresh->row.encryptedKey.clear();
        known = std::make_shared<const KnownToken>(std::move(*fresh));
        const std::unique_lock lock(m_state->tokensMutex);
        if (m_state->tokens.size() >= maxCached)
            m_state->tokens.clear();
        m_state->tokens[macaroon->identifier] = known;
    }

    if (!hasValidSignature(*macaroon, known->key))
        return problem("token does not verify");
    const Time now = m_clock.now();
    if (known->row.revoked)
        return problem("token was revoked");
    if (known->row.expires && now >= *known->row.expires)
        return problem("token is expired");
    if (!known->user.active)
        return problem("account is frozen");
    const auto grant = judgeCaveats(*macaroon, now, known->user.id);
    if (!grant)
        return problem(grant.error().detail);

    Principal principal = principalOf(known->user, origin);
    principal.tokenId = known->row.id;
    principal.scoped = grant->scoped;
    principal.projectScope = grant->projects;
    // A session is a person who has signed in, unless whoever holds it has shortened it for somebody else.
    const bool shortened = grant->until && (!known->row.expires || *grant->until < std::chrono::floor<std::chrono::seconds>(*known->row.expires));
    if (known->row.kind == catalog::TokenKind::Api || shortened)
        principal.until = grant->until;
    const std::lock_guard lock(m_state->usesMutex);
    m_state->uses[known->row.id] = now;
    return Identification{std::move(principal), true, {}};
}

bool Access::isLocal(std::string_view normalizedName) const
{
    return !m_localToken.empty() && normalizedName == localUserName;
}

Result<Identification> Access::bySsh(const std::string &header, const Origin &origin)
{
    if (!m_sshSecret)
        return sshProblem("this registry takes nothing over ssh");
    const Time now = m_clock.now();
    auto stated = ssh::statementOf(header, *m_sshSecret, now);
    if (!stated)
        return sshProblem(stated.error().detail);
    // As of this moment, whatever a standby has: sshd may have let somebody in by what it knew some seconds ago.
    auto key = m_catalog.readNow([&](catalog::Reader &reader) { return reader.sshKey(stated->keyId); });
    if (!key && key.error().code == ErrorCode::NotFound)
        return sshProblem("ssh key is not known");
    if (!key)
        return fail(key.error());
    if (auto why = endOf(*key, now))
        return sshProblem(std::move(*why));
    CM_TRY_ASSIGN(const catalog::UserRow user, m_catalog.read([&](catalog::Reader &reader) { return reader.user(key->userId); }));
    Principal principal = principalOf(user, {"ssh upload", origin.requestId, stated->remoteAddress});
    principal.sshKeyId = key->id;
    principal.scoped = !key->projects.empty();
    principal.projectScope = key->projects;
    {
        const std::lock_guard lock(m_state->usesMutex);
        m_state->sshUses[key->id] = {now, stated->remoteAddress};
    }
    principal.stated = std::move(*stated);
    return Identification{std::move(principal), true, {}, true};
}

Result<void> Access::ensureLocalUser()
{
    const std::lock_guard lock(m_state->localMutex);
    if (m_state->local)
        return {};
    auto user = m_catalog.read([](catalog::Reader &reader) { return reader.findUser(localUserName); });
    if (!user && user.error().code == ErrorCode::NotFound) {
        user = m_catalog.writeAlways([this](catalog::Writer &writer) -> Result<catalog::UserRow> {
            catalog::UserRow row;
            row.normalizedName = localUserName;
            row.name = localUserName;
            row.role = catalog::RegistryRole::Admin;
            row.created = m_clock.now();
            return writer.createUser(row);
        });
    }
    if (!user)
        return fail(user.error());
    m_state->local = std::move(*user);
    return {};
}

Result<void> Access::flushLastUsed()
{
    std::map<catalog::Id, Time> uses;
    std::map<catalog::Id, State::SshUse> sshUses;
    {
        const std::lock_guard lock(m_state->usesMutex);
        uses.swap(m_state->uses);
        sshUses.swap(m_state->sshUses);
    }
    if (uses.empty() && sshUses.empty())
        return {};
    auto written = m_catalog.writeAlways([&](catalog::Writer &writer) -> Result<void> {
        for (const auto &[token, time] : uses) {
            const auto touched = writer.touchToken(token, time);
            if (!touched && touched.error().code != ErrorCode::NotFound)
                return fail(touched.error());
        }
        for (const auto &[key, use] : sshUses)
            CM_TRY(writer.touchSshKey(key, use.at, use.from));
        return {};
    });
    if (!written) {
        const std::lock_guard lock(m_state->usesMutex);
        m_state->uses.merge(uses);
        m_state->sshUses.merge(sshUses);
    }
    return written;
}

}  // namespace cm::registry
