#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh <preset> [target...]: configures when that has not been done with the same settings, and
# builds. CMake itself notices changed lists and new files.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
[ $# -ge 1 ] || die "build.sh needs a preset" "sh installer/setup/build.sh dev"
preset=$1
shift
tree=$root/build/$preset
for tool in cmake ninja c++; do
    have "$tool" || die "'$tool' is not installed" "make setup"
done

syntax=OFF
case $preset in
headless | tsan) ;;
*)
    if [ "${WITH_KSYNTAXHIGHLIGHTING:-ON}" != OFF ]; then
        [ -z "$(find_ksyntax)" ] || syntax=ON
    fi
    ;;
esac
settings="$root $syntax $(qt_version)"
if [ ! -e "$tree/build.ninja" ] || [ "$(cat "$tree/.settings" 2>/dev/null)" != "$settings" ]; then
    say "configuring preset '$preset'"
    prefix=$(find_ksyntax)
    [ "$prefix" != system ] || prefix=
    mkdir -p "$tree"
    if ! (cd "$root" && cmake --fresh --preset "$preset" "-DWITH_KSYNTAXHIGHLIGHTING=$syntax" \
        "-DCHEESEMONGER_DEPS_PREFIX=$prefix") >"$tree/configure.log" 2>&1; then
        # From the first error on: what comes before is the list of what was found.
        awk '/^CMake Error/ { on = 1 } on' "$tree/configure.log" >&2
        die "configuring preset '$preset' failed" "the reason is above (all of it: build/$preset/configure.log); a package that is missing comes with 'make setup'"
    fi
    printf '%s' "$settings" >"$tree/.settings"
fi
say "building preset '$preset'${*:+: $*}"
ninja -C "$tree" -j "${JOBS:-$(build_jobs)}" "$@" >&2 ||
    die "building preset '$preset' failed" "the first error is above; if the compiler was killed there was too little memory: JOBS=1 make run"
