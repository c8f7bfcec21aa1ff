-- SPDX-License-Identifier: GPL-3.0-or-later
-- In which batch of its source a row came: where its bytes end. Asked for when a batch is given again, whatever the table
-- remembers of tokens by then.

ALTER TABLE downloads ADD COLUMN IF NOT EXISTS batch Int64 DEFAULT 0 CODEC(ZSTD(1));

ALTER TABLE download_lines ADD COLUMN IF NOT EXISTS batch Int64 DEFAULT 0;

ALTER TABLE download_reasons ADD COLUMN IF NOT EXISTS batch Int64 DEFAULT 0;

-- When the first and the last of the lines came.
ALTER TABLE download_senders ADD COLUMN IF NOT EXISTS batch Int64 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS first_at DateTime('UTC') DEFAULT hour,
    ADD COLUMN IF NOT EXISTS last_at DateTime('UTC') DEFAULT hour + 3599;

-- When the report came, by the ingester's clock.
ALTER TABLE download_reports ADD COLUMN IF NOT EXISTS batch Int64 DEFAULT 0,
    ADD COLUMN IF NOT EXISTS arrived DateTime('UTC') DEFAULT time;

-- As long as counts by the hour are kept elsewhere.
ALTER TABLE download_senders MODIFY TTL hour + INTERVAL 90 DAY;

ALTER TABLE download_reports MODIFY TTL time + INTERVAL 90 DAY;

-- A spool lets go of what it hears is there: that has to be on the disk by then.
ALTER TABLE downloads MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE download_lines MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE download_reasons MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE download_senders MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE download_reports MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE download_batches MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
