# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the files of a lab lie: what each host sees at which path, and where that is outside."""
import os
import pathlib
import pwd
import shutil

SHARED = "shared"
# The accounts of sshd, on its hosts alone: their numbers, and those of their group.
SUBMIT, SSH_KEYS, SSH_GROUP = 64101, 64102, 64100
ACCOUNTS = ("passwd", "group", "shadow")


class Layout:
    def __init__(self, state, topology):
        self.state, self.topology = pathlib.Path(state), topology
        self.paths = topology["paths"]

    def home(self, host):
        return self.state / "hosts" / host

    def disks(self, host):
        return [disk for disk in self.topology["disk"] if disk["host"] == host]

    def has(self, host, kind):
        return any(node["host"] == host for node in self.topology[kind])

    def is_shared(self, disk):
        return pathlib.PurePath(self.topology["registry"]["files"]).is_relative_to(disk["path"])

    def backing(self, disk):
        """Where a disk's bytes are: those of the shared folder are the same for all."""
        return self.state / SHARED if self.is_shared(disk) else self.home(disk["host"]) / f"disk-{disk['name']}"

    def binds(self, host):
        """(outside, relative to the state folder; path on the host)."""
        base = f"hosts/{host}"
        found = [("bin", str(pathlib.PurePath(self.paths["config"]).parent / "bin")), (f"config/{host}", self.paths["config"]),
                 (f"{base}/state", self.paths["state"]), (f"{base}/run", "/run"), (f"{base}/tmp", "/var/tmp")]
        if self.has(host, "gluster"):
            found.append((f"{base}/glusterd", "/var/lib/glusterd"))
            found += [(f"{base}/gsyncd", str(path)) for path in pathlib.Path("/usr/lib").glob("*/glusterfs/gsyncd")]
        if self.has(host, "gluster") or self.has(host, "web"):
            found.append((f"{base}/log", "/var/log/glusterfs"))
        if self.has(host, "ssh"):
            found += [(f"{base}/accounts/{name}", f"/etc/{name}") for name in ACCOUNTS]
        for disk in self.disks(host):
            found.append((str(self.backing(disk).relative_to(self.state)), f"/srv/.disk/{disk['name']}"))
        return found

    def outside(self, host, path):
        """The file outside that a host sees at `path`; not for what lies on a disk."""
        for where, inside in self.binds(host):
            if pathlib.PurePath(path).is_relative_to(inside):
                return self.state / where / pathlib.PurePath(path).relative_to(inside)
        raise KeyError(path)

    def program(self, host, name):
        """One of ours, as a host sees it."""
        return str(pathlib.PurePath(self.paths["config"]).parent / "bin" / name)

    def make(self, disk_program):
        """All folders, and our file system beside our daemon, which hosts see under one name."""
        if disk_program:
            shutil.copy2(disk_program, self.state / "bin/forgetful")
        for program in (self.state / "bin").iterdir():
            program.chmod(0o755)
        (self.state / SHARED).mkdir()
        lines = ["127.0.0.1 localhost", *(f"{host['address']} {host['name']}" for host in self.topology["host"])]
        (self.state / "hosts").mkdir()
        for host in self.topology["host"]:
            name = host["name"]
            for folder in ("state", "run", "tmp", "log", "glusterd"):
                (self.home(name) / folder).mkdir(parents=True)
            # glusterd asks geo-replication, which nobody uses here, for its version with every order: a Python each time, on each of
            # three hosts a tenth of a core.
            (self.home(name) / "gsyncd").write_text("#!/bin/sh\necho gsyncd\n")
            (self.home(name) / "gsyncd").chmod(0o755)
            for disk in self.disks(name):
                self.backing(disk).mkdir(exist_ok=True)
            (self.state / "config" / name).mkdir(parents=True, exist_ok=True)
            if self.has(name, "ssh"):
                self.make_accounts(self.home(name) / "accounts")
            (self.home(name) / "binds").write_text("".join(f"{where} {inside}\n" for where, inside in self.binds(name)))
            (self.home(name) / "hosts").write_text("\n".join(lines) + "\n")
            (self.home(name) / "tmp").chmod(0o1777)

    def make_accounts(self, folder):
        """Those of this machine, and the two of sshd."""
        user, keys, group = self.topology["ssh"][0]["user"], self.topology["users"]["ssh_keys"], "sshhost"
        lines = {"passwd": f"{user}:x:{SUBMIT}:{SSH_GROUP}::/:/bin/sh\n{keys}:x:{SSH_KEYS}:{SSH_GROUP}::/:/usr/sbin/nologin\n",
                 "group": f"{group}:x:{SSH_GROUP}:\n", "shadow": f"{user}:*:19000::::::\n{keys}:*:19000::::::\n"}
        folder.mkdir()
        for name in ACCOUNTS:
            (folder / name).write_text(pathlib.Path("/etc", name).read_text().rstrip("\n") + "\n" + lines[name])
            (folder / name).chmod(0o600 if name == "shadow" else 0o644)

    def give_to_sshd(self, host):
        """What its two accounts read, and where uploads lie."""
        folder = self.state / "config" / host / "ssh"
        for path in (folder.parent, folder):
            path.chmod(0o755)
        for name, mode in (("cheesemongerd.toml", 0o644), ("authority.pem", 0o644), ("ssh.key", 0o640)):
            (folder / name).chmod(mode)
            os.chown(folder / name, 0, SSH_GROUP)
        give_number(self.home(host) / "state/ssh-spool", SUBMIT, 0o700)


def give_number(path, user, mode):
    """A new folder, to an account that its host alone has."""
    path.mkdir(mode=mode)
    os.chown(path, user, SSH_GROUP)


def give(path, user):
    """To a user of the system and that user's own group."""
    if os.geteuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def own(path, user):
    """A folder and all in it."""
    give(path, user)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            give(os.path.join(folder, name), user)


class ReducedLayout(Layout):
    """All hosts see this machine's files."""

    def disks(self, host):
        return []

    def binds(self, host):
        return []

    def outside(self, host, path):
        return pathlib.Path(path.replace("{host}", host))

    def program(self, host, name):
        return str(self.state / "bin" / name)

    def make(self, disk_program):
        super().make(None)
        for node in self.topology["postgres"]:
            (self.home(node["host"]) / "data").mkdir()
