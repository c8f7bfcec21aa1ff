#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mirror_kills.sh [kills]: the kill -9 tests of the mirror at that many random moments (200), which takes minutes and is
# no part of ctest. CHEESEMONGER_BIN is the folder of the built programs.
set -eu
cd "$(dirname "$0")"
CHEESEMONGER_MIRROR_KILLS=${1:-200} exec python3 -m unittest -v mirror_test.Killing mirror_test.KillingPartly
