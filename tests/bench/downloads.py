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

from support import basic, form, wheel

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


def publish(core, name):
    """A release of a project that is downloaded, so that there is a page of it."""
    core.admin("user", "add", "publisher", "--role", "user")
    token = core.admin("token", "create", "--user", "publisher")
    body, kind = form(wheel(name, "1.0"))
    request = urllib.request.Request(f"http://127.0.0.1:{core.port}/legacy/", body, {"Content-Type": kind} | basic("__token__", token))
    urllib.request.urlopen(request, timeout=60).close()


def clicks(options, table, work, core, token):
    """What a person waits for: from the click to the frame that has the answer, in the real window."""
    publish(core, "project-1")
    done = subprocess.run([str(options.bin / "bench_clicks"), f"http://127.0.0.1:{core.port}/", "project-1", str(max(3, options.rounds))],
                          input=token, env=desktop.environment(work, "offscreen"), check=True, stdout=subprocess.PIPE, text=True, timeout=1800)
    charts = json.loads(done.stdout)
    for name, took in charts.items():
        print(f"  {took['median_ms']:7.1f} ms, {took['worst_ms']:7.1f} at worst: {name}", flush=True)
    slowest = max(charts, key=lambda name: charts[name]["median_ms"])
    table.add("downloads-click", f"click to paint, median of the slowest chart ({slowest})", charts[slowest]["median_ms"], LIMIT_MS, "ms", True, True)
    # The limit is of any chart: the longest of all.
    worst = max(charts, key=lambda name: charts[name]["worst_ms"])
    table.add("downloads-click-worst", f"click to paint, the longest of all ({worst})", charts[worst]["worst_ms"], LIMIT_MS, "ms", True, True)


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
        clicks(options, table, work, core, token)
    table.add("downloads-add", "adding 1,000 cells to the counts of that year", filled["add_ms"], LIMIT_MS, "ms", True, True)
