# SPDX-License-Identifier: GPL-3.0-or-later
"""The primary is killed, its power or its way to the others is cut, at a random moment under 32 uploaders, again and again:
what was acknowledged is there once, and no node's serial falls. RUNS says how often (3), SEED repeats one. Prints the
pauses: each has its limit, and a run that is above it fails the test at its end, named with its number.
HOW names the faults (kill,power,silent); the logs of a run that is above its limit are copied below LOGS.

    make lab-test ARGS=failover_runs
    RUNS=100 make lab-test ARGS=failover_runs"""
import json
import os
import random
import shutil
import statistics
import time
import unittest

import faults
from clients import Team
from lab_case import LabCase, figure

UPLOADERS = 32
# Seconds until writes resume: where the host says that nobody listens any more, and where it says nothing.
LIMITS = {"kill": 5, "power": 8, "silent": 8}
RUNS = int(os.environ.get("RUNS", "3"))
HOWS = os.environ.get("HOW", ",".join(LIMITS)).split(",")


class FailoverRuns(LabCase):
    def one(self, number, how, wait):
        primary = self.lab.database("primary")
        # Names that no digits make alike.
        label = "run-" + "".join("abcdefghjk"[int(digit)] for digit in str(number))
        with Team(self.lab, self.network, self.cdn, self.token, UPLOADERS, label) as team:
            time.sleep(wait)
            begin = time.monotonic()
            faults.cause(self.lab, how, [primary])
            team.wait_for(3 * UPLOADERS, 180)
            pause, refused = team.pause_after(begin), len(team.failed)
        if pause > LIMITS[how] and "LOGS" in os.environ:
            for host in self.lab.hosts:
                shutil.copytree(self.lab.layout.home(host) / "log", f"{os.environ['LOGS']}/run-{number}/{host}")
        faults.end(self.lab, "all")
        well = self.lab.wait_until_well(240)
        self.check(team)
        now = self.lab.database("primary")
        return {"run": number, "how": how, "pause": pause, "limit": LIMITS[how], "within": pause <= LIMITS[how], "refused": refused, "acknowledged": len(team.acknowledged), "well": well, "moved": now != primary}

    def test_a_primary_lost_at_random_moments(self):
        seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
        chance, done = random.Random(seed), []
        print(f"\nseed {seed}, {RUNS} runs", flush=True)
        for number in range(1, RUNS + 1):
            result = self.one(number, HOWS[number % len(HOWS)], chance.uniform(0, 4))
            done.append(result)
            print(json.dumps({key: round(value, 2) if isinstance(value, float) else value for key, value in result.items()}), flush=True)
        above = [f"{result['how']} in run {result['run']}: {result['pause']:.1f} s" for result in done if not result["within"]]
        for how in sorted({result["how"] for result in done}):
            pauses = [result["pause"] for result in done if result["how"] == how]
            figure(f"{how}: {len(pauses)} runs, writes resume after {statistics.median(pauses):.1f} s (median), {max(pauses):.1f} s (longest), limit {LIMITS[how]} s")
        figure(f"{sum(result['acknowledged'] for result in done)} uploads acknowledged in {len(done)} failovers: none lost, none doubled")
        self.assertEqual(above, [], f"above the limits of {LIMITS}")


if __name__ == "__main__":
    unittest.main()
