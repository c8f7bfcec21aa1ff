# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop as a process: it brings its core along and takes it with it, however it ends."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from support import BIN, wheel

PATIENCE = 60


def children(pid):
    """Living children of a process, by name."""
    found = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            line = stat.read_text()
        except OSError:
            continue
        name = line[line.index("(") + 1:line.rindex(")")]
        state, parent = line[line.rindex(")") + 2:].split()[:2]
        if int(parent) == pid and state != "Z":
            found[name] = int(stat.parent.name)
    return found


def is_alive(pid):
    try:
        line = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return line[line.rindex(")") + 2] != "Z"


def wait_for(what, problem):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := what():
            return result
        time.sleep(0.02)  # the rate of looking; nothing tells us
    raise AssertionError(problem)


@unittest.skipUnless((BIN / "cheesemonger").exists(), "the desktop is not built")
class DesktopTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data = self.folder / "registry"

    def environment(self):
        home = self.folder / "home"
        (home / "run").mkdir(parents=True, exist_ok=True, mode=0o700)
        return {"PATH": "/usr/bin:/bin", "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data"),
                "XDG_CACHE_HOME": str(home / "cache"), "XDG_RUNTIME_DIR": str(home / "run"), "LANG": "C.UTF-8",
                "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "qt.qpa.*=false",
                "TWINE_NON_INTERACTIVE": "1", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}

    def start(self, *arguments):
        """The desktop, its core and the address of that, once it serves."""
        before = self.served()
        desktop = subprocess.Popen([BIN / "cheesemonger", "--data", self.data, *arguments], env=self.environment(),
                                   stdin=subprocess.DEVNULL)
        self.addCleanup(desktop.wait)
        self.addCleanup(desktop.kill)
        core = wait_for(lambda: children(desktop.pid).get("cheesemongerd"), "no core was started")
        wait_for(lambda: len(self.served()) > len(before), "the core does not serve")
        return desktop, core, self.served()[-1]

    def served(self):
        log = self.data / "cheesemongerd.log"
        lines = log.read_text().splitlines() if log.exists() else []
        entries = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [entry["url"] for entry in entries if entry.get("event") == "serving"]

    def assertEnds(self, core):
        wait_for(lambda: not is_alive(core), "the core outlives the desktop")

    def test_signals_end_both(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(number.name):
                desktop, core, _ = self.start()
                desktop.send_signal(number)
                self.assertEqual(desktop.wait(PATIENCE), 0)
                # Waited for by the desktop itself.
                self.assertFalse(is_alive(core))

    def test_a_killed_desktop_leaves_no_core(self):
        desktop, core, _ = self.start()
        desktop.kill()
        desktop.wait(PATIENCE)
        self.assertEnds(core)

    def test_a_killed_core_comes_back_at_the_same_address(self):
        desktop, core, url = self.start()
        os.kill(core, signal.SIGKILL)
        again = wait_for(lambda: children(desktop.pid).get("cheesemongerd") not in (None, core) and children(desktop.pid)["cheesemongerd"],
                         "the core was not started again")
        wait_for(lambda: len(self.served()) > 1, "the core does not serve again")
        self.assertEqual(self.served(), [url, url])
        desktop.terminate()
        self.assertEqual(desktop.wait(PATIENCE), 0)
        self.assertFalse(is_alive(again))

    def test_the_next_start_serves_what_was_uploaded_at_the_same_address(self):
        desktop, _, url = self.start()

        def admin(*words):
            return subprocess.run([BIN / "cheesemongerd", "admin", *words, "--data", self.data], check=True, capture_output=True,
                                  text=True, timeout=PATIENCE).stdout.strip()
        admin("user", "add", "dana", "--role", "user")
        token = admin("token", "create", "--user", "dana")
        subprocess.run(["/usr/bin/twine", "upload", "--disable-progress-bar", "--repository-url", f"{url}/legacy/", "-u", "__token__",
                        "-p", token, wheel("cheddar", "1.0").write(self.folder)], env=self.environment(), check=True,
                       capture_output=True, timeout=120)
        desktop.terminate()
        desktop.wait(PATIENCE)
        desktop, _, again = self.start("projects")
        self.assertEqual(again, url)
        page = subprocess.run(["/usr/bin/python3", "-c", "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).read().decode())",
                               f"{again}/simple/cheddar/"], check=True, capture_output=True, text=True, timeout=PATIENCE).stdout
        self.assertIn("cheddar-1.0-py3-none-any.whl", page)
        desktop.terminate()
        desktop.wait(PATIENCE)

    def test_addresses_that_are_none_are_refused(self):
        for address in ("ftp://x", "file:///etc/passwd", "http://", "nonsense"):
            done = subprocess.run([BIN / "cheesemonger", "--connect", address], env=self.environment(), capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 2, (address, done))
            self.assertIn("is not an http or https address", done.stderr)

    def test_files_that_can_vouch_for_nobody_are_refused(self):
        authority = self.folder / "authority"
        subprocess.run([BIN / "cheesemongerd", "admin", "authority", "create", "--folder", authority], check=True, timeout=PATIENCE)
        (self.folder / "notes").write_text("cheese\n")
        cases = [(self.folder / "nowhere.pem", "there is no such file"), (self.folder, "it is no file"), (self.folder / "notes", "it is no PEM file"),
                 (authority / "authority.key", "it holds a key and no certificate")]
        for option, of in (("--authority", "--connect"), ("--monitor-authority", "--monitor")):
            for file, words in cases:
                done = subprocess.run([BIN / "cheesemonger", of, "https://127.0.0.1:1/", option, file], env=self.environment(), capture_output=True, text=True,
                                      timeout=PATIENCE)
                self.assertEqual(done.returncode, 2, (file, done))
                self.assertIn(f"{option} cannot be used: {file}: {words}", done.stderr)
            done = subprocess.run([BIN / "cheesemonger", option, authority / "authority.pem"], env=self.environment(), capture_output=True, text=True,
                                  timeout=PATIENCE)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(f"{option} needs {of}", done.stderr)

    def test_pictures_that_cannot_be_written_end_the_drawing(self):
        for folder, words in (("/proc/nope", "cannot be made"), ("/proc/self", "cannot be written")):
            done = subprocess.run([BIN / "cheesemonger", "--render", folder], env=self.environment(), capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 1, done)
            self.assertEqual(done.stderr.count(words), 1, done.stderr)

    def test_damaged_settings_neither_delay_the_start_nor_lead_astray(self):
        settings = pathlib.Path(self.environment()["XDG_CONFIG_HOME"]) / "cheesemonger" / "desktop.ini"
        for damage in ("[connections]\nsize=2000000000\n1\\id=bundled\n1\\name=x\n", "[bundled]\nport=0\n", "[bundled]\nport=-5\n",
                       "[bundled]\nport=99999999999\n", "[bundled]\nport=70000\n"):
            with self.subTest(damage):
                settings.parent.mkdir(parents=True, exist_ok=True)
                settings.write_text(damage)
                desktop, _, url = self.start()
                # The usual port, or one close by where that is taken.
                self.assertIn(int(url.rsplit(":", 1)[1]), range(8427, 8477))
                desktop.terminate()
                self.assertEqual(desktop.wait(PATIENCE), 0)

    def test_a_stall_report_is_written_at_the_end(self):
        report = self.folder / "stalls.json"
        desktop, _, _ = self.start("--stall-report", report)
        desktop.terminate()
        self.assertEqual(desktop.wait(PATIENCE), 0)
        written = json.loads(report.read_text())
        self.assertGreater(written["samples"], 0)
        self.assertLessEqual(written["p50_ms"], written["max_ms"])

    def test_a_paint_report_is_printed_and_starts_nothing(self):
        done = subprocess.run([BIN / "cheesemonger", "--data", self.data, "--paint-report"], env=self.environment(),
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^\d+ \d+\.\d ms\n$")
        self.assertFalse(self.data.exists())


if __name__ == "__main__":
    unittest.main()
