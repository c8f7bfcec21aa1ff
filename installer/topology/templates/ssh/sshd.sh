#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Starts sshd of @{node.name} for uploads and stays. To sshd all clients behind a door have one address: where it punishes
# addresses (since OpenSSH 9.8), the first who is refused would lock out everybody, and so would the door's own checks.
config=@{paths.config}/ssh/sshd_config
more=
if /usr/sbin/sshd -T -f "$config" -o PerSourcePenalties=no >/dev/null 2>&1; then
    more="-o PerSourcePenalties=no"
fi
mkdir -p /run/sshd
# shellcheck disable=SC2086
exec /usr/sbin/sshd -D -e -f "$config" $more
