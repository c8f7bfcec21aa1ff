#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""render.py TOPOLOGY OUT: writes the configuration of every host of a topology into OUT/<host>/<service>, from
the templates beside this program. The topology file is the one input; secrets are made the first time and kept in
OUT/secrets.json, which belongs to the installation and is never committed. Every file is for its owner alone."""
import hashlib
import json
import os
import pathlib
import secrets
import string
import subprocess
import sys
import urllib.parse

import fastly
import template
import topology

HERE = pathlib.Path(__file__).resolve().parent
SECRETS = ("database", "replication", "pool", "monitor", "pcp", "monitor_pcp", "watchdog", "patroni", "node_key", "ssh_key")
BYTES = ("node_key", "ssh_key")  # 32 of them
# What all hosts of sshd have in common, by which clients know them; old ones know RSA alone.
HOST_KEYS = {"ssh_host_ed25519_key": ("ed25519",), "ssh_host_rsa_key": ("rsa", "-b", "3072")}
# Made by the registry, once it runs: `cheesemongerd admin token create`. Put into secrets.json and rendered again. The last one is
# made at Fastly: it may read the service.
TOKENS = ("probe_token", "upload_token", "fastly_token")
FIRST_TUNNEL_PORT = 18001
FIRST_READ_PORT = 18101
FIRST_MIRROR_PORT = 18201
# What registries take in one file without being told otherwise, and some more.
WHOLE_BYTES = 128 << 20


def write(path, content):
    """Whole or not at all, and never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    mode = 0o700 if path.suffix in (".sh", ".py") else 0o600
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    draft.replace(path)


def secrets_of(out):
    path = out / "secrets.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in SECRETS if name not in known]
    if missing:
        known.update({name: secrets.token_hex(32 if name in BYTES else 20) for name in missing})
        write(path, json.dumps(known, indent=1) + "\n")
    return known


def host_keys(out):
    """Made the first time, and then the same for ever: a client that finds another one goes no further."""
    folder = out / "ssh_identity"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, kind in HOST_KEYS.items():
        if not (folder / name).exists():
            subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "cheesemonger", "-t", *kind, "-f", folder / name], check=True, stdin=subprocess.DEVNULL)
            (folder / (name + ".pub")).chmod(0o600)
    return {name: (folder / name).read_text() for key in HOST_KEYS for name in (key, key + ".pub")}


def monitor_key(out):
    """With which monitors try uploads over ssh: the key, and its line, which has to be added to the registry for a person who
    uploads to nothing."""
    path = out / "ssh_identity" / "monitor_key"
    host_keys(out)
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "monitor", "-t", "ed25519", "-f", path], check=True, stdin=subprocess.DEVNULL)
        path.with_suffix(".pub").chmod(0o600)
    return path.read_text(), path.with_suffix(".pub").read_text()


def numbered(data, kind):
    """The entries of a kind with their index and their host's address."""
    addresses = {host["name"]: host["address"] for host in data["host"]}
    return [{**entry, "index": index, "address": addresses[entry["host"]]} for index, entry in enumerate(data[kind])]


def joined(entries, what):
    return ",".join(str(entry[what]) for entry in entries)


def host_list(entries):
    return ",".join(f"{entry['address']}:{entry['port']}" for entry in entries)


def complete_postgreses(entries, certificates):
    for entry in entries:
        if entry["patroni_tls"]:
            add_certificate("postgres", entry, entry["patroni_port"], certificates)
        others = [other for other in entries if other is not entry]
        entry["others"] = [dict(other) for other in others]
        entry["other_addresses"], entry["other_ports"] = joined(others, "address"), joined(others, "port")
    return entries


def add_certificate(kind, node, port, certificates):
    file = next((entry["file"] for entry in certificates if (entry["host"], entry["port"]) == (node["host"], port)), None)
    if file is None:
        raise topology.TopologyError([f"{kind} '{node['name']}': there is no certificate for its host and port"])
    node["certificate"], node["certificate_key"] = file, str(pathlib.PurePosixPath(file).with_suffix(".key"))


def complete_monitors(monitors, certificates):
    """Tokens are taken over TLS only, so a monitor's own door has it."""
    for monitor in monitors:
        add_certificate("monitor", monitor, int(monitor["listen"].rpartition(":")[2]), certificates)
    return monitors


def complete_agents(agents, data):
    """With what they look at: the entries of their hosts."""
    kinds = {"disks": "disk", "certificates": "certificate", "webs": "web", "postgreses": "postgres", "glusters": "gluster", "mirrors": "mirror",
             "cdns": "cdn", "etcds": "etcd"}
    for agent in agents:
        agent.update({name: [entry for entry in data[kind] if entry["host"] == agent["host"]] for name, kind in kinds.items()})
    return agents


def complete_webs(webs, pgpools, certificates):
    """Each node begins with another pgpool: libpq takes the first that answers."""
    serving = [pgpool for pgpool in pgpools if not pgpool["witness"]]
    for web in webs:
        start = web["index"] % len(serving) if serving else 0
        web["pgpool_hosts"] = host_list(serving[start:] + serving[:start])
        web["tunnel_port"] = FIRST_TUNNEL_PORT + web["index"]
        web["read_port"] = FIRST_READ_PORT + web["index"]
        web["left"] = len(webs) - web["index"]
        web["others"] = [{"name": other["name"]} for other in webs if other is not web]
        add_certificate("web", web, web["port"], certificates)
    return webs


def complete_mirrors(mirrors, certificates):
    for mirror in mirrors:
        mirror["way_address"], mirror["way_port"] = mirror["address"], mirror["port"]
        if mirror["tls"]:
            mirror["way_address"], mirror["way_port"] = "127.0.0.1", FIRST_MIRROR_PORT + mirror["index"]
            add_certificate("mirror", mirror, mirror["port"], certificates)
    return mirrors


def complete_registry(registry, webs):
    """The host of documentation that comes through the CDN, in lower case: one of its own, and no port of the nodes."""
    docs = urllib.parse.urlsplit(registry["canary_docs"]).hostname or ""
    own = docs != urllib.parse.urlsplit(registry["url"]).hostname and not any(web["docs_port"] for web in webs)
    docs = docs if own else ""
    return {**registry, "base": registry["url"].rstrip("/"), "docs_base": "/".join(registry["canary_docs"].split("/")[:3]), "docs_host": docs,
            "docs_host_pattern": docs.replace(".", "[.]")}


def complete_cdns(cdns):
    """Varnish nodes: what is fetched as a whole before it leaves fits into what is kept several times."""
    for cdn in cdns:
        storage = int(cdn["storage"][:-1]) << {"M": 20, "G": 30}[cdn["storage"][-1]]
        cdn["whole_bytes"] = min(WHOLE_BYTES, storage // 2)
    return cdns


def complete_sshes(sshes, webs):
    """Each host of sshd begins with another web node."""
    for ssh in sshes:
        start = ssh["index"] % len(webs) if webs else 0
        ssh["webs"] = [dict(web) for web in webs[start:] + webs[:start]]
    return sshes


def complete_ingests(ingests):
    """A sender goes to the first that answers, in this order."""
    for ingest in ingests:
        ingest["later"] = ingest["index"] > 0
        # The last one is tried for ever: with nobody there the lines wait.
        ingest["tries"] = -1 if ingest is ingests[-1] else 0
    return ingests


def scope_of(data, known):
    postgreses = complete_postgreses(numbered(data, "postgres"), data["certificate"])
    etcds = numbered(data, "etcd")
    pgpools = numbered(data, "pgpool")
    mirrors = complete_mirrors(numbered(data, "mirror"), data["certificate"])
    for pgpool in pgpools:
        pgpool["pcp_inner_port"] = pgpool["pcp_port"] + 1 + pgpool["index"]
        # The witness leads only when it has to.
        pgpool["priority"] = 1 if pgpool["witness"] else len(pgpools) + 1 - pgpool["index"]
    users = sorted({entry["monitor_user"] for entry in postgreses} | {entry["user"] for entry in pgpools})

    def md5(text):
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return {
        "name": data["name"], "paths": data["paths"], "users": data["users"], "volume": data["volume"], "glusters": numbered(data, "gluster"),
        "gluster_count": len(data["gluster"]),
        "gluster_bricks": " ".join(f"'{node['address']}:{node['brick']}'" for node in numbered(data, "gluster")),
        "registry": {**complete_registry(data["registry"], data["web"]), "postgres_hosts": host_list(postgreses)},
        "secrets": {**dict.fromkeys(TOKENS, ""), **known, "pcp_md5": md5(known["pcp"]), "monitor_pcp_md5": md5(known["monitor_pcp"])},
        "hosts": data["host"], "postgreses": postgreses, "pgpools": pgpools, "etcds": etcds,
        "etcd": {"cluster": ",".join(f"{node['name']}=http://{node['address']}:{node['peer_port']}" for node in etcds)},
        "cdns": complete_cdns([cdn for cdn in numbered(data, "cdn") if cdn["kind"] == "varnish"]),
        "fastlys": [cdn for cdn in numbered(data, "cdn") if cdn["kind"] == "fastly"],
        "webs": complete_webs(numbered(data, "web"), pgpools, data["certificate"]),
        "has_cdn": bool(data["cdn"]),
        "monitors": complete_monitors(numbered(data, "monitor"), data["certificate"]), "webhooks": data["webhook"],
        "agents": complete_agents(numbered(data, "agent"), data),
        "ingests": complete_ingests(numbered(data, "ingest")),
        "sshes": complete_sshes(numbered(data, "ssh"), numbered(data, "web")), "ssh_doors": numbered(data, "ssh_door"), "has_ssh": bool(data["ssh"]),
        "mirrors": mirrors, "first_mirror": next(iter(mirrors), None), "letters": [{"upper": letter.upper(), "lower": letter} for letter in string.ascii_lowercase],
        "monitor_users": [{"name": user} for user in users],
    }


def paths_of(data, host):
    """Several hosts on one machine have their folders apart."""
    return {name: path.replace("{host}", host) for name, path in data["paths"].items()}


def render_folder(folder, out, scope):
    for source in sorted((HERE / "templates" / folder).iterdir()):
        try:
            write(out / source.name, template.render(source.read_text(), scope))
        except template.TemplateError as error:
            raise topology.TopologyError([f"{folder}/{source.name}: {error}"]) from None


def render(data, out, source, only=()):
    """`only` names kinds of nodes, as the topology does; all without it."""
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = secrets_of(out)
    scope = scope_of(data, known)
    hosts = {host["name"]: host for host in data["host"]}
    database = "patroni" if data["failover"] == "patroni" else "postgres"
    for kind, folder in (("etcds", "etcd"), ("postgreses", database), ("pgpools", "pgpool"), ("glusters", "gluster"), ("webs", "web"),
                         ("cdns", "cdn"), ("fastlys", "fastly"), ("monitors", "monitor"), ("agents", "agent"), ("mirrors", "mirror"),
                         ("ingests", "ingest"), ("sshes", "ssh"), ("ssh_doors", "ssh_door")):
        if only and folder not in only and not (folder == "fastly" and "cdn" in only):
            continue
        for node in scope[kind]:
            target = out / node["host"] / folder
            render_folder(folder, target, {**scope, "node": node, "host": hosts[node["host"]], "paths": paths_of(data, node["host"])})
            if folder == "web":
                write(target / "node.key", bytes.fromhex(known["node_key"]))
                if data["ssh"]:
                    write(target / "ssh.key", known["ssh_key"] + "\n")
            elif folder == "ssh":
                write(target / "ssh.key", known["ssh_key"] + "\n")
                for name, text in host_keys(out).items():
                    write(target / name, text)
            elif folder == "pgpool":
                write(target / "pgpool_node_id", f"{node['index']}\n")
            elif folder == "postgres":
                for program in ("keeper.py", "keeper_ask.py", "keeper_copy.py", "keeper_orders.py", "keeper_start.py"):
                    write(target / program, (HERE / program).read_text())
            elif folder == "patroni":
                roles = (HERE / "templates/postgres/roles.sql").read_text()
                write(target / "roles.sql", template.render(roles, scope))
            elif folder == "fastly":
                definition = fastly.service(scope, node, (target / "main.vcl").read_text())
                write(target / "service.json", json.dumps(definition, indent=1) + "\n")
            elif folder == "monitor":
                write(target / "topology.toml", source)
                if data["ssh"]:
                    write(target / "ssh_key", monitor_key(out)[0])
                    write(target / "known_hosts", "".join(f"registry {text}" for name, text in host_keys(out).items() if name.endswith(".pub")))


def main(words):
    if len(words) != 2:
        print("usage: render.py TOPOLOGY OUT", file=sys.stderr)
        return 2
    try:
        data = topology.read(words[0])
        render(data, pathlib.Path(words[1]), pathlib.Path(words[0]).read_text())
    except topology.TopologyError as error:
        for problem in error.problems:
            print(f"{words[0]}: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
