#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bootstrap.sh URL: run by Patroni once, on the node that makes the cluster, before anybody else may connect. What the
# registry and its monitors need; when it fails Patroni throws the new data folder away and says so.
exec psql -XAtq -v ON_ERROR_STOP=1 -d "$1" -f '@{paths.config}/patroni/roles.sql'
