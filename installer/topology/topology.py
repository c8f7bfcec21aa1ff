# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a topology file and says everything that is wrong with it at once."""
import ipaddress
import pathlib
import re
import tomllib

PATHS = {"config": "/etc/cheesemonger", "state": "/var/lib/cheesemonger", "run": "/run/cheesemonger", "program": "/usr/bin/cheesemongerd"}
REGISTRY = {"name": "Cheesemonger", "database": "cheesemonger", "files": "/var/lib/cheesemonger/shared/files",
            "canary_project": "", "canary_file": "", "canary_docs": ""}
# The GlusterFS volume under the files, when there is one: mounted by every web node.
VOLUME = {"name": "packages", "mount": ""}
# The system's users under which services run.
USERS = {"database": "postgres", "web": "cheesemonger", "cdn": "vcache", "ssh_keys": "sshkeys"}
# Kind: the keys that each entry must have, with their types.
KINDS = {
    "host": {"name": str, "address": str, "site": str},
    "web": {"name": str, "host": str, "port": int, "tls": bool},
    "postgres": {"name": str, "host": str, "port": int, "data": str, "monitor_user": str, "slot": str, "application": str},
    "pgpool": {"name": str, "host": str, "port": int, "pcp_port": int, "watchdog_port": int, "heartbeat_port": int, "user": str, "pcp_user": str,
               "witness": bool},
    # Of an etcd, of which Patroni's leader holds a lock: "port" is its clients', "peer_port" that of the other members.
    "etcd": {"name": str, "host": str, "port": int, "peer_port": int},
    "gluster": {"name": str, "host": str, "brick": str, "arbiter": bool},
    "cdn": {"name": str, "host": str, "port": int, "kind": str},
    "certificate": {"name": str, "host": str, "port": int, "file": str},
    "disk": {"name": str, "host": str, "path": str},
    # "from" is a web node and not a cache, "tree" the folder of the mirror, "prefix" what stands before /simple/ ("" or "/pypi"). Said
    # without "tls", pages and the digests in them come as whoever is on the way to it likes.
    "mirror": {"name": str, "host": str, "port": int, "tls": bool, "from": str, "tree": str, "prefix": str},
    # Counts downloads: "port" takes the lines of the CDNs' logs over RELP, "status_port" tells of itself.
    "ingest": {"name": str, "host": str, "port": int, "status_port": int},
    # An sshd for uploads, and where its host says whether anybody is let in; and the one address in front of all of them, HAProxy.
    "ssh": {"name": str, "host": str, "port": int, "health_port": int},
    "ssh_door": {"name": str, "host": str, "port": int},
    "monitor": {"name": str, "host": str, "listen": str, "interval_ms": int},
    "agent": {"host": str, "listen": str},
    "webhook": {"name": str, "url": str},
}
# What may be left out, with what it is then. "service" is the id at Fastly and "logs" where it sends a line for each
# download ("192.0.2.60:514"); "storage" and "transient" are what Varnish may take of memory for what it keeps and for what passes
# through. "patroni_port" is that of Patroni's REST API, and "patroni_tls" whether it has a certificate of its own.
OPTIONAL = {"cdn": {"service": "", "logs": "", "storage": "256M", "transient": "64M"}, "postgres": {"patroni_port": 0, "patroni_tls": False},
            "web": {"docs_port": 0},
            "ssh": {"user": "submit"}, "ssh_door": {"user": "submit"}}
RUNNING = ("web", "postgres", "pgpool", "gluster", "cdn", "mirror", "ingest", "ssh", "ssh_door", "monitor")
TABLES = {"name", "failover", "registry", "volume", "paths", "users", *KINDS}
PREFIX = re.compile(r"^(/[A-Za-z0-9_-]+)*$")
TREE = re.compile(r"^(/[A-Za-z0-9._-]+)+$")
SIZE = re.compile(r"^[1-9][0-9]*[MG]$")
ENDPOINT = re.compile(r"^([A-Za-z0-9.-]+:[0-9]{1,5})?$")
# What is put into configurations of others: a host that cannot end a text there.
DOCS = re.compile(r"^(https?://[A-Za-z0-9.:\[\]-]+/[^\s\"<>#@]+)?$")
SERVICE = re.compile(r"^[A-Za-z0-9]+$")
NAME = re.compile(r"^[a-z][a-z0-9_]{0,30}$")


class TopologyError(Exception):
    def __init__(self, problems):
        super().__init__("\n".join(problems))
        self.problems = problems


def check_keys(where, table, keys, problems):
    for key, kind in keys.items():
        if key not in table:
            problems.append(f"{where}: '{key}' is missing")
        elif type(table[key]) is not kind:
            problems.append(f"{where}: '{key}' is no {kind.__name__}")
        elif key.endswith("port") and not 0 < table[key] < 65536 and (key, table[key]) not in (("patroni_port", 0), ("docs_port", 0)):
            problems.append(f"{where}: '{key}' is no port")
    problems += [f"{where}: '{key}' is not known" for key in table if key not in keys]


def check_names(data, problems):
    """Names become slots, identifiers of VCL and names of files, and the monitor tells nodes apart by them."""
    for kinds in (("host",), ("webhook",), [kind for kind in KINDS if kind not in ("host", "webhook")]):
        names = [entry["name"] for kind in kinds for entry in data[kind] if isinstance(entry.get("name"), str)]
        problems += [f"the name '{name}' is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
        problems += [f"'{name}' is no name: small letters, digits and _" for name in names if not NAME.match(name)]


def check_hosts(data, problems):
    hosts = {host.get("name") for host in data["host"]}
    for kind in KINDS:
        for entry in data[kind]:
            if "host" in entry and entry["host"] not in hosts:
                problems.append(f"{kind} '{entry.get('name', entry['host'])}': there is no host '{entry['host']}'")
            elif entry.get("name") in hosts and entry["name"] != entry.get("host") and "host" in entry and kind != "host":
                problems.append(f"{kind} '{entry['name']}' is not on the host of that name")
    for host in hosts:
        here = [entry.get("name") for kind in RUNNING for entry in data[kind] if entry["host"] == host]
        if len(here) > 1 and host in here:
            problems.append(f"several run on the host '{host}': none of them may have its name")
    addresses = []
    for host in data["host"]:
        try:
            addresses.append(ipaddress.ip_address(host.get("address", "")))
        except ValueError:
            problems.append(f"host '{host.get('name')}': '{host.get('address')}' is no address")
    if len(set(addresses)) != len(addresses):
        problems.append("host: an address is there twice")


def check_cdns(data, problems):
    for cdn in data["cdn"]:
        if cdn["kind"] not in ("varnish", "fastly"):
            problems.append(f"cdn '{cdn['name']}': 'kind' is neither 'varnish' nor 'fastly'")
        if cdn["kind"] == "fastly" and not SERVICE.match(cdn["service"]):
            problems.append(f"cdn '{cdn['name']}': 'service' has to be the id of the service at Fastly")
        if not ENDPOINT.match(cdn["logs"]):
            problems.append(f"cdn '{cdn['name']}': 'logs' is no address with a port, such as '192.0.2.60:514'")
        problems += [f"cdn '{cdn['name']}': '{key}' is no size such as '256M'" for key in ("storage", "transient") if not SIZE.match(cdn[key])]
    if sum(cdn["kind"] == "fastly" for cdn in data["cdn"]) > 1:
        problems.append("cdn: there is more than one service at Fastly")


def check_votes(data, problems):
    voters = len(data["pgpool"])
    if voters and (voters < 3 or voters % 2 == 0):
        problems.append(f"pgpool: {voters} vote; an odd number of at least 3 is needed (one may be a witness)")
    if data["pgpool"] and len(data["postgres"]) != 2:
        problems.append("postgres: two are needed behind pgpool, a primary and its standby")
    if data["failover"] == "keepers" and len(data["postgres"]) > 2:
        problems.append("postgres: keepers look after two at most, a primary and its standby: with more a commit would wait for one that may not be promoted")
    check_cdns(data, problems)
    if not DOCS.match(data["registry"]["canary_docs"]):
        problems.append("registry: 'canary_docs' is no address of a page, such as 'https://docs.example.org/canary/latest/'")
    problems += [f"mirror '{mirror['name']}': 'prefix' is neither empty nor a path such as '/pypi'" for mirror in data["mirror"]
                 if not PREFIX.match(mirror["prefix"])]
    problems += [f"mirror '{mirror['name']}': 'tree' is no path of plain names" for mirror in data["mirror"] if not TREE.match(mirror["tree"])]
    problems += [f"web '{web['name']}': 'tls' has to be true, for nodes take tokens over TLS only" for web in data["web"] if not web["tls"]]
    problems += [f"postgres '{node['name']}': 'application' has to be its name, by which keepers know it" for node in data["postgres"]
                 if node["application"] != node["name"]]


def check_patroni(data, problems):
    """Patroni names what it makes by its members, and is no safer than the etcd by which it votes."""
    if data["failover"] == "keepers":
        problems += [f"{kind} '{node['name']}': it is of use to Patroni alone, and 'failover' is not 'patroni'" for kind in ("postgres", "etcd")
                     for node in data[kind] if kind == "etcd" or node["patroni_port"]]
        return
    voters = len(data["etcd"])
    if voters < 3 or voters % 2 == 0:
        problems.append(f"etcd: {voters} vote; an odd number of at least 3 is needed")
    if len({node["host"] for node in data["etcd"]}) != voters:
        problems.append("etcd: two are on one host, and would be lost together")
    if data["pgpool"]:
        problems.append("pgpool: set-up knows Patroni without pgpool alone: clients find the primary by themselves")
    if len(data["postgres"]) < 2:
        problems.append("postgres: two are needed at least, a primary and its standby")
    problems += [f"postgres '{node['name']}': 'patroni_port' is missing" for node in data["postgres"] if not node["patroni_port"]]
    problems += [f"postgres '{node['name']}': 'patroni_tls' has to be true, for orders go with a password" for node in data["postgres"] if not node["patroni_tls"]]
    problems += [f"postgres '{node['name']}': 'slot' has to be its name, by which Patroni makes it" for node in data["postgres"]
                 if node["slot"] != node["name"]]


def check_ssh(data, problems):
    if data["ssh_door"] and not data["ssh"]:
        problems.append("ssh_door: there is no ssh behind it")
    if len({node["user"] for node in data["ssh"] + data["ssh_door"]}) > 1:
        problems.append("ssh: 'user' has to be the same account everywhere, for clients know one")
    if data["ssh"] and not data["web"]:
        problems.append("ssh: there is no web node to which uploads could go")


def check_volume(data, problems):
    """Two servers with the bytes and an arbiter that has the names: with two alone either a partition makes two versions, or
    the loss of the first one ends all writes."""
    if not data["gluster"]:
        return
    if len(data["gluster"]) != 3 or [node["arbiter"] for node in data["gluster"]] != [False, False, True]:
        problems.append("gluster: two servers are needed and, as the last one, an arbiter")
    if not pathlib.PurePath(data["registry"]["files"]).is_relative_to(data["volume"]["mount"] or "/nowhere"):
        problems.append("volume: 'mount' has to be the folder in which the registry's 'files' lies")


def check(data):
    problems = [f"'{key}' is not known" for key in data if key not in TABLES]
    if not isinstance(data.get("name"), str) or not NAME.match(data["name"]):
        problems.append("'name' is missing or no name")
    if data.get("failover", "keepers") not in ("keepers", "patroni"):
        problems.append("'failover' is neither 'keepers' nor 'patroni': set-up knows these two ways alone")
    data = {"failover": "keepers", **data, "registry": {**REGISTRY, **data.get("registry", {})}, "volume": {**VOLUME, **data.get("volume", {})}, "paths": {**PATHS, **data.get("paths", {})},
            "users": {**USERS, **data.get("users", {})}, **{kind: data.get(kind, []) for kind in KINDS}}
    for kind, defaults in OPTIONAL.items():
        data[kind] = [{**defaults, **entry} for entry in data[kind]]
    check_keys("registry", data["registry"], {"url": str, "network": str, **{key: str for key in REGISTRY}}, problems)
    check_keys("volume", data["volume"], {key: str for key in VOLUME}, problems)
    check_keys("paths", data["paths"], {key: str for key in PATHS}, problems)
    check_keys("users", data["users"], {key: str for key in USERS}, problems)
    for kind, keys in KINDS.items():
        for entry in data[kind]:
            wanted = {**keys, **{key: type(value) for key, value in OPTIONAL.get(kind, {}).items()}}
            check_keys(f"{kind} '{entry.get('name', entry.get('host', ''))}'", entry, wanted, problems)
    check_names(data, problems)
    if not problems:
        check_hosts(data, problems)
        check_votes(data, problems)
        check_patroni(data, problems)
        check_volume(data, problems)
        check_ssh(data, problems)
    if problems:
        raise TopologyError(problems)
    return data


def read(path):
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise TopologyError([f"{path}: {error}"]) from None
    return check(data)
