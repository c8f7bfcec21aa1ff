-- SPDX-License-Identifier: GPL-3.0-or-later
-- Counts by minute and hour go after their time. Where an engine has slices they go as a whole, by the day and by the week,
-- and no row of theirs has to be found and cleaned up after.

{{sliced_counts}}
