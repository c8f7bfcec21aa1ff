#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the pool of servers and the volume, or sees that they are as they should be; on one server, as root, any number
# of times.
set -eu
g() { gluster --mode=script "$@"; }
patience=60
until_holds() {
    what=$1
    shift
    while ! "$@"; do
        patience=$((patience - 1))
        [ "$patience" -gt 0 ] || { echo "waited in vain for: $what" >&2; exit 1; }
        sleep 0.5
    done
}
connected() { [ "$(g pool list | grep -c ' *Connected *$')" -ge @{gluster_count} ]; }
started() { g volume info '@{volume.name}' | grep -q '^Status: Started'; }
until_holds 'the daemon of this server' g pool list >/dev/null
@for other in glusters
[ '@{other.address}' = '@{host.address}' ] || until_holds '@{other.name}' g peer probe '@{other.address}' >/dev/null
@end
until_holds 'all servers of the pool' connected
# "force": with few servers a brick may lie on the system's disk.
g volume info '@{volume.name}' >/dev/null 2>&1 || g volume create '@{volume.name}' replica 3 arbiter 1 @{gluster_bricks} force
# A server that is gone without a word is given up after so many seconds: reads and writes wait that long, twice at most.
g volume set '@{volume.name}' network.ping-timeout 2
# With a quorum GlusterFS takes the larger copy of a file with two versions for the right one: those are resolved first.
if started && g volume heal '@{volume.name}' info split-brain | grep -q '^Number of entries in split-brain: [1-9]'; then
    echo "files with two versions: resolve them by their digest (Nodes, Resolve by digest) before a quorum is set" >&2
    exit 1
fi
# More than half of the three have to take part in a write; else it fails. Never two versions.
g volume set '@{volume.name}' cluster.quorum-type auto
# The registry says which bytes are right, by their digest; no clock and no size does.
g volume set '@{volume.name}' cluster.favorite-child-policy none
g volume set '@{volume.name}' cluster.heal-timeout 5
g volume set '@{volume.name}' cluster.shd-max-threads 4
# With it the threads of a brick spin while healing waits for its turn (GlusterFS 10), and all who read and write wait
# for them.
g volume set '@{volume.name}' performance.enable-least-priority off
g volume set '@{volume.name}' storage.owner-uid "$(id -u '@{users.web}')"
g volume set '@{volume.name}' storage.owner-gid "$(id -g '@{users.web}')"
started || g volume start '@{volume.name}'
