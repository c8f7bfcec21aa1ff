# SPDX-License-Identifier: GPL-3.0-or-later
"""A service at Fastly as the objects of its API, made from a topology: what a version of the service holds, by the names
of the API's collections. Whoever brings it there creates a version, sends each object to /service/ID/version/N/COLLECTION
(the entries of an ACL to /service/ID/acl/ACL_ID/entry), validates it and activates it. Where the certificates of web nodes and mirrors
are of an authority of one's own, its PEM is added to each backend as ssl_ca_cert."""
import urllib.parse

# The names under which lines of the log come, as the first of their fields, and what is logged of each: files, and pages of
# the index. The nodes send no headers of a file, so that its name has to say what it is.
LOGS = {"download": ('^/packages/', 206), "simple": ('^/simple/.', 304)}
LOG_FIELDS = ("%{now}V", "%{client.geo.country_code}V", "%{req.url.path}V", "%{tls.client.protocol}V", "%{tls.client.cipher}V")


def log_format(kind):
    names = ("(null)",) * 3 if kind == "download" else ("",) * 3
    return "|".join((kind, *LOG_FIELDS, *names, "%{req.http.User-Agent}V"))


def log_condition(kind):
    path, also = LOGS[kind]
    return {"name": kind, "type": "RESPONSE", "priority": 10,
            "statement": '!req.http.Fastly-FF && !req.http.X-Edge-Docs && req.method == "GET" && '
                         f'(resp.status == 200 || resp.status == {also}) && req.url ~ "{path}"'}


def healthcheck(name, path, host):
    return {"name": name, "method": "GET", "path": path, "host": host, "http_version": "1.1", "expected_response": 200,
            "check_interval": 1000, "timeout": 1000, "window": 3, "threshold": 2, "initial": 2}


def backend(node, check, first_byte):
    return {"name": node["name"], "address": node["address"], "port": node["port"], "healthcheck": check, "auto_loadbalance": False,
            "connect_timeout": 1000, "first_byte_timeout": first_byte, "between_bytes_timeout": 10000, "max_conn": 200}


def by_certificate(node):
    return {"use_ssl": True, "ssl_check_cert": True, "ssl_cert_hostname": node["name"], "ssl_sni_hostname": node["name"], "min_tls_version": "1.2"}


# A host that is gone without a word is known by that, also while an upload waits for its answer.
SEEN = {"tcp_keepalive_enable": True, "tcp_keepalive_time": 2, "tcp_keepalive_interval": 1, "tcp_keepalive_probes": 3}


def backends(scope):
    found = []
    for web in scope["webs"]:
        # The API's default of 15 s to the first byte is for pages; an upload may wait for a standby. VCL lowers it for reading.
        found.append({**backend(web, "ready", 120000), **by_certificate(web), **SEEN})
        found.append({**backend({**web, "name": f"{web['name']}_alive"}, "alive", 120000), **by_certificate(web), **SEEN})
    return found + [{**backend(mirror, f"mirror_{mirror['name']}", 5000), **(by_certificate(mirror) if mirror["tls"] else {"use_ssl": False})}
                    for mirror in scope["mirrors"]]


def service(scope, node, main):
    host = urllib.parse.urlsplit(scope["registry"]["url"]).hostname
    checks = [healthcheck("ready", "/_health/", host), healthcheck("alive", "/robots.txt", host)]
    checks += [healthcheck(f"mirror_{mirror['name']}", f"{mirror['prefix']}/_health/", host) for mirror in scope["mirrors"]]
    logs = []
    if node["logs"]:
        address, _, port = node["logs"].rpartition(":")
        logs = [{"name": kind, "address": address, "port": int(port), "format": log_format(kind), "format_version": 2,
                 "message_type": "classic", "response_condition": kind} for kind in LOGS]
    return {
        "service_id": node["service"],
        "domain": [{"name": name} for name in (host, scope["registry"]["docs_host"]) if name],
        "healthcheck": checks,
        "backend": backends(scope),
        "acl": [{"name": "drills", "entries": [{"ip": monitor["address"], "negated": 0} for monitor in scope["monitors"]]}],
        "condition": [log_condition(kind) for kind in LOGS],
        "logging/syslog": logs,
        "settings": {"general.default_ttl": 1, "general.stale_if_error": True, "general.stale_if_error_ttl": 86400},
        "vcl": [{"name": "main", "main": True, "content": main}],
    }
