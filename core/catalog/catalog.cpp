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
    return std::unique_ptr<Catalog>(new Catalog(database, clock));
}

Result<std::int64_t> Catalog::dataVersion()
{
    return m_database.dataVersion();
}

Result<void> Catalog::confirmFresh()
{
    CM_TRY(m_database.confirmedVersion());
    return {};
}

Result<void> Catalog::runRead(const std::function<Result<void>(Reader &)> &question)
{
    return m_database.read([&question](sql::Connection &connection) {
        Reader reader(connection);
        return question(reader);
    });
}

Result<void> Catalog::runWrite(const std::function<Result<void>(Writer &)> &change, WhileReadOnly whileReadOnly)
{
    return m_database.write([&](sql::Connection &connection) -> Result<void> {
        Writer writer(connection);
        if (whileReadOnly == WhileReadOnly::Refused) {
            // Here, where writers of all nodes come one after the other: what is committed after the order was
            // given would have seen it.
            const Time now = m_clock.now();
            CM_TRY_ASSIGN(const auto mode, writer.readOnly(now));
            if (mode)
                return fail(readOnlyRefusal(*mode, now));
        }
        return change(writer);
    });
}

}  // namespace cm::catalog
