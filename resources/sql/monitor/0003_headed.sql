-- SPDX-License-Identifier: GPL-3.0-or-later
-- The finding that headed the last letter about an alert: empty where none was sent, so that nobody is told of its end;
-- NULL where it is not known, of alerts from before.

ALTER TABLE alerts ADD COLUMN headed TEXT;
