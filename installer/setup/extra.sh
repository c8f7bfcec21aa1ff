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

# The engine of ClickHouse as a Python package.
venv=$root/build/extra/clickhouse
if [ ! -e "$venv/ready" ]; then
    rm -rf "$venv"
    mkdir -p "$root/build/extra"
    if /usr/bin/python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check chdb >"$root/build/extra/clickhouse.log" 2>&1; then
        touch "$venv/ready"
    else
        say "left out, ClickHouse: there is no Python index with the package chdb (build/extra/clickhouse.log)"
        exit 0
    fi
fi
cd "$root/tests/extra"
CHEESEMONGER_CHDB_PYTHON=$venv/bin/python exec /usr/bin/python3 -m unittest -v clickhouse_test
