# SPDX-License-Identifier: GPL-3.0-or-later
"""How long charts of downloads take over a year of a registry of 10,000 projects: the server's answer to what a page
asks, each question the first of its kind and then again, and what adding counts costs the writer."""
import json
import statistics
import subprocess
import time
import urllib.request

import desktop
from servers import Core, free_port

PROJECTS = 10_000
DAYS = 365
LIMIT_MS = 100
SERIES = {
    "class": "split=class",
    "country": "split=country&most=5",
    "installer": "split=installer&most=5&classes=interactive,ci,browser,tooling,unknown",
}
SPANS = {"year": 365, "quarter": 90, "week": 7}


def moment(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 86_400 * days))


def ask(core, token, path):
    request = urllib.request.Request(f"http://127.0.0.1:{core.port}/admin/v1/{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def milliseconds(core, token, path):
    begin = time.monotonic()
    ask(core, token, path)
    return 1000 * (time.monotonic() - begin)


def worst(options, core, token, paths):
    """Of the medians of all questions the greatest, and which it was."""
    medians = {path: statistics.median(milliseconds(core, token, path) for _ in range(max(5, options.rounds))) for path in paths}
    path = max(medians, key=medians.get)
    print(f"  {medians[path]:.1f} ms at most: {path}", flush=True)
    return medians[path]


def painted(options, work, core, token, path):
    """The answer as it comes, and the chart that a window paints of it."""
    answer = work / "answer.json"
    answer.write_bytes(ask(core, token, path))
    done = subprocess.run([str(options.bin / "bench_chart"), str(answer)], env=desktop.environment(work, "offscreen"), check=True,
                          capture_output=True, text=True)
    return statistics.median(milliseconds(core, token, path) for _ in range(max(5, options.rounds))) + json.loads(done.stdout)["ms"]


def measure(options, table, work):
    folder = work / "downloads"
    with Core(options.core, folder, free_port()):
        pass
    filled = json.loads(subprocess.run([str(options.bin / "bench_downloads_fill"), str(folder / "catalog.sqlite"), str(PROJECTS), str(DAYS)],
                                       check=True, capture_output=True, text=True).stdout)
    with Core(options.core, folder, free_port()) as core:
        core.admin("user", "add", "chart", "--role", "observer")
        token = core.admin("token", "create", "--user", "chart")
        since = {name: moment(days) for name, days in SPANS.items()}
        series = [f"downloads/series?from={start}&{split}" for start in since.values() for split in SERIES.values()]
        series += [f"projects/project-{rank}/downloads/series?from={start}&{split}"
                   for rank in (1, 2, 5_000) for start in since.values() for split in (*SERIES.values(), "split=version&most=5")]
        table.add("downloads-series", f"slowest chart, a year of {PROJECTS:,} projects", worst(options, core, token, series), LIMIT_MS, "ms", True, True)
        table.add("downloads-paint", "a year by country, from the question to the painted chart",
                  painted(options, work, core, token, f"downloads/series?from={since['year']}&split=country&most=5"), LIMIT_MS, "ms", True, True)
        top = [f"downloads/shares?from={start}&limit=50{classes}" for start in since.values() for classes in ("", "&classes=interactive,ci")]
        table.add("downloads-top", "slowest list of the most downloaded projects", worst(options, core, token, top), LIMIT_MS, "ms", True, True)
        other = [f"downloads/{what}?from={start}" for start in since.values() for what in ("completeness", "evidence")]
        table.add("downloads-checks", "slowest completeness and evidence", worst(options, core, token, other), LIMIT_MS, "ms", True, True)
    table.add("downloads-add", "adding 1,000 cells to the counts of that year", filled["add_ms"], LIMIT_MS, "ms", True, True)
