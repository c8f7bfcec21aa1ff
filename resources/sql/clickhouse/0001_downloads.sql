-- SPDX-License-Identifier: GPL-3.0-or-later
-- Downloads line by line, for ClickHouse. Every statement may be run again. Each table remembers the tokens of so many
-- inserts, so that one that is sent again is there once; projections are part of a table's parts, and so are as exact
-- as its rows are, which a view that follows them would not be.

CREATE TABLE IF NOT EXISTS downloads (
    time DateTime('UTC') CODEC(Delta, ZSTD(1)),
    request Enum8('download' = 0, 'simple' = 1),
    class Enum8('interactive' = 0, 'ci' = 1, 'mirror' = 2, 'browser' = 3, 'tooling' = 4, 'unknown' = 5),
    project String CODEC(ZSTD(1)),
    version String CODEC(ZSTD(1)),
    file_type LowCardinality(String),
    filename String CODEC(ZSTD(1)),
    country LowCardinality(String),
    installer LowCardinality(String),
    installer_version LowCardinality(String),
    python LowCardinality(String),
    implementation LowCardinality(String),
    system LowCardinality(String),
    system_release LowCardinality(String),
    distribution LowCardinality(String),
    cpu LowCardinality(String),
    tls LowCardinality(String),
    source LowCardinality(String),
    PROJECTION project_by_day (
        SELECT request, project, toStartOfDay(time), class, count()
        GROUP BY request, project, toStartOfDay(time), class
    ),
    PROJECTION registry_by_hour (
        SELECT request, toStartOfHour(time), class, country, installer, system, file_type, count()
        GROUP BY request, toStartOfHour(time), class, country, installer, system, file_type
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (request, project, toStartOfHour(time), class, version)
SETTINGS non_replicated_deduplication_window = 10000;

-- What became of the lines, by minute; several rows of a minute are added up.
CREATE TABLE IF NOT EXISTS download_lines (
    minute DateTime('UTC'),
    received Int64,
    downloads Int64,
    simple Int64,
    ignored Int64,
    unprocessed Int64,
    refused Int64,
    source LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY minute
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS download_reasons (
    minute DateTime('UTC'),
    reason LowCardinality(String),
    lines Int64,
    source LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(minute)
ORDER BY (minute, reason)
SETTINGS non_replicated_deduplication_window = 10000;

-- How far each source is: the last batch that was begun and the last that is there as a whole.
CREATE TABLE IF NOT EXISTS download_batches (
    source String,
    step Enum8('begun' = 0, 'done' = 1),
    beginning Int64,
    until Int64
)
ENGINE = ReplacingMergeTree(until)
ORDER BY (source, step);
