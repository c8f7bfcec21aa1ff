# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# What the set-up scripts share. Sourced, after `set -eu`, with $root naming the root of the tree.

say() { printf '%s\n' "== $*" >&2; }

# die <reason> <remedy>
die() {
    printf '\n%s\n' "Stopped: $1" >&2
    [ $# -lt 2 ] || printf '%s\n' "What helps: $2" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Sets os_name and os_release (12, 13, or empty where we cannot install packages).
detect_system() {
    os_name=$(. "${CHEESEMONGER_OS_RELEASE:-/etc/os-release}" 2>/dev/null && printf '%s' "${PRETTY_NAME:-$ID}") || os_name=
    os_release=$(. "${CHEESEMONGER_OS_RELEASE:-/etc/os-release}" 2>/dev/null && printf '%s' "${ID:-} ${VERSION_ID:-}") || os_release=
    case $os_release in
    'debian 12' | 'debian 13') os_release=${os_release#debian } ;;
    *) os_release= ;;
    esac
}

# The user's cache folder for what set-up builds, outside the clone.
deps_root() {
    [ -n "${XDG_CACHE_HOME:-}${HOME:-}" ] || die "neither HOME nor XDG_CACHE_HOME is set" "set HOME and run this again"
    printf '%s' "${XDG_CACHE_HOME:-$HOME/.cache}/cheesemonger/deps"
}

qt_version() { qmake6 -query QT_VERSION 2>/dev/null || printf none; }

# Versions of KSyntaxHighlighting that we know how to build, best first.
ksyntax_versions='5.116.0 5.103.0'

# Prints where a KSyntaxHighlighting for the installed Qt 6 lies: "system", a folder of our own, or
# nothing.
find_ksyntax() {
    for config in /usr/lib/*/cmake/KF6SyntaxHighlighting/KF6SyntaxHighlightingConfig.cmake; do
        [ ! -e "$config" ] || { printf system; return 0; }
    done
    for version in $ksyntax_versions; do
        prefix=$(deps_root)/ksyntaxhighlighting-$version-qt$(qt_version)
        [ ! -e "$prefix/complete" ] || { printf '%s' "$prefix"; return 0; }
    done
}

# How many compilers fit: one a core, and about 1.5 GB of free memory each.
build_jobs() {
    cores=$(nproc 2>/dev/null || printf 2)
    by_memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo 2>/dev/null || printf '%s' "$cores")
    [ "${by_memory:-0}" -ge 1 ] || by_memory=1
    if [ "$by_memory" -lt "$cores" ]; then printf '%s' "$by_memory"; else printf '%s' "$cores"; fi
}
