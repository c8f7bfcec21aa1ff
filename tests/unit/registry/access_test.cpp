// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry/macaroon.h"
#include "tests/unit/registry/registry_fixture.h"

#include <sodium.h>
#include <sys/stat.h>

using namespace cm;
using namespace cm::registry;
using namespace cm::registry::test;
using catalog::RegistryRole;

namespace {

// What pypitoken and the like do offline: one more caveat, signed with the last signature.
std::string narrowed(const std::string &token, const std::string &caveat)
{
    Macaroon macaroon = must(decodeToken(token));
    // A signature is an HMAC keyed with the one before; makeMacaroon() derives its key first, so this
    // walks the chain with libsodium's primitive instead.
    unsigned char next[32];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char *>(macaroon.signature.data()),
                                macaroon.signature.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char *>(caveat.data()), caveat.size());
    crypto_auth_hmacsha256_final(&state, next);
    macaroon.caveats.push_back(caveat);
    macaroon.signature.assign(reinterpret_cast<const char *>(next), sizeof next);
    return encodeToken(macaroon);
}

}  // namespace

TEST_CASE_FIXTURE(RegistryFixture, "A token opens what its user may, by Bearer and as __token__")
{
    must(people.createUser(root, {"Ada", "ada@example.org", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"laptop", {}, 0}));
    CHECK(token.secret.starts_with("pypi-"));
    CHECK(token.secret.size() >= 90);
    CHECK(token.token.encryptedKey.empty());
    for (const Credentials &credentials : {bearer(token.secret), basic("__token__", token.secret)}) {
        const Principal principal = must(access.authenticate(credentials, origin));
        CHECK(principal.name == "Ada");
        CHECK(principal.tokenId == token.token.id);
        CHECK_FALSE(principal.scoped);
        CHECK_FALSE(principal.byPassword);
    }
    CHECK(must(access.identify({}, origin)).attempted == false);
}

TEST_CASE_FIXTURE(RegistryFixture,
                  "The database holds no key of a token in the clear, the node's key is the owner's alone")
{
    person("ada");
    struct stat info {};
    REQUIRE(::stat((folder.path() / "keys/node.key").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(info.st_size == 32);

    // Another node's key opens nothing.
    const NodeKey other = must(NodeKey::openOrCreate(folder.path() / "keys/other.key"));
    CHECK(codeOf(other.unseal(key.seal("secret"))) == ErrorCode::Corrupt);
    CHECK(must(key.unseal(key.seal("secret"))) == "secret");
    CHECK(must(must(NodeKey::openOrCreate(folder.path() / "keys/node.key")).unseal(key.seal("again"))) == "again");
    CHECK(codeOf(key.unseal("short")) == ErrorCode::Corrupt);
}

TEST_CASE_FIXTURE(RegistryFixture, "A revoked token stops working at once")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 0}));
    const Principal ada = must(access.authenticate(bearer(token.secret), origin));
    must(people.revokeToken(ada, token.token.id));
    CHECK(must(access.identify(bearer(token.secret), origin)).tokenProblem == "token was revoked");
    CHECK(codeOf(people.revokeToken(root, token.token.id)) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(RegistryFixture, "A token revoked by another process stops working at once")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 0}));
    must(access.authenticate(bearer(token.secret), origin));
    {
        const auto otherDatabase = must(sql::SqliteDatabase::open((folder.path() / "catalog.db").string()));
        const auto otherCatalog = must(catalog::Catalog::open(*otherDatabase, clock));
        Access otherAccess(*otherCatalog, key, clock);
        People otherPeople(*otherCatalog, otherAccess, key, clock, settings);
        must(otherPeople.revokeToken(root, token.token.id));
    }
    CHECK(codeOf(access.authenticate(bearer(token.secret), origin)) == ErrorCode::Unauthorized);
}

TEST_CASE_FIXTURE(RegistryFixture, "A frozen person's tokens, session and password are of no use, and work again afterwards")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, "correct horse"}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 0}));
    const Session session = must(people.signIn("ada", "correct horse", origin));
    must(access.authenticate(bearer(token.secret), origin));
    must(access.authenticate(bearer(session.secret), origin));
    must(people.setUserActive(root, "Ada", false, "left"));
    CHECK(lastAudit().action == "user.freeze");
    CHECK(lastAudit().reason == "left");
    CHECK(codeOf(people.setUserActive(root, "ada", false, "again")) == ErrorCode::Conflict);
    CHECK(must(access.identify(bearer(token.secret), origin)).tokenProblem == "account is frozen");
    CHECK(must(access.identify(bearer(session.secret), origin)).tokenProblem == "account is frozen");
    CHECK_FALSE(must(access.identify(basic("ada", "correct horse"), origin)).principal.has_value());
    CHECK(codeOf(people.signIn("ada", "correct horse", origin)) == ErrorCode::Unauthorized);
    must(people.setUserActive(root, "ada", true, "back"));
    for (const std::string &secret : {token.secret, session.secret})
        CHECK(must(access.identify(bearer(secret), origin)).principal.has_value());
    CHECK(people.signIn("ada", "correct horse", origin));
}

TEST_CASE_FIXTURE(RegistryFixture, "A token expires on time")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 1}));
    clock.advance(std::chrono::hours(24) - std::chrono::seconds(1));
    CHECK(must(access.identify(bearer(token.secret), origin)).principal.has_value());
    clock.advance(std::chrono::seconds(1));
    CHECK(must(access.identify(bearer(token.secret), origin)).tokenProblem == "token is expired");
    CHECK(must(people.tokens(root, "ada")).empty());
}

TEST_CASE_FIXTURE(RegistryFixture, "A token that ends makes none that lasts longer")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, "correct horse"}));
    const IssuedToken day = must(people.createTokenFor(root, "ada", {"", {}, 1}));
    const Principal ending = must(access.authenticate(bearer(day.secret), origin));
    CHECK(codeOf(people.createToken(ending, {"for ever", {}, 0})) == ErrorCode::Forbidden);
    CHECK(codeOf(people.createToken(ending, {"longer", {}, 2})) == ErrorCode::Forbidden);
    // Its holder may have shortened it before giving it away.
    const IssuedToken lasting = must(people.createTokenFor(root, "ada", {"", {}, 0}));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
    const std::string brief = narrowed(lasting.secret, "[0," + std::to_string(seconds + 60) + ",0]");
    CHECK(codeOf(people.createToken(must(access.authenticate(bearer(brief), origin)), {"", {}, 0})) == ErrorCode::Forbidden);
    CHECK(people.createToken(must(access.authenticate(bearer(lasting.secret), origin)), {"", {}, 0}));
    // A session is its person.
    const Session session = must(people.signIn("ada", "correct horse", origin));
    CHECK(people.createToken(must(access.authenticate(bearer(session.secret), origin)), {"", {}, 0}));
    const std::string lent = narrowed(session.secret, "[0," + std::to_string(seconds + 60) + ",0]");
    CHECK(codeOf(people.createToken(must(access.authenticate(bearer(lent), origin)), {"", {}, 0})) == ErrorCode::Forbidden);
}

TEST_CASE_FIXTURE(RegistryFixture, "A token of another node key is refused in words")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {}, 0}));
    const NodeKey other = must(NodeKey::openOrCreate(folder.path() / "keys/other.key"));
    Access elsewhere{*catalog, other, clock, {}};
    const Identification who = must(elsewhere.identify(bearer(token.secret), origin));
    CHECK_FALSE(who.principal);
    CHECK(who.tokenProblem.find("another node key") != std::string::npos);
}

TEST_CASE_FIXTURE(RegistryFixture, "A scope limits a token, and its holder can only narrow it")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {"Demo.Lib", "other"}, 0}));
    const Principal ada = must(access.authenticate(bearer(token.secret), origin));
    CHECK(ada.covers("demo-lib"));
    CHECK_FALSE(ada.covers("third"));
    CHECK(codeOf(people.createToken(ada, {"", {}, 0})) == ErrorCode::Forbidden);

    const Principal less =
        must(access.authenticate(bearer(narrowed(token.secret, "[1,[\"other\",\"third\"]]")), origin));
    CHECK(less.covers("other"));
    CHECK_FALSE(less.covers("demo-lib"));
    CHECK_FALSE(less.covers("third"));

    const auto identify = [&](const std::string &caveat) {
        return must(access.identify(bearer(narrowed(token.secret, caveat)), origin)).tokenProblem;
    };
    CHECK(identify("[0,1,0]") == "token is expired");
    CHECK(identify("[0,4102444800,4102444700]") == "token is not yet valid");
    CHECK(identify("[3,\"999\"]") == "token is for another user");
    CHECK(identify("[9,true]") == "token has a caveat of an unknown kind");
    for (const char *caveat : {"", "{}", "[]", "[1]", "[1,[7]]", "[0,\"a\",\"b\"]", "nonsense", "[\"1\"]"})
        CHECK_MESSAGE(!identify(caveat).empty(), caveat);
}

TEST_CASE_FIXTURE(RegistryFixture, "A token that was tampered with does not verify")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "ada", {"", {"demo"}, 0}));
    Macaroon macaroon = must(decodeToken(token.secret));
    macaroon.caveats.pop_back();
    CHECK(must(access.identify(bearer(encodeToken(macaroon)), origin)).tokenProblem == "token does not verify");
    int tried = 0;
    for (std::size_t i = 5; i < token.secret.size(); ++i) {
        std::string bent = token.secret;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        // The location is a hint of the format, which it does not sign.
        const auto decoded = decodeToken(bent);
        if (bent == token.secret || (decoded && decoded->location != "cheesemonger"))
            continue;
        ++tried;
        const Identification who = must(access.identify(bearer(bent), origin));
        CHECK_MESSAGE(!who.principal.has_value(), "at ", i);
        CHECK(who.attempted);
    }
    CHECK(tried > 60);
    for (const std::string bad : {std::string(), std::string("pypi-"), std::string("pypi-!!!"), std::string("pypi-Ag"),
                                  std::string("nothing"), "pypi-" + std::string(20'000, 'A')})
        CHECK_FALSE(must(access.identify(bearer(bad), origin)).principal.has_value());
}

TEST_CASE_FIXTURE(RegistryFixture,
                  "Passwords fit in every spelling that clients send, and say nothing about who exists")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, "p\xc3\xa4ssword"}));
    const Principal utf8 = must(access.authenticate(basic("Ada", "p\xc3\xa4ssword"), origin));
    CHECK(utf8.byPassword);
    CHECK(must(access.authenticate(basic("ada", "p\xe4ssword"), origin)).name == "ada");
    // Once more, now from memory; and a new password ends that.
    CHECK(must(access.authenticate(basic("ada", "p\xe4ssword"), origin)).name == "ada");
    must(people.setPassword(utf8, "ada", "another one"));
    const auto wrong = access.authenticate(basic("ada", "p\xe4ssword"), origin);
    const auto nobody = access.authenticate(basic("nobody", "p\xe4ssword"), origin);
    const auto odd = access.authenticate(basic("no such \x01name", ""), origin);
    CHECK(codeOf(wrong) == ErrorCode::Unauthorized);
    CHECK(wrong.error() == nobody.error());
    CHECK(wrong.error() == odd.error());
    CHECK(codeOf(people.setPassword(root, "ada", "short")) == ErrorCode::InvalidInput);
}

TEST_CASE_FIXTURE(RegistryFixture, "A session lives 12 hours or until it is signed out")
{
    must(people.createUser(root, {"ada", "", RegistryRole::Moderator, "correct horse"}));
    CHECK(codeOf(people.signIn("ada", "wrong horse", origin)) == ErrorCode::Unauthorized);
    CHECK(codeOf(people.signIn("__token__", "pypi-x", origin)) == ErrorCode::Unauthorized);
    const Session first = must(people.signIn("ada", "correct horse", origin));
    const Session second = must(people.signIn("ada", "correct horse", origin));
    CHECK(first.principal.role == RegistryRole::Moderator);
    const Principal signedIn = must(access.authenticate(bearer(first.secret), origin));
    CHECK_FALSE(signedIn.byPassword);
    must(people.signOut(signedIn));
    CHECK_FALSE(must(access.identify(bearer(first.secret), origin)).principal.has_value());
    CHECK(must(access.identify(bearer(second.secret), origin)).principal.has_value());
    CHECK(must(people.tokens(root, "ada")).empty());  // sessions are no API tokens
    clock.advance(std::chrono::hours(12));
    CHECK_FALSE(must(access.identify(bearer(second.secret), origin)).principal.has_value());
    CHECK(must(housekeeping.purge()).sessions == 0);
    clock.advance(std::chrono::seconds(1));
    CHECK(must(housekeeping.purge()).sessions == 2);
}

TEST_CASE_FIXTURE(RegistryFixture, "The one-time token is the user local, an admin")
{
    const Principal local = must(access.authenticate(bearer("one-time-token-of-the-bundled-core"), origin));
    CHECK(local.local);
    CHECK(local.name == "local");
    CHECK(local.role == RegistryRole::Admin);
    CHECK(local.userId > 0);
    CHECK_FALSE(must(access.identify(bearer("one-time-token-of-the-bundled-cor"), origin)).principal.has_value());
    Access without(*catalog, key, clock);
    CHECK_FALSE(must(without.identify(bearer(""), origin)).principal.has_value());
}

TEST_CASE_FIXTURE(RegistryFixture, "When a token was used last is written in batches")
{
    const Principal ada = person("ada");
    CHECK_FALSE(must(people.tokens(ada, ""))[0].lastUsed.has_value());
    clock.advance(std::chrono::minutes(5));
    const Time used = clock.now();
    const IssuedToken second = must(people.createToken(ada, {"second", {}, 0}));
    must(access.authenticate(bearer(second.secret), origin));
    must(access.flushLastUsed());
    for (const catalog::TokenRow &row : must(people.tokens(ada, ""))) {
        if (row.id == second.token.id)
            CHECK(row.lastUsed == used);
    }
}

TEST_CASE_FIXTURE(RegistryFixture, "Only admins manage people, and the last admin stays")
{
    const Principal ada = person("ada");
    const Principal admin = person("grace", RegistryRole::Admin);
    const Principal watcher = person("watcher", RegistryRole::Observer);
    CHECK(codeOf(people.createUser(ada, {"eve", "", RegistryRole::Admin, ""})) == ErrorCode::Forbidden);
    CHECK(codeOf(people.setUserRole(ada, "ada", RegistryRole::Admin, "")) == ErrorCode::Forbidden);
    CHECK(codeOf(people.users(ada, {})) == ErrorCode::Forbidden);
    CHECK(codeOf(people.createToken(watcher, {"", {}, 0})) == ErrorCode::Forbidden);
    CHECK(codeOf(people.tokens(ada, "grace")) == ErrorCode::Forbidden);
    CHECK(codeOf(people.createUser(admin, {"ADA", "", RegistryRole::User, ""})) == ErrorCode::Conflict);
    CHECK(codeOf(people.createUser(admin, {"a b", "", RegistryRole::User, ""})) == ErrorCode::InvalidInput);
    CHECK(codeOf(people.createUser(admin, {"eve", "no address", RegistryRole::User, ""})) == ErrorCode::InvalidInput);
    CHECK(codeOf(people.setUserRole(admin, "grace", RegistryRole::User, "")) == ErrorCode::GuardFailed);
    must(people.setUserRole(admin, "ada", RegistryRole::Admin, "helps out"));
    CHECK(lastAudit().action == "user.set-role");
    CHECK(lastAudit().reason == "helps out");
    CHECK(lastAudit().before.find("\"user\"") != std::string::npos);
    CHECK(lastAudit().after.find("\"admin\"") != std::string::npos);
    must(people.setUserRole(admin, "grace", RegistryRole::User, ""));
    const PersonPage page = must(people.users(watcher, {.offset = 1, .limit = 1}));
    CHECK(page.total == 3);
    CHECK(page.people.size() == 1);
    // Somebody else's token is not even there for others.
    const IssuedToken token = must(people.createToken(admin, {"", {}, 0}));
    const Principal eve = person("eve");
    CHECK(codeOf(people.revokeToken(eve, token.token.id)) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(RegistryFixture, "Nobody freezes themselves, the last admin, or whom the desktop comes in as")
{
    const Principal grace = person("grace", RegistryRole::Admin);
    const auto guard = [&](const Principal &by, std::string_view user) {
        const auto done = people.setUserActive(by, user, false, "x");
        return done || done.error().fields.empty() ? std::string() : done.error().fields.front().field;
    };
    CHECK(guard(root, "grace") == "last-admin");
    const Principal alan = person("alan", RegistryRole::Admin);
    CHECK(guard(grace, "Grace") == "oneself");
    CHECK(guard(grace, "alan").empty());
    CHECK(codeOf(people.setUserRole(grace, "grace", RegistryRole::User, "")) == ErrorCode::GuardFailed);
    must(people.createUser(root, {"local", "", RegistryRole::User, ""}));
    CHECK(guard(grace, "local") == "local-user");
    // Where no desktop comes in, it is a name like any other.
    Access elsewhere(*catalog, key, clock);
    People others(*catalog, elsewhere, key, clock, settings);
    must(others.setUserActive(grace, "local", false, "x"));
}

TEST_CASE_FIXTURE(RegistryFixture, "An address is changed by admins, and can stand in the head of a mail")
{
    const Principal ada = person("ada");
    must(people.setUserEmail(root, "ADA", " ada@example.org ", "asked for"));
    CHECK(lastAudit().action == "user.set-email");
    CHECK(lastAudit().after.find("ada@example.org") != std::string::npos);
    CHECK(must(people.users(root, {.search = "@EXAMPLE"})).people.size() == 1);
    CHECK(codeOf(people.setUserEmail(root, "ada", "ada@example.org", "")) == ErrorCode::Conflict);
    CHECK(codeOf(people.setUserEmail(ada, "ada", "else@example.org", "")) == ErrorCode::Forbidden);
    for (const char *bad : {"ada", "@example.org", "ada@", "a b@example.org", "a@b\r\nBcc: c@d", "a@\xff"})
        CHECK_MESSAGE(codeOf(people.setUserEmail(root, "ada", bad, "")) == ErrorCode::InvalidInput, bad);
    must(people.setUserEmail(root, "ada", "", "gone"));
    CHECK(codeOf(people.setUserEmail(root, "nobody", "a@b", "")) == ErrorCode::NotFound);
}

TEST_CASE_FIXTURE(RegistryFixture, "Wrong passwords are counted by account and address, a right one ends the counting")
{
    must(people.createUser(root, {"ada", "", RegistryRole::User, "correct horse"}));
    must(people.createUser(root, {"machine", "", RegistryRole::User, ""}));
    const Origin elsewhere{"https upload", "request-2", "192.0.2.7"};
    // A name alone, as installers send it first, is no guess.
    for (int i = 0; i < 30; ++i) {
        CHECK(codeOf(access.authenticate(basic("ada", ""), origin)) == ErrorCode::Unauthorized);
        CHECK(codeOf(access.authenticate(basic("machine", ""), origin)) == ErrorCode::Unauthorized);
    }
    for (int i = 0; i < 9; ++i)
        CHECK(codeOf(access.authenticate(basic("ada", "wrong horse"), origin)) == ErrorCode::Unauthorized);
    must(access.authenticate(basic("ada", "correct horse"), origin));
    for (int i = 0; i < 10; ++i)
        CHECK(codeOf(access.authenticate(basic("ADA", "wrong horse"), origin)) == ErrorCode::Unauthorized);
    const auto limited = access.authenticate(basic("ada", "correct horse"), origin);
    REQUIRE(codeOf(limited) == ErrorCode::RateLimited);
    CHECK(limited.error().retryAfter == std::chrono::seconds(6));
    CHECK(codeOf(people.signIn("ada", "correct horse", origin)) == ErrorCode::RateLimited);
    must(access.authenticate(basic("ada", "correct horse"), elsewhere));
    clock.advance(std::chrono::seconds(6));
    must(access.authenticate(basic("ada", "correct horse"), origin));
    // Who does not exist is limited alike: the limit tells nothing.
    for (int i = 0; i < 10; ++i)
        CHECK(codeOf(access.authenticate(basic("nobody", "wrong horse"), origin)) == ErrorCode::Unauthorized);
    CHECK(codeOf(access.authenticate(basic("nobody", "wrong horse"), origin)) == ErrorCode::RateLimited);
}

TEST_CASE_FIXTURE(RegistryFixture, "Signing out ends a session and no API token")
{
    const Principal ada = person("ada");
    CHECK(codeOf(people.signOut(ada)) == ErrorCode::InvalidInput);
    CHECK(must(people.tokens(ada, "")).size() == 1);
}

TEST_CASE_FIXTURE(RegistryFixture, "What ends while an upload comes in ends the upload")
{
    const Form form = wheelForm("demo", "1.0");
    const auto refusedAfter = [&](const Principal &who, const std::function<void()> &change) {
        const auto session = publisher.begin(Identification{who, true, {}});
        for (const auto &[name, value] : form.fields)
            session->addField(name, value);
        must(session->beginFile(form.filename, "application/octet-stream"));
        must(session->append(std::as_bytes(std::span(form.bytes))));
        change();
        const Receipt receipt = must(session->finish());
        return receipt.refusal ? receipt.refusal->text : std::string();
    };
    const Principal ada = person("ada");
    CHECK(refusedAfter(ada, [&] { must(people.revokeToken(root, *ada.tokenId)); }).find("token was revoked") !=
          std::string::npos);
    const Principal grace = person("grace");
    CHECK(refusedAfter(grace, [&] { must(people.setUserActive(root, "grace", false, "left")); })
              .find("account is frozen") != std::string::npos);
    must(people.createUser(root, {"joan", "", RegistryRole::User, ""}));
    const IssuedToken token = must(people.createTokenFor(root, "joan", {"", {}, 1}));
    const Principal joan = must(access.authenticate(bearer(token.secret), origin));
    CHECK(refusedAfter(joan, [&] { clock.advance(std::chrono::hours(24)); }).find("token is expired") !=
          std::string::npos);
    const Principal watcher = person("watcher");
    CHECK(refusedAfter(watcher, [&] { must(people.setUserRole(root, "watcher", RegistryRole::Observer, "")); })
              .find("isn't allowed to upload") != std::string::npos);
    CHECK(codeOf(pages.simple("demo")) == ErrorCode::NotFound);
    CHECK(refusedAfter(person("eve"), [] {}).empty());
}

TEST_CASE_FIXTURE(RegistryFixture, "A caller who is nobody is refused before the first field")
{
    const auto session = publisher.begin(Identification{});
    REQUIRE(session->refused().has_value());
    CHECK(session->refused()->status == 403);
    CHECK(session->refused()->text.starts_with("Invalid or non-existent authentication information."));
    CHECK(publisher.begin(Identification{std::nullopt, true, "token is expired"})->refused().has_value());
    CHECK_FALSE(publisher.begin(Identification{person("ada"), true, {}})->refused().has_value());
}

TEST_CASE_FIXTURE(RegistryFixture, "A window of the journal may be asked for in any numbers")
{
    publish(person("ada"), wheelForm("demo", "1.0"));
    constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    const JournalPage all = must(browser.journal("", 0, 0, 100));
    const JournalPage odd = must(browser.journal("", lowest, lowest, highest));
    CHECK(odd.total == all.total);
    CHECK(odd.rows.size() == all.rows.size());
    CHECK(must(browser.journal("demo", lowest, 1, highest)).rows.size() == all.rows.size() - 1);
    CHECK(must(browser.journal("", 0, highest, 1000)).rows.empty());
    CHECK(must(browser.journal("", highest, 0, lowest)).rows.empty());
}
