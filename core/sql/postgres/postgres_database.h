// SPDX-License-Identifier: GPL-3.0-or-later
// A PostgreSQL database, shared with other nodes: one writing connection behind a WriteQueue, reading
// ones to the same address or to one that may be behind (a standby). No read sees an older state
// than this node has seen or made: a server that is behind is given a moment, then the primary is
// asked, else Unavailable. Owned by the composition root; any thread.
#pragma once

#include "core/sql/database.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace cm::sql {

struct PostgresOptions {
    // libpq's forms: "postgresql://user@host1,host2/name" or "host=… dbname=…". Several hosts: the one
    // that takes writes.
    std::string url;
    std::string readUrl;  // empty: as `url`
    std::size_t readers = 8;
    std::chrono::milliseconds patience{5000};  // with a server that is gone
    std::chrono::milliseconds catchUp{300};    // for a server that is behind
};

class PostgresDatabase final : public Database {
public:
    // The database itself must exist. Unsupported, with the remedy, when it does not sort by bytes.
    static Result<std::unique_ptr<PostgresDatabase>> open(const PostgresOptions &options);
    ~PostgresDatabase() override;

    Result<void> read(const Work &work) override;
    Result<void> write(const Work &work) override;
    Result<void> writeAlone(const Work &work) override;
    // Counts what is committed through this class, by any node.
    Result<std::int64_t> dataVersion() override;
    Result<std::int64_t> confirmedVersion() override;

private:
    struct State;
    explicit PostgresDatabase(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace cm::sql
