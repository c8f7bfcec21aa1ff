# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of ingesting share: a cheesemongerd ingest over a data folder, lines as a CDN writes them, rsyslog as
their sender, and a RELP client that says exactly what it is told to."""
import contextlib
import email.utils
import json
import pathlib
import select
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from support import BIN, Daemon, free_port


def line(project, version="1.0", at=None, agent='pip/24.0 {"ci":null,"installer":{"name":"pip","version":"24.0"},"python":"3.11.2"}', padding=0):
    """A download of `project`, without an end of line."""
    date = email.utils.formatdate(time.time() if at is None else at, usegmt=True)
    name = f"{project}-{version}.tar.gz"
    return f"download|{date}|US|/packages/ba/c8/{'a' * 60}/{name}|TLSv1.3|TLS_AES_256_GCM_SHA384|{project}|{version}|sdist|{agent}{' ' * padding}"


def total(data):
    """Of all classes, from the first list of a row of counts (core/metrics/store/figures.cpp has its form)."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    assert number() == 1, "rows of counts have another form now"
    number()
    counts = 0
    for _ in range(number()):
        number()
        counts += sum(number() for _ in range(bin(number()).count("1")))
    return counts


def make_registry(folder):
    """An ingester counts into one that is there."""
    if not (folder / "catalog.sqlite").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([BIN / "cheesemongerd", "admin", "user", "add", "ada", "--role", "admin", "--data", folder], check=True, capture_output=True)


class Ingester(Daemon):
    """launch again and again over the same folder; the ports stay."""

    def __init__(self, folder, *arguments, transports=("relp",)):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        make_registry(self.data)
        self.ports = {transport: free_port() for transport in transports}
        self.status_port = free_port()
        self.arguments = arguments

    def start(self):
        make_registry(self.data)  # a test may have chosen another folder
        listens = [word for name, port in self.ports.items() for word in (f"--{name}", f"127.0.0.1:{port}")]
        return self.launch(self.folder / "ingest.log", "ingest", "--data", self.data, "--status", f"127.0.0.1:{self.status_port}",
                           *listens, *self.arguments)

    def log(self):
        return (self.folder / "ingest.log").read_text(errors="replace")

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}{path}", timeout=60) as answer:
            return answer.read().decode()

    def status(self):
        return json.loads(self.get("/status"))

    def feed(self, transport):
        return next(feed for feed in self.status()["feeds"] if feed["transport"] == transport)

    def wait_until(self, holds):
        """Answers the status for which it holds, however long that takes: the suite's own limit ends it."""
        while True:
            status = self.status()
            if holds(status):
                return status
            time.sleep(0.05)  # the status is some moments old by itself

    def wait_stored(self, lines):
        return self.wait_until(lambda status: status["stored"]["lines"] >= lines)

    def rows(self, query):
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/catalog.sqlite?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def counts(self):
        """Downloads by project, of all days and classes, as they are in the database."""
        counts = {}
        for project, data in self.rows("SELECT p.name, c.data FROM download_counts c JOIN download_projects p ON c.subject = p.id * 4 WHERE c.tier = 2"):
            counts[project] = counts.get(project, 0) + total(data)
        return counts

    def wait_counted(self):
        """Until nothing waits that was taken."""
        return self.wait_until(lambda status: status["spool"]["oldest"] is None and status["spool"]["bytes"] == 0)

    def tallies(self):
        """What became of the lines of all hours."""
        names = ("received", "downloads", "simple", "ignored", "unprocessed", "refused")
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in names)
        return dict(zip(names, self.rows(f"SELECT {sums} FROM download_tallies WHERE tier = 1")[0]))

    def reasons(self):
        return dict(self.rows("SELECT reason, sum(lines) FROM download_reasons WHERE tier = 1 GROUP BY reason"))


class Rsyslog:
    """An rsyslogd of a test, with a configuration of its own: sends the lines of a file to `target`."""

    def __init__(self, folder, module, port, window=128, extra="", reports=""):
        """`reports`: it says each second how many lines it sent, and calls itself so."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.source = self.folder / "lines.log"
        self.source.touch()
        load = 'module(load="omrelp")' if module == "omrelp" else ""
        head, telling = "", ""
        if reports:
            head = "%$.head%"
            load += f"""
module(load="impstats" interval="1" format="json" resetCounters="off" ruleset="reports")
template(name="head" type="string" string="<46>1 %timegenerated:::date-rfc3339% {reports} rsyslogd-pstats - - - ")
ruleset(name="reports") {{
    if $msg contains '"downloads"' and $msg contains "core.queue" then call downloads
}}"""
            telling = 'if $programname == "rsyslogd-pstats" then set $.head = exec_template("head");'
        target = {"omrelp": f'type="omrelp" target="127.0.0.1" port="{port}" windowSize="{window}" timeout="5" conn.timeout="3"',
                  "omfwd": f'type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" TCP_Framing="octet-counted" KeepAlive="on"'}[module]
        (self.folder / "rsyslog.conf").write_text(f"""
global(workDirectory="{self.folder}" maxMessageSize="16k")
module(load="imfile" PollingInterval="1")
{load}
template(name="line" type="string" string="{head}%msg%")
input(type="imfile" File="{self.source}" Tag="downloads:" ruleset="downloads" escapeLF="off")
ruleset(name="downloads" queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="256" queue.timeoutEnqueue="0" queue.timeoutShutdown="10000") {{
    {telling}
    action({target} template="line" action.resumeRetryCount="-1" action.resumeInterval="1" action.resumeIntervalMax="1" {extra})
}}
""")
        self.process = None

    def start(self):
        with open(self.folder / "rsyslog.log", "ab") as log:
            self.process = subprocess.Popen(["/usr/sbin/rsyslogd", "-n", "-f", self.folder / "rsyslog.conf", "-i", self.folder / "rsyslog.pid"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def write(self, lines):
        with open(self.source, "a") as out:
            out.writelines(f"{text}\n" for text in lines)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process = None

    def log(self):
        return (self.folder / "rsyslog.log").read_text(errors="replace")


class Relp:
    """One connection, frame by frame."""

    def __init__(self, port, address="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(address, 0))
        self.number = 0
        self.received = b""

    def send(self, command, data=b""):
        self.number += 1
        data = data.encode() if isinstance(data, str) else data
        self.socket.sendall(self.frame(self.number, command, data))
        return self.number

    @staticmethod
    def frame(number, command, data):
        return f"{number} {command} {len(data)}".encode() + (b" " + data if data else b"") + b"\n"

    def open(self):
        self.send("open", "relp_version=0\nrelp_software=test\ncommands=syslog")
        number, command, data = self.answer()
        assert (number, command, data[:6]) == (1, "rsp", b"200 OK"), data
        return self

    def answer(self):
        """The next frame from the other side; None when it has closed."""
        while True:
            head, _, rest = self.received.partition(b" ")
            parts = self.received.split(b" ", 3)
            if len(parts) >= 3 and (len(parts) == 4 or b"\n" in parts[2]):
                length = int(parts[2].split(b"\n")[0])
                start = len(parts[0]) + len(parts[1]) + len(parts[2].split(b"\n")[0]) + (3 if length else 2)
                if len(self.received) >= start + length + 1:
                    data = self.received[start:start + length]
                    self.received = self.received[start + length + (1 if length else 0):] if length else self.received[start + 1:]
                    return int(parts[0]), parts[1].decode(), data
            more = self.socket.recv(65536)
            if not more:
                return None
            self.received += more

    def acknowledged(self, last):
        """Reads answers until that of `last`."""
        while True:
            answer = self.answer()
            assert answer is not None, "closed"
            if answer[0] == last:
                return answer

    def close(self):
        self.socket.close()


class Link:
    """A way to a port of this machine that fails as told, one entry of `failures` for each connection in turn: which answers it
    keeps back, when it stands still, and when it breaks, each by the bytes that were sent over it; None is never."""

    def __init__(self, port, failures):
        self.target = port
        self.failures = list(failures)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sender, _ = self.listener.accept()
            except OSError:
                return
            failure = self.failures[self.connections] if self.connections < len(self.failures) else {}
            self.connections += 1
            threading.Thread(target=self.carry, args=(sender, failure), daemon=True).start()

    def carry(self, sender, failure):
        mute, stall, cut = (failure.get(name) for name in ("mute", "stall", "cut"))
        receiver = socket.create_connection(("127.0.0.1", self.target))
        sent, muted = 0, None
        while True:
            ready, _, _ = select.select([sender, receiver], [], [], 0.1)
            if muted and time.monotonic() > muted + 1.5:
                return self.end(sender, receiver, hard=True)
            for one in ready:
                try:
                    data = one.recv(4096)
                    if not data:
                        return self.end(sender, receiver)
                    if one is receiver:
                        if mute is None or sent < mute:
                            sender.sendall(data)
                        continue
                    receiver.sendall(data)
                except OSError:
                    return self.end(sender, receiver)
                sent += len(data)
                if mute is not None and sent >= mute:
                    muted = muted or time.monotonic()
                if stall is not None and sent >= stall:
                    stall = None
                    time.sleep(2.5)  # longer than any moment by which an ingester may judge
                if cut is not None and sent >= cut:
                    return self.end(sender, receiver, hard=True)

    @staticmethod
    def end(*sockets, hard=False):
        for one in sockets:
            if hard:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()

    def close(self):
        self.listener.close()


class IngestCase(unittest.TestCase):
    """A folder of its own, and what begins and ends with a test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def ingester(self, *arguments, transports=("relp",)):
        ingester = Ingester(self.folder, *arguments, transports=transports).start()
        self.addCleanup(ingester.kill)
        return ingester

    def relp(self, ingester, address="127.0.0.1"):
        connection = Relp(ingester.ports["relp"], address)
        self.addCleanup(connection.close)
        return connection

    def send_tcp(self, port, data):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(data)
