# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from this machine into a lab: addresses of 127.0.0.1 that lead there, keys for whoever goes in, and the desktop."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from hosts import LabError, Network, wait_for
from laboratory import ROOT, default_program, topology

RELAY = ROOT / "tests/lab/relay.py"


def desktop_program():
    """The desktop of the same build, else of any."""
    for folder in (default_program().parent, *(ROOT / "build" / preset / "bin" for preset in ("release", "dev"))):
        if (folder / "cheesemonger").exists():
            return folder / "cheesemonger"
    raise LabError("there is no desktop: build one (make lab-desktop), or name its folder in CHEESEMONGER_BIN")


class Doors:
    def __init__(self, lab):
        self.lab, self.keys = lab, lab.keys
        nodes = lab.topology
        # (what, scheme, address and port in the lab)
        self.behind = [("registry", "http", lab.hosts[cdn["host"]]["address"], cdn["port"]) for cdn in nodes["cdn"][:1]]
        self.behind += [(node["name"], "https", *node["listen"].rsplit(":", 1)) for node in nodes["monitor"]]
        self.behind += [(node["name"], "https", lab.hosts[node["host"]]["address"], node["port"]) for node in nodes["web"]]

    def open(self, base):
        """Relays them until the lab goes down. Answers the addresses out here, from port `base` on, by what is behind them."""
        if not self.lab.registry_token_file.exists():
            raise LabError("the lab did not come up to its end: lab up")
        self.make_keys()
        note = self.lab.state / "open.json"
        if self.relay():
            known = json.loads(note.read_text())
            if known["base"] == base:
                return known["addresses"]
            self.lab.machine.kill([self.relay()])
        busy = {node["host"] for kind in (*topology.RUNNING, "etcd") for node in self.lab.topology[kind]}
        client = next((host for host in self.lab.hosts if host not in busy), next(iter(self.lab.hosts)))
        path = self.lab.state / "hosts" / "relay.log"
        words = [sys.executable, "-B", RELAY, Network(self.lab, client).path or "-",
                 *(f"{base + number}={address}:{port}" for number, (_, _, address, port) in enumerate(self.behind))]
        with open(path, "w") as log:
            subprocess.run(["setsid", "-f", *map(str, words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=path.parent, timeout=30, check=True)
        answer = wait_for("the relay", path.read_text, 10)
        if not answer.startswith("ready"):
            raise LabError(f"cannot listen at {answer.strip()}: lab open --port-base N")
        addresses = {what: f"{scheme}://127.0.0.1:{base + number}/" for number, (what, scheme, _, _) in enumerate(self.behind)}
        note.write_text(json.dumps({"base": base, "addresses": addresses}))
        return addresses

    def relay(self):
        """Its process, if it runs."""
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                here = os.readlink(f"/proc/{pid}/cwd")
            except OSError:
                continue
            if str(RELAY).encode() in words and here == str(self.lab.state / "hosts"):
                return int(pid)
        return None

    def make_keys(self):
        """Tokens and the authority, for whoever called, who need not be root as the lab is."""
        shutil.rmtree(self.keys, ignore_errors=True)
        self.keys.mkdir(mode=0o700)
        for path in (self.lab.state / "authority/authority.pem", self.lab.registry_token_file, *map(self.lab.token_file, self.lab.topology["monitor"])):
            shutil.copy2(path, self.keys)
        if os.geteuid() == 0 and "SUDO_UID" in os.environ:
            for path in (self.keys, *self.keys.iterdir()):
                os.chown(path, int(os.environ["SUDO_UID"]), int(os.environ["SUDO_GID"]))

    def desktop_words(self, addresses):
        """What opens the desktop over these addresses. Tokens stay in their files: everybody sees by what a process is called."""
        def end(option, prefix, url, token):
            trust = [f"--{prefix}authority", self.keys / "authority.pem"] if url.startswith("https:") else []
            return [f"--{option}", url, f"--{prefix}token-file", self.keys / token.name, *trust]
        words = end("connect", "", addresses["registry" if "registry" in addresses else self.lab.topology["web"][0]["name"]], self.lab.registry_token_file)
        for node in self.lab.topology["monitor"][:1]:
            words += end("monitor", "monitor-", addresses[node["name"]], self.lab.token_file(node))
        return list(map(str, words))
