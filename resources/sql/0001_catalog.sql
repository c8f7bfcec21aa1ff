-- SPDX-License-Identifier: GPL-3.0-or-later
-- The catalog. Times are microseconds since 1970 in UTC, sizes bytes, digests lower-case hex.
-- One text for every engine; the driver fills what stands in double braces.

CREATE TABLE projects (
    id {{identity}},
    normalized_name TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    similarity_key TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL DEFAULT '',
    quarantined_at BIGINT,
    quarantined_by TEXT,
    quarantine_reason TEXT,
    quarantine_previous_status TEXT,
    file_limit BIGINT,
    total_limit BIGINT,
    created BIGINT NOT NULL,
    last_activity BIGINT NOT NULL,
    last_serial BIGINT NOT NULL DEFAULT 0,
    release_count BIGINT NOT NULL DEFAULT 0,
    file_count BIGINT NOT NULL DEFAULT 0,
    total_size BIGINT NOT NULL DEFAULT 0,
    deleted_at BIGINT,
    deleted_by TEXT,
    delete_reason TEXT,
    purge_after BIGINT
);
CREATE INDEX projects_similarity ON projects (similarity_key);
CREATE INDEX projects_deleted ON projects (deleted_at, id) WHERE deleted_at IS NOT NULL;
-- The project list, one index a sort. The status rides along so that "active" (nearly all) is
-- filtered inside the index; the few others have partial indexes of their own.
CREATE INDEX projects_by_name ON projects (normalized_name, id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_by_activity ON projects (last_activity, id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_by_files ON projects (file_count, id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_by_size ON projects (total_size, id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_by_created ON projects (created, id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_other_by_name ON projects (status, normalized_name, id) WHERE deleted_at IS NULL AND status <> 'active';
CREATE INDEX projects_other_by_activity ON projects (status, last_activity, id) WHERE deleted_at IS NULL AND status <> 'active';
CREATE INDEX projects_other_by_files ON projects (status, file_count, id) WHERE deleted_at IS NULL AND status <> 'active';
CREATE INDEX projects_other_by_size ON projects (status, total_size, id) WHERE deleted_at IS NULL AND status <> 'active';
CREATE INDEX projects_other_by_created ON projects (status, created, id) WHERE deleted_at IS NULL AND status <> 'active';
{{substring_index:projects:normalized_name}}

-- deleted_with: '' when deleted on its own, else what took it along ('release', 'project').
CREATE TABLE releases (
    id {{identity}},
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    version TEXT NOT NULL,
    canonical_version TEXT NOT NULL,
    created BIGINT NOT NULL,
    yanked BOOLEAN NOT NULL DEFAULT FALSE,
    yanked_reason TEXT NOT NULL DEFAULT '',
    quarantined_at BIGINT,
    quarantined_by TEXT,
    quarantine_reason TEXT,
    summary TEXT NOT NULL DEFAULT '',
    requires_python TEXT NOT NULL DEFAULT '',
    uploaded_by TEXT NOT NULL DEFAULT '',
    deleted_at BIGINT,
    deleted_by TEXT,
    delete_reason TEXT,
    purge_after BIGINT,
    deleted_with TEXT NOT NULL DEFAULT '',
    description_content_type TEXT NOT NULL DEFAULT '',
    metadata_json TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX releases_live ON releases (project_id, canonical_version) WHERE deleted_at IS NULL;
CREATE INDEX releases_of_project ON releases (project_id, created, id);
CREATE INDEX releases_deleted ON releases (purge_after) WHERE deleted_at IS NOT NULL;

CREATE TABLE files (
    id {{identity}},
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    release_id BIGINT NOT NULL REFERENCES releases (id) ON DELETE CASCADE,
    filename TEXT NOT NULL,
    packagetype TEXT NOT NULL,
    python_version TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    md5 TEXT,
    blake2b256 TEXT NOT NULL,
    upload_time BIGINT NOT NULL,
    uploaded_by TEXT NOT NULL,
    path TEXT NOT NULL,
    metadata_sha256 TEXT,
    requires_python TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    deleted_at BIGINT,
    deleted_by TEXT,
    delete_reason TEXT,
    purge_after BIGINT,
    deleted_with TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX files_live_name ON files (filename) WHERE deleted_at IS NULL;
CREATE INDEX files_digest ON files (blake2b256);
CREATE INDEX files_of_project ON files (project_id, upload_time, id);
CREATE INDEX files_of_release ON files (release_id);
CREATE INDEX files_by_upload ON files (upload_time);
CREATE INDEX files_deleted ON files (purge_after) WHERE deleted_at IS NOT NULL;

-- Every file name that was ever given to bytes, for ever.
CREATE TABLE used_filenames (
    filename TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE users (
    id {{identity}},
    normalized_name TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL,
    password_hash TEXT,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created BIGINT NOT NULL
);

CREATE TABLE members (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id)
);
CREATE INDEX members_of_user ON members (user_id);

-- projects: normalised names, one a line; empty: no restriction.
CREATE TABLE tokens (
    id {{identity}},
    macaroon_id TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    encrypted_key {{blob}} NOT NULL,
    projects TEXT NOT NULL DEFAULT '',
    created BIGINT NOT NULL,
    expires BIGINT,
    last_used BIGINT,
    revoked BIGINT
);
CREATE INDEX tokens_of_user ON tokens (user_id, kind);
CREATE INDEX tokens_sessions ON tokens (expires) WHERE kind = 'session';

CREATE TABLE journal (
    serial {{identity}},
    project TEXT NOT NULL,
    normalized_name TEXT NOT NULL,
    version TEXT,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    time BIGINT NOT NULL
);
CREATE INDEX journal_of_project ON journal (normalized_name, serial);

-- Ids have no gaps: each row is chained to the one before.
CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    time BIGINT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    channel TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    before_json TEXT NOT NULL,
    after_json TEXT NOT NULL,
    request_id TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_of_actor ON audit (actor, id);
CREATE INDEX audit_of_subject ON audit (subject, subject_kind, id);
CREATE INDEX audit_of_action ON audit (action, id);
CREATE INDEX audit_by_time ON audit (time, id);

CREATE TABLE events (
    id {{identity}},
    time BIGINT NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL,
    serial BIGINT,
    actor TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (time);

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
