# SPDX-License-Identifier: GPL-3.0-or-later
# The CDN @{node.name}, for Varnish from 7.1 on with varnish-modules (xkey). Started by varnish.sh beside this file.
# Order of those who are asked: web nodes that can answer from their database, web nodes that live, the static mirror.
# Web nodes tell what has changed by surrogate keys, so answers are kept for long.
vcl 4.1;
import directors;
import std;
import xkey;

# Whether a node can answer from its database, and whether it lives at all: while no database takes
# part, nodes still answer from prepared pages and tell uploaders when to come again.
probe ready { .url = "/_health/"; .interval = 500ms; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
probe alive { .url = "/robots.txt"; .interval = 500ms; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; }
@for web in webs
backend @{web.name} { .host = "127.0.0.1"; .port = "@{web.read_port}"; .probe = ready; .connect_timeout = 1s; .first_byte_timeout = 5s; .between_bytes_timeout = 10s; }
backend @{web.name}_alive { .host = "127.0.0.1"; .port = "@{web.read_port}"; .probe = alive; .connect_timeout = 1s; .first_byte_timeout = 10s; .between_bytes_timeout = 10s; }
# As healthy as these, by a way that is not given up as soon.
backend @{web.name}_write { .host = "127.0.0.1"; .port = "@{web.tunnel_port}"; .connect_timeout = 1s; }
@end
@for mirror in mirrors
backend @{mirror.name} { .host = "@{mirror.way_address}"; .port = "@{mirror.way_port}";
    .connect_timeout = 1s; .first_byte_timeout = 5s; .between_bytes_timeout = 10s;
    .probe = { .url = "@{mirror.prefix}/_health/"; .interval = 1s; .timeout = 1s; .window = 3; .threshold = 2; .initial = 2; } }
@end

acl purgers {
@for web in webs
    "@{web.address}";
@end
}

@if mirrors

# Who may have a request answered by the mirror, to see that it would be, or by whoever would answer were nothing kept.
acl drills {
    "127.0.0.0"/8;
    "::1";
@for monitor in monitors
    "@{monitor.address}";
@end
}
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
@for web in webs
    # Whoever is asked when @{web.name} has failed.
    new not_@{web.name} = directors.round_robin();
@for other in web.others
    not_@{web.name}.add_backend(@{other.name}_alive);
@end
@end
}

# One of the three forms of an index page, so that a page is kept three times at most: the weight of each by the
# closest range that names it (RFC 9110 section 12.5.1); a tie goes to text/html, then to v1+html, as at the nodes.
sub normalise_accept {
    set req.http.X-Edge-Html = "q=0";
    set req.http.X-Edge-V1html = "q=0";
    set req.http.X-Edge-Json = "q=0";
    if (!req.http.Accept) {
        set req.http.X-Edge-Html = "";
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*\*/\*\s*(;|,|$)") {
        set req.http.X-Edge-Html = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*\*/\*\s*(;[^,]*)?(?:,.*)?$", "\1");
        set req.http.X-Edge-V1html = req.http.X-Edge-Html;
        set req.http.X-Edge-Json = req.http.X-Edge-Html;
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*text/\*\s*(;|,|$)") {
        set req.http.X-Edge-Html = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*text/\*\s*(;[^,]*)?(?:,.*)?$", "\1");
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*application/\*\s*(;|,|$)") {
        set req.http.X-Edge-V1html = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*application/\*\s*(;[^,]*)?(?:,.*)?$", "\1");
        set req.http.X-Edge-Json = req.http.X-Edge-V1html;
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*text/html\s*(;|,|$)") {
        set req.http.X-Edge-Html = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*text/html\s*(;[^,]*)?(?:,.*)?$", "\1");
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*application/vnd\.pypi\.simple\.(v1|latest)\+html\s*(;|,|$)") {
        set req.http.X-Edge-V1html = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*application/vnd\.pypi\.simple\.(?:v1|latest)\+html\s*(;[^,]*)?(?:,.*)?$", "\1");
    }
    if (req.http.Accept ~ "(?i)(^|,)\s*application/vnd\.pypi\.simple\.(v1|latest)\+json\s*(;|,|$)") {
        set req.http.X-Edge-Json = regsub(req.http.Accept, "(?i)^(?:.*,)?\s*application/vnd\.pypi\.simple\.(?:v1|latest)\+json\s*(;[^,]*)?(?:,.*)?$", "\1");
    }
    # What has no weight has the whole.
    set req.http.X-Edge-Html = regsub(regsub(req.http.X-Edge-Html, "(?i)^.*q\s*=\s*([0-9.]+).*$", "\1"), "^(;.*)?$", "1");
    set req.http.X-Edge-V1html = regsub(regsub(req.http.X-Edge-V1html, "(?i)^.*q\s*=\s*([0-9.]+).*$", "\1"), "^(;.*)?$", "1");
    set req.http.X-Edge-Json = regsub(regsub(req.http.X-Edge-Json, "(?i)^.*q\s*=\s*([0-9.]+).*$", "\1"), "^(;.*)?$", "1");
    if (std.real(req.http.X-Edge-Json, 0.0) > std.real(req.http.X-Edge-Html, 0.0) &&
        std.real(req.http.X-Edge-Json, 0.0) > std.real(req.http.X-Edge-V1html, 0.0)) {
        set req.http.Accept = "application/vnd.pypi.simple.v1+json";
    } elsif (std.real(req.http.X-Edge-V1html, 0.0) > std.real(req.http.X-Edge-Html, 0.0)) {
        set req.http.Accept = "application/vnd.pypi.simple.v1+html";
    } else {
        set req.http.Accept = "text/html";
    }
    unset req.http.X-Edge-Html;
    unset req.http.X-Edge-V1html;
    unset req.http.X-Edge-Json;
}

sub vcl_recv {
    unset req.http.Proxy;
    unset req.http.X-Edge-Way;
    unset req.http.X-Edge-Passed;
    unset req.http.X-Edge-Tried;
    unset req.http.X-Edge-Mirror;
    unset req.http.X-Edge-Docs;
@if registry.docs_host
    # Projects call their pages as they like: none of them is the registry's, nor has the mirror any.
    if (req.http.Host ~ "(?i)^@{registry.docs_host_pattern}(:[0-9]+)?$") {
        set req.http.X-Edge-Docs = "1";
    }
@end
    if (req.restarts == 0) {
        unset req.http.X-Edge-Stale;
        unset req.http.X-Edge-Large;
        unset req.http.X-Edge-Fresh;
    }
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Purges come from web nodes"));
        }
        if (!req.http.Surrogate-Key) {
            return (synth(400, "A purge names its keys in Surrogate-Key"));
        }
        if (req.http.Soft-Purge) {
            set req.http.X-Edge-Purged = xkey.softpurge(req.http.Surrogate-Key);
        } else {
            set req.http.X-Edge-Purged = xkey.purge(req.http.Surrogate-Key);
        }
        return (synth(200, "Purged " + req.http.X-Edge-Purged));
    }
    set req.backend_hint = nodes.backend();
    if (req.http.X-Edge-Stale || !std.healthy(ready_nodes.backend())) {
        set req.grace = 24h;
    } else {
        set req.grace = 0s;
    }
    # Figures of one node are asked of that node.
    if (!req.http.X-Edge-Docs && req.url ~ "^/metrics(\?|$)") {
        return (synth(404));
    }
    # Writes, what is somebody's own and what only nodes know never reach the mirror.
    if (req.method != "GET" && req.method != "HEAD") {
        if (!std.healthy(nodes.backend())) {
            return (synth(503, "No web node answers, nothing was stored, try again in a minute"));
        }
        set req.http.X-Edge-Way = "write";
        return (pass);
    }
    if (req.http.Authorization || (!req.http.X-Edge-Docs && req.url ~ "^/admin/")) {
        if (!std.healthy(nodes.backend())) {
            return (synth(503, "No web node answers, try again in a minute"));
        }
        set req.http.X-Edge-Way = "own";
        return (pass);
    }
    unset req.http.Cookie;
    if (!req.http.X-Edge-Docs && req.url ~ "^/(simple|packages)/[^?]*\?" && req.url !~ "^/simple/.*[?&]format=") {
        set req.url = regsub(req.url, "\?.*$", "");
    }
    if (!req.http.X-Edge-Docs && req.url ~ "^/simple(/|\?|$)") {
        call normalise_accept;
    }
    if (!req.http.X-Edge-Docs && (req.url ~ "^/(simple|packages)(/|\?|$)" || req.url ~ "^/pypi/[^/?]+/json/?(\?|$)")) {
        set req.http.X-Edge-Way = "copied";
    } else {
        set req.http.X-Edge-Way = "nodes";
    }
@if mirrors
    if (req.http.X-Cheesemonger-Backend == "mirror" && client.ip ~ drills && !req.http.X-Edge-Docs) {
        set req.http.X-Edge-Way = "drill";
        unset req.http.X-Cheesemonger-Backend;
        return (pass);
    }
    # Whoever would answer a client for whom nothing is kept: asked all the time by who watches.
    if (req.http.X-Cheesemonger-Backend == "fresh" && client.ip ~ drills) {
        unset req.http.X-Cheesemonger-Backend;
        set req.http.X-Edge-Fresh = "1";
        return (pass);
    }
@end
    unset req.http.X-Cheesemonger-Backend;
    if (req.http.X-Edge-Large) {
        return (pipe);
    }
    return (hash);
}

# Bytes alone: nothing of it is held here.
sub vcl_pipe {
    set bereq.http.Connection = "close";
    set req.backend_hint = req.backend_hint.resolve();
@for web in webs
    if (req.backend_hint == @{web.name} || req.backend_hint == @{web.name}_alive) {
        set req.backend_hint = @{web.name}_write;
    }
@end
@if mirrors
    if (req.http.X-Edge-Way == "copied" && !std.healthy(nodes.backend()) && std.healthy(@{first_mirror.name})) {
        set req.backend_hint = @{first_mirror.name};
        set bereq.url = "@{first_mirror.prefix}" + bereq.url;
    }
@end
    return (pipe);
}

sub vcl_pass {
    set req.http.X-Edge-Passed = "1";
}

sub vcl_miss {
    # Nobody answered a moment ago, and nothing is kept.
    if (req.http.X-Edge-Stale) {
        return (synth(503, "Neither a web node nor a mirror answers, try again in a minute"));
    }
}

# The first mirror that is in rotation; else one that is not, which fails at once.
sub use_mirror {
@for mirror in mirrors
    if (!bereq.http.X-Edge-Mirror && std.healthy(@{mirror.name})) {
        set bereq.backend = @{mirror.name};
        set bereq.url = "@{mirror.prefix}" + bereq.url;
        set bereq.http.X-Edge-Mirror = "@{mirror.name}";
    }
@end
@if mirrors
    if (!bereq.http.X-Edge-Mirror) {
        set bereq.backend = @{first_mirror.name};
        set bereq.http.X-Edge-Mirror = "@{first_mirror.name}";
    }
@end
}

sub use_another_node {
    set bereq.backend = live_nodes.backend();
@for web in webs
    if (bereq.http.X-Edge-Tried ~ "^@{web.name}(_alive|_write)?$" && std.healthy(not_@{web.name}.backend())) {
        set bereq.backend = not_@{web.name}.backend();
    }
@end
}

# The same node by the way that is not given up soon: what goes through it is not asked of another one halfway.
sub use_patient_way {
    set bereq.backend = bereq.backend.resolve();
@for web in webs
    if (bereq.backend == @{web.name} || bereq.backend == @{web.name}_alive) {
        set bereq.backend = @{web.name}_write;
    }
@end
}

sub vcl_backend_fetch {
    if (bereq.http.X-Edge-Way == "write") {
        # An upload may wait for a standby or a failover. It is sent once: whether a second try is right
        # is known to its sender alone.
        set bereq.first_byte_timeout = 120s;
        set bereq.between_bytes_timeout = 60s;
        call use_patient_way;
        return (fetch);
    }
    if (bereq.http.X-Edge-Way == "own") {
        set bereq.first_byte_timeout = 60s;
        set bereq.between_bytes_timeout = 60s;
        if (bereq.retries > 0) {
            call use_another_node;
        }
        call use_patient_way;
        return (fetch);
    }
    # Two nodes that hang, and then the mirror, within 5 s. The list of all projects takes longer to be made.
    if (!bereq.http.X-Edge-Docs && bereq.url ~ "^/simple/?(\?|$)") {
        set bereq.first_byte_timeout = 10s;
    } else {
        set bereq.first_byte_timeout = 2s;
    }
    set bereq.between_bytes_timeout = 5s;
    if (bereq.http.X-Edge-Way == "drill") {
        call use_mirror;
    } elsif (bereq.http.X-Edge-Way == "nodes") {
        if (bereq.retries > 0) {
            call use_another_node;
        }
    } elsif (bereq.retries == 0) {
@if mirrors
        if (!std.healthy(nodes.backend())) {
            call use_mirror;
        }
@end
    } elsif (bereq.retries == 1 && !bereq.http.X-Edge-Mirror) {
        call use_another_node;
@if mirrors
@for web in webs
        if (bereq.http.X-Edge-Tried ~ "^@{web.name}(_alive)?$" && !std.healthy(not_@{web.name}.backend())) {
            call use_mirror;
        }
@end
@end
    } else {
@if mirrors
        call use_mirror;
@end
@if not mirrors
        call use_another_node;
@end
    }
}

sub vcl_backend_response {
    set bereq.http.X-Edge-Tried = beresp.backend.name;
    set beresp.http.X-Served-By = regsub(beresp.backend.name, "_(alive|write)$", "");
    if (bereq.http.X-Edge-Way == "write") {
        return (deliver);
    }
    if (beresp.status >= 500) {
        if (bereq.retries < 2 && bereq.http.X-Edge-Way != "drill") {
            return (retry);
        }
        if (bereq.http.X-Edge-Mirror) {
            return (error(503, "Neither a web node nor a mirror answers"));
        }
    }
    # What is kept is better than a failure, or than a mirror that has not heard of a project yet.
    if (bereq.is_bgfetch && beresp.status >= 400) {
        return (abandon);
    }
@for mirror in mirrors
    if (bereq.http.X-Edge-Mirror == "@{mirror.name}" && beresp.http.Location) {
        set beresp.http.Location = regsub(beresp.http.Location, "^(https?://[^/]*)?@{mirror.prefix}/", "/");
    }
@end
    # As a whole before the first byte of it leaves: one that breaks off in the middle is asked of somebody else, and
    # nobody gets a part of it for the whole. What is larger than what can be kept goes through by a way
    # of its own, as it comes.
    if (bereq.uncacheable) {
        if (bereq.http.X-Edge-Way != "own" && std.integer(beresp.http.Content-Length, 1000000000) <= 8000000) {
            set beresp.do_stream = false;
        }
        return (deliver);
    }
    if (std.integer(beresp.http.Content-Length, 0) > @{node.whole_bytes}) {
        set bereq.http.X-Edge-Large = "1";
        return (error(503, "Larger than what is kept"));
    }
    set beresp.do_stream = false;
    if (beresp.status >= 400 || beresp.http.Cache-Control ~ "(?i)no-cache|no-store|private" || beresp.http.Vary == "*") {
        set beresp.ttl = 1s;
        set beresp.grace = 0s;
        set beresp.keep = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    if (beresp.http.Surrogate-Key) {
        set beresp.http.xkey = beresp.http.Surrogate-Key;
    }
    set beresp.grace = 24h;
    set beresp.keep = 1h;
    if (bereq.http.X-Edge-Mirror) {
        # Nothing of it is to stay when the nodes are back. Which project a file belongs to it does not say.
        set beresp.ttl = 1s;
        set beresp.keep = 0s;
        if (bereq.url ~ "/packages/") {
            set beresp.grace = 10s;
            set beresp.http.xkey = "all";
        } else {
            set beresp.http.xkey = regsub(regsub(bereq.url, "^.*/(?:simple|pypi)/([^/?]+).*$", "project/\1"), "^.*/simple/?(\?.*)?$", "simple-index") + " all";
            if (bereq.url ~ "/simple(/|\?|$)") {
                set beresp.http.xkey = beresp.http.xkey + " simple-pages";
            }
        }
    } elsif (!beresp.http.xkey) {
        # No purge reaches it.
        if (beresp.ttl > 1s) {
            set beresp.ttl = 1s;
        }
    } elsif (!bereq.http.X-Edge-Docs && bereq.url ~ "^/simple/?(\?|$)") {
        # A node may give a list for a while that took long to make.
        if (beresp.ttl > 10s) {
            set beresp.ttl = 10s;
        }
    } elsif ((bereq.http.X-Edge-Docs || bereq.url !~ "^/packages/") && beresp.ttl > 10m) {
        set beresp.ttl = 10m;
    }
    return (deliver);
}

sub vcl_backend_error {
    if (bereq.http.X-Edge-Large) {
        set beresp.http.X-Edge-Large = "1";
        return (deliver);
    }
    set bereq.http.X-Edge-Tried = beresp.backend.name;
    if (bereq.http.X-Edge-Way != "write" && bereq.http.X-Edge-Way != "drill" && bereq.retries < 2) {
        return (retry);
    }
    if (bereq.is_bgfetch) {
        return (abandon);
    }
    set beresp.http.Retry-After = "5";
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Content-Type = "text/plain; charset=utf-8";
    set beresp.http.X-Edge-Failed = "1";
    set beresp.status = 503;
    if (bereq.http.X-Edge-Way == "write") {
        set beresp.reason = "The web node did not answer, whether it was done is not known, send it again";
    } elsif (bereq.http.X-Edge-Way == "drill") {
        set beresp.reason = "The mirror does not answer";
    } else {
        set beresp.reason = "No web node answers, try again in a minute";
    }
    set beresp.body = beresp.reason + "." + {"
"};
    return (deliver);
}

sub vcl_synth {
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    set resp.http.Cache-Control = "no-store";
    if (resp.status == 503) {
        set resp.http.Retry-After = "5";
    }
    set resp.body = resp.reason + "." + {"
"};
    return (deliver);
}

sub vcl_deliver {
    if (resp.http.X-Edge-Large && req.restarts == 0) {
        set req.http.X-Edge-Large = "1";
        return (restart);
    }
    # Something that is older than it should be is better than nothing, but not to who asks whether there is nothing.
    if (resp.http.X-Edge-Failed && req.restarts == 0 && !req.http.X-Edge-Fresh && (req.http.X-Edge-Way == "copied" || req.http.X-Edge-Way == "nodes")) {
        set req.http.X-Edge-Stale = "1";
        return (restart);
    }
    if (req.http.X-Edge-Passed) {
        set resp.http.X-Cache = "PASS";
    } elsif (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    set resp.http.X-Cache-Hits = obj.hits;
    unset resp.http.X-Edge-Failed;
    unset resp.http.Surrogate-Key;
    unset resp.http.xkey;
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
