# SPDX-License-Identifier: GPL-3.0-or-later
vcl 4.1;
import directors;
import std;

# Whether a node can answer from its database, and whether it lives at all: while no database takes
# part, nodes still answer from prepared pages and tell uploaders when to come again.
probe ready { .url = "/_health/"; .interval = 500ms; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
probe alive { .url = "/robots.txt"; .interval = 500ms; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
@for web in webs
backend @{web.name} { .host = "127.0.0.1"; .port = "@{web.tunnel_port}"; .probe = ready; .connect_timeout = 1s; .first_byte_timeout = 5s; .between_bytes_timeout = 10s; }
backend @{web.name}_alive { .host = "127.0.0.1"; .port = "@{web.tunnel_port}"; .probe = alive; .connect_timeout = 1s; .first_byte_timeout = 10s; .between_bytes_timeout = 10s; }
@end

sub vcl_init {
    new ready_nodes = directors.round_robin();
    new live_nodes = directors.round_robin();
@for web in webs
    ready_nodes.add_backend(@{web.name});
    live_nodes.add_backend(@{web.name}_alive);
@end
    new nodes = directors.fallback();
    nodes.add_backend(ready_nodes.backend());
    nodes.add_backend(live_nodes.backend());
}

sub vcl_recv {
    unset req.http.Proxy;
    set req.backend_hint = nodes.backend();
    if (std.healthy(ready_nodes.backend())) {
        set req.grace = 0s;
    } else {
        set req.grace = 24h;
    }
    # Figures of one node are asked of that node.
    if (req.url == "/metrics") {
        return (synth(404));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.http.Authorization || req.url ~ "^/admin/") {
        return (pass);
    }
    unset req.http.Cookie;
    return (hash);
}

sub vcl_backend_fetch {
    if (bereq.method != "GET" && bereq.method != "HEAD") {
        # An upload may wait for a standby or a failover. It is sent once: whether a second try is right
        # is known to its sender alone.
        set bereq.first_byte_timeout = 120s;
        set bereq.between_bytes_timeout = 60s;
    } elsif (bereq.url ~ "^/admin/v1/events") {
        set bereq.first_byte_timeout = 60s;
        set bereq.between_bytes_timeout = 60s;
    }
    if (bereq.retries > 0) {
        set bereq.backend = live_nodes.backend();
    }
}

sub vcl_backend_response {
    if (bereq.method != "GET" && bereq.method != "HEAD") {
        return (deliver);
    }
    if (beresp.status >= 500 && bereq.retries < 2) {
        return (retry);
    }
    if (beresp.status >= 400 || bereq.uncacheable) {
        set beresp.ttl = 0s;
        set beresp.grace = 0s;
        return (deliver);
    }
    # Nodes do not purge yet, and what is quarantined has to go: all is asked for again soon, by its
    # ETag, and kept for the time when nothing answers.
    if (bereq.url ~ "^/packages/") {
        if (beresp.ttl > 10s) {
            set beresp.ttl = 10s;
        }
    } elsif (beresp.ttl > 1s) {
        set beresp.ttl = 1s;
    }
    set beresp.grace = 24h;
    set beresp.keep = 1h;
}

sub vcl_backend_error {
    if ((bereq.method == "GET" || bereq.method == "HEAD") && bereq.retries < 3) {
        return (retry);
    }
    set beresp.http.Retry-After = "2";
    set beresp.http.Content-Type = "text/plain; charset=utf-8";
    set beresp.body = "No web node answers. Try again." + {"
"};
    return (deliver);
}

sub vcl_deliver {
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
