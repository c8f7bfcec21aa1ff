-- SPDX-License-Identifier: GPL-3.0-or-later
-- Keys with which people upload over ssh. Rows stay for good, so that old uses remain attributed. key_data is the
-- base64 of a .pub file; projects: normalised names, one a line; empty: no restriction.

CREATE TABLE ssh_keys (
    id {{identity}},
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    key_data TEXT NOT NULL,
    bits BIGINT NOT NULL,
    fingerprint TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    projects TEXT NOT NULL DEFAULT '',
    created BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    revoked_by TEXT NOT NULL DEFAULT '',
    revoke_reason TEXT NOT NULL DEFAULT '',
    last_used BIGINT,
    last_used_from TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX ssh_keys_live ON ssh_keys (fingerprint) WHERE revoked IS NULL;
CREATE INDEX ssh_keys_of_user ON ssh_keys (user_id, id);
CREATE INDEX ssh_keys_by_fingerprint ON ssh_keys (fingerprint, user_id);
