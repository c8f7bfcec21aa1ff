// SPDX-License-Identifier: GPL-3.0-or-later
// A catalog that moves from SQLite into the engine under test.
#include "core/catalog/transfer.h"
#include "tests/contract/catalog_fixture.h"

#include <fmt/format.h>
#include <map>
#include <set>

using namespace cm;
using namespace cm::catalog;
using namespace cm::test;

namespace {

class Embedded {
public:
    Embedded()
        : database(must(sql::SqliteDatabase::open(m_folder.path() + "/embedded.sqlite"))),
          catalog(must(Catalog::open(*database, m_clock)))
    {}

    void fill()
    {
        must(catalog->write([](Writer &writer) -> Result<void> {
            for (int i = 0; i < 130; ++i) {
                const std::string name = fmt::format("p-{}", i);
                CM_TRY_ASSIGN(const auto project, writer.createProject(CatalogFixture::project(name, i)));
                auto made = CatalogFixture::release(project.id, "1.0");
                made.description = i % 40 == 0 ? std::string(700'000, 'x') : std::string("\xc3\xa9 '\"\\ words");
                CM_TRY_ASSIGN(const auto release, writer.createRelease(made));
                CM_TRY(writer.createFile(CatalogFixture::file(release, name + ".tar.gz", 10 + i)));
                CM_TRY(writer.addJournal(CatalogFixture::journal(name, "create", i)));
                CM_TRY(writer.addAudit(CatalogFixture::audit("project.create", name, i)));
                CM_TRY(writer.addEvent({0, at(i), "project.created", name, i, "ada"}));
                if (i % 10 == 0)
                    CM_TRY(writer.setReleaseYanked(release.id, true, "wrong"));
                if (i % 20 == 0)
                    CM_TRY(writer.deleteProject(project.id, CatalogFixture::deletion(i)));
            }
            UserRow ada;
            ada.normalizedName = ada.name = "ada";
            CM_TRY_ASSIGN(ada, writer.createUser(ada));
            TokenRow token;
            token.macaroonId = "m";
            token.userId = ada.id;
            token.encryptedKey = std::string("\0\xff key", 6);
            CM_TRY(writer.createToken(token));
            SshKeyRow key;
            key.userId = ada.id;
            key.fingerprint = "SHA256:x";
            key.projects = {"a", "b-c"};
            CM_TRY(writer.addSshKey(key));
            CM_TRY(writer.setProjectRole(2, ada.id, ProjectRole::Owner, at(1)));
            // The newest ids are of rows that are gone.
            CM_TRY(writer.pruneEvents(at(500)));
            CM_TRY_ASSIGN(const auto last, writer.createProject(CatalogFixture::project("gone")));
            CM_TRY(writer.deleteProject(last.id, CatalogFixture::deletion(0)));
            CM_TRY(writer.purgeProject(last.id));
            return {};
        }));
    }

private:
    TempFolder m_folder;
    ManualClock m_clock{epoch};

public:
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<Catalog> catalog;
};

}  // namespace

TEST_CASE_FIXTURE(CatalogFixture, "a catalog moves with every row, and ids go on behind those that ever were")
{
    Embedded embedded;
    embedded.fill();
    CHECK(must(isEmpty(database())));
    std::map<std::string, std::int64_t> copied;
    must(copyTables(*embedded.database, database(), [&](std::string_view table, std::int64_t rows) {
        copied[std::string(table)] = rows;
    }));
    CHECK(copied["projects"] == 130);
    CHECK(copied["tokens"] == 1);
    CHECK(copied["ssh_keys"] == 1);
    CHECK(copied["events"] == 0);
    CHECK_FALSE(must(isEmpty(database())));
    const auto ours = must(digestTables(database()));
    CHECK(ours == must(digestTables(*embedded.database)));
    CHECK(ours.size() == transferTables().size());

    CHECK(must(catalog().read([](Reader &reader) { return reader.verifyAudit(); })) == 130);
    CHECK(must(catalog().read([](Reader &reader) { return reader.findToken("m"); })).encryptedKey
          == std::string("\0\xff key", 6));
    CHECK(must(catalog().write([](Writer &writer) { return writer.addEvent({0, at(1), "a.b", "p", {}, "ada"}); })) == 131);
    CHECK(must(catalog().write([](Writer &writer) { return writer.createProject(project("next")); })).id == 132);
    CHECK(must(catalog().write([](Writer &writer) { return writer.addJournal(journal("next", "create")); })) == 131);

    must(database().write([](sql::Connection &connection) -> Result<void> {
        CM_TRY(connection.execute("UPDATE releases SET description = 'another' WHERE id = 7"));
        return {};
    }));
    CHECK(must(digestTables(database())) != ours);
}

TEST_CASE_FIXTURE(CatalogFixture, "a catalog that is not empty takes nobody in, and stays as it was")
{
    Embedded embedded;
    embedded.fill();
    publish("here");
    const auto before = must(digestTables(database()));
    CHECK(codeOf(copyTables(*embedded.database, database(), [](std::string_view, std::int64_t) {}))
          == ErrorCode::Conflict);
    CHECK(must(digestTables(database())) == before);
}

TEST_CASE("the tables that move are those of the schema, with every column")
{
    Embedded embedded;
    std::map<std::string, std::set<std::string>> schema;
    must(embedded.database->read([&](sql::Connection &connection) -> Result<void> {
        CM_TRY_ASSIGN(const auto rows, connection.query("SELECT m.name, c.name FROM sqlite_master m"
                                                        " JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
                                                        " AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '%_trigrams%'"
                                                        " AND m.name <> 'schema_version'"));
        for (;;) {
            CM_TRY_ASSIGN(const bool more, rows->next());
            if (!more)
                return {};
            schema[rows->string(0)].insert(rows->string(1));
        }
    }));
    std::map<std::string, std::set<std::string>> moved;
    for (const TransferTable &table : transferTables()) {
        for (const TransferColumn &column : table.columns)
            moved[std::string(table.name)].emplace(column.name);
    }
    CHECK(moved == schema);
}
