-- SPDX-License-Identifier: GPL-3.0-or-later
-- A second person's word for a step, with all that it binds; empty: nobody has given it. What older programs wrote of it
-- (confirmed_*) bound less, and counts no more.

ALTER TABLE deprecations ADD COLUMN agreed_json TEXT NOT NULL DEFAULT '';
