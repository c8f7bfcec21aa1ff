#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the CDN @{node.name} in the foreground; arguments are added (such as -j unix,user=vcache). What passes through is
# bounded like what is kept: without a bound of its own, Transient grows with every slow client.
# Of what a client says of itself the log keeps 4 KB, not the 255 bytes of the default: pip says more than that.
exec varnishd -F -n @{paths.run}/varnish -a @{node.address}:@{node.port} -f @{paths.config}/cdn/registry.vcl \
    -s malloc,@{node.storage} -s Transient=malloc,@{node.transient} \
    -p thread_pools=2 -p thread_pool_min=20 -p thread_pool_max=1000 -p vsl_reclen=4k "$@"
