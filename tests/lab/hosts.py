# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts made of namespaces: each has its own network, mounts, processes, name and shared memory. The bridge between
them lies in a hub namespace without an uplink, so nothing leaves the machine. Whatever is there is found by the
prefix of the namespaces' names and by which process is in which namespace, never by a list that a killed lab could
have failed to write."""
import ctypes
import hashlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import threading
import time

NETNS = pathlib.Path("/run/netns")
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
BOOT = r"""
set -e
hostname "$1"; home=$2; inner=$3
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir -p /srv/.lab /run/netns
mount --bind "$home" /srv/.lab
mount --bind "$home/$inner/hosts" /etc/hosts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
while read -r from to; do [ -e "$to" ] || mkdir -p "$to"; mount --bind "/srv/.lab/$from" "$to"; done < "/srv/.lab/$inner/binds"
mount -t tmpfs -o mode=1777 tmpfs /tmp
umount -l /srv/.lab
exec tini -- sleep infinity
"""


class LabError(Exception):
    pass


def run(*words, check=True, **more):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, **more)
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()}")
    return done


def run_on(machine, host, words, user, check, timeout):
    """A command on a host, of whatever it is made. Ctrl-C out here is none there."""
    done = subprocess.run(machine.enter(host, *words, user=user), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, cwd="/",
                          process_group=0)
    if check and done.returncode != 0:
        raise LabError(f"{host}: {' '.join(map(str, words))}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done


def detached(words, log):
    """Starts what outlives this process, and is nobody's child."""
    subprocess.run(["setsid", "-f", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", timeout=30, check=True)


def enter_network(path):
    """Moves this thread, and those it starts from now on, to another network."""
    with open(path) as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


class Network:
    """The network of a host of the lab, for a thread of this process; in the reduced lab that is this machine's."""

    def __init__(self, lab, host="client"):
        self.path = None if lab.reduced else NETNS / lab.machine.name(host)

    def join(self):
        if self.path is not None:
            enter_network(self.path)

    def call(self, function, *arguments, **more):
        """Runs the function in a thread that is there, and answers its result."""
        done = {}

        def work():
            try:
                self.join()
                done["result"] = function(*arguments, **more)
            except BaseException as error:  # told to the caller
                done["error"] = error
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if "error" in done:
            raise done["error"]
        return done["result"]


def wait_for(what, question, patience=60, step=0.05):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(step)
    raise LabError(f"waited {patience} s in vain for: {what}")


def permitted(tools=True):
    """None, or why hosts cannot be made here; without `tools` as far as that can be told before they are installed."""
    if os.environ.get("CHEESEMONGER_LAB_REDUCED"):
        return "CHEESEMONGER_LAB_REDUCED is set"
    if os.geteuid() != 0:
        return "not root"
    done = subprocess.run(["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--mount-proc", "true"], capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip() or "unshare is refused"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be used"
    for tool in ("ip", "nft", "tini") if tools else ():
        if not shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            return f"{tool} is not installed"
    if tools:
        probe = "ip link add name cmlab0 type veth peer name cmlab1 && ip link add name cmlab2 type bridge && nft add table bridge probe"
        done = subprocess.run(["unshare", "--net", "sh", "-c", probe], capture_output=True, text=True)
        if done.returncode != 0:
            return f"networks cannot be made: {done.stderr.strip()}"
    return None


def group_of(user):
    """Of an account of this machine; of one that a host alone has, that of sshd's accounts."""
    try:
        return pwd.getpwnam(user).pw_gid
    except KeyError:
        return "sshhost"


def prefix_of(state):
    return "cmlab-" + hashlib.sha256(str(state).encode()).hexdigest()[:6] + "-"


def status_of(pid):
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}
    except OSError:
        return None


def memory_of(pid):
    """Bytes of a process, of what it shares with others its part; 0 when it is gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


class Namespaces:
    """All hosts of one lab, whose files lie in `state`."""

    kind, left_out = "namespaces", []

    def __init__(self, state):
        self.state, self.prefix = pathlib.Path(state), prefix_of(state)
        self.hub = self.prefix + "hub"

    def name(self, host):
        return self.prefix + host

    def link(self, host):
        return "v-" + host

    def existing(self):
        return sorted(path.name for path in NETNS.glob(self.prefix + "*")) if NETNS.is_dir() else []

    def pids(self, namespace):
        """Everything that runs in a network namespace, by the kernel's word."""
        try:
            wanted = os.stat(NETNS / namespace)
        except OSError:
            return []
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    here = os.stat(f"/proc/{entry}/ns/net")
                except OSError:
                    continue
                if (here.st_ino, here.st_dev) == (wanted.st_ino, wanted.st_dev):
                    found.append(int(entry))
        return found

    def make_network(self, hosts, network):
        run("ip", "netns", "add", self.hub)
        run("ip", "-n", self.hub, "link", "set", "lo", "up")
        run("ip", "-n", self.hub, "link", "add", "lab", "type", "bridge")
        run("ip", "-n", self.hub, "link", "set", "lab", "up")
        bits = network.split("/")[1]
        for host in hosts:
            name = self.name(host["name"])
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", self.link(host["name"]), "netns", self.hub)
            run("ip", "-n", self.hub, "link", "set", self.link(host["name"]), "master", "lab", "up")
            run("ip", "-n", name, "addr", "add", f"{host['address']}/{bits}", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")

    def home(self, host):
        return self.state / "hosts" / host

    def boot(self, host):
        """Starts the first process of a host; whatever it had in memory before is gone."""
        (self.home(host) / "run").mkdir(parents=True, exist_ok=True)
        with open(self.home(host) / "boot.log", "ab") as log:
            detached(["ip", "netns", "exec", self.name(host), "unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc",
                      "--propagation", "private", "sh", "-c", BOOT, "boot", host, str(self.state), f"hosts/{host}"], log)
        try:
            return wait_for(f"{host} to boot", lambda: self.init(host), 20)
        except LabError as error:
            raise LabError(f"{error}: {(self.home(host) / 'boot.log').read_text()[-500:]}") from None

    def init(self, host):
        """The first process of a running host, else None."""
        for pid in self.pids(self.name(host)):
            status = status_of(pid)
            if status and status["Name"] == "tini" and status.get("NSpid", "").split()[-1:] == ["1"] and not status["State"].startswith("Z"):
                return pid
        return None

    def enter(self, host, *words, user=None):
        """The command line that runs `words` on a host."""
        pid = self.init(host)
        if pid is None:
            raise LabError(f"{host} is off")
        as_user = ["setpriv", f"--reuid={user}", f"--regid={group_of(user)}", "--init-groups"] if user else []
        return ["nsenter", "-t", str(pid), "-m", "-n", "-p", "-u", "-i", "--", *as_user, *map(str, words)]

    def run(self, host, *words, user=None, check=True, timeout=60):
        return run_on(self, host, words, user, check, timeout)

    def processes(self, host):
        """pid to status of all that the host itself runs: not its first process, nor what looks in from outside."""
        found = {}
        for pid in self.pids(self.name(host)):
            status = status_of(pid)
            if status and len(status.get("NSpid", "").split()) > 1 and status["Name"] not in ("tini", "sleep") and not status["State"].startswith("Z"):
                found[pid] = status
        return found

    def kill(self, pids, number=signal.SIGKILL):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def power_off(self, host):
        """All processes at once, without a word to anybody."""
        pid = self.init(host)
        if pid:
            self.kill([pid])
            wait_for(f"the processes of {host} to end", lambda: not self.processes(host), 20)

    def remove(self):
        """Everything of this lab, however it came to be there."""
        names = self.existing()
        end = time.monotonic() + 30
        while time.monotonic() < end:
            left = [pid for name in names for pid in self.pids(name) if not (status_of(pid) or {"State": "Z"})["State"].startswith("Z")]
            if not left:
                break
            self.kill(left)
            time.sleep(0.05)
        for name in names:
            run("ip", "netns", "del", name, check=False)
        if (self.state / "netns-was-not-mounted").exists() and NETNS.is_dir() and not any(NETNS.iterdir()):
            run("umount", NETNS, check=False)
            run("rmdir", NETNS, check=False)


if __name__ == "__main__":
    print(permitted(tools=False) or "")
