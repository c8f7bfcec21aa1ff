#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# One line for each file and each page of the index that the CDN @{node.name} gives, in the form in which download counts of
# Python packages were first taken (syslog, facility local0), for `cheesemongerd ingest`. HUP begins a new file, for logrotate.
# It waits for Varnish however long that takes to start (-t), as its own five seconds are few on a busy machine.
which='ReqURL ~ "^/(packages|simple)/" and ReqMethod ne "PURGE"'
@if registry.docs_host
# Documentation of a project that is called so is no download.
which="$which"' and not ReqHeader:Host ~ "(?i)^@{registry.docs_host_pattern}(:[0-9]+)?$"'
@end
exec env TZ=UTC varnishncsa -t off -n @{paths.run}/varnish -a -w @{paths.state}/cdn-downloads.log -q "$which" \
    -F '<134>%{%Y-%m-%dT%H:%M:%SZ}t cache-@{node.name} pypi-cdn[%{Varnish:vxid}x]: %h "%{%a, %d %b %Y %H:%M:%S GMT}t" "-" "%m %U%q" %H %s %I %O %{X-Cache}o %D "%{Referer}i" "-" "%{User-Agent}i"' "$@"
