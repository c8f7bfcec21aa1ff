// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/catalog_fixture.h"

#include <fmt/format.h>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

Result<std::int64_t> verify(Catalog &catalog)
{
    return catalog.read([](Reader &reader) { return reader.verifyAudit(); });
}

void fillAudit(Catalog &catalog, int count)
{
    must(catalog.write([&](Writer &writer) -> Result<void> {
        for (int i = 0; i < count; ++i) {
            CM_TRY(writer.addAudit(CatalogFixture::audit(i % 2 ? "project.yank" : "file.delete", fmt::format("p{}", i % 5), i)));
        }
        return {};
    }));
}

}  // namespace

TEST_CASE_FIXTURE(CatalogFixture, "the journal rises, pages, and moves the serial of its project")
{
    CHECK(must(catalog().read([](Reader &reader) { return reader.lastSerial(); })) == 0);
    publish("manchego");
    for (int i = 0; i < 10; ++i)
        must(catalog().write([&](Writer &writer) { return writer.addJournal(journal(i % 2 ? "manchego" : "gone", fmt::format("a{}", i), i)); }));
    CHECK(must(catalog().read([](Reader &reader) { return reader.lastSerial(); })) == 11);
    const auto since = must(catalog().read([](Reader &reader) { return reader.journalSince(8, 2); }));
    REQUIRE(since.size() == 2);
    CHECK(since[0].serial == 9);
    CHECK(since[1].action == "a8");
    const auto own = must(catalog().read([](Reader &reader) { return reader.journalOfProject("manchego", 1, 2); }));
    REQUIRE(own.size() == 2);
    CHECK(own[0].action == "a7");
    const ProjectRow row = must(catalog().read([](Reader &reader) { return reader.findProject("manchego"); }));
    CHECK(row.lastSerial == 11);
    CHECK(row.lastActivity == at(9));
}

TEST_CASE_FIXTURE(CatalogFixture, "the audit chain holds until somebody changes, removes or cuts off a row")
{
    CHECK(must(verify(catalog())) == 0);
    fillAudit(catalog(), 20);
    CHECK(must(verify(catalog())) == 20);
    std::string tampering;
    SUBCASE("changed") { tampering = "UPDATE audit SET reason = 'none' WHERE id = 7"; }
    SUBCASE("moved between fields") { tampering = "UPDATE audit SET actor = 'ad', role = 'aadmin' WHERE id = 7"; }
    SUBCASE("removed") { tampering = "DELETE FROM audit WHERE id = 7"; }
    SUBCASE("cut off") { tampering = "DELETE FROM audit WHERE id > 18"; }
    SUBCASE("first row") { tampering = "DELETE FROM audit WHERE id = 1"; }
    must(database().write([&](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute(tampering));
        return {};
    }));
    CHECK(codeOf(verify(catalog())) == ErrorCode::Corrupt);
}

TEST_CASE_FIXTURE(CatalogFixture, "the audit log filters and pages, newest first")
{
    fillAudit(catalog(), 50);
    const auto ask = [this](const AuditQuery &query) {
        return must(catalog().read([&](Reader &reader) { return reader.audit(query); }));
    };
    AuditQuery query;
    query.limit = 3;
    query.offset = 10;
    CHECK(ask(query).total == 50);
    REQUIRE(ask(query).rows.size() == 3);
    CHECK(ask(query).rows[0].id == 40);
    query.actionPrefix = "project.";
    CHECK(ask(query).total == 25);
    CHECK(ask(query).rows[0].action == "project.yank");
    query.actionPrefix = "proj%";
    CHECK(ask(query).total == 0);
    query.actionPrefix.clear();
    query.subject = "p3";
    query.subjectKind = "project";
    query.actor = "ada";
    query.from = at(10);
    query.until = at(38);
    query.offset = 0;
    const AuditPage page = ask(query);
    CHECK(page.total == 5);
    REQUIRE(page.rows.size() == 3);
    CHECK(page.rows[0].time == at(33));
    query.actor = "nobody";
    CHECK(ask(query).total == 0);
}

TEST_CASE_FIXTURE(CatalogFixture, "events resume after an id, and old ones go")
{
    for (int i = 0; i < 6; ++i) {
        must(catalog().write([&](Writer &writer) {
            return writer.addEvent({0, at(i), "project.created", fmt::format("p{}", i), i % 2 ? std::optional<Serial>(i) : std::nullopt, "ada"});
        }));
    }
    const auto events = must(catalog().read([](Reader &reader) { return reader.eventsSince(4, 10); }));
    REQUIRE(events.size() == 2);
    CHECK(events[0].subject == "p4");
    CHECK_FALSE(events[0].serial);
    CHECK(events[1].serial == 5);
    CHECK(must(catalog().write([](Writer &writer) { return writer.pruneEvents(at(3)); })) == 3);
    CHECK(must(catalog().read([](Reader &reader) { return reader.oldestEventId(); })) == 4);
    CHECK(must(catalog().write([](Writer &writer) { return writer.pruneEvents(at(99)); })) == 3);
    // Ids go on where they were: a client that resumes never meets an old number again.
    CHECK(must(catalog().write([](Writer &writer) { return writer.addEvent({0, at(7), "a.b", "p", {}, "ada"}); })) == 7);
}

TEST_CASE_FIXTURE(CatalogFixture, "people, roles and tokens")
{
    const ProjectRow row = publish("naboulsi");
    UserRow ada;
    ada.normalizedName = "ada";
    ada.name = "Ada";
    ada.role = RegistryRole::Moderator;
    ada.created = at(0);
    const Id id = must(catalog().write([&](Writer &writer) { return writer.createUser(ada); })).id;
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createUser(ada); })) == ErrorCode::Conflict);
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.setUserPassword(id, "hash"));
        CM_TRY(writer.setProjectRole(row.id, id, ProjectRole::Maintainer, at(1)));
        return writer.setProjectRole(row.id, id, ProjectRole::Owner, at(2));
    }));
    const UserRow read = must(catalog().read([](Reader &reader) { return reader.findUser("ada"); }));
    CHECK(read.name == "Ada");
    CHECK(read.role == RegistryRole::Moderator);
    CHECK(read.passwordHash == "hash");
    CHECK(must(catalog().read([&](Reader &reader) { return reader.roleOf(id, row.id); })) == ProjectRole::Owner);
    CHECK_FALSE(must(catalog().read([&](Reader &reader) { return reader.roleOf(id + 1, row.id); })));
    CHECK(must(catalog().read([&](Reader &reader) { return reader.membersOfProject(row.id); })).size() == 1);
    const auto found = [&](const UserQuery &query) {
        std::string names;
        const UserPage page = must(catalog().read([&](Reader &reader) { return reader.users(query); }));
        for (const UserRow &user : page.users)
            names += user.name + ' ';
        return names + std::to_string(page.total);
    };
    CHECK(found({.search = "d"}) == "Ada 1");
    CHECK(found({.search = "%"}) == "0");
    UserRow zoe;
    zoe.normalizedName = zoe.name = "zoe";
    zoe.email = "Zoe@Example.org";
    zoe.created = at(9);
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY_ASSIGN(const UserRow made, writer.createUser(zoe));
        return writer.setUserActive(made.id, false);
    }));
    CHECK(found({.search = "@example"}) == "zoe 1");
    CHECK(found({.name = "ada", .search = "d"}) == "Ada 1");
    CHECK(found({.name = "ad"}) == "0");
    CHECK(found({.role = RegistryRole::Moderator}) == "Ada 1");
    CHECK(found({.active = false}) == "zoe 1");
    CHECK(found({.active = true}) == "Ada 1");
    CHECK(found({.sort = UserSort::Name, .descending = true}) == "zoe Ada 2");
    CHECK(found({.sort = UserSort::Role}) == "Ada zoe 2");
    CHECK(found({.sort = UserSort::Created, .descending = true}) == "zoe Ada 2");
    CHECK(found({.offset = 1, .limit = 1}) == "zoe 2");
    CHECK(found({.offset = 7}) == "2");
    must(catalog().write([&](Writer &writer) { return writer.deleteProject(row.id, deletion(3)); }));
    CHECK(must(catalog().read([&](Reader &reader) { return reader.projectsOfUser(id); })).empty());

    TokenRow token;
    token.macaroonId = "m1";
    token.userId = id;
    token.encryptedKey = std::string("\0\xff key", 6);
    token.projects = {"a", "b-c"};
    token.created = at(4);
    const Id tokenId = must(catalog().write([&](Writer &writer) { return writer.createToken(token); })).id;
    TokenRow session = token;
    session.macaroonId = "s1";
    session.kind = TokenKind::Session;
    session.projects.clear();
    session.expires = at(50);
    must(catalog().write([&](Writer &writer) { return writer.createToken(session); }));
    must(catalog().write([&](Writer &writer) -> Result<void> {
        CM_TRY(writer.touchToken(tokenId, at(5)));
        CM_TRY(writer.revokeToken(tokenId, at(6)));
        return writer.revokeToken(tokenId, at(7));
    }));
    const TokenRow stored = must(catalog().read([](Reader &reader) { return reader.findToken("m1"); }));
    CHECK(stored.encryptedKey == token.encryptedKey);
    CHECK(stored.projects == token.projects);
    CHECK(stored.lastUsed == at(5));
    CHECK(stored.revoked == at(6));
    CHECK_FALSE(stored.expires);
    CHECK(must(catalog().read([&](Reader &reader) { return reader.tokensOfUser(id, TokenKind::Session); })).size() == 1);
    CHECK(must(catalog().write([](Writer &writer) { return writer.pruneSessions(at(51)); })) == 1);
    CHECK(codeOf(catalog().read([](Reader &reader) { return reader.findToken("s1"); })) == ErrorCode::NotFound);
    token.macaroonId = "m2";
    token.userId = id + 7;
    CHECK(codeOf(catalog().write([&](Writer &writer) { return writer.createToken(token); })) == ErrorCode::Conflict);
}

TEST_CASE_FIXTURE(CatalogFixture, "statements of any number of texts are asked, and few of them stay prepared")
{
    const auto ask = [](sql::Connection &connection, const std::string &text, std::int64_t with) -> Result<std::int64_t> {
        CM_TRY_ASSIGN(const auto rows, connection.query(text, {with}));
        CM_TRY_ASSIGN(const bool some, rows->next());
        return some ? rows->integer(0) : -1;
    };
    must(database().read([&](sql::Connection &connection) -> Result<void> {
        // Open over a statement that has to go meanwhile.
        CM_TRY_ASSIGN(const auto open, connection.query("SELECT 7 UNION ALL SELECT 8 ORDER BY 1"));
        CM_TRY_ASSIGN(const bool first, open->next());
        CHECK(first);
        for (const int round : {1, 2}) {
            for (std::int64_t number = 0; number < 450; ++number) {
                CM_TRY_ASSIGN(const auto told, ask(connection, "SELECT CAST($1 AS BIGINT) + " + std::to_string(number), round));
                CHECK(told == number + round);
            }
        }
        std::string list = "1";
        while (list.size() < 100'000)
            list += ", " + std::to_string(list.size());
        for (const std::int64_t with : {1, 0}) {
            CM_TRY_ASSIGN(const auto told, ask(connection, "SELECT CASE WHEN CAST($1 AS BIGINT) IN (" + list + ") THEN 1 ELSE 0 END", with));
            CHECK(told == with);
        }
        CM_TRY_ASSIGN(const bool second, open->next());
        CHECK(second);
        CHECK(open->integer(0) == 8);
        if (onPostgres()) {
            CM_TRY_ASSIGN(const auto kept, ask(connection, "SELECT COUNT(*) FROM pg_prepared_statements WHERE $1 = 0", 0));
            CHECK(kept <= 200);
            CHECK(kept > 100);
        }
        return {};
    }));
}
