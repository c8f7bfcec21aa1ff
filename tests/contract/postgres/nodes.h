// SPDX-License-Identifier: GPL-3.0-or-later
// Several nodes on one fresh database. On the stack of a test.
#pragma once

#include "core/catalog/catalog.h"
#include "core/sql/postgres/postgres_database.h"
#include "tests/contract/catalog_fixture.h"
#include "tests/support/postgres_server.h"

namespace cm::test {

struct Node {
    std::unique_ptr<sql::Database> database;
    std::unique_ptr<catalog::Catalog> catalog;
};

class Nodes {
public:
    explicit Nodes(PostgresServer &server = sharedPostgres()) : m_server(server), m_name(server.makeDatabase()) {}

    Node node() { return node({.url = url()}); }
    Node node(const sql::PostgresOptions &options)
    {
        Node node{must(sql::PostgresDatabase::open(options)), nullptr};
        node.catalog = must(catalog::Catalog::open(*node.database, m_clock));
        return node;
    }
    [[nodiscard]] std::string url() const { return m_server.url(m_name); }
    [[nodiscard]] std::string url(int port) const
    {
        return "host=127.0.0.1 port=" + std::to_string(port) + " user=postgres dbname=" + m_name;
    }
    [[nodiscard]] const std::string &name() const { return m_name; }

private:
    PostgresServer &m_server;
    std::string m_name;
    ManualClock m_clock{epoch};
};

// A project with a journal line and an audit line; the serial.
inline Result<catalog::Serial> addProject(catalog::Catalog &catalog, const std::string &name)
{
    return catalog.write([&](catalog::Writer &writer) -> Result<catalog::Serial> {
        CM_TRY(writer.createProject(CatalogFixture::project(name)));
        CM_TRY(writer.addAudit(CatalogFixture::audit("project.create", name)));
        return writer.addJournal(CatalogFixture::journal(name, "create"));
    });
}

}  // namespace cm::test
