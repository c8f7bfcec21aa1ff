# SPDX-License-Identifier: GPL-3.0-or-later
"""Two PostgreSQLs, each kept by the keeper of a real installation on a loopback address of its own, and an agent
beside each. Configuration comes from the installer's own templates."""
import getpass
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

from postgres import PATIENCE, programs
from support import BIN, Answer, Daemon, free_port

TOPOLOGY = pathlib.Path(__file__).resolve().parents[2] / "installer" / "topology"
NAMES = ("pg1", "pg2")
ADDRESSES = {"pg1": "127.0.8.1", "pg2": "127.0.8.2"}


def server_user():
    return "postgres" if os.geteuid() == 0 else getpass.getuser()


def as_server(*words):
    """Ended properly with this process, so that the keeper stops its server."""
    other = [f"--reuid={server_user()}", f"--regid={server_user()}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *other, "--pdeathsig", "TERM", *map(str, words)]


def wait_for(what, condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come")


class Authority:
    def __init__(self, folder):
        self.folder = folder
        self.run("create")

    def run(self, word, *words):
        done = subprocess.run([BIN / "cheesemongerd", "admin", "authority", word, "--folder", self.folder, *words], capture_output=True, text=True,
                              timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    def issue(self, kind, name, *addresses):
        """Certificate, key, authority."""
        words = [word for address in addresses for word in ("--address", address)]
        return self.run("issue", "--kind", kind, "--name", name, "--out", self.folder / "out", *words).split()


class Agent(Daemon):
    def __init__(self, folder, name, address, authority, sections):
        self.name, self.address, self.port, self.authority = name, address, free_port(), authority
        self.folder = folder / f"agent-{name}"
        self.folder.mkdir()
        cert, key, ca = authority.issue("agent", name, address)
        self.config = self.folder / "cheesemongerd.toml"
        self.config.write_text(f'[agent]\nlisten = "{address}:{self.port}"\nstate = "{self.folder}/state"\n'
                               f'[agent.tls]\ncert = "{cert}"\nkey = "{key}"\nclient_ca = "{ca}"\n{sections}')

    def start(self):
        return self.launch(self.folder / "log", "agent", "--config", self.config)

    def log(self):
        return (self.folder / "log").read_text()

    def request(self, who, method, path, body=None):
        """`who`: certificate and key, or nothing. Raises ssl.SSLError or OSError where the agent ends the connection."""
        context = ssl.create_default_context(cafile=self.authority.folder / "authority.pem")
        if who:
            context.load_cert_chain(*who[:2])
        connection = http.client.HTTPSConnection(self.address, self.port, context=context, timeout=120)
        try:
            connection.request(method, "/agent/v1/" + path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
            return Answer(connection.getresponse())
        finally:
            connection.close()


class Keeper:
    """start(), stop() and kill() may be called again and again."""

    def __init__(self, installation, name):
        self.name, self.process = name, None
        self.folder = installation.folder / name
        self.run, self.data = self.folder / "run", self.folder / "state" / "data"
        self.port = installation.ports[name]

    def start(self, *words):
        config = self.folder / "etc" / "postgres"
        with open(self.folder / "keeper.log", "ab") as log:
            self.process = subprocess.Popen(as_server(sys.executable, config / "keeper.py", config / "keeper.conf", *words), cwd="/",
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def log(self):
        return (self.folder / "keeper.log").read_text()

    def psql(self, sql, check=True, timeout=60):
        done = subprocess.run(as_server(programs() / "psql", "-XAtq", "-h", self.run, "-p", self.port, "-U", "postgres", "-d", "postgres", "-c", sql),
                              cwd="/", capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{sql}: {done.stderr}")
        return done.stdout.strip() if check else done

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])


class Installation:
    """Rendered, with certificates; nothing runs yet."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-agent-"))
        self.ports = {name: free_port() for name in NAMES}
        lines = ['name = "two"', "[registry]", 'url = "http://127.0.8.1/"', 'network = "127.0.0.0/8"',
                 "[users]", f'database = "{server_user()}"', "[paths]", f'config = "{self.folder}/{{host}}/etc"',
                 f'state = "{self.folder}/{{host}}/state"', f'run = "{self.folder}/{{host}}/run"']
        for name in NAMES:
            lines += ["[[host]]", f'name = "{name}"', f'address = "{ADDRESSES[name]}"', 'site = "here"', "[[postgres]]", f'name = "{name}"',
                      f'host = "{name}"', f"port = {self.ports[name]}", f'data = "{self.folder}/{name}/state/data"',
                      'monitor_user = "cheesemonger_monitor"', f'slot = "{name}"', f'application = "{name}"']
        (self.folder / "topology.toml").write_text("\n".join(lines) + "\n")
        done = subprocess.run([sys.executable, TOPOLOGY / "render.py", self.folder / "topology.toml", self.folder / "rendered"], capture_output=True,
                              text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        for name in NAMES:
            for part in ("run", "state"):
                (self.folder / name / part).mkdir(parents=True)
            shutil.copytree(self.folder / "rendered" / name, self.folder / name / "etc")
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, server_user())
        self.keepers = {name: Keeper(self, name) for name in NAMES}
        (self.folder / "ca").mkdir()
        self.authority = Authority(self.folder / "ca" / "authority")
        self.agents = {name: Agent(self.folder, name, ADDRESSES[name], self.authority,
                                   f'[[agent.disk]]\nname = "{name}-data"\npath = "{self.folder}"\n'
                                   f'[agent.database]\nname = "{name}"\ncontrol = "{self.keepers[name].run}/keeper.sock"\n') for name in NAMES}
        self.monitor = self.authority.issue("monitor", "monitor")
        self.observer = self.authority.issue("observer", "observer")

    def start(self):
        for agent in self.agents.values():
            agent.start()
        self.keepers["pg1"].start("--first")
        self.keepers["pg2"].start()
        self.wait_for_pair("pg1", "pg2")
        return self

    def remove(self):
        for agent in self.agents.values():
            agent.kill()
        for keeper in self.keepers.values():
            keeper.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def state(self, name):
        answer = self.agents[name].request(self.observer, "GET", "state")
        if answer.status != 200:
            raise AssertionError(answer)
        return answer.json()

    def database(self, name):
        return self.state(name)["database"]

    def wait_for_pair(self, primary, standby, patience=PATIENCE):
        """Both work, and the standby counts."""
        wait_for(f"{primary} as primary and {standby} as its standby",
                 lambda: self.database(primary).get("state") == "primary, synchronous" and self.database(standby).get("state") == "standby"
                 and "streaming" in self.keepers[primary].psql("SELECT state FROM pg_stat_replication", check=False).stdout, patience)

    def order(self, name, path, reason="a test", who=None, **words):
        body = {"order": {"by": "ann", "reason": reason}, **words}
        return self.agents[name].request(who or self.monitor, "POST", path, body)


class TwoServers(unittest.TestCase):
    """Tests that share two servers, which work when the first of them begins."""

    @classmethod
    def setUpClass(cls):
        cls.two = Installation()
        cls.addClassCleanup(cls.two.remove)
        cls.two.start()
        cls.keepers = cls.two.keepers

    def pair(self, primary, standby):
        """Waits until both work and the standby holds everything."""
        self.two.wait_for_pair(primary, standby, 120)
        wait_for("the standby to hold everything", lambda: self.two.database(primary)["alone"] is False)

    def settled(self):
        """The names of the primary and of its standby, once both work and the standby holds everything."""
        primary = wait_for("a primary", lambda: next((name for name in NAMES if (self.two.database(name).get("state") or "").startswith("primary")), None))
        standby = next(name for name in NAMES if name != primary)
        self.pair(primary, standby)
        return primary, standby
