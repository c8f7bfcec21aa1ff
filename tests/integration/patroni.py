# SPDX-License-Identifier: GPL-3.0-or-later
"""A private Patroni cluster: one etcd and two members on loopback, in folders of their own, ended with the test. Its REST
API has a certificate, and asks for a password where something is changed."""
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.request

from postgres import PATIENCE, programs
from support import basic, free_port

USER, PASSWORD = "operator", "of-patroni"
MEMBER = """
scope: test
name: {name}
restapi:
  listen: '127.0.0.1:{rest}'
  connect_address: '127.0.0.1:{rest}'
  certfile: '{folder}/door.pem'
  keyfile: '{folder}/door.key'
  authentication: {{username: {user}, password: {password}}}
ctl: {{cacert: '{folder}/door.pem'}}
etcd3: {{hosts: ['127.0.0.1:{etcd}']}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 1
    retry_timeout: 3
    synchronous_mode: true
    postgresql: {{use_pg_rewind: true, use_slots: true, parameters: {{wal_log_hints: 'on', shared_buffers: 32MB, max_connections: 30}}}}
  initdb: [{{encoding: UTF8}}, data-checksums]
postgresql:
  listen: '127.0.0.1:{port}'
  connect_address: '127.0.0.1:{port}'
  data_dir: '{folder}/{name}'
  bin_dir: '{bin}'
  pgpass: '{folder}/{name}.pgpass'
  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
  authentication: {{superuser: {{username: postgres, password: x}}, replication: {{username: replicator, password: x}}, rewind: {{username: rewinder, password: x}}}}
  parameters: {{unix_socket_directories: '{folder}'}}
"""


def available():
    return all(shutil.which(program, path="/usr/bin:/bin") for program in ("patroni", "etcd"))


class Cluster:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-patroni-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.certificate = self.folder / "door.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=patroni",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.folder / "door.key", "-out", self.certificate], check=True, capture_output=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder / "door.key", "postgres")
        client, peer = free_port(), free_port()
        self.processes = []
        self.run("etcd", "etcd", "--name", "one", "--data-dir", self.folder / "etcd", "--listen-client-urls", f"http://127.0.0.1:{client}",
                 "--advertise-client-urls", f"http://127.0.0.1:{client}", "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                 "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster", f"one=http://127.0.0.1:{peer}")
        self.ports, self.rest = {}, {}
        for name in ("db1", "db2"):
            self.ports[name], self.rest[name] = free_port(), free_port()
            config = self.folder / f"{name}.yml"
            config.write_text(MEMBER.format(name=name, rest=self.rest[name], etcd=client, port=self.ports[name], folder=self.folder, bin=programs(),
                                            user=USER, password=PASSWORD))
            self.run(name, "patroni", config)
            if name == "db1":
                self.wait(lambda: self.role("db1") == "leader")
        self.wait(lambda: self.role("db2") == "sync_standby")

    def run(self, name, *words):
        other = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes.append(subprocess.Popen(["setpriv", *other, "--pdeathsig", "TERM", *words], cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                                                   stderr=log, start_new_session=True))

    def ask(self, path, name="db1", method="GET", body=None):
        request = urllib.request.Request(f"https://127.0.0.1:{self.rest[name]}{path}", method=method, data=body and json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", **basic(USER, PASSWORD)})
        with urllib.request.urlopen(request, timeout=10, context=ssl.create_default_context(cafile=self.certificate)) as answer:
            return answer.read()

    def role(self, name):
        for asked in self.rest:
            try:
                members = json.loads(self.ask("/cluster", asked))["members"]
                return next((member["role"] for member in members if member["name"] == name and member["state"] in ("running", "streaming")), None)
            except (OSError, ValueError):
                continue
        return None

    def wait(self, question):
        end = time.monotonic() + 2 * PATIENCE
        while not question():
            if time.monotonic() > end:
                raise AssertionError("Patroni: " + "".join(path.read_text()[-1500:] for path in sorted(self.folder.glob("*.log"))))
            time.sleep(0.1)

    def remove(self):
        # The members first: they stop their servers.
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
