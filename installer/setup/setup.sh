#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what Cheesemonger needs on Debian 12 or 13: distribution packages through apt, and
# KSyntaxHighlighting where there is no package. Does nothing, and needs no network, when
# everything is there.
#
#   setup.sh [--with-tests] [--with-bench] [--with-lab] [--headless] [--list | --dry-run] [--retry]
#
#   --headless   the core alone, no Qt
#   --list       print the packages for this release and leave
#   --dry-run    let apt work out what it would install, change nothing
#   --retry      try again to have a source that could not be had within the last day
# CHEESEMONGER_SKIP_SETUP=1 skips everything, for systems whose packages are installed by hand.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"

lists='build run' desktop=1 mode=install retry=
for argument in "$@"; do
    case $argument in
    --with-tests) lists="$lists test" ;;
    --with-bench) lists="$lists bench" ;;
    --with-lab) lists="$lists test lab" ;;
    --headless) desktop= ;;
    --list | --dry-run) mode=${argument#--} ;;
    --retry) retry=--retry ;;
    *) die "setup.sh does not know '$argument'" "sh installer/setup/setup.sh [--with-tests] [--with-bench] [--with-lab] [--headless] [--list | --dry-run] [--retry]" ;;
    esac
done
[ -z "${CHEESEMONGER_SKIP_SETUP:-}" ] || exit 0
detect_system

# The conditions that hold here, as in the package lists.
conditions=" @${os_release:-12} "
[ -z "$desktop" ] || conditions="$conditions@desktop "
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    conditions="$conditions@nodisplay "
elif [ -z "${DISPLAY:-}" ]; then
    conditions="$conditions@wayland "
fi

wanted_packages() {
    for list in $lists; do
        cat "$root/installer/setup/packages.$list"
    done | awk -v held="$conditions" '
        { sub(/#.*/, "") }
        NF { for (i = 2; i <= NF; i++) if (!index(held, " " $i " ")) next; if (!seen[$1]++) print $1 }'
}
wanted=$(wanted_packages)
if [ "$mode" = list ]; then
    printf '%s\n' "$wanted"
    exit 0
fi
if [ -z "$os_release" ]; then
    printf '%s\n' "$wanted" | tr '\n' ' ' | fold -s -w 78 >&2
    die "this is ${os_name:-an unknown system}, and set-up installs packages on Debian 12 and 13 only" \
        "install the counterparts of the packages above, then go on with CHEESEMONGER_SKIP_SETUP=1 (make run CHEESEMONGER_SKIP_SETUP=1)"
fi

# A package counts when it is installed and configured ("ii", or "hi" when held).
missing=$(
    # shellcheck disable=SC2086
    { dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null || true; } |
        awk -v wanted="$wanted" '
            $1 ~ /^.i$/ { there[$2] = 1 }
            END { n = split(wanted, all, "\n"); for (i = 1; i <= n; i++) if (!there[all[i]]) print all[i] }'
)
if [ "$mode" = dry-run ]; then
    # shellcheck disable=SC2086
    exec apt-get install -s --no-install-recommends $wanted
fi
if [ -n "$missing" ]; then
    say "to be installed from Debian (${os_name}):"
    printf '%s\n' "$missing" | tr '\n' ' ' | fold -s -w 78 >&2
    echo >&2
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command_line="apt-get install --no-install-recommends $(printf '%s' "$missing" | tr '\n' ' ')"
        have sudo || die "installing packages needs root, and there is no sudo" "as root: $command_line"
        say "installing packages needs root: sudo may ask for your password"
        as_root=sudo
    fi
    # shellcheck disable=SC2086
    if ! $as_root sh "$root/installer/setup/install_packages.sh" $missing; then
        [ -z "$as_root" ] || say "by hand, as root: $command_line"
        exit 1
    fi
fi

if [ -n "$desktop" ]; then
    sh "$root/installer/setup/ksyntaxhighlighting.sh" $retry || [ $? -eq 3 ]
fi
