-- SPDX-License-Identifier: GPL-3.0-or-later
-- Run once, on the node that is the first primary.
CREATE ROLE cheesemonger LOGIN PASSWORD '@{secrets.database}';
CREATE ROLE cheesemonger_replication LOGIN REPLICATION PASSWORD '@{secrets.replication}';
@if pgpools
CREATE ROLE cheesemonger_pool LOGIN PASSWORD '@{secrets.pool}';
GRANT pg_monitor TO cheesemonger_pool;
-- What a pgpool does when the primary is gone, and no more.
GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO cheesemonger_pool;
@end
-- The row by which monitors measure how far a standby is behind; all that they may write.
CREATE TABLE cheesemonger_heartbeat (writer text PRIMARY KEY, stamp timestamptz NOT NULL);
@for user in monitor_users
CREATE ROLE @{user.name} LOGIN PASSWORD '@{secrets.monitor}';
GRANT pg_monitor TO @{user.name};
GRANT SELECT, INSERT, UPDATE ON cheesemonger_heartbeat TO @{user.name};
@end
-- What pg_rewind reads from the node that it follows.
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO cheesemonger_replication;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO cheesemonger_replication;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO cheesemonger_replication;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO cheesemonger_replication;
GRANT pg_monitor, pg_checkpoint TO cheesemonger_replication;
CREATE DATABASE @{registry.database} OWNER cheesemonger TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
