-- SPDX-License-Identifier: GPL-3.0-or-later
-- In which order what is pending is looked at. rank: 0 the journal names what was withdrawn, 1 something is published here that
-- may have to go, 2 nothing is. `round` is the round in which it was last tried: within it that is not done again.

ALTER TABLE pending ADD COLUMN rank BIGINT NOT NULL DEFAULT 1;
ALTER TABLE pending ADD COLUMN round BIGINT NOT NULL DEFAULT 0;
CREATE INDEX pending_rank ON pending (rank, name);

-- Paths that differ in case alone are one file to some disks.
CREATE INDEX files_folded ON files (lower(path));
