# SPDX-License-Identifier: GPL-3.0-or-later
"""People at work while a lab is broken: threads whose network is that of the lab's client host."""
import glob
import hashlib
import http.client
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
from support import SIMPLE_JSON, Answer, basic, form, wheel  # noqa: E402


def request(address, method, path, body=None, headers=None, timeout=120, tls=False):
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(address[0], address[1], timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(address[0], address[1], timeout=timeout)
    try:
        connection.request(method, path, body, dict(headers or {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def upload(address, package, token, tls=False):
    body, content_type = form(package)
    return request(address, "POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", token)}, tls=tls)


def blob_path(content, name):
    """Where bytes are served, and where they lie in the files of the registry."""
    digest = hashlib.blake2b(content, digest_size=32).hexdigest()
    return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{name}"


def client_folder(lab):
    """For files, as the client host sees it."""
    return str(lab.layout.home("client") / "tmp") if lab.reduced else "/var/tmp"


def on_client(lab, *words):
    """A command with its files in the client host's folder."""
    environment = ["env", "-i", "PATH=/usr/bin:/bin", f"HOME={client_folder(lab)}", "LANG=C.UTF-8", "PIP_CONFIG_FILE=/dev/null", "PIP_NO_INPUT=1",
                   "PIP_DISABLE_PIP_VERSION_CHECK=1", "TWINE_NON_INTERACTIVE=1", "PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring"]
    return lab.machine.run("client", *environment, *words, check=False, timeout=180)


def pip(lab, command, *words):
    """The real pip there, through the CDN. Whoever installs has a machine of their own: what is measured here goes first."""
    url = lab.topology["registry"]["url"]
    return on_client(lab, "nice", "-n", "10", "/usr/bin/python3", "-m", "pip", command, "--no-deps", "--no-cache-dir", "--retries", "0", "--timeout", "30",
                     "--trusted-host", urllib.parse.urlsplit(url).netloc, "--index-url", f"{url}simple/", *words)


def twine(lab, package, token):
    """The real twine there, through the CDN, with a file that is written for it."""
    path = lab.layout.home("client") / "tmp" / package.filename
    path.write_bytes(package.content)
    try:
        return on_client(lab, "/usr/bin/twine", "upload", "--disable-progress-bar", "--repository-url", f"{lab.topology['registry']['url']}legacy/",
                         "-u", "__token__", "-p", token, f"{client_folder(lab)}/{package.filename}")
    finally:
        path.unlink()


class Crew:
    """Threads that do the same again and again, from `with` to its end: subclasses say what, in work(number)."""

    def __init__(self, count):
        self.finished = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.finished.set()
        for thread in self.threads:
            thread.join()


class Tries(Crew):
    """What may fail, again and again, counted and timed: subclasses say what in attempt(number), which answers or raises what is
    wrong with it, and `pause` seconds for a client's ports to come to an end. In `network`, where one is given."""

    pause = 0

    def __init__(self, count, network=None):
        super().__init__(count)
        self.network = network
        self.lock = threading.Lock()
        self.done, self.failed, self.longest = 0, [], 0.0

    def work(self, number):
        if self.network:
            self.network.join()
        while not self.finished.is_set():
            begin = time.monotonic()
            try:
                problem = self.attempt(number)
            except Exception as error:  # what a user would see
                problem = repr(error)
            time.sleep(self.pause)
            with self.lock:
                self.done += 1
                self.longest = max(self.longest, time.monotonic() - begin)
                if problem:
                    self.failed.append(f"{time.strftime('%T')}: {problem}")


def said_when_failed(done):
    """Of a program that has ended: the end of what it said, when it failed."""
    return done.stdout[-300:] + done.stderr[-300:] if done.returncode else None


class Installers(Tries):
    """Each gets a project's page and then the file, again and again, as pip does; and remembers what took long."""

    pause = 0.02

    def __init__(self, network, address, packages, count):
        super().__init__(count, network)
        self.address, self.packages = address, packages

    def attempt(self, number):
        package = self.packages[number % len(self.packages)]
        page = request(self.address, "GET", f"/simple/{package.name}/", headers={"Accept": SIMPLE_JSON}, timeout=30)
        path = next((file["url"] for file in page.json()["files"] if file["filename"] == package.filename), None) if page.status == 200 else None
        file = request(self.address, "GET", urllib.parse.urlsplit(urllib.parse.urljoin(f"/simple/{package.name}/", path)).path, timeout=30) if path else None
        whole = file and file.status == 200 and hashlib.sha256(file.body).hexdigest() == package.sha256
        return None if whole else f"{page.status} {file.status if file else None}"


class Pips(Tries):
    """The real pip, which installs a project again and again at the client host, each one of its own."""

    def __init__(self, lab, projects, count):
        super().__init__(count)
        self.lab, self.projects = lab, projects

    def attempt(self, number):
        return said_when_failed(pip(self.lab, "install", "--upgrade", "--force-reinstall", "--target", f"{client_folder(self.lab)}/pip-{number}",
                                    self.projects[number % len(self.projects)]))

    def wait_for(self, rounds, patience=300):
        """Until each, on average, has begun and ended so many more; at once when one has failed."""
        wanted, end = self.done + rounds * len(self.threads), time.monotonic() + patience
        while self.done < wanted and not self.failed:
            if time.monotonic() > end:
                raise AssertionError(f"{self.done} runs of pip, {wanted} awaited")
            time.sleep(0.05)


def longest_pause(moments, begin, end):
    within = [begin, *sorted(moment for moment in moments if begin < moment < end)]
    return max((after - before for before, after in zip(within, within[1:])), default=0.0)


class Commits:
    """Commits one after the other at whichever database takes writes, from a web node's host: what people who upload wait
    for at least. A table of its own; `moments` of those that were acknowledged, by time.time()."""

    def __init__(self, lab):
        registry, web = lab.topology["registry"], lab.topology["web"][0]
        primary = lab.database("primary")
        lab.sql(primary, "CREATE TABLE IF NOT EXISTS lab_commits (at timestamptz); GRANT ALL ON lab_commits TO cheesemonger", registry["database"])
        nodes = lab.topology["postgres"]
        where = (f"host={','.join(lab.hosts[node['host']]['address'] for node in nodes)} port={','.join(str(node['port']) for node in nodes)} "
                 f"user=cheesemonger dbname={registry['database']} passfile={lab.topology['paths']['config'].replace('{host}', web['host'])}/web/pgpass "
                 "target_session_attrs=read-write connect_timeout=2")
        # The program itself: Debian's psql is a script that looks for it, which takes longer than a commit.
        program = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
        loop = f"while :; do {program} -Xq \"{where}\" -c 'INSERT INTO lab_commits VALUES (now())' 2>/dev/null && date +%s.%N; done"
        self.process = subprocess.Popen(lab.machine.enter(web["host"], "sh", "-c", loop, user=lab.topology["users"]["web"]), stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.moments = [float(line) for line in self.process.communicate()[0].split()]

    def longest_pause(self, begin, end=float("inf")):
        """As Team's, with times of time.time()."""
        return longest_pause(self.moments, begin, end)


class Team:
    """Uploaders that try each file again until it is acknowledged, and watchers of each node's serial."""

    def __init__(self, lab, network, address, token, uploaders=4, label="team"):
        self.lab, self.network, self.address, self.token, self.label = lab, network, address, token, label
        self.lock, self.finished = threading.Lock(), threading.Event()
        self.resting = threading.Event()  # set: nothing new is begun
        self.busy = 0  # uploads that are under way
        self.acknowledged, self.moments, self.failed, self.problems = {}, [], [], []
        self.longest = 0.0  # seconds from the first try of a file until it was acknowledged
        self.threads = [threading.Thread(target=self.work, args=(self.uploads, number)) for number in range(uploaders)]
        for node in lab.topology["web"]:
            at = (lab.hosts[node["host"]]["address"], node["port"])
            self.threads.append(threading.Thread(target=self.work, args=(self.watch, at)))

    def work(self, function, *arguments):
        try:
            self.network.join()
            function(*arguments)
        except BaseException as error:  # judged by the test
            self.problems.append(f"{function.__name__}: {error!r}")

    def uploads(self, number):
        version = 0
        while not self.finished.is_set():
            if not self.begins():
                continue
            package = wheel(f"{self.label}-{number}", f"1.{version}", payload=os.urandom(2000))
            if not self.insist(lambda: upload(self.address, package, self.token)):
                return
            with self.lock:
                self.acknowledged[package.filename] = package
                self.moments.append(time.monotonic())
            version += 1

    def begins(self):
        """Whether something may be begun now; not for a moment while the team rests."""
        with self.lock:
            if not self.resting.is_set():
                self.busy += 1
                return True
        time.sleep(0.05)
        return False

    def insist(self, send):
        """Sends what was begun again until it is acknowledged; false when the team has finished before, or it never will be."""
        begin = time.monotonic()
        try:
            while not self.finished.is_set():
                try:
                    answer = send()
                except (OSError, http.client.HTTPException) as error:
                    self.note_failure(repr(error))
                    continue
                if answer.status == 200:
                    self.longest = max(self.longest, time.monotonic() - begin)
                    return True
                self.note_failure(f"{answer.status} {answer.text[:100]}")
                if answer.status not in (500, 502, 503, 504):
                    self.problems.append(str(answer))
                    return False
            return False
        finally:
            with self.lock:
                self.busy -= 1

    def rest(self, patience=120):
        """Begins nothing new until `resting` is cleared, and waits for what is under way."""
        end = time.monotonic() + patience
        with self.lock:
            self.resting.set()
        while self.busy:
            if time.monotonic() > end:
                raise AssertionError(f"{self.busy} uploads do not end; {self.failed[-3:]}")
            time.sleep(0.02)

    def note_failure(self, words):
        with self.lock:
            self.failed.append((time.monotonic(), words))
        time.sleep(0.1)

    def watch(self, at):
        highest = 0
        while not self.finished.is_set():
            try:
                answer = request(at, "GET", "/simple/", headers={"Accept": SIMPLE_JSON}, timeout=10, tls=True)
            except (OSError, http.client.HTTPException):
                time.sleep(0.2)
                continue
            if answer.status == 200:
                serial = int(answer.headers["X-PyPI-Last-Serial"])
                if serial < highest:
                    self.problems.append(f"{at[0]}: serial {serial} after {highest}")
                highest = max(highest, serial)
            time.sleep(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        try:
            self.wait_for(20)
        except BaseException:
            self.finished.set()
            raise
        return self

    def __exit__(self, *_):
        self.finished.set()
        for thread in self.threads:
            thread.join()

    def wait_for(self, more, patience=120):
        """Until so many more are acknowledged."""
        wanted, end = len(self.acknowledged) + more, time.monotonic() + patience
        while len(self.acknowledged) < wanted:
            if self.problems or time.monotonic() > end:
                raise AssertionError(f"{len(self.acknowledged)} acknowledged, {wanted} awaited; {self.problems}; {self.failed[-3:]}")
            time.sleep(0.02)

    def pause_after(self, begin):
        """Seconds from `begin` to the end of the longest time without an acknowledgement that came after it."""
        moments = [begin, *sorted(moment for moment in self.moments if moment > begin)]
        gaps = [(after - before, after - begin) for before, after in zip(moments, moments[1:])]
        return max(gaps, default=(0.0, 0.0))[1]

    def longest_pause(self, begin, end=float("inf")):
        """Seconds of the longest time without an acknowledgement between `begin` and `end`, whenever it came."""
        return longest_pause(self.moments, begin, end)

    def check(self):
        """What must hold whatever happened."""
        assert not self.problems, self.problems
        listed = {}
        for number in range(len(self.threads)):
            answer = request(self.address, "GET", f"/simple/{self.label}-{number}/", headers={"Accept": SIMPLE_JSON})
            if answer.status == 200:
                for file in json.loads(answer.body)["files"]:
                    assert file["filename"] not in listed, f"doubled: {file['filename']}"
                    listed[file["filename"]] = file
        lost = set(self.acknowledged) - set(listed)
        assert not lost, f"acknowledged and gone: {sorted(lost)[:5]} ({len(lost)})"
        for name, package in self.acknowledged.items():
            answer = request(self.address, "GET", urllib.parse.urlparse(listed[name]["url"]).path)
            assert answer.status == 200, f"{name}: {answer}"
            assert hashlib.sha256(answer.body).hexdigest() == package.sha256, f"{name}: other bytes"
        return len(listed)
