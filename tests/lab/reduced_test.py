# SPDX-License-Identifier: GPL-3.0-or-later
"""The reduced lab: up, used, broken as far as it can be, and gone again. Needs neither root nor namespaces."""
import contextlib
import os
import pathlib
import shutil
import tempfile
import time
import unittest

import faults
from clients import Team, wheel
from clients import upload as send
from hosts import LabError, Network
from laboratory import Lab


class ReducedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-lab-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        before = os.environ.get("CHEESEMONGER_LAB_REDUCED")
        os.environ["CHEESEMONGER_LAB_REDUCED"] = "1"
        try:
            cls.lab = Lab(folder / "state")
            cls.addClassCleanup(cls.lab.down)
            cls.lab.up()
        finally:
            if before is None:
                del os.environ["CHEESEMONGER_LAB_REDUCED"]
        cls.lab.admin(["user", "add", "ada", "--role", "user"])
        cls.token = cls.lab.admin(["token", "create", "--user", "ada"]).stdout.strip()
        cdn = cls.lab.topology["cdn"][0]
        cls.cdn = (cls.lab.hosts[cdn["host"]]["address"], cdn["port"])

    def test_1_it_says_what_it_leaves_out(self):
        report = self.lab.status()
        self.assertEqual((report["kind"], len(report["left_out"])), ("reduced", 6))
        for words in (("silent", "pg1"), ("full", "pg1_disk"), ("samples",), ("power", "pg1")):
            with self.assertRaisesRegex(LabError, "reduced lab"):
                faults.cause(self.lab, words[0], list(words[1:]))
        self.assertEqual(self.lab.faults(), [])

    def test_2_a_primary_that_is_killed_under_uploaders(self):
        primary = self.lab.database("primary")
        with Team(self.lab, Network(self.lab), self.cdn, self.token, label="reduced") as team:
            begin = time.monotonic()
            faults.cause(self.lab, "kill", [primary])
            team.wait_for(20)
            print(f"\nmeasured: reduced lab, primary killed: writes resume after {team.pause_after(begin):.1f} s", flush=True)
        faults.end(self.lab, "all")
        self.lab.wait_until_well(180)
        self.assertNotEqual(self.lab.database("primary"), primary)
        team.check()

    def test_3_other_faults(self):
        for words in (("power", "web1", "keep"), ("freeze", "web2"), ("pause",), ("certificate",)):
            with self.subTest(fault=words):
                faults.cause(self.lab, words[0], list(words[1:]))
                faults.end(self.lab, "all")
                self.lab.wait_until_well(180)
        self.assertEqual(send(self.cdn, wheel("afterwards", "1.0"), self.token).status, 200)

    def test_4_down_leaves_nothing(self):
        inside = self.lab.machine.within(self.lab.state)
        self.assertTrue(inside)
        self.lab.down()
        self.assertFalse(self.lab.state.exists())
        for pid in inside:
            with contextlib.suppress(OSError):
                self.assertNotIn(str(self.lab.state), os.readlink(f"/proc/{pid}/cwd"))


if __name__ == "__main__":
    unittest.main()
