-- SPDX-License-Identifier: GPL-3.0-or-later
-- What senders of lines say to have sent. The name of a sender is the one that it gives itself.

-- The last that each said: seconds since 1970, how many lines it had been given by then, and in whose bytes it said so
-- (empty: lines of it came by another source since).
CREATE TABLE download_senders (
    sender TEXT NOT NULL PRIMARY KEY,
    seconds BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    source TEXT NOT NULL
) {{clustered}};

-- By hour: lines that came from it in that hour; by the hours in which it said so, lines that it sent, and of the same
-- stretches of time those that came.
CREATE TABLE download_sender_hours (
    bucket BIGINT NOT NULL,
    sender TEXT NOT NULL,
    received BIGINT NOT NULL,
    sent BIGINT,
    told BIGINT,
    PRIMARY KEY (bucket, sender)
) {{clustered}};
