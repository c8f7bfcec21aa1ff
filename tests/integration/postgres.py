# SPDX-License-Identifier: GPL-3.0-or-later
"""A private PostgreSQL for tests: its own folder, socket and loopback port, ended with the test. Runs as the user
postgres when the tests run as root."""
import atexit
import functools
import glob
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

PATIENCE = 60
numbers = itertools.count(1)


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise AssertionError("PostgreSQL is not installed: sh installer/setup/setup.sh --with-tests")
    return pathlib.Path(found[-1])


def as_server(*words):
    """The command under the server's user, ended with this process however that ends."""
    other = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *other, "--pdeathsig", "QUIT", programs() / words[0], *words[1:]]


class PostgresServer:
    """start(), kill() and stop() may be called again and again; `settings` hold from the next start."""

    def __init__(self, primary=None):
        from support import free_port
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.data, self.port, self.process, self.settings = self.folder / "data", free_port(), None, {}
        if primary:
            self.run("pg_basebackup", "-D", self.data, "-d", primary.url(), "-X", "stream", "-c", "fast", "-R", "--no-sync")
        else:
            self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
            with open(self.data / "pg_hba.conf", "a") as rules:
                rules.write("host replication all 127.0.0.1/32 trust\n")
        self.start()

    def run(self, *words):
        done = subprocess.run(as_server(*words), cwd="/", capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{words[0]}: {done.stderr}")

    def start(self):
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder, "shared_buffers": "32MB",
                    "wal_receiver_status_interval": "1s", "wal_retrieve_retry_interval": "200ms", "wal_log_hints": "on", **self.settings}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            # After a kill the old children may hold the folder for a moment.
            if self.process is None or self.process.poll() is not None:
                with open(self.folder / "log", "ab") as log:
                    self.process = subprocess.Popen(as_server("postgres", "-D", self.data, "-p", str(self.port), *words), cwd="/",
                                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            if self.psql("SELECT 1", check=False).returncode == 0:
                return self
            time.sleep(0.05)
        raise AssertionError("the server does not start: " + (self.folder / "log").read_text()[-2000:])

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database="postgres"):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def psql(self, sql, database="postgres", check=True):
        done = subprocess.run([programs() / "psql", "-XAtq", "-d", self.url(database), "-c", sql], capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{sql}: {done.stderr}")
        return done if not check else done.stdout.strip()

    def create_database(self):
        name = f"registry_{os.getpid()}_{next(numbers)}"
        self.psql(f"CREATE DATABASE {name} TEMPLATE template0")
        return name


@functools.cache
def shared_server():
    """The one that all tests of a program share, made at its first use."""
    server = PostgresServer()
    atexit.register(server.remove)
    return server
