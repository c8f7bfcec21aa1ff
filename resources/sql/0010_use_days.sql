-- SPDX-License-Identifier: GPL-3.0-or-later
-- Uses summed up, so that a million of them are asked for in a moment. New ones arrive in `uses` one by one and are taken
-- from there every few seconds; what older programs have written waits there as well.

ALTER TABLE uses ADD COLUMN client_class TEXT NOT NULL DEFAULT '';
-- Of uses that no account stands behind: a /24 or a /48. No address is kept.
ALTER TABLE uses ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- What uses were, each combination once.
CREATE TABLE use_kinds (
    id {{identity}},
    channel TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    authentication TEXT NOT NULL,
    client TEXT NOT NULL,
    client_version TEXT NOT NULL,
    client_class TEXT NOT NULL,
    file_type TEXT NOT NULL,
    metadata_version TEXT NOT NULL,
    digest TEXT NOT NULL
);
CREATE UNIQUE INDEX use_kinds_by_all ON use_kinds
    (channel, endpoint, authentication, client, client_version, client_class, file_type, metadata_version, digest);

-- day: since 1970, in UTC. user_id 0: nobody who is known. refused_by 0: accepted.
CREATE TABLE use_days (
    kind_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    refused_by BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    notices BIGINT NOT NULL,
    first_time BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    PRIMARY KEY (kind_id, day, user_id, refused_by)
) {{clustered}};
CREATE INDEX use_days_of_user ON use_days (user_id, day);
CREATE INDEX use_days_refused ON use_days (refused_by, day) WHERE refused_by <> 0;

-- By what a person came, and to what. accepted: the time of the last that was; 0: none was.
CREATE TABLE use_details (
    user_id BIGINT NOT NULL,
    kind_id BIGINT NOT NULL,
    credential TEXT NOT NULL,
    project TEXT NOT NULL,
    accepted BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind_id, credential, project)
) {{clustered}};

CREATE TABLE use_networks (
    kind_id BIGINT NOT NULL,
    network TEXT NOT NULL,
    day BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    PRIMARY KEY (kind_id, network, day)
) {{clustered}};

-- user_id 0: nobody who is known. Once a window is old, its sums stand in brown_outs.figures_json alone.
CREATE TABLE brown_out_uses (
    brown_out_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    client_class TEXT NOT NULL,
    refused BIGINT NOT NULL,
    first_time BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    PRIMARY KEY (brown_out_id, user_id, client_class)
) {{clustered}};
ALTER TABLE brown_outs ADD COLUMN figures_json TEXT NOT NULL DEFAULT '';

-- What failed beside a brown-out, by the counters of each node, from_time to to_time; before_*: in as long a time just
-- before the window, NULL where the node had not counted for so long.
CREATE TABLE brown_out_collateral (
    brown_out_id BIGINT NOT NULL REFERENCES brown_outs (id),
    node TEXT NOT NULL,
    from_time BIGINT NOT NULL,
    to_time BIGINT NOT NULL,
    uploads BIGINT NOT NULL,
    uploads_refused BIGINT NOT NULL,
    uploads_failed BIGINT NOT NULL,
    installs BIGINT NOT NULL,
    installs_failed BIGINT NOT NULL,
    before_uploads BIGINT,
    before_uploads_refused BIGINT,
    before_uploads_failed BIGINT,
    before_installs BIGINT,
    before_installs_failed BIGINT,
    PRIMARY KEY (brown_out_id, node)
);

-- Stretches in which uses are missing, or may be. Empty texts: of any. refused_by: they were refused for that; uses NULL:
-- nobody knows how many.
CREATE TABLE use_gaps (
    id {{identity}},
    node TEXT NOT NULL,
    began BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    cause TEXT NOT NULL,
    channel TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    refused_by BIGINT,
    uses BIGINT
);
CREATE INDEX use_gaps_by_time ON use_gaps (ended);

-- The one number of before, for all time.
INSERT INTO use_gaps (node, began, ended, cause, channel, endpoint, refused_by, uses)
    SELECT '', (SELECT MIN(value) FROM counters WHERE name = 'uses_since'),
           (SELECT MAX(time) FROM uses), 'overflow', '', '', NULL, value
    FROM counters WHERE name = 'uses_lost' AND value > 0 AND EXISTS (SELECT 1 FROM uses)
        AND EXISTS (SELECT 1 FROM counters WHERE name = 'uses_since');
