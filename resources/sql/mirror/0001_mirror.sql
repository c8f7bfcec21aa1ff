-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a mirror remembers of its tree, so that a run need not look at it. Times are microseconds since 1970 in UTC.

CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- What is published. `page` and `previous` are folders of pages; the older one waits for its last readers.
CREATE TABLE projects (
    name TEXT NOT NULL PRIMARY KEY,
    display TEXT NOT NULL,
    serial BIGINT NOT NULL,
    listed BOOLEAN NOT NULL,
    page TEXT NOT NULL,
    previous TEXT NOT NULL DEFAULT ''
);

-- What has to be looked at, with the serial that its page must have reached. `claimed`: a run was about to
-- publish it and has not said how that went.
CREATE TABLE pending (
    name TEXT NOT NULL PRIMARY KEY,
    display TEXT NOT NULL,
    required BIGINT NOT NULL,
    removed BOOLEAN NOT NULL,
    since BIGINT NOT NULL,
    tries BIGINT NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    claimed BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX pending_required ON pending (required);
CREATE INDEX pending_claimed ON pending (name) WHERE claimed;

-- Files by their path below packages/. state: 0 on its way, 1 served, 2 no longer listed by a filter of ours and
-- served until `until`, 3 withdrawn and set aside until then, 4 damaged: to be fetched again.
CREATE TABLE files (
    path TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    state BIGINT NOT NULL,
    until BIGINT NOT NULL DEFAULT 0,
    checked BIGINT NOT NULL
);
CREATE INDEX files_of_project ON files (project);
CREATE INDEX files_leaving ON files (until) WHERE state IN (2, 3);
CREATE INDEX files_arriving ON files (path) WHERE state = 0;
CREATE INDEX files_checked ON files (checked);
