#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh: installs what is missing, builds the release preset with its benchmarks and runs the
# target 'bench' of tests/bench, which prints the table and writes build/bench.json.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
sh "$root/installer/setup/setup.sh" --with-bench
sh "$root/installer/setup/build.sh" release
ninja -C "$root/build/release" -t targets all | grep -q '^bench:' ||
    die "this tree has no benchmarks (no target 'bench')" "see tests/bench"
say "measuring; leave the machine alone meanwhile"
cd "$root"
# Not through ninja, which would hold the table back until the end.
exec cmake --build build/release --target bench
