// SPDX-License-Identifier: GPL-3.0-or-later
// A SQLite file in WAL mode: one writing connection behind a WriteQueue, up to `maxReaders` reading
// ones. Owned by the composition root; any thread. Other processes may use the file meanwhile.
#pragma once

#include "core/sql/database.h"

#include <cstddef>
#include <memory>
#include <string>

namespace cm::sql {

class SqliteDatabase final : public Database {
public:
    // Makes the file when missing; its folder must exist.
    static Result<std::unique_ptr<SqliteDatabase>> open(const std::string &path, std::size_t maxReaders = 8);
    ~SqliteDatabase() override;

    Result<void> read(const Work &work) override;
    Result<void> write(const Work &work) override;
    Result<void> writeAlone(const Work &work) override;
    Result<std::int64_t> dataVersion() override;

private:
    struct State;
    explicit SqliteDatabase(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace cm::sql
