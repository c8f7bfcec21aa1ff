#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# KSyntaxHighlighting for Qt 6 where the distribution has none (Debian 12): the last releases of
# KDE Frameworks 5 build against Qt 6 as well. The source is Debian's own, fetched through apt with
# lists of its own (nothing under /etc/apt is read for it but the archive's address, nothing is
# changed) and held to the hash below. The result is static and lies in the user's cache folder,
# once for each version of Qt.
#
# ksyntaxhighlighting.sh [--retry]: leaves at once when it is there. Exit code 3: the source cannot
# be had, the desktop can be built without.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
. "$root/installer/setup/common.sh"

# version, Debian version, suite, SHA-256 of the upstream archive as in Debian's signed index
sources='5.116.0 5.116.0-1 trixie 6f8ccacebd0dc9ce050b2b23b715750c97938b3336fbbb80967920cb8c1dfaa7
5.103.0 5.103.0-3 bookworm 49198fad25183f8307ec8817f1de6444d5c00d690b210f8b5ce8c408009b3620'

found=$(find_ksyntax)
[ -z "$found" ] || exit 0
mkdir -p "$(deps_root)"
unavailable=$(deps_root)/ksyntaxhighlighting.unavailable
if [ "${1:-}" != --retry ] && [ -n "$(find "$unavailable" -mmin -1440 2>/dev/null)" ]; then
    say "KSyntaxHighlighting's source could not be had within the last day: the Inspector shows plain text ('make setup' tries again)"
    exit 3
fi

work=$(mktemp -d "$(deps_root)/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

archive_address() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '/\/debian\/?$/ { print; exit }'
}

# fetch <tarball> <debian version> <suite>
fetch() {
    address=$(archive_address)
    [ -n "$address" ] || { echo "no Debian archive is configured" >>"$work/fetch.log"; return 1; }
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    echo "deb-src $address $3 main" >"$work/sources.list"
    set -- "$2" -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=$(id -un)" \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30
    wanted=$1
    shift
    # The tarball alone: Debian's packaging files are not needed, and we hold the hash ourselves.
    (cd "$work" && apt-get "$@" -q update && apt-get "$@" -q source --download-only --tar-only "ksyntax-highlighting=$wanted") \
        >>"$work/fetch.log" 2>&1
}

tarball='' version=''
while read -r candidate debian suite sum; do
    name=ksyntax-highlighting_$candidate.orig.tar.xz
    say "fetching the source of KSyntaxHighlighting $candidate from Debian's archive ($suite)"
    fetch "$name" "$debian" "$suite" || true
    [ -e "$work/$name" ] || continue
    if printf '%s  %s\n' "$sum" "$work/$name" | sha256sum -c --status; then
        tarball=$work/$name version=$candidate
        break
    fi
    say "the archive's $name does not have the expected SHA-256 and is not used"
done <<EOF
$sources
EOF

if [ -z "$tarball" ]; then
    date >"$unavailable"
    tail -n 3 "$work/fetch.log" >&2 || true
    say "the source of KSyntaxHighlighting cannot be had now: building without it, the Inspector shows plain text ('make setup' tries again)"
    exit 3
fi

prefix=$(deps_root)/ksyntaxhighlighting-$version-qt$(qt_version)
say "building KSyntaxHighlighting $version into $prefix (once, about a minute)"
mkdir "$work/src"
tar xf "$tarball" -C "$work/src" --strip-components 1
# 5.116 asks for the extra-cmake-modules of its own release and builds with Debian 12's 5.103.
# Examples, the command-line tool and translations are not ours to ship.
sed -i -E 's/find_package\(ECM 5\.[0-9.]+/find_package(ECM 5.100/; /^ecm_install_po_files_as_qm/d; /^ *add_subdirectory\(examples\)/d' \
    "$work/src/CMakeLists.txt"
sed -i -E '/^ *add_subdirectory\(cli\)/d' "$work/src/src/CMakeLists.txt"
if ! {
    cmake -S "$work/src" -B "$work/build" -G Ninja -DQT_MAJOR_VERSION=6 -DCMAKE_BUILD_TYPE=Release \
        -DBUILD_SHARED_LIBS=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_TESTING=OFF \
        "-DCMAKE_INSTALL_PREFIX=$prefix" -DCMAKE_DISABLE_FIND_PACKAGE_Qt6Quick=ON \
        -DCMAKE_DISABLE_FIND_PACKAGE_Qt6PrintSupport=ON &&
        rm -rf "$prefix" && ninja -C "$work/build" -j "$(build_jobs)" install
} >"$work/build.log" 2>&1; then
    tail -n 20 "$work/build.log" >&2
    rm -rf "$prefix"
    die "KSyntaxHighlighting $version did not build (above: the last lines)" \
        "report it with these lines; until then: WITH_KSYNTAXHIGHLIGHTING=OFF make run"
fi
rm -f "$unavailable"
# Written last: a prefix without it was interrupted and is built again.
echo "$version" >"$prefix/complete"
say "KSyntaxHighlighting $version is ready"
