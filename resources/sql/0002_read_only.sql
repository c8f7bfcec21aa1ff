-- SPDX-License-Identifier: GPL-3.0-or-later
-- The registry's read-only mode: one row at most. It holds until `ends` by the clock of whoever reads it, so
-- that it is over in time also when nobody is left to end it.

CREATE TABLE read_only (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    since BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    set_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    message TEXT NOT NULL
);
