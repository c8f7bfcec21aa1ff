// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/catalog.h"

#include "core/catalog/migrations.h"
#include "core/sql/database.h"

namespace cm::catalog {

Result<std::unique_ptr<Catalog>> Catalog::open(sql::Database &database, const Clock &clock)
{
    CM_TRY(database.writeAlone([&clock](sql::Connection &connection) -> Result<void> {
        CM_TRY(sql::migrate(connection, migrations(), clock.now().time_since_epoch().count()));
        return {};
    }));
    return std::unique_ptr<Catalog>(new Catalog(database));
}

Result<std::int64_t> Catalog::dataVersion()
{
    return m_database.dataVersion();
}

Result<void> Catalog::runRead(const std::function<Result<void>(Reader &)> &question)
{
    return m_database.read([&question](sql::Connection &connection) {
        Reader reader(connection);
        return question(reader);
    });
}

Result<void> Catalog::runWrite(const std::function<Result<void>(Writer &)> &change)
{
    return m_database.write([&change](sql::Connection &connection) {
        Writer writer(connection);
        return change(writer);
    });
}

}  // namespace cm::catalog
