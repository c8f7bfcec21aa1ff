#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# lab.sh [test | short | argument of the lab...]: installs what is missing, builds the core, and calls the
# lab (tests/lab/lab.py), or its tests; `short` is their part of .ci/run, which does nothing where hosts of
# namespaces are not permitted, and `desktop` builds the window as well, which runs as whoever called. Without an argument the lab is made, with TOPOLOGY=patroni the one with
# PostgreSQL under Patroni. Hosts of namespaces need root: sudo may ask. CHEESEMONGER_LAB_REDUCED=1 makes the
# reduced lab, which needs none; CHEESEMONGER_BIN names a folder with a core that is built already.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
[ $# -gt 0 ] || set -- up ${TOPOLOGY:+--topology "$TOPOLOGY"}

if [ "$1" = short ]; then
    reason=$(/usr/bin/python3 -B "$root/tests/lab/hosts.py")
    if [ -n "$reason" ]; then
        say "left out, the tests of the lab: hosts of namespaces are not permitted here ($reason)"
        exit 0
    fi
fi
case $1 in
up | test | short)
    sh "$root/installer/setup/setup.sh" --with-lab --headless
    if [ -z "${CHEESEMONGER_BIN:-}" ]; then
        # The tests run those of file stores over the lab's GlusterFS as well.
        tests=
        [ "$1" != test ] || tests=contract_stores
        # shellcheck disable=SC2086
        sh "$root/installer/setup/build.sh" headless cheesemongerd $tests
        CHEESEMONGER_BIN=$root/build/headless/bin
    fi
    ;;
esac
if [ "$1" = desktop ] && [ -z "${CHEESEMONGER_BIN:-}" ]; then
    sh "$root/installer/setup/setup.sh"
    sh "$root/installer/setup/build.sh" release cheesemonger cheesemongerd
    CHEESEMONGER_BIN=$root/build/release/bin
fi
as_root=
if [ "$(id -u)" -ne 0 ] && [ -z "${CHEESEMONGER_LAB_REDUCED:-}" ] && have sudo; then
    say "hosts of namespaces need root: sudo may ask for your password (CHEESEMONGER_LAB_REDUCED=1 does without)"
    as_root="sudo --preserve-env=CHEESEMONGER_BIN,CHEESEMONGER_LAB,CHEESEMONGER_LAB_REDUCED,PYTHONDONTWRITEBYTECODE,RUNS,HOW,LOGS,SEED,MINUTES,DISPLAY,XAUTHORITY,WAYLAND_DISPLAY,XDG_RUNTIME_DIR,LANG"
fi
export PYTHONDONTWRITEBYTECODE=1
[ -z "${CHEESEMONGER_BIN:-}" ] || export CHEESEMONGER_BIN
program=lab.py
case $1 in
test)
    shift
    program=lab_test.py
    ;;
short) program=lab_test.py ;;
esac
cd "$root/tests/lab"
# shellcheck disable=SC2086
exec $as_root /usr/bin/python3 "$root/tests/lab/$program" "$@"
