-- SPDX-License-Identifier: GPL-3.0-or-later
-- What senders of lines say to have sent. The name of a sender is the one that it gives itself.

-- Lines that came from it, by the hour in which they came; several rows of an hour are added up.
CREATE TABLE IF NOT EXISTS download_senders (
    hour DateTime('UTC'),
    sender String,
    lines Int64,
    source LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, sender)
SETTINGS non_replicated_deduplication_window = 10000;

-- Each time that it said how many lines it had been given since it started. heard: lines that came from it since the
-- report before, where that is known.
CREATE TABLE IF NOT EXISTS download_reports (
    time DateTime('UTC'),
    sender String,
    sent Int64,
    heard Nullable(Int64),
    source LowCardinality(String)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (sender, time)
SETTINGS non_replicated_deduplication_window = 10000;
