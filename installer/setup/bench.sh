#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh [argument of tests/bench/run.py...]: installs what is missing, builds the release preset
# with its benchmarks and measures. Prints the table and writes build/bench.json.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
sh "$root/installer/setup/setup.sh" --with-bench
sh "$root/installer/setup/build.sh" release
say "measuring; leave the machine alone meanwhile"
cd "$root"
exec python3 tests/bench/run.py --bin build/release/bin --out build/bench.json "$@"
