// SPDX-License-Identifier: GPL-3.0-or-later
// A database: many readers, one writer. Owned by the composition root and made by a driver; any
// thread, every call may block. write() gathers what waits into one commit (group commit) and
// answers after it is on disk; a closure that fails is undone alone and answered with its error.
#pragma once

#include "core/base/result.h"
#include "core/sql/connection.h"

#include <cstdint>
#include <functional>

namespace cm::sql {

using Work = std::function<Result<void>(Connection &)>;

class Database {
public:
    virtual ~Database() = default;

    // In one read transaction: all answers are of the same moment. Unavailable when no connection
    // comes free in time.
    virtual Result<void> read(const Work &work) = 0;
    // Runs at most once, on the writer's thread. Never call write() from inside it.
    virtual Result<void> write(const Work &work) = 0;
    // A transaction of its own on the writer's thread, outside any group: for long or schema work.
    virtual Result<void> writeAlone(const Work &work) = 0;
    // Another number when anybody, other processes included, has committed since the last one.
    virtual Result<std::int64_t> dataVersion() = 0;
    // The same, asked of the server that takes writes and of no other: what is read afterwards is no older than this
    // moment. Unavailable while that cannot be told.
    virtual Result<std::int64_t> confirmedVersion() { return dataVersion(); }
};

}  // namespace cm::sql
