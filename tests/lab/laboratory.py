# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab as a whole: made from a topology file, found again by its folder, removed without a trace."""
import concurrent.futures
import fcntl
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "installer/topology"))
import render  # noqa: E402
import topology  # noqa: E402
from authority import Authority  # noqa: E402
from hosts import LabError, Namespaces, detached, permitted, run, status_of, wait_for  # noqa: E402
from layout import SSH_KEYS, Layout, ReducedLayout, give, give_number, own  # noqa: E402
from reduced import Loopback, rewritten, toml  # noqa: E402
from services import Supervisor, services_of  # noqa: E402

TOPOLOGY = ROOT / "installer/topology/lab.toml"
CUT, FILL, EMPTY, FLUSH = (signal.SIGRTMIN + number for number in range(4))  # what our file system obeys


def default_state():
    return pathlib.Path(os.environ.get("CHEESEMONGER_LAB", ROOT / "build/lab")).resolve()


def default_program():
    given = os.environ.get("CHEESEMONGER_BIN")
    folders = [pathlib.Path(given)] if given else [ROOT / "build" / preset / "bin" for preset in ("release", "headless", "dev")]
    found = [folder / "cheesemongerd" for folder in folders if (folder / "cheesemongerd").exists()]
    if not found:
        raise LabError("there is no cheesemongerd: build one (make headless), or name its folder in CHEESEMONGER_BIN")
    return max(found, key=lambda path: path.stat().st_mtime).resolve()


def disk_program():
    """Our file system, compiled when it is not there or older than its source; beside the lab, for it outlives one."""
    sources = [ROOT / "tests/lab" / name for name in ("forgetful.cpp", "undo.h")]
    program = ROOT / "build/lab-tools/forgetful"
    if program.exists() and program.stat().st_mtime >= max(source.stat().st_mtime for source in sources):
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    flags = run("pkg-config", "--cflags", "--libs", "fuse3").stdout.split()
    run("c++", "-std=c++20", "-O2", sources[0], "-o", program, *flags)
    return program


def topology_file(given):
    """A path, or the name of one of ours: "patroni"."""
    known = TOPOLOGY.parent / f"lab-{given}.toml"
    return known if known.exists() else pathlib.Path(given)


def has_patroni():
    return all(shutil.which(program, path="/usr/bin:/bin") for program in ("patroni", "etcd"))


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(function, items))


class Lab:
    def __init__(self, state=None):
        self.state = pathlib.Path(state or default_state())
        self.reduced = (self.state / "reduced").exists()
        self.machine = Loopback(self.state) if self.reduced else Namespaces(self.state)
        self.begun = time.monotonic()
        self.quiet = False

    # Found again.

    @property
    def is_there(self):
        return (self.state / "topology.toml").exists() and bool(self.machine.existing())

    def load(self):
        if not self.is_there:
            raise LabError("no lab is up: lab up")
        self.use(topology.read(self.state / "topology.toml"))
        return self

    def use(self, data):
        self.topology = data
        self.layout = (ReducedLayout if self.reduced else Layout)(self.state, data)
        self.supervisor = Supervisor(self.machine, self.layout, services_of(self.layout))
        self.hosts = {host["name"]: host for host in data["host"]}

    def locked(self):
        """One command at a time changes a lab; held until the process ends."""
        self.state.parent.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.state.with_name(self.state.name + ".lock"), "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LabError("another lab command is at work here") from None
        return self

    def seconds(self):
        return time.monotonic() - self.begun

    def say(self, words):
        if not self.quiet:
            print(f"{self.seconds():6.1f} s  {words}", file=sys.stderr, flush=True)

    # Up.

    def up(self, source=TOPOLOGY, program=None):
        self.down()
        data, text = topology.read(source), pathlib.Path(source).read_text()
        if data["failover"] == "patroni" and not has_patroni():
            raise LabError("this topology needs Patroni and etcd: apt-get install patroni etcd-server python3-etcd")
        reason = permitted()
        self.reduced = reason is not None
        if self.reduced:
            self.say(f"a reduced lab, for namespaces are not permitted here: {reason}. It leaves out:")
            self.machine = Loopback(self.state)
            for words in self.machine.left_out:
                self.say(f"- {words}")
            text = toml(rewritten(data, self.state))
            data = topology.check(tomllib.loads(text))
        self.prepare(data, text, program or default_program())
        self.say("configuration rendered")
        self.machine.make_network(data["host"], data["registry"]["network"])
        self.say(f"network of {len(data['host'])} hosts")
        in_parallel(lambda host: self.boot(host, unflushed=True), self.hosts)
        self.say("hosts booted, disks mounted")
        self.start_services()
        for host in self.hosts:
            for disk in self.layout.disks(host):
                self.signal_disk(disk, FLUSH)
        self.wait_until_well()
        if self.topology["monitor"]:
            import watching
            watching.rehearse(self)
        self.say("all up and well")

    def prepare(self, data, text, program):
        os.umask(0o022)
        self.state.mkdir(parents=True, mode=0o700)
        self.state.chmod(0o700)
        if self.reduced:
            (self.state / "reduced").touch()
            self.state.chmod(0o711)  # services of other users have to reach their own files
        elif not os.path.ismount("/run/netns"):
            (self.state / "netns-was-not-mounted").touch()
        (self.state / "bin").mkdir()
        shutil.copy2(program, self.state / "bin/cheesemongerd")
        self.use(data)
        render.render(data, self.state / "config", text)
        if self.reduced:
            (self.state / "config").chmod(0o711)
        self.layout.make(None if self.reduced else disk_program())
        self.authority = Authority(self.state / "authority")
        self.authority.make()
        in_parallel(self.certify, data["certificate"])
        for node in data["cdn"] + data["monitor"] + data["mirror"] + [node for node in data["postgres"] if node["patroni_tls"]]:
            folder = self.layout.outside(node["host"], data["paths"]["state"].replace("{host}", node["host"]) + "/tls")
            folder.mkdir(exist_ok=True)
            shutil.copy(self.authority.certificate, folder / "authority.pem")
        for node in data["ssh"]:
            shutil.copy(self.authority.certificate, self.state / "config" / node["host"] / "ssh/authority.pem")
        self.certify_agents()
        for host in self.hosts:
            self.give_folders(host)
        (self.state / "topology.toml").write_text(text)

    def certify_agents(self):
        """By the authority that the product makes for its agents and monitors."""
        def authority(*words):
            run(self.state / "bin/cheesemongerd", "admin", "authority", *words, "--folder", self.state / "agents")
        if not self.topology["agent"]:
            return
        authority("create")
        for agent in self.topology["agent"]:
            authority("issue", "--kind", "agent", "--name", agent["host"], "--address", self.hosts[agent["host"]]["address"],
                      "--out", self.state / "config" / agent["host"] / "agent")
        for monitor in self.topology["monitor"]:
            authority("issue", "--kind", "monitor", "--name", monitor["name"], "--out", self.state / "config" / monitor["host"] / "monitor/agents")

    def certify(self, entry):
        """A new certificate, into the file that its node reads."""
        certificate = self.layout.outside(entry["host"], entry["file"])
        certificate.parent.mkdir(exist_ok=True)
        self.authority = Authority(self.state / "authority")
        nodes = [node["name"] for node in self.topology["web"] + self.topology["mirror"] if (node["host"], node["port"]) == (entry["host"], entry["port"])]
        # From this machine it is reached through `lab open`, too.
        self.authority.issue(entry["name"], [*nodes, entry["host"], "localhost"], [self.hosts[entry["host"]]["address"], "127.0.0.1"],
                             certificate, certificate.with_suffix(".key"))
        own(certificate.parent, self.user_of(entry["host"]) or self.topology["users"]["web"])

    def user_of(self, host):
        """The user of what runs on a host; None where that is root, or nothing."""
        users = self.topology["users"]
        for kind, user in (("postgres", users["database"]), ("pgpool", users["database"]), ("etcd", users["database"]), ("web", users["web"]), ("mirror", users["web"]), ("ingest", users["web"]), ("monitor", users["web"])):
            if any(node["host"] == host for node in self.topology[kind]):
                return user
        return None

    def empty_run(self, host):
        """As a boot does it."""
        shutil.rmtree(self.layout.home(host) / "run", ignore_errors=True)
        folder = self.layout.outside(host, self.topology["paths"]["run"])
        folder.mkdir(parents=True)
        if self.user_of(host):
            give(folder, self.user_of(host))
        if self.layout.has(host, "ssh"):
            give_number(folder / "ssh", SSH_KEYS, 0o750)

    def give_folders(self, host):
        """Each host's files belong to the user of what runs there."""
        user = self.user_of(host)
        if user:
            (self.layout.home(host) / "state" / "pgpool").mkdir()
            own(self.layout.home(host) / "state", user)
            own(self.state / "config" / host, user)
        if any(node["host"] == host for node in self.topology["cdn"]):
            own(self.state / "config" / host / "cdn", self.topology["users"]["cdn"])
        if self.layout.has(host, "ssh"):
            self.layout.give_to_sshd(host)
        for disk in self.layout.disks(host):
            if user:
                give(self.layout.backing(disk), user)
            self.layout.backing(disk).chmod(0o700)
        if self.reduced and user:
            own(self.layout.home(host), user)
            give(self.state / "shared", self.topology["users"]["web"])

    def boot(self, host, unflushed=False):
        self.empty_run(host)
        self.machine.boot(host)
        self.set_kernel(host)
        for service in self.supervisor.services:
            if service.host == host and service.name == "mount":
                self.machine.run(host, "mkdir", "-p", service.node["mount"])
        for disk in self.layout.disks(host):
            self.mount(disk, unflushed)

    def set_kernel(self, host):
        for node in self.topology["pgpool"]:
            if node["host"] == host:
                if self.reduced:
                    return
                file = self.topology["paths"]["config"] + "/pgpool/sysctl.conf"
                self.machine.run(host, "sysctl", "-q", "-p", file)

    def start_services(self):
        by_name = {}
        for service in self.supervisor.services:
            by_name.setdefault(service.name, []).append(service)
        # Who keeps the databases. The first Patroni to come makes the cluster, so the others come later; keepers have to say first that nothing is there.
        databases = by_name.get("patroni") or by_name.get("postgres", [])
        self.start_and_wait(by_name.get("etcd", []))
        for number, service in enumerate(databases[:1 if by_name.get("patroni") else None] + by_name.get("gluster", []) + by_name.get("haproxy", [])):
            self.supervisor.start(service, *(["--first"] if number == 0 and service.name == "postgres" else []))
        if databases:
            wait_for("the first database", lambda: (self.supervisor.keeper(databases[0].host) or "").startswith("primary"), 60, 0.1)
            for service in databases:
                self.supervisor.start(service)
            self.say("primary")
        self.make_volume(by_name.get("gluster", []), by_name.get("mount", []))
        self.start_and_wait(by_name.get("web", [])[:1])  # makes the tables
        for service in by_name.get("web", [])[1:] + by_name.get("varnish", []):
            self.supervisor.start(service)
        if databases:
            wait_for("the standby", lambda: self.supervisor.keeper(databases[0].host) == "primary, synchronous"
                     and all(self.supervisor.keeper(other.host) == "standby" for other in databases[1:]), 60, 0.1)
            self.say("standby, synchronous")
        self.prepare_person()
        self.prepare_monitors()
        others = [service for service in self.supervisor.services if service not in databases]
        self.start_and_wait(others)

    def make_volume(self, servers, mounts):
        """The servers as a pool, the volume, and it mounted on every web node."""
        if not servers:
            return
        self.machine.run(servers[0].host, f"{self.topology['paths']['config']}/gluster/volume.sh", timeout=120)
        self.start_and_wait(mounts)

    def start_on(self, host):
        """What a host starts when it boots."""
        self.start([service for service in self.supervisor.services if service.host == host])

    def start(self, services):
        """What is mounted before what lies on that."""
        for service in services:
            self.supervisor.start(service)
            if service.name == "mount":
                self.supervisor.wait_until_works(service)

    def prepare_person(self):
        """Who works with the lab is an admin of its registry, as of its monitors."""
        self.admin(["user", "add", "lab", "--role", "admin"])
        self.keep_token(self.registry_token_file, self.admin(["token", "create", "--user", "lab", "--description", "for who works with the lab"]).stdout)

    @staticmethod
    def keep_token(path, token):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(token)

    def prepare_monitors(self):
        """What a monitor needs of a registry that runs: something to ask for, and a token to write with."""
        if not self.topology["monitor"]:
            return
        import watching
        tokens = watching.set_up(self)
        known = json.loads((self.state / "config/secrets.json").read_text())
        render.write(self.state / "config/secrets.json", json.dumps({**known, **tokens}, indent=1) + "\n")
        render.render(self.topology, self.state / "config", (self.state / "topology.toml").read_text(), only=("monitor",))
        for node in self.topology["monitor"]:
            own(self.state / "config" / node["host"], self.user_of(node["host"]))
        self.say("canary uploaded, the monitor has its tokens")

    def start_and_wait(self, services):
        def one(service):
            self.supervisor.start(service)
            self.supervisor.wait_until_works(service)
        in_parallel(one, services)
        if services:
            self.say(", ".join(service.key for service in services))

    # Disks.

    def disk_pids(self, disk):
        found = []
        for pid in self.machine.pids(self.machine.name(disk["host"])):
            status = status_of(pid)
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if status and status["Name"] == "forgetful" and not status["State"].startswith("Z") and disk["path"].encode() in words:
                found.append(pid)
        return found

    def mount(self, disk, unflushed=False):
        """The process of a disk lives outside its host's processes, so that it survives the host's power cut."""
        host, path = disk["host"], disk["path"]
        program = self.layout.program(host, "forgetful")
        self.machine.run(host, "mkdir", "-p", path)
        flags = [*(["--strict"] if self.layout.is_shared(disk) else []), *(["--unflushed"] if unflushed else []),
                 *(["--labels"] if self.layout.has(host, "gluster") else [])]
        with open(self.layout.home(host) / "log" / f"disk-{disk['name']}.log", "ab") as log:
            detached(["nsenter", "-t", str(self.machine.init(host)), "-m", "-n", "-u", "-i", "--", program, *flags, f"/srv/.disk/{disk['name']}", path], log)
        wait_for(f"disk {disk['name']}", lambda: self.machine.run(host, "mountpoint", "-q", path, check=False).returncode == 0, 20)

    def signal_disk(self, disk, number):
        pids = self.disk_pids(disk)
        if not pids:
            raise LabError(f"the disk {disk['name']} is not mounted")
        self.machine.kill(pids, number)

    # Down.

    def down(self):
        self.machine.remove()
        for folder in (self.state, self.keys):
            if folder.exists():
                shutil.rmtree(folder)

    # What is there.

    def faults(self):
        path = self.state / "faults.json"
        return json.loads(path.read_text()) if path.exists() else []

    def note_faults(self, faults):
        path = self.state / "faults.json"
        path.with_suffix(".new").write_text(json.dumps(faults))
        path.with_suffix(".new").replace(path)

    def apply_rules(self, more=()):
        """Puts what the faults that last do to the network in force, all at once."""
        import faults
        if self.reduced:
            return
        rules = "\n".join([*faults.rules_of(self), *more])
        text = ("table bridge lab\ndelete table bridge lab\ntable bridge lab {\nchain faults {\n"
                f"type filter hook forward priority 0; policy accept;\n{rules}\n}}\n}}\n")
        done = subprocess.run(["ip", "netns", "exec", self.machine.hub, "nft", "-f", "-"], input=text, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            raise LabError(f"nft: {done.stderr.strip()}")

    def plug(self, host, plugged):
        if self.reduced:
            return
        run("ip", "-n", self.machine.hub, "link", "set", self.machine.link(host), "up" if plugged else "down")

    def database(self, role):
        """The host of the one that has the role now, by what its keeper says."""
        for node in self.topology["postgres"]:
            if (self.supervisor.keeper(node["host"]) or "").startswith(role) and self.machine.init(node["host"]):
                return node["host"]
        raise LabError(f"there is no {role} now")

    def sql(self, host, text, database="postgres"):
        node = next(node for node in self.topology["postgres"] if node["host"] == host)
        return self.machine.run(host, "psql", "-XAtq", "-h", self.topology["paths"]["run"].replace("{host}", host), "-p", node["port"],
                                "-U", "postgres", "-d", database, "-c", text,
                                user=self.topology["users"]["database"]).stdout.strip()

    def token_file(self, monitor):
        return self.state / f"{monitor['name']}.token"

    @property
    def registry_token_file(self):
        return self.state / "registry.token"

    @property
    def keys(self):
        """The folder that doors.py fills."""
        return self.state.with_name(self.state.name + "-keys")

    def status(self):
        def one(host):
            on = self.machine.init(host["name"]) is not None
            services = [service for service in self.supervisor.services if service.host == host["name"]]
            return {**host, "on": on, "services": [self.supervisor.status(service) for service in services] if on else
                    [{"name": service.name, "running": False, "pids": []} for service in services],
                    "disks": [{"name": disk["name"], "path": disk["path"], "mounted": bool(self.disk_pids(disk))} for disk in self.layout.disks(host["name"])]}
        return {"kind": self.machine.kind, "topology": str(self.state / "topology.toml"), "url": self.topology["registry"]["url"],
                "monitors": [{"name": node["name"], "url": f"https://{node['listen']}/", "token_file": str(self.token_file(node)),
                              "authority": str(self.state / "authority/authority.pem")} for node in self.topology["monitor"]],
                "hosts": in_parallel(one, self.topology["host"]), "faults": self.faults(), "left_out": self.machine.left_out}

    def well(self):
        """What is not as it should be, in words; empty when all is well."""
        problems = [f"{fault['name']} {' '.join(fault['arguments'])} lasts" for fault in self.faults()]
        for host in self.hosts:
            if self.machine.init(host) is None:
                problems.append(f"{host} is off")
        working = in_parallel(lambda service: service.host in self.hosts and self.machine.init(service.host) is not None and self.supervisor.works(service),
                              self.supervisor.services)
        problems += [f"{service.key} does not work" for service, works in zip(self.supervisor.services, working) if not works]
        if self.topology["gluster"] and not problems and self.supervisor.unhealed() != 0:
            problems.append(f"files: {self.supervisor.unhealed()} wait to be healed")
        states = [self.supervisor.keeper(node["host"]) for node in self.topology["postgres"]]
        if sorted(map(str, states)) != ["primary, synchronous", "standby"]:
            problems.append(f"databases: {states}")
        primaries = {node["name"] for node, state in zip(self.topology["postgres"], states) if (state or "").startswith("primary")}
        names = [node["name"] for node in self.topology["postgres"]]
        for service in self.supervisor.services:
            if service.name == "pgpool" and self.machine.init(service.host):
                nodes = self.supervisor.nodes_of(service)
                if not nodes or any(status not in ("up", "waiting") for status, _ in nodes) or {names[i] for i, (_, role) in enumerate(nodes) if role == "primary"} != primaries:
                    problems.append(f"{service.key} sees {nodes}")
        return problems

    def wait_until_well(self, patience=90):
        begun = time.monotonic()
        problems = []

        def question():
            problems[:] = self.well()
            return not problems
        try:
            wait_for("all to be well", question, patience, 0.3)
        except LabError as error:
            raise LabError(f"{error}: {'; '.join(problems)}") from None
        return time.monotonic() - begun

    def admin(self, words, stdin=None):
        """`cheesemongerd admin …` on the first web node that is on."""
        for node in self.topology["web"]:
            if self.machine.init(node["host"]):
                config = self.topology["paths"]["config"].replace("{host}", node["host"])
                return self.machine.run(node["host"], self.layout.program(node["host"], "cheesemongerd"), "admin", *words, "--config", f"{config}/web/cheesemongerd.toml",
                                        user=self.topology["users"]["web"])
        raise LabError("no web node is on")
