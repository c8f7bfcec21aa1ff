# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mirror costs: a first copy beside cp of the same files, a minute in which nothing happened, and a run after
one upload beside hundreds of thousands of projects."""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time
import urllib.request

from servers import Core, fetch, free_port, from_index

from support import form, basic, wheel  # noqa: E402

COPIED = 1000
QUIET_RUNS = 21
UPLOADS = 5
# The program that most mirrors of PyPI run, as fast as it can be set: its own limit of workers, no second layout. From 8 on it
# fetches metadata as ours does; Python 3.11 gets an older one.
BANDERSNATCH_CONFIG = """
[mirror]
directory = {folder}
master = http://127.0.0.1:{port}
allow-non-https = true
api-method = simple
json = true
timeout = 30
global-timeout = 600
workers = 10
verifiers = 3
hash-index = false
stop-on-error = true
storage-backend = filesystem
"""


def upload(core, token, package):
    body, kind = form(package)
    request = urllib.request.Request(f"http://127.0.0.1:{core.port}/legacy/", body, {"Content-Type": kind, **basic("__token__", token)})
    with urllib.request.urlopen(request) as answer:
        answer.read()


class Run:
    """One run of the mirror: milliseconds of the whole process, its requests, its peak memory."""

    def __init__(self, options, core, folder):
        begin = time.monotonic()
        process = subprocess.Popen([options.core, "mirror", "--once", "--from", f"http://127.0.0.1:{core.port}/", "--to", str(folder)],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        words = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        self.milliseconds = 1000 * (time.monotonic() - begin)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        if process.returncode != 0:
            raise RuntimeError(f"the mirror failed: {words}")
        self.requests = int(re.search(r"(\d+) requests", words)[1])
        self.published = int(re.search(r"(\d+) projects published", words)[1])
        self.megabytes = usage.ru_maxrss / 1024


def asked(runs, most):
    """The requests of the run that asked most; more than `most` is no measurement but a fault."""
    requests = max(run.requests for run in runs)
    if requests > most:
        raise RuntimeError(f"a run made {requests} requests where {most} are enough")
    return f"{requests} request{'s' if requests > 1 else ''}"


def synced(action):
    """Milliseconds of `action` with what it wrote on the disk; what was dirty before is not counted."""
    os.sync()
    begin = time.monotonic()
    action()
    os.sync()
    return 1000 * (time.monotonic() - begin)


class Bandersnatch:
    """The other mirror beside ours; nothing is measured where it cannot be had."""

    def __init__(self, work, core):
        library = work / "bandersnatch"
        self.environment = from_index(library, "bandersnatch")
        self.version = next((path.name.split("-")[1].removesuffix(".dist") for path in library.glob("bandersnatch-*.dist-info")), "")
        self.config, self.port = work / "bandersnatch.conf", core.port

    def copy(self, folder):
        self.config.write_text(BANDERSNATCH_CONFIG.format(folder=folder, port=self.port))
        subprocess.run([sys.executable, "-m", "bandersnatch.main", "-c", str(self.config), "mirror"], env=self.environment, check=True,
                       capture_output=True)
        if sum(1 for _ in folder.rglob("*.whl")) != COPIED:
            raise RuntimeError("bandersnatch did not copy every file")


def copies(options, table, work, core, token):
    upload(core, token, wheel("first", "1.0"))
    for number in range(COPIED - 1):
        upload(core, token, wheel(f"copied-{number}", "1.0"))
    other = Bandersnatch(work, core)
    # Into folders that were never there: where much was just deleted, this file system looks long for room.
    trees = work / "trees"
    trees.mkdir()
    taken = {"ours": [], "cp": [], "other": []}
    for number in range(options.rounds):
        tree = trees / f"ours-{number}"
        taken["ours"].append(synced(lambda: Run(options, core, tree)))
        taken["cp"].append(synced(lambda: subprocess.run(["cp", "-r", str(tree), str(trees / f"cp-{number}")], check=True)))
        if other.environment:
            taken["other"].append(synced(lambda: other.copy(trees / f"other-{number}")))
    ours = statistics.median(taken["ours"])
    table.add("mirror-1000", f"{COPIED} projects of one wheel each, against cp -r of them and sync", ours, statistics.median(taken["cp"]), "ms", True, asked=0.5)
    table.add("mirror-1000-other", f"the same, against bandersnatch {other.version}", ours, statistics.median(taken["other"]) if taken["other"] else None,
              "ms", True, asked=15)
    quiet = [Run(options, core, tree) for _ in range(QUIET_RUNS)]
    table.add("mirror-idle", f"a run with nothing to do, {asked(quiet, 1)}",
              statistics.median(run.milliseconds for run in quiet), 50, "ms", True, True)


def many(options, table, work):
    data, tree = work / "many", work / "mirror-many"
    data.mkdir()
    subprocess.run([str(options.bin / "bench_populate"), str(data / "catalog.sqlite"), str(options.mirrored)], check=True)
    with Core(options.core, data, free_port()) as core:
        token = core.token()
        upload(core, token, wheel("one-more", "1.0"))
        base = f"http://127.0.0.1:{core.port}"
        index = work / "index.json"
        index.write_bytes(fetch(f"{base}/simple/", "application/vnd.pypi.simple.v1+json"))
        identity = json.loads(fetch(f"{base}/journal/"))["registry"]
        # As after a first copy, but for the pages and files of all those projects.
        tree.mkdir()
        subprocess.run([str(options.bin / "bench_mirror_fill"), str(tree), str(index), f"{base}/", identity], check=True)
        # This run fetches what was not filled in of the one project that is uploaded to.
        upload(core, token, wheel("one-more", "1.1"))
        first = Run(options, core, tree)
        table.add("mirror-886k-index", f"the list of {options.mirrored:,} projects written, {first.megabytes:.0f} MB", first.milliseconds, None, "ms")
        runs = []
        for number in range(UPLOADS):
            upload(core, token, wheel("one-more", f"2.{number}"))
            runs.append(Run(options, core, tree))
            if runs[-1].published != 1:
                raise RuntimeError("the upload did not reach the mirror")
        table.add("mirror-886k", f"a run after one upload, {asked(runs, 3)}",
                  statistics.median(run.milliseconds for run in runs), 2000, "ms", True, True)
        table.add("mirror-886k-mb", "its peak memory, and that of the run that wrote the list", max(run.megabytes for run in [first, *runs]), 300,
                  "MB", True, True)
        quiet = [Run(options, core, tree) for _ in range(QUIET_RUNS)]
        table.add("mirror-886k-idle", f"a run with nothing to do, {asked(quiet, 1)}",
                  statistics.median(run.milliseconds for run in quiet), 50, "ms", True, True)


def measure(options, table, work):
    with Core(options.core, work / "mirrored", free_port()) as core:
        copies(options, table, work, core, core.token())
    many(options, table, work)
