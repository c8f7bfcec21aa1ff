#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh [argument of cheesemonger...]: installs what is missing, builds the optimised preset and opens
# the desktop over its own registry. With no display it starts a virtual one, runs the desktop there,
# and draws the pages into build/screens. Ctrl+C ends everything that it started.
#
# Without a terminal and without a display it leaves when the pictures are written.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"
sh "$root/installer/setup/setup.sh"
sh "$root/installer/setup/build.sh" release cheesemonger cheesemongerd
program=$root/build/release/bin/cheesemonger

desktop='' xvfb='' render='' private=''

# leaves <kill's target>: waits until nobody is there any more, at most ten seconds.
leaves() {
    tries=0
    while kill -s 0 -- "$1" 2>/dev/null; do
        [ $tries -lt 100 ] || return 1
        sleep 0.1
        tries=$((tries + 1))
    done
}

# end <pid>: asks the process to leave, then whatever it started, and insists at last. Each was
# started with setsid, so its number is its group's as well.
end() {
    [ -n "$1" ] || return 0
    kill -s TERM -- "$1" 2>/dev/null && leaves "$1" || true
    kill -s TERM -- "-$1" 2>/dev/null && leaves "-$1" || kill -s KILL -- "-$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

clean_up() {
    trap '' INT TERM HUP
    end "$render"
    end "$desktop"
    end "$xvfb"
    [ -z "$private" ] || rm -rf "$private"
}
trap clean_up EXIT
trap 'say "stopping"; exit 0' INT TERM HUP

start_display() {
    have Xvfb || die "there is no display, and Xvfb, which makes a virtual one, is not installed" "make setup, or set DISPLAY"
    private=$(mktemp -d)
    # Qt would make one of its own, and leave it.
    export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-$private}"
    # The screen is for this user alone.
    XAUTHORITY=$private/authority
    cookie=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    : >"$XAUTHORITY"
    setsid Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp -auth "$XAUTHORITY" \
        3>"$private/number" >"$private/xvfb.log" 2>&1 &
    xvfb=$!
    tries=0
    while [ ! -s "$private/number" ]; do
        if ! kill -0 "$xvfb" 2>/dev/null || [ $tries -ge 150 ]; then
            tail -n 5 "$private/xvfb.log" >&2
            die "the virtual display did not start" "see Xvfb's message above"
        fi
        sleep 0.1
        tries=$((tries + 1))
    done
    DISPLAY=:$(head -n 1 "$private/number")
    xauth -q -f "$XAUTHORITY" add "$DISPLAY" . "$cookie"
    export DISPLAY XAUTHORITY
    say "there is no display: Cheesemonger runs on a virtual one, DISPLAY=$DISPLAY XAUTHORITY=$XAUTHORITY"
}

start_desktop() {
    setsid "$program" "$@" &
    desktop=$!
}

# Waits for the window to be closed; its exit code is ours.
wait_for_desktop() {
    status=0
    wait "$desktop" || status=$?
    exit "$status"
}

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "opening Cheesemonger (Ctrl+C here ends it)"
    start_desktop "$@"
    wait_for_desktop
fi

start_display
start_desktop "$@"
say "drawing the pages into build/screens"
mkdir -p "$root/build/screens"
setsid "$program" --render "$root/build/screens" &
render=$!
wait "$render" || die "drawing the pages failed" "the reason is above"
render=
say "$(find "$root/build/screens" -name '*.png' | wc -l) pictures are in build/screens"
kill -0 "$desktop" 2>/dev/null || die "the desktop ended by itself on the virtual display" "the reason is above"
if [ -t 0 ] && [ -t 1 ]; then
    say "Cheesemonger is running on $DISPLAY; Ctrl+C ends it"
    wait_for_desktop
fi
say "no terminal: ending Cheesemonger"
