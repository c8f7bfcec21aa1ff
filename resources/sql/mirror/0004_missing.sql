-- SPDX-License-Identifier: GPL-3.0-or-later
-- `missing` is the first serial of what is pending that is not here: up to the one before it the copy is whole. 0: none is missing.
-- Of what was pending before all is missing behind what is published of it.

ALTER TABLE pending ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;
UPDATE pending SET missing = min(required, 1 + coalesce((SELECT serial FROM projects WHERE projects.name = pending.name), 0)) WHERE required > 0;
DROP INDEX pending_required;
CREATE INDEX pending_missing ON pending (missing);

-- Whose copy the global index lists.
INSERT INTO facts (name, value) SELECT 'index_identity', value FROM facts WHERE name = 'identity';
