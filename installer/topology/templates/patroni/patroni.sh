#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts Patroni on @{host.name} as @{users.database}, with the newest PostgreSQL that is installed, for Debian keeps
# its programs off the PATH. Where several are installed, name the one of the data folder: bin_dir in patroni.yml.
PATH=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1):$PATH
export PATH
exec patroni '@{paths.config}/patroni/patroni.yml'
