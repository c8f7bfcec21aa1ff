// SPDX-License-Identifier: GPL-3.0-or-later
// A fresh catalog over the engine that CHEESEMONGER_TEST_ENGINE names (SQLite without it), and short
// ways to fill it. One per test case, on its stack.
#pragma once

#include "core/catalog/catalog.h"
#include "core/sql/postgres/postgres_database.h"
#include "core/sql/sqlite/sqlite_database.h"
#include "tests/contract/temp_folder.h"
#include "tests/support/postgres_server.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <string_view>

namespace cm::test {

inline const Time epoch = Time(std::chrono::seconds(1'790'000'000));

inline Time at(std::int64_t seconds)
{
    return epoch + std::chrono::seconds(seconds);
}

// The value, or a failed test that says what went wrong.
template <class T>
T must(Result<T> result)
{
    if (!result)
        FAIL(errorCodeName(result.error().code) << ": " << result.error().detail);
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

template <class T>
ErrorCode codeOf(const Result<T> &result)
{
    REQUIRE_FALSE(result.has_value());
    return result.error().code;
}

inline bool onPostgres()
{
    const char *engine = std::getenv("CHEESEMONGER_TEST_ENGINE");
    return engine && std::string_view(engine) == "postgres";
}

class CatalogFixture {
public:
    CatalogFixture() : m_database(openDatabase()), m_catalog(must(catalog::Catalog::open(*m_database, m_clock))) {}

    catalog::Catalog &catalog() { return *m_catalog; }
    sql::Database &database() { return *m_database; }
    // Another handle on the same store, as an `admin` process has it.
    std::unique_ptr<sql::Database> openDatabase()
    {
        if (!onPostgres())
            return must(sql::SqliteDatabase::open(m_folder.path() + "/registry.sqlite"));
        if (m_name.empty())
            m_name = sharedPostgres().makeDatabase();
        return must(sql::PostgresDatabase::open({.url = sharedPostgres().url(m_name)}));
    }
    // Of the store, for another process.
    [[nodiscard]] std::string place() const
    {
        return onPostgres() ? sharedPostgres().url(m_name) : m_folder.path() + "/registry.sqlite";
    }
    const Clock &clock() const { return m_clock; }

    static catalog::ProjectRow project(const std::string &name, std::int64_t second = 0)
    {
        catalog::ProjectRow row;
        row.normalizedName = row.name = row.similarityKey = name;
        row.created = at(second);
        return row;
    }
    static catalog::ReleaseRow release(catalog::Id projectId, const std::string &version, std::int64_t second = 0)
    {
        catalog::ReleaseRow row;
        row.projectId = projectId;
        row.version = row.canonicalVersion = version;
        row.created = at(second);
        row.metadataJson = "{}";
        row.description = "words";
        return row;
    }
    static catalog::FileRow file(const catalog::ReleaseRow &release, const std::string &filename, std::int64_t size)
    {
        catalog::FileRow row;
        row.projectId = release.projectId;
        row.releaseId = release.id;
        row.filename = filename;
        row.packagetype = "sdist";
        row.pythonVersion = "source";
        row.size = size;
        row.sha256 = std::string(64, 'a');
        row.blake2b256 = "b-" + filename;
        row.path = "aa/bb/cc/" + filename;
        row.uploadTime = release.created;
        row.uploadedBy = "ada";
        return row;
    }
    static catalog::JournalRow journal(const std::string &name, const std::string &action, std::int64_t second = 0)
    {
        return {0, name, name, std::nullopt, action, "ada", at(second)};
    }
    static catalog::AuditRow audit(const std::string &action, const std::string &subject, std::int64_t second = 0)
    {
        catalog::AuditRow row;
        row.time = at(second);
        row.actor = "ada";
        row.role = "admin";
        row.channel = "admin";
        row.action = action;
        row.subjectKind = "project";
        row.subject = subject;
        row.before = "{}";
        return row;
    }
    static catalog::Deletion deletion(std::int64_t second) { return {at(second), "ada", "spam", at(second + 100)}; }

    // A project with one release and two files of 10 and 20 bytes.
    catalog::ProjectRow publish(const std::string &name)
    {
        return must(m_catalog->write([&](catalog::Writer &writer) -> Result<catalog::ProjectRow> {
            CM_TRY_ASSIGN(const auto added, writer.createProject(project(name)));
            CM_TRY_ASSIGN(const auto first, writer.createRelease(release(added.id, "1.0")));
            CM_TRY(writer.createFile(file(first, name + "-1.0.tar.gz", 10)));
            auto wheel = file(first, name + "-1.0-py3-none-any.whl", 20);
            wheel.metadataSha256 = std::string(64, 'c');
            CM_TRY(writer.createFile(wheel));
            CM_TRY(writer.addJournal(journal(name, "new release")));
            return writer.findProject(name);
        }));
    }

private:
    TempFolder m_folder;
    std::string m_name;  // of the database on a server
    ManualClock m_clock{epoch};
    std::unique_ptr<sql::Database> m_database;
    std::unique_ptr<catalog::Catalog> m_catalog;
};

}  // namespace cm::test
