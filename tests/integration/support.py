# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests share: a real cheesemongerd in a folder of its own, packages made on the
spot, and a client that says exactly what was answered."""
import base64
import hashlib
import http.client
import io
import json
import os
import pathlib
import random
import select
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
import unittest
import uuid
import zipfile

BIN = pathlib.Path(os.environ.get("CHEESEMONGER_BIN", "build/dev/bin"))
# A core with sanitizers keeps freed memory and shadows: its size says nothing about what users see.
SANITIZED = bool(os.environ.get("CHEESEMONGER_SANITIZED"))
# Over which database the suites run: SQLite unless it says "postgres".
ENGINE = os.environ.get("CHEESEMONGER_TEST_ENGINE", "sqlite")
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
# A library that gives whoever loads it another clock.
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
needs_faketime = unittest.skipUnless(pathlib.Path(FAKETIME).exists(), "the library of the package faketime is not where amd64 has it")


class Daemon:
    """One cheesemongerd of a test: launch(), stop() and kill() may be called again and again."""

    process = None
    environment = {}  # besides ours

    def launch(self, log_file, *words):
        """Answers once it says that it is ready; its standard error goes to the end of `log_file`."""
        with open(log_file, "ab") as log:
            self.process = subprocess.Popen([BIN / "cheesemongerd", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                            env={**os.environ, **self.environment})
        ready, _, _ = select.select([self.process.stdout], [], [], 60)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith("ready "):
            self.kill()
            raise AssertionError(f"{words[0]} did not start: {pathlib.Path(log_file).read_text(errors='replace')[-2000:]}")
        return self

    def stop(self):
        """Asks it to end, as a service manager does, and answers its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        finally:
            self.kill()

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self.process.stdout.close()
            self.process = None


class Registry(Daemon):
    """A running core over `data`. start(), stop() and kill() may be called again and again. `store` are the flags by
    which `admin` commands find the same registry."""

    def __init__(self, data, *arguments, host="127.0.0.1", store=()):
        self.data = pathlib.Path(data)
        self.store = list(store)
        if ENGINE == "postgres" and not store:
            from postgres import shared_server
            self.store = ["--database", shared_server().url(shared_server().create_database())]
        self.arguments = arguments
        self.host = host
        self.port = free_port()

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        return self.launch(self.data.parent / "core.log", "serve", "--data", self.data, "--listen", f"{self.host}:{self.port}",
                           *self.store, *self.arguments)

    def log(self):
        return (self.data.parent / "core.log").read_text(errors="replace")

    def memory_mb(self, what="VmHWM"):
        """0 with sanitizers."""
        if SANITIZED:
            return 0
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        raise AssertionError(f"no {what}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def admin(self, *words, stdin=None, check=True):
        done = subprocess.run([BIN / "cheesemongerd", "admin", *words, "--data", self.data, *self.store], input=stdin,
                              capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"admin {' '.join(words)}: {done.stderr}")
        return done.stdout.strip() if check else done

    def user(self, name, role="user"):
        """Adds a person and answers an API token of theirs."""
        self.admin("user", "add", name, "--role", role)
        return self.admin("token", "create", "--user", name)

    def connection(self, timeout):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, token=None, timeout=60):
        """An Answer, whatever its status; nothing is followed."""
        connection = self.connection(timeout)
        try:
            headers = dict(headers or {})
            if token:
                headers["Authorization"] = f"Bearer {token}"
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def call(self, method, path, token, body=None):
        """The admin API: JSON in, an Answer out."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        return self.request(method, path, json.dumps(body) if body is not None else None, headers, token)

    def upload(self, package, token, timeout=60, **changes):
        body, content_type = form(package, **changes)
        return self.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", token)}, timeout=timeout)

    def files(self, project):
        """File names on a project's simple page; None where there is no such page."""
        answer = self.request("GET", f"/simple/{project}/", headers={"Accept": SIMPLE_JSON})
        return None if answer.status == 404 else {file["filename"]: file for file in answer.json()["files"]}


class Answer:
    def __init__(self, response):
        self.status, self.reason, self.headers = response.status, response.reason, response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"{self.status} {self.reason}: {self.text[:300]}"


class Package:
    """A distribution in memory: what an uploader would send."""

    def __init__(self, name, version, filename, content, filetype, pyversion, metadata_version="2.1"):
        self.name, self.version, self.filename, self.content = name, version, filename, content
        self.filetype, self.pyversion, self.metadata_version = filetype, pyversion, metadata_version

    @property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()

    def write(self, folder):
        path = pathlib.Path(folder) / self.filename
        path.write_bytes(self.content)
        return path


def metadata(name, version, extra=""):
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: made for a test\n{extra}\nNothing more.\n"


def wheel(name, version, payload=b"answer = 42\n", members=(), extra="", compression=zipfile.ZIP_DEFLATED):
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        names = [f"{name.replace('-', '_')}/__init__.py", *(member for member, _ in members), f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD"]
        archive.writestr(names[0], payload)
        for member, data in members:
            archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", metadata(name, version, extra))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "".join(f"{member},,\n" for member in names))
    return Package(name, version, f"{stem}-py3-none-any.whl", content.getvalue(), "bdist_wheel", "py3")


def sdist(name, version, payload=b"answer = 42\n"):
    stem = f"{name.replace('-', '_')}-{version}"
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, data in ((f"{stem}/PKG-INFO", metadata(name, version).encode()),
                           (f"{stem}/pyproject.toml", b"[build-system]\nrequires = []\n"),
                           (f"{stem}/{name.replace('-', '_')}.py", payload)):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return Package(name, version, f"{stem}.tar.gz", content.getvalue(), "sdist", "source")


def form(package, content=None, filename=None, fields=(), **replaced):
    """A multipart body as twine sends it. `replaced` changes or (with None) leaves out a field."""
    values = {":action": "file_upload", "protocol_version": "1", "name": package.name, "version": package.version,
              "filetype": package.filetype, "pyversion": package.pyversion, "metadata_version": package.metadata_version,
              "summary": "made for a test", "sha256_digest": package.sha256}
    values.update({key.replace("action", ":action"): value for key, value in replaced.items()})
    boundary = uuid.uuid4().hex
    body = io.BytesIO()
    for key, value in [*values.items(), *fields]:
        if value is not None:
            body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode())
    if content is not False:
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="content"; filename="{filename or package.filename}"\r\n'
                   "Content-Type: application/octet-stream\r\n\r\n".encode())
        body.write(package.content if content is None else content)
        body.write(b"\r\n")
    body.write(f"--{boundary}--\r\n".encode())
    return body.getvalue(), f"multipart/form-data; boundary={boundary}"


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def in_seconds(seconds):
    """That moment from now, as orders and the admin API tell it."""
    return time.strftime("%FT%TZ", time.gmtime(time.time() + seconds))


RESERVED = []


def free_port(row=1):
    """A port that nobody listens on, for this process alone, or the first of `row` of them. They lie below those that the
    kernel gives to outgoing connections: one of these, made by any test beside this one, would be there before the server."""
    lowest = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    highest = lowest if lowest > 12000 else 65536  # where those begin low, there is no room below them
    for _ in range(10000):
        first = random.randrange(10000, highest - row)
        marks = [socket.socket(socket.AF_UNIX) for _ in range(row)]
        try:
            for port, mark in enumerate(marks, first):
                mark.bind(f"\0cheesemonger-test-port-{port}")
                with socket.socket() as probe:
                    probe.bind(("", port))
        except OSError:
            for mark in marks:
                mark.close()
            continue
        RESERVED.extend(marks)
        return first
    raise AssertionError(f"no {row} free ports in a row")


class RegistryTest(unittest.TestCase):
    """A test with a folder of its own and, unless it says otherwise, a running registry in it."""

    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.registry = Registry(cls.folder / "data", *cls.arguments).start()
        cls.addClassCleanup(cls.registry.kill)

    def assertRefused(self, answer, status, *words):
        """A refusal explains itself in the reason phrase and in the body."""
        self.assertEqual(answer.status, status, answer)
        for word in words:
            self.assertIn(word, answer.reason, answer)
            self.assertIn(word, answer.text, answer)

    def isolated(self):
        """An environment for real clients in which no setting of this machine can be felt."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_CACHE_DIR": str(home / "pip"),
                "TWINE_NON_INTERACTIVE": "1", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    def pip(self, *words, check=True):
        done = subprocess.run(["/usr/bin/python3", "-m", "pip", *words, "--index-url", f"{self.registry.url}/simple/"],
                              env=self.isolated(), capture_output=True, text=True, timeout=120)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done

    def twine(self, token, *paths, check=True, user="__token__"):
        done = subprocess.run(["/usr/bin/twine", "upload", "--disable-progress-bar", "--repository-url", f"{self.registry.url}/legacy/",
                               "-u", user, "-p", token, *map(str, paths)],
                              env=self.isolated(), capture_output=True, text=True, timeout=120)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done
