# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests of a whole lab share: one is made for a class and removed after it, and somebody may upload there. In the
short part all classes share one, for making it takes longer than a test."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

import faults
import hosts
from laboratory import Lab
from watching import Monitor, Watch, node_of, troubles

HERE = pathlib.Path(__file__).resolve().parent
REASON = hosts.permitted()
SHORT = "CHEESEMONGER_LAB_SHORT" in os.environ or sys.argv[1:] == ["short"]
# Polls are the monitor's own conclusions; one more than two is allowed, for a conclusion comes up to a poll after the sample it
# rests on. A look at what is silent takes two seconds, and the next begins up to a poll later: two such looks, and the conclusion.
# What an agent tells of it looked at up to two polls before, and its look takes up to one.
POLLS, SILENT_POLLS = 3, 2 * 3 + 1
AGENT_POLLS = 3 + POLLS


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
    shared = None  # topology and users of the lab that classes share, which lab_test.py removes

    @classmethod
    def setUpClass(cls):
        if LabCase.shared is None or LabCase.shared[0] != cls.topology:
            cls.make()
        cls.lab = Lab().load()
        cls.lab.quiet = True
        cls.network = hosts.Network(cls.lab)
        cls.cdn = (cls.lab.hosts["cdn"]["address"], cls.lab.topology["cdn"][0]["port"])
        cls.token = cls.user("ada")

    @classmethod
    def make(cls):
        if SHORT:
            LabCase.shared = (cls.topology, set())
        else:
            cls.addClassCleanup(lab_command, "down")
        report = lab_command("up", *(["--topology", cls.topology] if cls.topology else []))
        LabCase.started = report["seconds"]
        figure(f"the lab is up after {cls.started} s (limit 60 s)")

    @classmethod
    def user(cls, name, role="user"):
        """Makes one; answers a token."""
        known = LabCase.shared[1] if LabCase.shared else set()
        if name not in known:
            cls.lab.admin(["user", "add", name, "--role", role])
            known.add(name)
        return cls.lab.admin(["token", "create", "--user", name]).stdout.strip()

    def bound(self, found, at_most):
        """How soon, or how much: told always, judged where nothing else runs on the machine, which a submission's checks cannot know."""
        if not SHORT:
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


class JudgedCase(LabCase):
    """Somebody sees every conclusion of the monitor: whether a fault has its verdict in time, counted in polls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monitor = Monitor(cls.lab)
        cls.watch = Watch(cls.monitor)
        cls.watch.start()
        cls.addClassCleanup(cls.watch.stop)

    def cause(self, *words):
        self.begun = time.time()
        return faults.cause(self.lab, words[0], list(words[1:]))

    def seen(self, question, patience=30):
        """When a fault can be seen from outside: the moment before the look that saw it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            moment = time.time()
            if question():
                return moment
            time.sleep(0.05)
        raise AssertionError("the fault did not come about")

    def verdict(self, name, finding, verdict, since, at_most=POLLS, why=None):
        """The node, or any without a name, has this verdict for this very reason, in time. Answers the conclusion that says so."""
        def has(state):
            return [one for node in ([node_of(state, name)] if name else state["nodes"]) if node for one in node["findings"] if one["code"] == finding]
        state, polls = self.watch.until(has, since)
        self.assertIsNotNone(state, f"{name} is not {finding} after {polls} polls: {troubles(self.watch.states[-1])}")
        found = has(state)[0]
        figure(f"{why or finding}: {name or 'somebody'} is {finding} ({found['verdict']}) after {polls} polls (limit {at_most}), "
               f"{state['moment'] - self.begun:.1f} s after the cause")
        self.assertEqual(found["verdict"], verdict)
        self.bound(polls, at_most)
        return state
