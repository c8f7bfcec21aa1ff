// SPDX-License-Identifier: GPL-3.0-or-later
// What senders say to have sent, against what came from them. Internal to core/metrics/store; one thread.
#pragma once

#include "core/metrics/sender_sums.h"
#include "core/sql/connection.h"

namespace cm::metrics {

// In the transaction of the caller.
Result<void> writeSenders(sql::Connection &connection, const Batch &batch);

}  // namespace cm::metrics
