# SPDX-License-Identifier: GPL-3.0-or-later
"""A real `cheesemongerd monitor` over a topology that a test writes, and a receiver of its alerts."""
import contextlib
import http.server
import json
import pathlib
import sqlite3
import subprocess
import threading
import time

from support import BIN, Answer, Daemon, free_port
import http.client

PATIENCE = 60


def section(kind, /, **values):
    def text(value):
        return json.dumps(value) if not isinstance(value, pathlib.Path) else json.dumps(str(value))
    return f"[[{kind}]]\n" + "".join(f"{key} = {text(value)}\n" for key, value in values.items()) + "\n"


class Hook:
    """Takes alerts as Alertmanager's receivers do; `calls` are their bodies with the time of arrival."""

    def __init__(self):
        hook = self
        self.calls, self.status = [], 200
        self.refuses = lambda body: False  # a letter for itself

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 400 if hook.refuses(json.loads(body)) else hook.status
                if status == 200:
                    hook.calls.append((time.time(), json.loads(body)))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/alerts"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def told(self):
        """Of which node what was told, in order."""
        return [(body["groupLabels"]["node"], body["status"]) for _, body in list(self.calls)]

    def of(self, node, status="firing"):
        return [body for _, body in list(self.calls) if body["groupLabels"]["node"] == node and body["status"] == status]


class Monitor(Daemon):
    """start(), stop() and kill() may be called again and again."""

    def __init__(self, folder, topology, name="m1", hook=None, secrets=None, interval_ms=500, config=""):
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name, self.port, self.interval = name, free_port(), interval_ms / 1000
        self.topology = self.folder / "topology.toml"
        self.topology.write_text(topology)
        self.config = self.folder / "monitor.toml"
        webhook = f'[[monitor.webhook]]\nname = "hook"\nurl = "{hook.url}"\n' if hook else ""
        self.config.write_text(f"[monitor]\n{webhook}{config}")
        self.secrets = self.folder / "secrets.toml"
        self.secrets.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in (secrets or {}).items()))
        self.secrets.chmod(0o600)

    def start(self):
        return self.launch(self.folder / "log", "monitor", "--topology", self.topology, "--config", self.config, "--secrets", self.secrets,
                           "--data", self.folder / "data", "--listen", f"127.0.0.1:{self.port}", "--name", self.name)

    def token(self, role="operator", user=None):
        done = subprocess.run([BIN / "cheesemongerd", "admin", "monitor-token", "create", "--user", user or role, "--role", role, "--data",
                               self.folder / "data"], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    def call(self, method, path, token, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, what, token):
        answer = self.call("GET", f"/admin/v1/{what}", token)
        if answer.status != 200:
            raise AssertionError(f"{what}: {answer}")
        return answer.json()

    def node(self, name, token):
        """As last looked at; before the first look there is none yet."""
        return self.wait_until(lambda: next((node for node in self.get("monitor/state", token)["nodes"] if node["name"] == name), None))

    def wait_for(self, name, finding, token, within=PATIENCE):
        """The node once it has (or, with None, has no more) the finding; how long it took is in `took`."""
        begin = time.monotonic()
        node = {}
        while time.monotonic() - begin < within:
            nodes = {node["name"]: node for node in self.get("monitor/state", token)["nodes"]}
            node = nodes.get(name, {})
            codes = [found["code"] for found in node.get("findings", [])]
            if (finding in codes) if finding else (node.get("verdict") == "ok"):
                node["took"] = time.monotonic() - begin
                return node
            time.sleep(0.02)
        raise AssertionError(f"{name} has not become {finding or 'ok'} in {within} s: {json.dumps(node)[:3000]}")

    def wait_until(self, found, within=PATIENCE):
        """What `found` answers, once that is true."""
        end = time.monotonic() + within
        while not (answer := found()):
            if time.monotonic() > end:
                raise AssertionError(f"not within {within} s: {found()}")
            time.sleep(0.02)
        return answer

    def codes(self, name, token):
        return [found["code"] for found in self.node(name, token)["findings"]]

    @contextlib.contextmanager
    def without_audit(self):
        """While its store takes no line of audit, as one whose disk is full."""
        store = sqlite3.connect(self.folder / "data" / "monitor.sqlite", timeout=PATIENCE, isolation_level=None)
        try:
            store.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
            yield
        finally:
            store.execute("DROP TRIGGER IF EXISTS full")
            store.close()

    def alerts(self, token):
        return [alert["node"] for alert in self.get("monitor/alerts", token)["items"]]
