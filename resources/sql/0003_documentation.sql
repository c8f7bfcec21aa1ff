-- SPDX-License-Identifier: GPL-3.0-or-later
-- Documentation of releases: a row each time an archive was taken, and one for each file in it, which names a
-- blob by its digest. Equal files are one blob. What belongs to a deleted release or project is out of sight
-- with that; a row's own deletion is a removal, or that a later archive took its place.

CREATE TABLE documentation (
    id {{identity}},
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    release_id BIGINT NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    archive_size BIGINT NOT NULL,
    archive_sha256 TEXT NOT NULL,
    total_size BIGINT NOT NULL,
    file_count BIGINT NOT NULL,
    uploaded BIGINT NOT NULL,
    uploaded_by TEXT NOT NULL,
    replaced BOOLEAN NOT NULL DEFAULT FALSE,
    deleted_at BIGINT,
    deleted_by TEXT,
    delete_reason TEXT,
    purge_after BIGINT
);
CREATE UNIQUE INDEX documentation_live ON documentation (release_id) WHERE deleted_at IS NULL;
CREATE INDEX documentation_of_project ON documentation (project_id, id);
CREATE INDEX documentation_of_release ON documentation (release_id, id);
CREATE INDEX documentation_deleted ON documentation (purge_after) WHERE deleted_at IS NOT NULL;

CREATE TABLE documentation_files (
    documentation_id BIGINT NOT NULL REFERENCES documentation (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size BIGINT NOT NULL,
    blake2b256 TEXT NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (documentation_id, path)
);
CREATE INDEX documentation_files_blob ON documentation_files (blob);

-- Which release `latest` means where somebody has chosen one.
CREATE TABLE documentation_latest (
    project_id BIGINT NOT NULL PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    release_id BIGINT NOT NULL REFERENCES releases (id) ON DELETE CASCADE
);
CREATE INDEX documentation_latest_release ON documentation_latest (release_id);

-- Blobs whose last row was purged: another row may name one again, so they go only when nothing has touched
-- them for a day.
CREATE TABLE idle_blobs (
    path TEXT NOT NULL PRIMARY KEY
);
