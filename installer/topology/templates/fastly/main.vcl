# SPDX-License-Identifier: GPL-3.0-or-later
# The CDN @{node.name}, in the VCL of Fastly: what templates/cdn/registry.vcl says to Varnish, with
# the first mirror alone. Backends, health checks and the acl drills are objects of the service, in service.json beside this file.
director live_nodes random {
    .quorum = 1%; .retries = 0;
@for web in webs
    { .backend = F_@{web.name}_alive; .weight = 1; }
@end
}

# A node that is ready, else one that lives, into X-Edge-Node; none where nobody does. Not the one that was asked last and had no
# answer: until the health checks notice, it would be asked again, and then the mirror although another node is well. By name and
# not by a director, for whom that asked is told in vcl_fetch alone, whose notes a restart may lose.
sub choose_node {
    set req.http.X-Edge-Asked = regsub(req.http.X-Edge-Node, "_alive$", "");
    unset req.http.X-Edge-Node;
@for web in webs
    set req.backend = F_@{web.name};
    if (!req.http.X-Edge-Node && req.backend.healthy && req.http.X-Edge-Asked != "@{web.name}" && randombool(1, @{web.left})) {
        set req.http.X-Edge-Node = "@{web.name}";
    }
@end
@for web in webs
    set req.backend = F_@{web.name};
    if (!req.http.X-Edge-Node && req.backend.healthy && req.http.X-Edge-Asked != "@{web.name}") {
        set req.http.X-Edge-Node = "@{web.name}";
    }
@end
@for web in webs
    set req.backend = F_@{web.name}_alive;
    if (!req.http.X-Edge-Node && req.backend.healthy && req.http.X-Edge-Asked != "@{web.name}") {
        set req.http.X-Edge-Node = "@{web.name}_alive";
    }
@end
    # The one that was asked, if it is the last that lives.
    set req.backend = live_nodes;
@for web in webs
    if (req.http.X-Edge-Node == "@{web.name}") {
        set req.backend = F_@{web.name};
    } elsif (req.http.X-Edge-Node == "@{web.name}_alive") {
        set req.backend = F_@{web.name}_alive;
    }
@end
}

sub vcl_recv {
#FASTLY recv
    # One URL is purged by those alone who may purge by key.
    set req.http.Fastly-Purge-Requires-Auth = "1";
    if (req.restarts == 0) {
        unset req.http.X-Edge-Way;
        unset req.http.X-Edge-Mirror;
        unset req.http.X-Edge-Fresh;
        unset req.http.X-Edge-Node;
        unset req.http.X-Edge-Docs;
@if registry.docs_host
        # Projects call their pages as they like: none of them is the registry's, nor has the mirror any.
        if (req.http.host ~ "(?i)^@{registry.docs_host_pattern}(:[0-9]+)?$") {
            set req.http.X-Edge-Docs = "1";
        }
@end
        # Whoever would answer a client for whom nothing is kept: asked all the time by who watches.
        if (req.http.X-Cheesemonger-Backend == "fresh" && client.ip ~ drills) {
            set req.http.X-Edge-Fresh = "1";
        }
        if (req.method == "GET" && req.http.X-Cheesemonger-Backend == "mirror" && client.ip ~ drills && !req.http.Authorization && !req.http.X-Edge-Docs) {
            set req.http.X-Edge-Way = "drill";
        }
        unset req.http.X-Cheesemonger-Backend;
    }
    if (!req.http.X-Edge-Docs && req.url ~ "^/metrics(\?|$)") {
        error 404 "Not Found";
    }
    call choose_node;
    # Writes and what is somebody's own never reach the mirror.
    if (req.method != "GET" && req.method != "HEAD" && req.method != "FASTLYPURGE") {
        if (!req.backend.healthy) {
            error 903 "No web node answers, nothing was stored, try again in a minute";
        }
        set req.http.X-Edge-Way = "write";
        return (pass);
    }
    if (req.http.Authorization || (!req.http.X-Edge-Docs && req.url ~ "^/admin/")) {
        if (!req.backend.healthy) {
            error 903 "No web node answers, try again in a minute";
        }
        set req.http.X-Edge-Way = "own";
        return (pass);
    }
    unset req.http.Cookie;
    if (!req.http.X-Edge-Docs && req.url ~ "^/(simple|packages)/[^?]*\?" && req.url !~ "^/simple/.*[?&]format=") {
        set req.url = regsub(req.url, "\?.*$", "");
    }
    if (!req.http.X-Edge-Docs && req.url ~ "^/simple(/|\?|$)") {
        set req.http.Accept = regsuball(req.http.Accept, "vnd\.pypi\.simple\.latest\+", "vnd.pypi.simple.v1+");
        set req.http.Accept = accept.media_lookup("text/html:application/vnd.pypi.simple.v1+html:application/vnd.pypi.simple.v1+json", "text/html",
            "application/vnd.pypi.simple.v1+json", req.http.Accept);
    }
    if (req.http.X-Edge-Way != "drill") {
        if (!req.http.X-Edge-Docs && (req.url ~ "^/(simple|packages)(/|\?|$)" || req.url ~ "^/pypi/[^/?]+/json/?(\?|$)")) {
            set req.http.X-Edge-Way = "copied";
        } else {
            set req.http.X-Edge-Way = "nodes";
        }
    }
@if mirrors
    if (req.http.X-Edge-Way == "drill" || (req.http.X-Edge-Way == "copied" && (!req.http.X-Edge-Node || req.restarts >= 2))) {
        set req.backend = F_@{first_mirror.name};
        set req.http.X-Edge-Mirror = "1";
    }
    if (req.http.X-Edge-Way == "drill") {
        return (pass);
    }
@end
    if (req.http.X-Edge-Fresh) {
        return (pass);
    }
    return (lookup);
}

sub on_the_way {
    if (req.http.X-Edge-Way == "own") {
        set bereq.first_byte_timeout = 60s;
    } elsif (req.http.X-Edge-Way != "write") {
        set bereq.first_byte_timeout = 2s;
        if (!req.http.X-Edge-Docs && req.url ~ "^/simple/?(\?|$)") {
            set bereq.first_byte_timeout = 10s;
        }
    }
@if mirrors
    if (req.http.X-Edge-Mirror) {
        set bereq.url = "@{first_mirror.prefix}" + req.url;
    }
@end
}

sub vcl_miss {
#FASTLY miss
    call on_the_way;
    return (fetch);
}

sub vcl_pass {
#FASTLY pass
    call on_the_way;
    return (pass);
}

sub vcl_hash {
    set req.hash += req.url;
    set req.hash += req.http.host;
#FASTLY hash
    return (hash);
}

sub vcl_fetch {
#FASTLY fetch
    set beresp.http.X-Edge-From = regsub(regsub(beresp.backend.name, "^.*--(F_)?", ""), "_alive$", "");
    if (req.http.X-Edge-Way == "write" || req.http.X-Edge-Way == "own" || req.http.X-Edge-Way == "drill") {
        return (pass);
    }
    if (beresp.status >= 500) {
        if (req.restarts < 2) {
            restart;
        }
        if (stale.exists) {
            return (deliver_stale);
        }
    }
    if (req.http.X-Edge-Fresh) {
        return (pass);
    }
    if (beresp.status >= 400 || beresp.http.Cache-Control ~ "(?i)no-cache|no-store|private") {
        set beresp.ttl = 1s;
        return (pass);
    }
    # What is read by machines is not sent before it is whole.
    if (std.atoi(beresp.http.Content-Length) <= 20000000) {
        set beresp.do_stream = false;
    }
    set beresp.stale_if_error = 86400s;
@if mirrors
    if (req.http.X-Edge-Mirror) {
        set beresp.ttl = 1s;
        set beresp.stale_if_error = 10s;
        if (beresp.http.Location) {
            set beresp.http.Location = regsub(beresp.http.Location, "^(https?://[^/]*)?@{first_mirror.prefix}/", "/");
        }
        return (deliver);
    }
@end
    if (!beresp.http.Surrogate-Key) {
        set beresp.ttl = 1s;
    } elsif (!req.http.X-Edge-Docs && req.url ~ "^/simple/?(\?|$)") {
        set beresp.ttl = 10s;
    } elsif ((req.http.X-Edge-Docs || req.url !~ "^/packages/") && beresp.ttl > 600s) {
        set beresp.ttl = 600s;
    }
    return (deliver);
}

sub vcl_error {
#FASTLY error
    if (obj.status == 503 && (req.http.X-Edge-Way == "copied" || req.http.X-Edge-Way == "nodes")) {
        if (req.restarts < 2) {
            restart;
        }
        if (stale.exists) {
            return (deliver_stale);
        }
    }
    if (obj.status == 903 || obj.status == 503) {
        if (obj.status == 503) {
            set obj.response = if (req.http.X-Edge-Way == "write", "The web node did not answer, whether it was done is not known, send it again",
                                   "No web node answers, try again in a minute");
        }
        set obj.status = 503;
        set obj.http.Retry-After = "5";
        set obj.http.Cache-Control = "no-store";
        set obj.http.Content-Type = "text/plain; charset=utf-8";
        synthetic obj.response + "." LF;
        return (deliver);
    }
}

sub vcl_deliver {
#FASTLY deliver
    if (resp.http.X-Edge-From) {
        set resp.http.X-Served-By = resp.http.X-Edge-From;
    }
    if (req.http.X-Edge-Way == "write" || req.http.X-Edge-Way == "own" || req.http.X-Edge-Way == "drill" || req.http.X-Edge-Fresh) {
        set resp.http.X-Cache = "PASS";
    } elsif (fastly_info.state ~ "^HIT") {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
    set resp.http.X-Cache-Hits = obj.hits;
    unset resp.http.X-Edge-From;
    unset resp.http.Via;
    return (deliver);
}

sub vcl_log {
#FASTLY log
}
