# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests of a whole lab share: one is made for a class and removed after it, and somebody may upload there."""
import json
import os
import pathlib
import subprocess
import sys
import unittest

import faults
import hosts
from laboratory import Lab
from watching import Monitor, troubles

HERE = pathlib.Path(__file__).resolve().parent
REASON = hosts.permitted()


def lab_command(*words, check=True):
    done = subprocess.run([sys.executable, HERE / "lab.py", "--json", *map(str, words)], capture_output=True, text=True, timeout=400)
    if check and done.returncode != 0:
        raise AssertionError(f"lab {words}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def figure(words):
    print(f"\nmeasured: {words}", flush=True)


@unittest.skipIf(REASON, f"namespaces are not permitted: {REASON}")
class LabCase(unittest.TestCase):
    topology = None  # another than the usual one: a word for `lab up --topology`

    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(lab_command, "down")
        report = lab_command("up", *(["--topology", cls.topology] if cls.topology else []))
        cls.started = report["seconds"]
        figure(f"the lab is up after {cls.started} s (limit 60 s)")
        cls.lab = Lab().load()
        cls.lab.quiet = True
        cls.network = hosts.Network(cls.lab)
        cls.cdn = (cls.lab.hosts["cdn"]["address"], cls.lab.topology["cdn"][0]["port"])
        cls.token = cls.user("ada")

    @classmethod
    def user(cls, name, role="user"):
        """Makes one; answers a token."""
        cls.lab.admin(["user", "add", name, "--role", role])
        return cls.lab.admin(["token", "create", "--user", name]).stdout.strip()

    def bound(self, found, at_most):
        """How soon, or how much: told always, judged where nothing else runs on the machine, which a submission's checks cannot know."""
        if "CHEESEMONGER_LAB_SHORT" not in os.environ:
            self.assertLessEqual(found, at_most)

    def mend(self):
        faults.end(self.lab, "all")
        self.lab.wait_until_well(180)

    def check(self, team):
        """What was acknowledged is there, once, and no serial is missing. Answers how many files there are."""
        count = self.network.call(team.check)
        primary = self.lab.database("primary")
        for question in ("SELECT count(*) - count(DISTINCT filename) FROM files", "SELECT max(serial) - count(*) FROM journal"):
            self.assertEqual(self.lab.sql(primary, question, "cheesemonger"), "0", question)
        return count


class WatchedCase(LabCase):
    """A lab that is well before and after each test, also to its monitor."""

    patience = 60  # seconds, for the monitor to say so

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monitor = Monitor(cls.lab)

    def setUp(self):
        self.well()
        self.addCleanup(self.well)

    def troubles(self):
        return troubles(self.monitor.get("monitor/state"))

    def well(self):
        self.mend()
        try:
            hosts.wait_for("the monitor to say so", lambda: not self.troubles(), self.patience)
        except hosts.LabError as error:
            raise AssertionError(f"{error}: {self.troubles()}") from None
