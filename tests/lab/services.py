# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on which host, how it is started and how one sees that it works."""
import json
import os
import pathlib
import re
import subprocess
import time

from hosts import LabError, wait_for


class Service:
    """`programs` are the names its processes have; without `words` another service of the host starts it."""

    def __init__(self, host, name, words, programs, user=None, node=None, environment=None):
        self.host, self.name, self.programs, self.user, self.node = host, name, programs, user, node
        self.words = [str(word).replace("{host}", host) for word in words]
        self.environment = environment and environment.replace("{host}", host)  # a file, as a unit would name it

    @property
    def key(self):
        return f"{self.host}/{self.name}"


def services_of(layout):
    """Every service, in the order in which they are started. Paths are the topology's, whose {host} is filled in last."""
    topology = layout.topology
    config, run = topology["paths"]["config"], topology["paths"]["run"]
    users = topology["users"]
    daemon = layout.program("{host}", "cheesemongerd")
    jail = ["-j", f"unix,user={users['cdn']}"] if os.geteuid() == 0 else []
    found = []
    for node in topology["etcd"]:
        found.append(Service(node["host"], "etcd", ["etcd", "--config-file", f"{config}/etcd/etcd.yml"], ("etcd",), users["database"], node))
    for node in topology["postgres"]:
        if topology["failover"] == "patroni":
            found.append(Service(node["host"], "patroni", ["sh", f"{config}/patroni/patroni.sh"], ("patroni", "initdb", "pg_", "psql"), users["database"], node))
            found.append(Service(node["host"], "postgres", [], ("postgres",), users["database"], node))
            continue
        words = ["/usr/bin/python3", f"{config}/postgres/keeper.py", f"{config}/postgres/keeper.conf"]
        found.append(Service(node["host"], "postgres", words, ("postgres", "keeper", "python3", "psql", "pg_"), users["database"], node))
    for node in topology["pgpool"]:
        words = ["pgpool", "-n", "-f", f"{config}/pgpool/pgpool.conf", "-F", f"{config}/pgpool/pcp.conf", "-a", f"{config}/pgpool/pool_hba.conf"]
        found.append(Service(node["host"], "pgpool", words, ("pgpool",), users["database"], node, f"{config}/pgpool/environment"))
        found.append(Service(node["host"], "pcp", ["haproxy", "-db", "-f", f"{config}/pgpool/pcp.cfg"], ("haproxy",), users["database"], node))
    for node in topology["gluster"]:
        words = ["glusterd", "-N", "-f", f"{config}/gluster/glusterd.vol", "-l", "/var/log/glusterfs/glusterd.log", "-p", "/run/glusterd.pid"]
        found.append(Service(node["host"], "gluster", words, ("gluster",), None, node))
    addresses = {host["name"]: host["address"] for host in topology["host"]}
    servers = [f"--volfile-server={addresses[node['host']]}" for node in topology["gluster"] if not node["arbiter"]]
    for node in topology["web"] if topology["gluster"] else []:
        words = ["glusterfs", "-N", *servers, f"--volfile-id={topology['volume']['name']}", "-l", "/var/log/glusterfs/mount.log",
                 topology["volume"]["mount"]]
        found.append(Service(node["host"], "mount", words, ("gluster",), None, topology["volume"]))
    for node in topology["web"]:
        words = [daemon, "serve", "--config", f"{config}/web/cheesemongerd.toml"]
        found.append(Service(node["host"], "web", words, ("cheesemongerd",), users["web"], node))
    for node in topology["agent"]:
        # As whoever runs what it gives orders to; GlusterFS takes them of root alone.
        user = next((users[who] for kind, who in (("web", "web"), ("mirror", "web"), ("postgres", "database"), ("etcd", "database")) if layout.has(node["host"], kind)), None)
        found.append(Service(node["host"], "agent", [daemon, "agent", "--config", f"{config}/agent/cheesemongerd.toml"], ("cheesemongerd",), user, node))
    for node in topology["cdn"]:
        found.append(Service(node["host"], "haproxy", ["haproxy", "-db", "-f", f"{config}/cdn/haproxy.cfg"], ("haproxy",), None, node))
        words = ["sh", f"{config}/cdn/varnish.sh", *jail]
        found.append(Service(node["host"], "varnish", words, ("varnishd", "cache-main", "vcc_"), None, node))
        found.append(Service(node["host"], "downloads", ["sh", f"{config}/cdn/downloads.sh"], ("varnishncsa",), None, node))
        if topology["ingest"]:
            words = ["rsyslogd", "-n", "-f", f"{config}/cdn/rsyslog.conf", "-i", f"{run}/rsyslog.pid"]
            found.append(Service(node["host"], "rsyslog", words, ("rsyslogd",), None, node))
    for node in topology["ingest"]:
        words = [daemon, "ingest", "--config", f"{config}/ingest/cheesemongerd.toml"]
        found.append(Service(node["host"], "ingest", words, ("cheesemongerd",), users["web"], node))
    for node in topology["mirror"]:
        found.append(Service(node["host"], "haproxy", ["haproxy", "-db", "-f", f"{config}/mirror/haproxy.cfg"], ("haproxy",), None, node))
        found.append(Service(node["host"], "mirror", [daemon, "mirror", "--config", f"{config}/mirror/cheesemongerd.toml"], ("cheesemongerd",), users["web"], node))
        found.append(Service(node["host"], "nginx", ["nginx", "-c", f"{config}/mirror/nginx.conf", "-g", "daemon off;"], ("nginx",), None, node))
    for node in topology["ssh"]:
        words = [daemon, "ssh-keys", "--follow", "--config", f"{config}/ssh/cheesemongerd.toml"]
        found.append(Service(node["host"], "ssh-keys", words, ("cheesemongerd",), users["ssh_keys"], node))
        found.append(Service(node["host"], "sshd", ["sh", f"{config}/ssh/sshd.sh"], ("sshd",), None, node))
    for node in topology["ssh_door"]:
        found.append(Service(node["host"], "haproxy", ["haproxy", "-db", "-f", f"{config}/ssh_door/haproxy.cfg"], ("haproxy",), None, node))
    for node in topology["monitor"]:
        words = [daemon, "monitor", "--topology", f"{config}/monitor/topology.toml", "--config", f"{config}/monitor/cheesemongerd.toml",
                 "--name", node["name"], "--data", topology["paths"]["state"] + "/monitor"]
        found.append(Service(node["host"], "monitor", words, ("cheesemongerd",), users["web"], node))
    return found


class Supervisor:
    """Starts, finds and ends services on the hosts of a lab."""

    def __init__(self, machine, layout, services):
        self.machine, self.layout, self.services = machine, layout, services

    def on(self, host, name=None):
        found = [service for service in self.services if service.host == host and name in (None, service.name)]
        if not found:
            raise LabError(f"there is no {'service' if name is None else name} on {host}")
        return found

    def start(self, service, *more):
        """With more words than it is always started with."""
        if not service.words or self.pids(service):
            return
        if service.name == "mount":  # what a killed one left behind, as the mount unit of an init system does
            self.machine.run(service.host, "umount", "-l", service.words[-1], check=False)
        lines = self.layout.outside(service.host, service.environment).read_text().splitlines() if service.environment else []
        words = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "TZ=UTC", "HOME=/tmp",
                 *(line for line in lines if not line.startswith("#")), *service.words, *more]
        log = self.layout.home(service.host) / "log" / f"{service.name}.log"
        with open(log, "ab") as out:
            done = subprocess.run(self.machine.enter(service.host, "setsid", "-f", *words, user=service.user), stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=out, cwd="/", timeout=30)
        if done.returncode != 0:
            raise LabError(f"{service.key} does not start: {self.log(service)}")

    def log(self, service, size=800):
        path = self.layout.home(service.host) / "log" / f"{service.name}.log"
        return path.read_text(errors="replace")[-size:] if path.exists() else ""

    def pids(self, service):
        """Its processes, by host and by what they are: orphans of a killed one are its own as well."""
        return [pid for pid, status in self.machine.processes(service.host).items() if status["Name"].startswith(service.programs)
                and (service.programs != ("cheesemongerd",) or self.command(pid) == service.words[1])]

    @staticmethod
    def command(pid):
        """Which of our programs a process is: they have one name."""
        try:
            return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1].decode()
        except (OSError, IndexError):
            return None

    def kill(self, service):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pids = self.pids(service)
            if not pids:
                return
            self.machine.kill(pids)
            time.sleep(0.02)
        raise LabError(f"{service.key} does not end")

    # Whether each kind works.

    def keeper(self, host):
        """What the keeper of a database, or its Patroni, says of it."""
        if self.layout.topology["failover"] == "patroni":
            return self.patroni(host)
        path = self.layout.outside(host, self.layout.paths["run"] + "/keeper.json")
        try:
            return json.loads(path.read_text())["state"]
        except (OSError, ValueError, KeyError):
            return None

    def patroni(self, host):
        """In the keeper's words. A primary is one that holds the lock: without it Patroni is about to stop it."""
        node = next(node for node in self.layout.topology["postgres"] if node["host"] == host)
        if self.machine.init(host) is None:
            return None
        done = self.machine.run(host, "curl", "-skm", "3", "-w", r"\n%{http_code}", f"{self.door(node)}/primary", check=False)
        text, _, code = done.stdout.rpartition("\n")
        try:
            told = json.loads(text)
        except ValueError:
            return None
        if code == "200" and told["state"] == "running":
            follows = any(sender["state"] == "streaming" and sender["sync_state"] in ("sync", "quorum") for sender in told.get("replication", []))
            return "primary, synchronous" if follows else "primary, alone"
        return "standby" if told["state"] == "running" and told["role"] == "replica" else "starting"

    def door(self, node):
        """Of Patroni's REST API."""
        address = next(host["address"] for host in self.layout.topology["host"] if host["name"] == node["host"])
        return f"{'https' if node['patroni_tls'] else 'http'}://{address}:{node['patroni_port']}"

    def http(self, host, url, *more):
        done = self.machine.run(host, "curl", "-skm", "3", "-o", "/dev/null", "-w", "%{http_code}", *more, url, check=False)
        return done.stdout == "200"

    def works(self, service):
        if not self.pids(service):
            return False
        address = next(host["address"] for host in self.layout.topology["host"] if host["name"] == service.host)
        port = service.node.get("port")
        if service.name == "etcd":
            return self.http(service.host, f"http://{address}:{port}/health")
        if service.name == "postgres" and not service.words:
            return self.http(service.host, f"{self.door(service.node)}/health")
        if service.name in ("postgres", "patroni"):
            return (self.keeper(service.host) or "").startswith(("primary", "standby"))
        if service.name == "pgpool":
            return self.nodes_of(service) is not None
        if service.name == "web":
            return self.http(service.host, f"https://{address}:{port}/_health/")
        if service.name == "gluster":
            return self.brick(service) is True
        if service.name == "mount":
            return self.machine.run(service.host, "mountpoint", "-q", service.node["mount"], check=False).returncode == 0
        if service.name == "ingest":
            return self.http(service.host, f"http://{address}:{service.node['status_port']}/status")
        if service.name == "monitor":
            return self.http(service.host, f"https://{service.node['listen']}/admin/v1/openapi.json")
        if service.name == "sshd":
            return self.machine.run(service.host, "ssh-keyscan", "-T", "3", "-p", port, address, check=False).stdout != ""
        if service.name == "ssh-keys":
            return self.layout.outside(service.host, self.layout.paths["run"] + "/ssh/keys").exists()
        if service.name == "nginx":
            scheme = "https" if service.node["tls"] else "http"
            return self.http(service.host, f"{scheme}://{address}:{port}{service.node['prefix']}/_health/")
        if service.name == "varnish":
            return self.http(service.host, f"http://{address}:{port}/_health/")
        return True

    def brick(self, service):
        """Whether the brick of this server serves; None while there is no volume."""
        where = f"{next(host['address'] for host in self.layout.topology['host'] if host['name'] == service.host)}:{service.node['brick']}"
        done = self.machine.run(service.host, "timeout", "5", "gluster", "--mode=script", "--xml", "volume", "status", self.layout.topology["volume"]["name"],
                                where, check=False)
        found = re.search(r"<path>.*?</path>\s*<peerid>.*?</peerid>\s*<status>(\d)</status>", done.stdout) if done.returncode == 0 else None
        return found and found[1] == "1"

    def unhealed(self):
        """How many entries wait to be healed; None when that is not known, as while a brick is away."""
        servers = [service for service in self.services if service.name == "gluster" and self.machine.init(service.host)]
        if not servers:
            return None
        done = self.machine.run(servers[0].host, "timeout", "10", "gluster", "--mode=script", "--xml", "volume", "heal", self.layout.topology["volume"]["name"],
                                "info", "summary", check=False)
        counts = re.findall(r"<totalNumberOfEntries>(.*?)</totalNumberOfEntries>", done.stdout)
        return sum(map(int, counts)) if counts and all(count.isdigit() for count in counts) else None

    def nodes_of(self, service):
        """What one pgpool thinks of the databases: [(status, role)], None when it does not answer."""
        config = self.layout.paths["config"].replace("{host}", service.host)
        host = next(host for host in self.layout.topology["host"] if host["name"] == service.host)
        done = self.machine.run(service.host, "env", f"PCPPASSFILE={config}/pgpool/pcppass", "timeout", "3", "pcp_node_info", "-h", host["address"],
                                "-p", service.node["pcp_port"], "-U", "cheesemonger", "-w", "-a", check=False)
        rows = [line.split() for line in done.stdout.splitlines()]
        return [(row[4], row[6]) for row in rows] if done.returncode == 0 and rows and all(len(row) > 8 for row in rows) else None

    def wait_until_works(self, service, patience=60):
        def question():
            if self.works(service):
                return True
            return False
        try:
            wait_for(service.key, question, patience, 0.1)
        except LabError as error:
            raise LabError(f"{error}\n{self.log(service)}") from None

    def status(self, service):
        pids = self.pids(service)
        report = {"name": service.name, "running": bool(pids), "pids": sorted(pids)}
        if service.name == "postgres":  # also where Patroni keeps it
            report["state"] = self.keeper(service.host) if pids else None
        if service.name == "pgpool":
            nodes = self.nodes_of(service) if pids else None
            names = [node["name"] for node in self.layout.topology["postgres"]]
            report["nodes"] = nodes and [{"name": name, "status": status, "role": role} for name, (status, role) in zip(names, nodes)]
        return report

