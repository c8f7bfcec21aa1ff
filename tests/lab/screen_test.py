# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desktop says of the whole installation: the real window, opened by exactly what `lab open` prints, and read while
the primary is killed. Part of `make lab-test` where the desktop is built."""
import json
import os
import queue
import shutil
import stat
import subprocess
import tempfile
import threading
import time
import unittest

import faults
from lab_case import WatchedCase, figure, lab_command
from laboratory import default_program

SCREEN = default_program().with_name("ui_lab_screen")
PATIENCE = 120  # seconds, for anything to come to the screen


class Screen:
    """The window, without a display, and what it says: texts of the top line and of the status line, as they change."""

    def __init__(self, words):
        self.home = tempfile.mkdtemp(prefix="cheesemonger-screen-")
        os.mkdir(f"{self.home}/run", 0o700)
        places = {f"XDG_{kind}_HOME": f"{self.home}/{kind.lower()}" for kind in ("CONFIG", "DATA", "CACHE")}
        self.process = subprocess.Popen([SCREEN, *words], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": self.home, "XDG_RUNTIME_DIR": f"{self.home}/run", **places,
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "qt.qpa.*=false"})
        self.said = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def until(self, question):
        """What it says first of which `question` is true. What it said before is forgotten."""
        last, end = None, time.monotonic() + PATIENCE
        while True:
            try:
                now = self.said.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"the screen does not say it: {last}") from None
            if now is None:
                raise AssertionError(f"the window has gone; it said last: {last}")
            last = now
            if question(now):
                return now

    def close(self):
        self.process.stdin.close()
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            self.reader.join()
            self.process.stdout.close()
            shutil.rmtree(self.home)


@unittest.skipUnless(SCREEN.exists(), "the desktop is not built (CHEESEMONGER_BIN names a folder with one)")
class ScreenTest(WatchedCase):
    def test_1_doors_are_told_once_and_their_keys_are_for_their_owner(self):
        told = lab_command("open")
        self.assertEqual(lab_command("open"), told)
        self.assertEqual(set(told["addresses"]), {"registry", *(node["name"] for kind in ("monitor", "web") for node in self.lab.topology[kind])})
        for path in told["tokens"].values():
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path) as file:
                self.assertNotIn(file.read().strip(), " ".join(told["desktop"]))
        self.assertEqual(stat.S_IMODE(self.lab.keys.stat().st_mode), 0o700)

    def test_2_a_killed_primary_is_on_the_screen(self):
        told = lab_command("open")
        screen = Screen([*told["desktop"], "overview"])
        try:
            self.watch(screen)
        finally:
            status = screen.close()
        self.assertEqual(status, 0)

    def test_3_a_web_node_is_trusted_at_its_own_address(self):
        told = lab_command("open")
        node = self.lab.topology["web"][0]["name"]
        words = ["--connect", told["addresses"][node], "--token-file", told["tokens"]["registry"]]
        for trust, says in ((["--authority", told["authority"]], "Live"), ([], "Registry: certificate by an unknown authority")):
            screen = Screen([*words, *trust, "overview"])
            try:
                screen.until(lambda said, says=says: says in said["status"])
            finally:
                screen.close()

    def watch(self, screen):
        def well(said):
            return {"Live", "Monitor live"} <= set(said["status"]) and any("all is well" in text.lower() or "nodes watched" in text for text in said["top"])
        screen.until(well)
        primary = self.lab.database("primary")
        faults.cause(self.lab, "kill", [primary])
        said = screen.until(lambda said: any(primary in text for text in said["top"]) and not well(said))
        figure(f"the screen says of a killed primary: {said['top'][0]}")
        # The desktop did not lose who tells it.
        self.assertIn("Monitor live", said["status"])
        self.mend()
        screen.until(well)


if __name__ == "__main__":
    unittest.main()
