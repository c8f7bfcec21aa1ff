-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a monitor remembers, in a file of its own. Times are microseconds since 1970, chunk starts seconds.

CREATE TABLE series (
    id {{identity}},
    target TEXT NOT NULL,
    signal TEXT NOT NULL,
    unit TEXT NOT NULL,
    UNIQUE (target, signal)
);

-- Tier 0: a minute of single seconds; 1: ten minutes of 10 s; 2: an hour of minutes.
CREATE TABLE chunks (
    tier BIGINT NOT NULL,
    start BIGINT NOT NULL,
    series BIGINT NOT NULL,
    data {{blob}} NOT NULL,
    PRIMARY KEY (tier, start, series)
);

-- When a monitor was watching, so that a gap is no availability.
CREATE TABLE watches (
    start BIGINT NOT NULL PRIMARY KEY,
    until BIGINT NOT NULL
);

CREATE TABLE events (
    id {{identity}},
    time BIGINT NOT NULL,
    kind TEXT NOT NULL,
    node TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX events_by_time ON events (time);

CREATE TABLE alerts (
    id BIGINT NOT NULL PRIMARY KEY,
    closed BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX alerts_by_closed ON alerts (closed);

CREATE TABLE silences (
    id BIGINT NOT NULL PRIMARY KEY,
    ended BIGINT,
    body TEXT NOT NULL
);

-- Notifications that a receiver has not taken yet.
CREATE TABLE deliveries (
    id {{identity}},
    receiver TEXT NOT NULL,
    created BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE audit (
    id {{identity}},
    time BIGINT NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE tokens (
    id {{identity}},
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    description TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT
);
