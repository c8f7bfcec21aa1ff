#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# extra.sh: the tests that need more than Debian's packages: programs that only a Python index has. They lie in
# build/extra; without such an index each is left out, and said so. Not part of `make test`.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
sh "$root/installer/setup/setup.sh" --with-tests --headless
if [ -z "${CHEESEMONGER_BIN:-}" ]; then
    sh "$root/installer/setup/build.sh" headless cheesemongerd
    CHEESEMONGER_BIN=$root/build/headless/bin
fi
export CHEESEMONGER_BIN PYTHONDONTWRITEBYTECODE=1

# environment NAME PACKAGE: sets $venv to an environment with that package, or to nothing and says so.
environment() {
    venv=$root/build/extra/$1
    [ ! -e "$venv/ready" ] || return 0
    rm -rf "$venv"
    mkdir -p "$root/build/extra"
    if /usr/bin/python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "$2" >"$root/build/extra/$1.log" 2>&1; then
        touch "$venv/ready"
    else
        say "left out, $1: there is no Python index with the package $2 (build/extra/$1.log)"
        venv=
    fi
}

suites=
# The engine of ClickHouse as a Python package.
environment clickhouse chdb
[ -z "$venv" ] || suites="$suites clickhouse_test"
export CHEESEMONGER_CHDB_PYTHON="${venv:+$venv/bin/python}"
# Mirrors of others, which read the tree of ours.
environment bandersnatch bandersnatch
export CHEESEMONGER_BANDERSNATCH="$venv"
environment devpi devpi-server
export CHEESEMONGER_DEVPI="$venv"
[ -z "$CHEESEMONGER_BANDERSNATCH$CHEESEMONGER_DEVPI" ] || suites="$suites mirrors_test"
[ -n "$suites" ] || exit 0
cd "$root/tests/extra"
# shellcheck disable=SC2086
exec /usr/bin/python3 -m unittest -v $suites
