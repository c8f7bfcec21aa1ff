#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# failover.sh FAILED OLD_PRIMARY NEW_MAIN NEW_HOST NEW_PORT: run by the leader of the pgpools when a
# node is lost. A node that is attached holds every acknowledged commit; where none is attached
# nothing is promoted, for that would lose some.
# pgpool leaves its listening sockets open in what it starts.
for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && [ "$fd" -ne 255 ] && eval "exec $fd>&-"; done 2>/dev/null
exec >>'@{paths.state}/pgpool/failover.log' 2>&1
say() { echo "$(date -u +%FT%T.%3NZ) $*"; }
say "lost node $1; primary was $2; next is $3 at $4:$5"
[ "$1" = "$2" ] || exit 0
if [ "$3" = -1 ] || [ -z "$4" ]; then
    say 'refused: no node that holds every acknowledged commit is left'
    exit 0
fi
export PGPASSFILE='@{paths.config}/pgpool/pgpass' PGCONNECT_TIMEOUT=3
# Debian's own psql is a script that looks for this one, which takes longer than the question.
for folder in /usr/lib/postgresql/*/bin; do
    PATH=$folder:$PATH
done
promoted=$(psql -XAtq -h "$4" -p "$5" -U cheesemonger_pool -d postgres -c 'SELECT pg_promote(true, 20)')
say "promoted $4: $promoted"
