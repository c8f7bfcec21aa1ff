#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# install_packages.sh <package>...: the part of set-up that runs as root. Waits while another
# package manager is at work; keeps every daemon of the packages from starting, now and at the next
# boot, and leaves the system's own policy about that exactly as it was, also when it fails.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"

policy=/usr/sbin/policy-rc.d
saved=/usr/sbin/policy-rc.d.before-cheesemonger
marker='# written by installer/setup/install_packages.sh, for the moment'
patience=900  # seconds to wait for another package manager

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

restore_policy() {
    if [ -f "$policy" ] && grep -qF "$marker" "$policy"; then
        rm -f "$policy"
    fi
    if is_there "$saved" && ! is_there "$policy"; then
        mv "$saved" "$policy"
    fi
}

forbid_daemons() {
    restore_policy  # an earlier run may have been killed
    if is_there "$policy"; then
        mv "$policy" "$saved"
    fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$marker" >"$policy"
    chmod 755 "$policy"
}

apt() {
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y -o DPkg::Lock::Timeout=$patience \
        -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@"
}

# The lists have a lock that DPkg::Lock::Timeout does not cover.
update_lists() {
    waited=0
    while :; do
        # Where an archive cannot be reached apt goes on with old lists, or none, and reports success.
        if apt update >"$log" 2>&1 && ! grep -q 'Failed to fetch' "$log"; then
            return 0
        fi
        grep -q 'Could not get lock' "$log" || break
        if [ $((waited % 30)) -eq 0 ]; then
            say "another package manager is at work: waiting for it (at most $((patience / 60)) minutes)"
        fi
        [ "$waited" -lt $patience ] || die "another package manager has held its lock for $((patience / 60)) minutes" \
            "find it (ps -e | grep -E 'apt|dpkg|packagekit|unattended'), let it finish, run the same command again"
        sleep 5
        waited=$((waited + 5))
    done
    unreachable=$(grep -E 'Could not resolve|Temporary failure|Could not connect|Connection|Unable to connect' "$log" | head -n 1)
    say "not all package lists could be brought up to date; going on with those that are there. apt says:"
    { grep -E '^(E|W|Err):' "$log" || tail -n 3 "$log"; } | head -n 6 >&2
}

# Names of the services that packages on this system bring along.
services() {
    for unit in /lib/systemd/system/*.service /usr/lib/systemd/system/*.service /etc/init.d/*; do
        [ ! -f "$unit" ] || basename "$unit" .service
    done | sort -u
}

# A service that was not here before stays off at the next boot, too. The packages that set-up asks
# for bring some, of which only the programs are wanted.
disable_new_services() {
    services | comm -13 "$before" - | while read -r service; do
        case $service in nginx | postgresql | pgpool2 | varnish | varnishncsa | haproxy | glusterd | glustereventsd | etcd | patroni | rsyslog | ssh) ;; *) continue ;; esac
        say "'$service' stays off: Cheesemonger only starts the program itself, for tests, benchmarks and the lab"
        if [ -e "/etc/init.d/$service" ] && have update-rc.d; then
            update-rc.d "$service" disable >/dev/null 2>&1 || true
        fi
        if have deb-systemd-helper; then
            deb-systemd-helper disable "$service.service" >/dev/null 2>&1 || true
        fi
    done
}

[ $# -gt 0 ] || exit 0
[ "$(id -u)" -eq 0 ] || die "installing packages needs root" "run 'make setup', which asks sudo"
unreachable=
log=$(mktemp)
before=$(mktemp)
trap 'restore_policy; rm -f "$log" "$before"' EXIT
trap 'exit 130' INT TERM HUP

services >"$before"
say "reading the package lists"
update_lists
say "installing $# packages and what they depend on"
forbid_daemons
# All output is kept for the reason, and shown as it comes.
status=0
{ apt install --no-install-recommends "$@" 2>&1 || echo "$?" >"$log.status"; } | tee "$log" |
    grep --line-buffered -E '^(Need to get|After this operation|E:|W:|Err:|Waiting for|Setting up)|dpkg: error' >&2 || true
if [ -e "$log.status" ]; then
    status=$(cat "$log.status")
    rm -f "$log.status"
fi
disable_new_services
if [ "$status" -ne 0 ]; then
    if [ -n "$unreachable" ] && grep -qE 'Unable to locate package|has no installation candidate' "$log"; then
        die "Debian's archive could not be reached" "check the network (or apt's proxy), and run the same command again"
    elif grep -qE 'Unable to locate package|has no installation candidate' "$log"; then
        die "this system's package sources do not have everything (above: which)" \
            "see that /etc/apt has Debian's 'main' archive for this release, and run the same command again"
    elif grep -qE 'Could not resolve|Temporary failure|Connection (failed|timed out|refused)|Failed to fetch' "$log"; then
        die "Debian's archive could not be reached" "check the network (or apt's proxy), and run the same command again"
    elif grep -q 'You don.t have enough free space' "$log"; then
        die "there is not enough free space" "free about 1.5 GB on the system's disk, and run the same command again"
    elif grep -q "dpkg was interrupted" "$log"; then
        die "an earlier installation was interrupted" "as root: dpkg --configure -a; then run the same command again"
    elif grep -qE 'unmet dependencies|held broken packages' "$log"; then
        tail -n 15 "$log" >&2
        die "other packages on this system stand in the way" "see apt's explanation above; as root: apt-get --fix-broken install"
    fi
    tail -n 15 "$log" >&2
    die "apt failed with exit code $status" "see its last lines above"
fi
say "all packages are installed"
