-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counts of downloads, rolled up by minute, hour and day while they are added. Times of counts are minutes since
-- 1970 in UTC. Names are kept without regard to projects that exist: a deleted project keeps its counts.

CREATE TABLE download_texts (
    id {{identity}},
    text TEXT NOT NULL UNIQUE
);

CREATE TABLE download_projects (
    id {{identity}},
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE download_versions (
    id {{identity}},
    project_id BIGINT NOT NULL REFERENCES download_projects (id),
    version TEXT NOT NULL,
    UNIQUE (project_id, version)
);

-- One row: all that is known of a subject (the registry, a project or a version, and what was asked for) in one
-- bucket, as core/metrics/store/figures.h writes it. What is written now lies together, and so does what is forgotten.
-- Versions have rows of days alone.
CREATE TABLE download_counts (
    tier BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    data {{blob}} NOT NULL,
    PRIMARY KEY (tier, bucket, subject)
) {{clustered}};

-- The totals of 256 projects in one bucket, for lists of the most downloaded.
CREATE TABLE download_ranks (
    tier BIGINT NOT NULL,
    request BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    shard BIGINT NOT NULL,
    data {{blob}} NOT NULL,
    PRIMARY KEY (tier, request, bucket, shard)
) {{clustered}};

-- What became of lines. minutes has a bit for each minute of the bucket of which anything is known.
CREATE TABLE download_tallies (
    tier BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    received BIGINT NOT NULL,
    downloads BIGINT NOT NULL,
    simple BIGINT NOT NULL,
    ignored BIGINT NOT NULL,
    unprocessed BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    PRIMARY KEY (tier, bucket)
) {{clustered}};

CREATE TABLE download_reasons (
    tier BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    reason TEXT NOT NULL,
    lines BIGINT NOT NULL,
    PRIMARY KEY (tier, bucket, reason)
) {{clustered}};

-- How far each source is in all of the above.
CREATE TABLE download_sources (
    source TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    updated BIGINT NOT NULL
) {{clustered}};

-- What people say of a stretch of time. Times of these are microseconds since 1970.
CREATE TABLE download_annotations (
    id {{identity}},
    kind TEXT NOT NULL,
    project TEXT NOT NULL,
    begins BIGINT NOT NULL,
    ends BIGINT,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX download_annotations_by_time ON download_annotations (begins, id);
