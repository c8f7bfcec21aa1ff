#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# test.sh <preset> [ctest argument...]: installs what is missing, builds, runs the tests.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
preset=${1:-dev}
[ $# -eq 0 ] || shift
case $preset in
headless | tsan) sh "$root/installer/setup/setup.sh" --with-tests --headless ;;
*) sh "$root/installer/setup/setup.sh" --with-tests ;;
esac
sh "$root/installer/setup/build.sh" "$preset"

case $preset in
asan)
    # architecture: reads sources and links, which the dev preset has tested already.
    # no-asan: the test's CMakeLists.txt says why.
    set -- -LE '^(architecture|no-asan)$' "$@"
    export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}"
    export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$root/tests/support/leaks.supp:print_suppressions=0}"
    export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}"
    ;;
tsan)
    set -- -LE '^(architecture|no-tsan)$' "$@"
    export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}"
    ;;
esac
# No test may open a window on the developer's screen.
export QT_QPA_PLATFORM="${CHEESEMONGER_TEST_PLATFORM:-offscreen}"
say "running the tests of preset '$preset'"
cd "$root"
# Many a test waits for what it has started: one more than there are cores.
exec ctest --preset "$preset" -j "${JOBS:-$(($(nproc) + 1))}" --output-on-failure --no-tests=error "$@"
