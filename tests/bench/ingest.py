# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ingester takes: so many lines a second over RELP for a minute, while it is killed again and again, and whether each of
them is counted, and once."""
import collections
import json
import random
import subprocess
import time

import servers  # finds what the tests share
import support  # noqa: E402
from ingesters import Ingester  # noqa: E402

RATE = 200_000
CONNECTIONS = 4
WINDOW = 1000
PROJECTS = 1000


def killed_meanwhile(ingester, seconds, kills):
    """Kills at moments that nobody has chosen, spread over `seconds`; answers how long it was away in all."""
    away = 0.0
    begin = time.monotonic()
    for number in range(kills):
        due = begin + (number + random.random()) * seconds / kills
        time.sleep(max(due - time.monotonic(), 0))
        gone = time.monotonic()
        ingester.kill()
        ingester.start()
        away += time.monotonic() - gone
    return away


def measure(options, table, work):
    support.BIN = options.bin
    seconds, kills = options.ingest_seconds, options.ingest_kills
    ingester = Ingester(work, transports=("relp",)).start()
    try:
        begin = time.monotonic()
        sender = subprocess.Popen([options.bin / "bench_log_sender", str(ingester.ports["relp"]), str(RATE), str(seconds), str(CONNECTIONS), str(WINDOW)],
                                  stdout=subprocess.PIPE, text=True, start_new_session=True)
        away = killed_meanwhile(ingester, seconds, kills)
        told = json.loads(sender.communicate()[0])
        acknowledged = time.monotonic() - begin
        ingester.wait_counted()
        counted = time.monotonic() - begin
        counts = ingester.counts()
        per_connection = told["lines"] // CONNECTIONS
        expected = collections.Counter(f"bench-{number % PROJECTS}" for number in range(per_connection * CONNECTIONS))
        wrong = {project for project in expected.keys() | counts.keys() if expected[project] != counts.get(project, 0)}
        if wrong:
            raise RuntimeError(f"{len(wrong)} of {PROJECTS} projects have another count than was sent: {sum(counts.values())} of {told['lines']} lines are counted")
        memory = next(int(row.split()[1]) for row in open(f"/proc/{ingester.process.pid}/status") if row.startswith("VmHWM")) / 1024
        print(f"{told['lines']:,} lines of {told['mean_bytes']} bytes, {kills} kills ({away:.1f} s away in all), {told['sent_again']} sent again; all"
              f" acknowledged after {acknowledged:.1f} s, all counted after {counted:.1f} s; {memory:.0f} MB at most since the last kill", flush=True)
    finally:
        ingester.kill()
    table.add("ingest-relp", f"lines over RELP, {kills} kills -9, each counted once", told["lines"] / told["seconds"], RATE, "per s", limit=True)
