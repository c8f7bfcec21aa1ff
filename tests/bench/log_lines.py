# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast lines of a CDN's log become counts on one core, beside PyPI's own parser, and in what memory."""
import json
import statistics
import subprocess
import sys

from servers import from_index

LINES_PER_SECOND = 450_000
PROJECTS = 500_000
MEGABYTES = 200
# PyPI's parser reads some thousand lines a second.
REFERENCE_LINES = 10_000
# Reads the file of the first argument and says how many lines a second of processor time it took, as PyPI's own job
# handles them: a line that raises is told as such.
REFERENCE = """
import sys, time
from linehaul.events.parser import parse
lines = open(sys.argv[1], encoding="utf-8").read().split("\\n")[:-1]
begin = time.process_time()
good = 0
for line in lines:
    try:
        good += parse(line) is not None
    except Exception:
        pass
print(len(lines) / (time.process_time() - begin))
"""


def run_json(*command):
    return json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout)


def reference(work, program):
    """A function that measures PyPI's parser once, or nothing where it cannot be had."""
    environment = from_index(work / "linehaul", "linehaul==1.0.3")
    if environment is None:
        return None
    lines = work / "lines"
    subprocess.run([str(program), "write", str(lines), str(REFERENCE_LINES)], check=True)
    return lambda: float(subprocess.run([sys.executable, "-c", REFERENCE, str(lines)], check=True, capture_output=True, text=True, env=environment).stdout)


def measure(options, table, work):
    program = options.bin / "bench_log_lines"
    theirs = reference(work, program)
    pairs = [(run_json(program, "speed", options.seconds), theirs() if theirs else None) for _ in range(options.rounds)]
    ours = statistics.median(pair[0]["per_s"] for pair in pairs)
    what = pairs[0][0]
    lines = f"lines of {what['mean_bytes']} bytes, {what['user_agents']} user agents"
    table.add("log-lines", f"{lines}, {what['projects']} projects", ours, LINES_PER_SECOND, "lines/s", limit=True)
    table.add("log-lines-reference", f"{lines}, against PyPI's parser",
              ours, statistics.median(pair[1] for pair in pairs) if theirs else None, "lines/s")
    memory = [run_json(program, "memory", PROJECTS) for _ in range(options.rounds)]
    table.add("log-lines-memory", f"{PROJECTS} projects in flight, {statistics.median(each['held_mb'] for each in memory):.0f} MB before they are taken",
              statistics.median(each["peak_mb"] for each in memory), MEGABYTES, "MB", True, True)
