# SPDX-License-Identifier: GPL-3.0-or-later
"""The reduced lab, where namespaces are not permitted: the same services from the same templates, each host an address
of its own on the loopback device. What belongs to it is found by the folder in which its processes run."""
import getpass
import hashlib
import os
import pathlib
import pwd
import re
import signal
import time

from hosts import LabError, run_on, status_of

LEFT_OUT = [
    "partitions, slow links, loss and stopped samples (unplug, silent, oneway, slow, loss, samples): all hosts share one loopback device",
    "writes that were not synchronised and full disks (power without keep, full): no file system of ours lies under the data",
    "GlusterFS: its daemons share what they keep on a machine; the files lie in one plain folder",
    "the mirror in the other data centre: its files would be this machine's as well",
    "uploads over ssh: sshd's accounts would be this machine's",
    "hosts of their own: processes, names and files are this machine's",
]


def rewritten(data, state):
    """The topology with addresses, ports, folders and users for one machine without namespaces."""
    state, digest = str(state), hashlib.sha256(str(state).encode()).digest()
    net = f"127.{16 + digest[0] % 200}.{digest[1]}"
    new = {host["address"]: f"{net}.{host['address'].rsplit('.', 1)[1]}" for host in data["host"]}

    def moved(text):
        return re.sub(r"\d+\.\d+\.\d+\.\d+", lambda match: new.get(match[0], match[0]), text)

    def port(number):
        return number + 8000 if number < 1024 else number
    user = getpass.getuser()
    cdn = data["cdn"][0]["port"] if data["cdn"] else 80
    home = f"{state}/hosts/{{host}}"
    left_out = {node["host"] for kind in ("gluster", "mirror", "ssh", "ssh_door") for node in data[kind]}
    result = {"name": data["name"], "failover": data["failover"],
              "registry": {**data["registry"], "files": f"{state}/shared/files", "network": "127.0.0.0/8",
                           "url": re.sub(r"(\d+\.\d+\.\d+\.\d+)(:\d+)?", rf"\g<1>:{port(cdn)}", moved(data["registry"]["url"]))},
              "paths": {"config": f"{state}/config/{{host}}", "state": f"{home}/state", "run": f"{home}/run", "program": f"{state}/bin/cheesemongerd"},
              "users": data["users"] if os.geteuid() == 0 else {name: user for name in data["users"]},
              "host": [{**host, "address": new[host["address"]]} for host in data["host"] if host["name"] not in left_out]}
    for kind in ("web", "pgpool", "cdn"):
        result[kind] = [{**node, "port": port(node["port"])} for node in data[kind]]
    # pgpool binds these two to every address.
    for number, node in enumerate(result["pgpool"]):
        node["watchdog_port"] += number
        node["heartbeat_port"] += number
    result["postgres"] = [{**node, "data": f"{state}/hosts/{node['host']}/data/postgres"} for node in data["postgres"]]
    result["etcd"], result["ingest"] = data["etcd"], data["ingest"]
    result["certificate"] = [{**entry, "file": f"{state}/hosts/{entry['host']}/state/tls/node.pem"} for entry in data["certificate"]
                             if entry["host"] not in left_out]
    result["disk"] = [{**disk, "path": f"{state}/hosts/{disk['host']}/data"} for disk in data["disk"] if disk["host"] in
                      {node["host"] for node in data["postgres"]}]
    result["agent"] = [{**agent, "listen": moved(agent["listen"])} for agent in data["agent"] if agent["host"] not in left_out]
    result["monitor"] = [{**monitor, "listen": moved(monitor["listen"])} for monitor in data["monitor"]]
    result["webhook"] = [{**webhook, "url": moved(webhook["url"])} for webhook in data["webhook"]]
    return result


def toml(data):
    """As much TOML as topologies need."""
    def value(item):
        if isinstance(item, bool):
            return "true" if item else "false"
        return str(item) if isinstance(item, int) else '"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"'

    def pairs(table):
        return "".join(f"{key} = {value(item)}\n" for key, item in table.items())
    text = pairs({key: item for key, item in data.items() if not isinstance(item, (dict, list))})
    text += "".join(f"\n[{key}]\n{pairs(item)}" for key, item in data.items() if isinstance(item, dict))
    return text + "".join(f"\n[[{key}]]\n{pairs(entry)}" for key, item in data.items() if isinstance(item, list) for entry in item)


class Loopback:
    """Takes the place of hosts.Namespaces."""

    kind, left_out = "reduced", LEFT_OUT

    def __init__(self, state):
        self.state = pathlib.Path(state)

    def home(self, host):
        return self.state / "hosts" / host

    def existing(self):
        return ["loopback"] if (self.state / "hosts").is_dir() else []

    def make_network(self, hosts, network):
        pass

    def boot(self, host):
        (self.home(host) / "on").touch()

    def init(self, host):
        return 1 if (self.home(host) / "on").exists() else None

    def enter(self, host, *words, user=None):
        if self.init(host) is None:
            raise LabError(f"{host} is off")
        if user and os.geteuid() == 0:
            words = ("setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups", *words)
        return ["env", "-C", str(self.home(host)), *map(str, words)]

    def run(self, host, *words, user=None, check=True, timeout=60):
        return run_on(self, host, words, user, check, timeout)

    def within(self, folder):
        """pid to status of what runs there."""
        found, inside = {}, str(folder)
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                where = os.readlink(f"/proc/{entry}/cwd")
            except OSError:
                continue
            status = status_of(entry)
            if (where == inside or where.startswith(inside + "/")) and status and not status["State"].startswith("Z") and int(entry) != os.getpid():
                found[int(entry)] = status
        return found

    def processes(self, host):
        return self.within(self.home(host))

    def kill(self, pids, number=signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def end_all(self, folder):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.within(folder):
            self.kill(self.within(folder))
            time.sleep(0.05)

    def power_off(self, host):
        self.end_all(self.home(host))
        (self.home(host) / "on").unlink(missing_ok=True)

    def remove(self):
        self.end_all(self.state / "hosts")
