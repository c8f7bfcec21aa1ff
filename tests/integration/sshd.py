# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of sshd for tests: the system's OpenSSH with the sshd configuration that people get, in mount and process
namespaces with accounts of their own, so that nothing of this machine is touched; and the client of 2012, which writes
its request, leaves its end open and reads the answer."""
import contextlib
import itertools
import os
import pathlib
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from support import BIN, free_port

TOPOLOGY = pathlib.Path(__file__).resolve().parents[2] / "installer/topology"
sys.path.insert(0, str(TOPOLOGY))
import template  # noqa: E402

SSHD = "/usr/sbin/sshd"
RECORDED = pathlib.Path(__file__).resolve().parent.parent / "data/client-requests"
SUBMIT, KEYS, GROUP = 64101, 64102, 64100
numbers = itertools.count(1)
LIFE = 5  # seconds for which a snapshot of keys holds

# What makes a "host": private accounts, a root-owned way to the program, then the keeper of the snapshot and sshd.
BOOT = r"""
set -e
home=$1
for file in passwd group shadow; do mount --bind "$home/etc/$file" /etc/$file; done
mount -t tmpfs -o mode=755 tmpfs /opt
mkdir -p /opt/cheesemonger/etc
if [ "$(stat -c %u "$2")" = 0 ] && [ -z "$(find "$2" -perm /022)" ]; then
    touch /opt/cheesemonger/cheesemongerd
    mount --bind "$2" /opt/cheesemonger/cheesemongerd
else
    cp "$2" /opt/cheesemonger/cheesemongerd
    chmod 755 /opt/cheesemonger/cheesemongerd
fi
mount --bind "$home" /opt/cheesemonger/etc
mount -t tmpfs -o mode=755 tmpfs /run
setpriv --reuid=sshkeys --regid=sshhost --clear-groups /opt/cheesemonger/cheesemongerd ssh-keys --follow \
    --config /opt/cheesemonger/etc/cheesemongerd.toml 2>>"$home/follow.log" &
exec sh /opt/cheesemonger/etc/ssh/sshd.sh
"""


def why_not():
    """Why no such host can be made here; None when one can."""
    if not os.path.exists(SSHD):
        return "OpenSSH's server is not installed: sh installer/setup/setup.sh --with-tests"
    if os.geteuid() != 0:
        return "accounts of their own for sshd need root, for a mount namespace"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--mount-proc", "mount", "-t", "tmpfs", "tmpfs", "/opt"], capture_output=True)
    return None if tried.returncode == 0 else "mount namespaces are not permitted here"


def keygen(path, kind="ed25519"):
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", path.name, "-t", kind, "-f", path], check=True, capture_output=True)
    return path


class SshHost:
    """One host of sshd. start() and kill() may be called again and again; `nodes` are addresses of web nodes."""

    def __init__(self, home, nodes, host_keys, secret, settings="", follow=20):
        self.home, self.port, self.process = pathlib.Path(home), free_port(), None
        (self.home / "etc").mkdir(parents=True)
        self.home.chmod(0o755)
        accounts = {"passwd": f"submit:x:{SUBMIT}:{GROUP}::/:/bin/sh\nsshkeys:x:{KEYS}:{GROUP}::/:/usr/sbin/nologin\n",
                    "group": f"sshhost:x:{GROUP}:\n", "shadow": "submit:*:19000::::::\nsshkeys:*:19000::::::\n"}
        for name, lines in accounts.items():
            file = self.home / "etc" / name
            file.write_text(pathlib.Path("/etc", name).read_text().rstrip("\n") + "\n" + lines)
            file.chmod(0o600 if name == "shadow" else 0o644)
        for name, owner, mode in (("spool", SUBMIT, 0o700), ("run", KEYS, 0o750)):
            (self.home / name).mkdir(mode=mode)
            os.chown(self.home / name, owner, GROUP)
        shutil.copy(secret, self.home / "secret")
        os.chown(self.home / "secret", 0, GROUP)
        (self.home / "secret").chmod(0o640)
        inside = "/opt/cheesemonger/etc"
        (self.home / "cheesemongerd.toml").write_text(
            "[ssh]\nnodes = [" + ", ".join(f'"{node}"' for node in nodes) + f']\nkey_file = "{inside}/secret"\nspool = "{inside}/spool"\n'
            f'snapshot = "{inside}/run/keys"\nfollow = "{follow}s"\n{settings}')
        self.write_sshd(host_keys)

    def write_sshd(self, host_keys):
        """The files that installer/topology makes for a host of sshd, and its identity."""
        (self.home / "ssh").mkdir()
        for name, key in host_keys.items():
            shutil.copy(key, self.home / "ssh" / name)
            (self.home / "ssh" / name).chmod(0o600)
        inside = "/opt/cheesemonger/etc"
        scope = {"node": {"name": self.home.name, "port": self.port, "user": "submit"}, "host": {"address": "127.0.0.1"},
                 "paths": {"config": inside, "run": "/run", "program": "/opt/cheesemonger/cheesemongerd"}, "users": {"ssh_keys": "sshkeys"}}
        for name in ("sshd_config", "sshd.sh"):
            text = template.render((TOPOLOGY / "templates/ssh" / name).read_text(), scope)
            # The one thing that differs: where the two accounts find their configuration.
            (self.home / "ssh" / name).write_text(text.replace(f"{inside}/ssh/cheesemongerd.toml", f"{inside}/cheesemongerd.toml"))

    def start(self):
        with open(self.home / "sshd.log", "ab") as log:
            self.process = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
                                             "sh", "-c", BOOT, "boot", self.home, (BIN / "cheesemongerd").resolve()],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                    if link.recv(8).startswith(b"SSH-2.0-"):
                        return self
            except OSError:
                time.sleep(0.02)  # until it listens
        raise AssertionError("sshd does not start: " + (self.home / "sshd.log").read_text()[-2000:])

    def kill(self):
        """As a power cut: every process of the host at once."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def processes(self, words=""):
        """Process ids on this host whose command line has `words`."""
        found = []
        inside = pathlib.Path(f"/proc/{self.init()}/ns/pid")
        mine = os.readlink(inside)
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and os.readlink(entry / "ns/pid") == mine and \
                        words in (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended meanwhile
        return found

    def init(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0])

    def gateways(self):
        return self.processes("ssh-gateway")

    def stop_following(self):
        for pid in self.processes("ssh-keys --follow"):
            os.kill(pid, signal.SIGTERM)

    def log(self):
        return (self.home / "sshd.log").read_text(errors="replace")


class Reply:
    def __init__(self, raw, errors, code):
        self.raw, self.errors, self.code = raw, errors.decode(errors="replace"), code
        match = re.match(rb"HTTP/1\.1 (\d{3}) ([^\r\n]*)\r\n(.*?)\r\n\r\n(.*)", raw, re.DOTALL)
        self.status = int(match.group(1)) if match else None
        self.reason = match.group(2).decode("latin-1") if match else None
        self.head = match.group(3).decode("latin-1") if match else ""
        self.body = match.group(4) if match else b""

    def __repr__(self):
        return f"{self.raw[:600]!r}, {self.errors!r}, exit {self.code}"


@contextlib.contextmanager
def ended(process):
    """Nothing is left of it afterwards."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


class Client:
    """The client of 2012 with a key: `ssh -T -l submit ssh.pypi.python.org`, its answers from a configuration file."""

    def __init__(self, folder, key, port, known_hosts, address="127.0.0.1"):
        self.config = folder / f"client-{next(numbers)}.conf"
        self.config.write_text(f"Host ssh.pypi.python.org\n  HostName {address}\n  Port {port}\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
                               f"  IdentityAgent none\n  UserKnownHostsFile {known_hosts}\n  GlobalKnownHostsFile /dev/null\n  HostKeyAlias registry\n"
                               "  StrictHostKeyChecking yes\n  BatchMode yes\n  ConnectTimeout 20\n  LogLevel ERROR\n")

    def open(self, *words, more=()):
        return subprocess.Popen(["ssh", "-F", self.config, "-T", *more, "-l", "submit", "ssh.pypi.python.org", *words], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"})

    def send(self, request, *words, more=(), patience=90, closing=False):
        """Writes the request, keeps its end open unless told otherwise, reads until the other side ends."""
        with ended(self.open(*words, more=more)) as process:
            return talk(process, request, patience, closing)


def talk(process, request, patience, closing):
    out, errors, left, end = b"", b"", memoryview(request), time.monotonic() + patience
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ, "out")
        ready.register(process.stderr, selectors.EVENT_READ, "errors")
        if left or closing:
            ready.register(process.stdin, selectors.EVENT_WRITE, "in")
        reading = 2
        while reading:
            events = ready.select(max(0.0, end - time.monotonic()))
            if not events:
                raise AssertionError(f"no end of the session within {patience} s: {out[:300]!r} {errors[:300]!r}")
            for key, _ in events:
                if key.data == "in":
                    try:
                        left = left[os.write(key.fd, left[:65536]):] if left else left
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        left = left[:0]
                    if not left:
                        ready.unregister(process.stdin)
                        if closing:
                            process.stdin.close()
                    continue
                piece = os.read(key.fd, 65536)
                if not piece:
                    ready.unregister(key.fileobj)
                    reading -= 1
                elif key.data == "out":
                    out += piece
                else:
                    errors += piece
    try:
        process.stdin.close()
    except OSError:
        pass
    return Reply(out, errors, process.wait(20))


def old_request(package, action="file_upload", line=b"\n", **fields):
    """As the client of 2012 writes it, in the line ends of its older half."""
    boundary = b"--------------GHSKFJDLGDS7543FJKLFHRE75642756743254"
    values = {":action": action, "protcol_version": "1", "name": package.name, "version": package.version, "filetype": package.filetype,
              "pyversion": "" if package.filetype == "sdist" else package.pyversion, "metadata_version": "1.0", "summary": "UNKNOWN",
              "license": "UNKNOWN", **fields}
    body = b""
    for name, value in values.items():
        if value is not None:
            body += line + b"--" + boundary + line + f'Content-Disposition: form-data; name="{name}"'.encode() + line + line + str(value).encode()
    if package.content is not None:
        body += (line + b"--" + boundary + line + f'Content-Disposition: form-data; name="content";filename="{package.filename}"'.encode() +
                 line + line + package.content)
    body += line + b"--" + boundary + b"--" + line
    head = (f"POST /pypi HTTP/1.1\r\nHost: ssh.pypi.python.org\r\nAccept-Encoding: identity\r\nContent-type: multipart/form-data; "
            f"boundary={boundary.decode()}\r\nContent-length: {len(body)}\r\nAuthorization: Basic c3VibWl0Om5vcGFzcw==\r\n\r\n")
    return head.encode() + body


class SshTest(unittest.TestCase):
    """A folder with one identity for all hosts, the secret, and people with keys. `nodes` is set by whoever serves."""

    @classmethod
    def setUpClass(cls):
        why = why_not()
        if why:
            raise unittest.SkipTest(why)
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-ssh-"))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        (cls.folder / "keys").mkdir()
        cls.host_keys = {name: keygen(cls.folder / "keys" / name, kind) for name, kind in (("ssh_host_ed25519_key", "ed25519"), ("ssh_host_rsa_key", "rsa"))}
        cls.known_hosts = cls.folder / "known_hosts"
        cls.known_hosts.write_text("".join(f"registry {key.with_suffix('.pub').read_text()}" for key in cls.host_keys.values()))
        cls.secret = cls.folder / "secret"
        subprocess.run([BIN / "cheesemongerd", "admin", "ssh-secret", "--out", cls.secret], check=True, capture_output=True)
        cls.core_config = cls.folder / "core.toml"

    @classmethod
    def host(cls, name, nodes, **more):
        host = SshHost(cls.folder / name, nodes, cls.host_keys, cls.secret, **more)
        cls.addClassCleanup(host.kill)
        return host.start()

    @classmethod
    def key_of(cls, registry, token, name, kind="ed25519", **more):
        """Makes a key and adds it: its file and its id."""
        path = keygen(cls.folder / "keys" / name, kind)
        answer = registry.call("POST", "/admin/v1/ssh-keys", token, {"public_key": path.with_suffix(".pub").read_text(), **more})
        assert answer.status == 200, answer
        keys = registry.call("GET", "/admin/v1/ssh-keys", token).json()["items"]
        return path, next(key["id"] for key in keys if key["title"] == name)

    @classmethod
    def client(cls, key, port):
        return Client(cls.folder, key, getattr(port, "port", port), cls.known_hosts)
