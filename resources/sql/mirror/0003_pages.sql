-- SPDX-License-Identifier: GPL-3.0-or-later
-- By which a project's pages are known again: a digest over their forms, empty where they were published before there was
-- one, and when they were last compared.

ALTER TABLE projects ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN checked BIGINT NOT NULL DEFAULT 0;
CREATE INDEX projects_checked ON projects (checked);
