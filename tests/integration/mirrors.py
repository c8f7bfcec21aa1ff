# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror in a folder, and an upstream that can be told to misbehave."""
import contextlib
import datetime
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from support import BIN, SIMPLE_JSON, Answer, RegistryTest, free_port, sdist, wheel

TOPOLOGY = pathlib.Path(__file__).resolve().parents[2] / "installer/topology"


def moment(text):
    """A time that a mirror tells, as time.time() does."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Mirror:
    def __init__(self, folder, url, *arguments):
        self.folder, self.url, self.arguments = pathlib.Path(folder), url, arguments
        self.web = self.folder / "web"

    def command(self, *words):
        return [BIN / "cheesemongerd", "mirror", "--from", self.url, "--to", self.folder, *self.arguments, *words]

    def run(self, *words, check=True):
        done = subprocess.run(self.command("--once", *words), capture_output=True, text=True, timeout=300)
        if check and done.returncode != 0:
            raise AssertionError(f"mirror: {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def launch(self, test, output=subprocess.DEVNULL):
        """Its process, that refreshes it until the test ends at the latest."""
        process = subprocess.Popen(self.command(), stdout=output, stderr=output)
        test.addCleanup(process.wait)
        test.addCleanup(process.kill)
        return process

    def check(self):
        """The findings of --check: what it says besides its last line."""
        done = subprocess.run([BIN / "cheesemongerd", "mirror", "--to", self.folder, "--check"], capture_output=True, text=True, timeout=300)
        lines = done.stdout.splitlines()
        found = [line for line in lines[:-1] if not line.startswith("note:")]
        if (done.returncode == 0) != (not found):
            raise AssertionError(f"check: {done.returncode}: {done.stdout}{done.stderr}")
        return found

    def state(self, statement, *values):
        """What it remembers, asked or changed between two runs."""
        with contextlib.closing(sqlite3.connect(self.folder / "state.sqlite")) as state, state:
            return state.execute(statement, values).fetchall()

    def forget(self):
        """What it remembers is lost."""
        for file in self.folder.glob("state.sqlite*"):
            file.unlink()

    def status(self):
        return json.loads((self.web / "status.json").read_text())

    def page(self, project):
        path = self.web / "simple" / project / "index.v1_json"
        return json.loads(path.read_text()) if path.exists() else None

    def files(self, project):
        page = self.page(project)
        return None if page is None else {file["filename"]: file for file in page["files"]}

    def content(self, project, filename):
        return (self.web / "packages" / self.files(project)[filename]["url"].removeprefix("../../packages/")).read_bytes()

    def index(self):
        return json.loads((self.web / "simple/index.v1_json").read_text())

    def listed(self):
        return {project["name"]: project["_last-serial"] for project in self.index()["projects"]}

    def index_serial(self):
        return self.index()["meta"]["_last-serial"]


class Reader:
    """Who installs from the tree meanwhile, from `with` to its end: whatever a page names is there, with the bytes that it says."""

    def __init__(self, mirror, projects):
        self.mirror, self.projects, self.read, self.problems = mirror, projects, 0, []
        self.finished = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.finished.set()
        self.thread.join()

    def work(self):
        while not self.finished.is_set():
            for project in self.projects:
                for file in (self.mirror.page(project) or {"files": []})["files"]:
                    self.look(project, file)

    def named(self, project, file):
        return any(other["url"] == file["url"] for other in (self.mirror.page(project) or {"files": []})["files"])

    def look(self, project, file):
        for more, digest in (("", file["hashes"]["sha256"]), (".metadata", (file.get("core-metadata") or {}).get("sha256"))):
            if not digest:
                continue
            path = self.mirror.web / "packages" / (file["url"].removeprefix("../../packages/").partition("#")[0] + more)
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                # What was withdrawn since its page was read is on no page any more.
                if self.named(project, file) and not path.exists():
                    self.problems.append(f"{path.name}: on its page, and not there")
                continue
            self.read += 1
            if hashlib.sha256(content).hexdigest() != digest:
                self.problems.append(f"{path.name}: other bytes than its page says")


class Upstream:
    """A small registry whose answers a test decides. `projects`: name to {"serial", "files": {filename: bytes}, …}."""

    def __init__(self, xmlrpc=False):
        self.projects, self.serial, self.requests = {}, 0, []
        self.xmlrpc, self.journal, self.down = xmlrpc, [], False
        self.truncate, self.lie, self.stale, self.broken, self.empty_index, self.missing = set(), set(), {}, set(), False, set()
        # Files of which a byte comes now and then, those on their way (each as often as it is: that somebody gave up is noticed after
        # he has asked again), and where files lie that lie elsewhere.
        self.slow, self.trickling, self.paths = set(), [], {}
        # What its list says of projects that differs from what they are.
        self.listed = {}
        # Entries of its list that are none, files that tell no size and do not end, and what its next answers of 429 for pages of
        # projects tell to retry after.
        self.odd, self.endless, self.too_much = [], set(), []
        # What pages tell of a file besides, that it is yanked for example: filename to keys of its object.
        self.tells = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.requests.append(self.path)
                outer.answer(self)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                outer.requests.append("POST " + self.path)
                outer.call(self, body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that hang up
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fetched(self):
        """What of packages was asked for."""
        return [path for path in self.requests if path.startswith("/packages/")]

    def publish(self, name, filename, content):
        self.serial += 1
        project = self.projects.setdefault(name, {"files": {}})
        project["files"][filename] = content
        project["serial"] = self.serial
        self.journal.append([name, "1.0", 1_700_000_000 + self.serial, "new release", self.serial])

    def touch(self, name, action="change"):
        self.serial += 1
        if name in self.projects:
            self.projects[name]["serial"] = self.serial
        self.journal.append([name, None, 1_700_000_000 + self.serial, action, self.serial])

    def quarantine(self, name, action="project quarantined"):
        self.projects[name]["status"] = "quarantined"
        self.touch(name, action)

    def remove(self, name):
        del self.projects[name]
        self.touch(name, "remove project")

    def send(self, handler, status, kind, body, headers=(), cut=0):
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body[:len(body) - cut])
        if cut:
            handler.wfile.flush()
            handler.close_connection = True
            handler.connection.shutdown(2)

    def answer(self, handler):
        if self.down:
            return self.send(handler, 503, "text/plain", b"later")
        path = handler.path.split("?")[0]
        if path == "/simple/":
            names = [] if self.empty_index else sorted(self.projects)
            etag = f'"{self.serial}-{len(names)}-{len(self.odd)}"'
            if handler.headers.get("If-None-Match") == etag:
                return self.send(handler, 304, SIMPLE_JSON, b"", [("ETag", etag)])
            body = {"meta": {"api-version": "1.1", "_last-serial": self.serial},
                    "projects": [{"name": name, "_last-serial": self.listed.get(name, self.projects[name]["serial"])} for name in names] + self.odd}
            return self.send(handler, 200, SIMPLE_JSON, json.dumps(body).encode(), [("ETag", etag)])
        if path.startswith("/simple/"):
            if self.too_much:
                return self.send(handler, 429, "text/plain", b"too much", [("Retry-After", self.too_much.pop())])
            return self.page(handler, path.split("/")[2])
        if path.startswith("/packages/"):
            for (name, filename), lies in self.paths.items():
                if path == f"/packages/{lies}":
                    return self.file(handler, name, filename)
            return self.file(handler, *path.split("/")[2:4])
        return self.send(handler, 404, "text/plain", b"no")

    def page(self, handler, name):
        if name in self.broken:
            return self.send(handler, 500, "text/plain", b"broken")
        if name not in self.projects or name in self.missing:
            return self.send(handler, 404, "text/plain", b"no")
        project = self.projects[name]
        serial = project["serial"] - self.stale.get(name, 0)
        files = [{"filename": filename, "url": "../../packages/" + self.paths.get((name, filename), f"{name}/{filename}"), "size": len(content),
                  "hashes": {"sha256": hashlib.sha256(content if filename not in self.lie else b"other").hexdigest()}, "yanked": False}
                 | self.tells.get(filename, {})
                 for filename, content in project["files"].items() if project.get("status") in (None, "archived")]
        for file in files:
            if file["filename"] in self.endless:
                del file["size"]
        body = {"meta": {"api-version": "1.1", "_last-serial": serial}, "name": name, "files": files, "versions": ["1.0"],
                "project-status": {"status": project.get("status", "active"), **project.get("reason", {})}}
        return self.send(handler, 200, SIMPLE_JSON, json.dumps(body).encode(), [("X-PyPI-Last-Serial", str(serial))])

    def file(self, handler, name, filename):
        content = self.projects[name]["files"][filename]
        if filename in self.slow:
            return self.trickle(handler, filename, content)
        if filename in self.endless:
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            while True:
                handler.wfile.write(bytes(65536))
        return self.send(handler, 200, "application/octet-stream", content, cut=len(content) // 2 if filename in self.truncate else 0)

    def trickle(self, handler, filename, content):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        self.trickling.append(filename)
        at = 0
        try:
            while filename in self.slow and at < len(content) - 1:
                handler.wfile.write(content[at:at + 1])
                at += 1
                time.sleep(0.05)  # the pace of an upstream that is slow
            handler.wfile.write(content[at:])
        finally:
            self.trickling.remove(filename)

    def call(self, handler, body):
        if not self.xmlrpc:
            return self.send(handler, 404, "text/plain", b"no")
        import xmlrpc.client
        arguments, method = xmlrpc.client.loads(body)
        if method == "changelog_since_serial":
            answer = [row for row in self.journal if row[4] > arguments[0]]
        elif method == "changelog_last_serial":
            answer = self.serial
        else:
            answer = xmlrpc.client.Fault(-32500, "gone")
        text = xmlrpc.client.dumps(answer if isinstance(answer, xmlrpc.client.Fault) else (answer,), methodresponse=True, allow_none=True)
        return self.send(handler, 200, "text/xml", text.encode())


class UpstreamTest(unittest.TestCase):
    """A test with a folder of its own, in it a mirror that has not run yet, and an upstream without projects."""

    xmlrpc = False
    arguments = ()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.upstream = Upstream(self.xmlrpc)
        self.addCleanup(self.upstream.close)
        self.mirror = Mirror(self.folder / "mirror", self.upstream.url, *self.arguments)


class MirrorSite:
    """The mirror's tree behind a real nginx, with the configuration that the topology's templates make."""

    def __init__(self, folder, tree, prefix="", certificate=None):
        """`certificate`: where it has TLS a PEM file, beside which its key lies as .key."""
        self.folder, self.port, self.prefix = pathlib.Path(folder), free_port(), prefix
        sys.path.insert(0, str(TOPOLOGY))
        import render
        import topology
        data = {"name": "test", "registry": {"url": "http://127.0.0.1/", "network": "127.0.0.0/8"},
                "paths": {"run": str(self.folder), "config": str(self.folder), "state": str(self.folder)},
                "host": [{"name": "far", "address": "127.0.0.1", "site": "two"}],
                "certificate": [{"name": "far_tls", "host": "far", "port": self.port, "file": str(certificate)}] if certificate else [],
                "mirror": [{"name": "far", "host": "far", "port": self.port, "tls": bool(certificate), "from": "http://127.0.0.1:9/", "tree": str(tree),
                            "prefix": prefix}]}
        render.render(topology.check(data), self.folder / "out", "", only=("mirror",))
        self.config = self.folder / "out/far/mirror/nginx.conf"
        # A test's folder is its owner's alone, and nginx's workers are nobody when root starts it.
        user = "user root;\n" if os.geteuid() == 0 else ""
        self.config.write_text(user + "daemon off;\n" + self.config.read_text())

    def start(self):
        self.log = open(self.folder / "nginx.log", "wb")
        self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", self.config, "-e", "stderr"], stderr=self.log)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError("nginx did not start: " + (self.folder / "nginx.log").read_text())

    def reload(self):
        """Reads its certificate again."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    def get(self, path, accept=None, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept is not None:
            headers["Accept"] = accept
        try:
            connection.request(method, self.prefix + path, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()


class MirroredSite(RegistryTest):
    """A registry with a project of two files and another one, its mirror, and nginx over that, below `prefix`."""

    prefix = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.registry.user("ada")
        cls.wheel = wheel("Site.Demo", "1.0", payload=bytes(range(256)) * 40)
        cls.sdist = sdist("Site.Demo", "1.0")
        for package in (cls.wheel, cls.sdist, wheel("site-other", "1.0")):
            assert cls.registry.upload(package, cls.token).status == 200
        cls.mirror = Mirror(cls.folder / "mirror", cls.registry.url)
        cls.mirror.run()
        cls.site = MirrorSite(cls.folder / "site", cls.mirror.folder, cls.prefix).start()
        cls.addClassCleanup(cls.site.stop)
