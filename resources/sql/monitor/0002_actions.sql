-- SPDX-License-Identifier: GPL-3.0-or-later
-- What operators had done to the topology, with each step; the same rows that the audit tells of.

CREATE TABLE actions (
    id {{identity}},
    started BIGINT NOT NULL,
    ended BIGINT,
    body TEXT NOT NULL
);
