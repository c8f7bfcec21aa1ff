# SPDX-License-Identifier: GPL-3.0-or-later
"""The volume of the files goes away or stands still under a node that runs: others are asked, nobody is told that a file
is not there, and nothing is written where the volume should be."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from keepers import wait_for
from support import Registry, wheel

TESTS = pathlib.Path(__file__).resolve().parent.parent


class Volume(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.mount = self.folder / "mount"
        self.mount.mkdir()

    def serve(self):
        config = self.folder / "cheesemongerd.toml"
        config.write_text(f"[serve]\nfiles = '{self.mount}/files'\nfiles_mount = '{self.mount}'\nfiles_patience = 2\n")
        self.registry = Registry(self.folder / "data", store=("--config", config)).start()
        self.addCleanup(self.registry.kill)
        self.token = self.registry.user("ada")
        self.package = wheel("gouda", "1.0")
        self.assertEqual(self.registry.upload(self.package, self.token).status, 200)
        self.path = self.registry.files("gouda")[self.package.filename]["url"]

    def file(self, suffix=""):
        return self.registry.request("GET", self.path + suffix)

    def health(self):
        return self.registry.request("GET", "/_health/")

    def figure(self, name):
        return next(line.split()[1] for line in self.registry.request("GET", "/metrics").text.splitlines() if line.startswith(name + " "))

    def assertAway(self, reason):
        health = self.health()
        self.assertEqual(health.status, 503)
        self.assertRegex(health.text, rf"^files: {reason}")
        for suffix in ("", ".metadata"):
            answer = self.file(suffix)
            self.assertEqual(answer.status, 503, answer)
            self.assertIn("Retry-After", answer.headers)
        answer = self.registry.upload(wheel("edam", "1.0"), self.token)
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Retry-After", answer.headers)
        self.assertIn("nothing was stored", answer.text)
        # What needs no files is served, and what was never offered is not there.
        self.assertEqual(list(self.registry.files("gouda")), [self.package.filename])
        self.assertEqual(self.registry.request("GET", "/packages/aa/bb/none/none-1.0.tar.gz").status, 404)
        self.assertEqual(self.figure("cheesemonger_store_present"), "0")
        self.assertIn("files.away", self.registry.log())

    def assertBack(self):
        wait_for("health", lambda: self.health().status == 200)
        self.assertEqual(self.file().body, self.package.content)
        self.assertEqual(self.registry.upload(wheel("edam", "1.0"), self.token).status, 200)
        self.assertIn("files.back", self.registry.log())


@unittest.skipUnless(os.geteuid() == 0, "mounting takes root")
class Unmounted(Volume):
    def test_a_volume_that_goes_away_and_comes_back(self):
        below = self.mount / "files"
        volume = self.folder / "volume"
        volume.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", volume], capture_output=True).returncode != 0:
            self.skipTest("this machine mounts no tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", volume])
        subprocess.run(["mount", "--bind", volume, self.mount], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.mount], capture_output=True)
        self.serve()
        staging = [path.name for path in below.iterdir() if path.name.startswith("tmp")]
        subprocess.run(["umount", "-l", self.mount], check=True)
        # Everything that an upload needs lies ready below, and is not taken.
        for name in ("packages", *staging):
            (below / name).mkdir(parents=True)
        self.assertEqual(self.registry.upload(wheel("brie", "1.0"), self.token).status, 503)
        wait_for("the node to notice", lambda: self.health().status == 503)
        self.assertAway(f"nothing is mounted at {self.mount}")
        self.assertEqual([path for path in below.rglob("*") if path.is_file()], [])
        subprocess.run(["mount", "--bind", volume, self.mount], check=True)
        self.assertBack()

    def test_a_file_that_is_lost_is_another_nodes_business(self):
        if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", self.mount], capture_output=True).returncode != 0:
            self.skipTest("this machine mounts no tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", self.mount])
        self.serve()
        next(self.mount.rglob(self.package.filename)).unlink()
        answer = self.file()
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Retry-After", answer.headers)
        self.assertIn("no-store", answer.headers["Cache-Control"])
        self.assertEqual(self.figure("cheesemonger_files_missing_total"), "1")
        self.assertIn(f"{self.package.filename}: No such file", self.registry.log())
        self.assertEqual(self.health().status, 200)
        # Withdrawn it is not there, for anybody.
        admin = self.registry.user("mod", "admin")
        self.assertEqual(self.registry.call("POST", "/admin/v1/projects/gouda/quarantine", admin, {"reason": "a test"}).status, 200)
        wait_for("the page to know", lambda: self.file().status == 404)


def forgetful(folder):
    """The lab's file system, compiled; None where this machine has no FUSE."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fuse3"], capture_output=True, text=True)
    if flags.returncode != 0 or not os.access("/dev/fuse", os.W_OK):
        return None
    subprocess.run(["c++", "-std=c++20", "-O1", TESTS / "lab/forgetful.cpp", "-o", folder / "forgetful", *flags.stdout.split()], check=True)
    return folder / "forgetful"


@unittest.skipUnless(os.geteuid() == 0, "mounting takes root")
class Hanging(Volume):
    """A file system in user space whose process stands still: each call into it waits, as one into a GlusterFS mount
    whose servers are silent."""

    def setUp(self):
        super().setUp()
        program = forgetful(self.folder)
        if program is None:
            self.skipTest("this machine has no FUSE")
        (self.folder / "disk").mkdir()
        self.disk = subprocess.Popen([program, self.folder / "disk", self.mount], stdin=subprocess.DEVNULL)
        self.addCleanup(self.end_disk)
        wait_for("the mount", self.mount.is_mount)

    def end_disk(self):
        self.disk.send_signal(signal.SIGCONT)
        subprocess.run(["umount", "-l", self.mount], capture_output=True)
        self.disk.terminate()
        self.disk.wait()

    def test_a_volume_that_stands_still_is_away_until_it_answers(self):
        self.serve()
        self.addCleanup(self.disk.send_signal, signal.SIGCONT)  # first of all: what hangs in it does not end
        self.disk.send_signal(signal.SIGSTOP)
        answers, packages = [], [wheel(f"havarti-{number}", "1.0") for number in range(30)]
        # Under way when it stands still: each is told within the patience and a look.
        begin = time.monotonic()
        uploads = [threading.Thread(target=lambda package=package: answers.append(self.registry.upload(package, self.token))) for package in packages]
        for upload in uploads:
            upload.start()
        for upload in uploads:
            upload.join()
        print(f"30 uploads into a volume that stands still were answered within {time.monotonic() - begin:.1f} s (patience 2 s)")
        self.assertEqual([answer.status for answer in answers], [503] * 30)
        for answer in answers:
            self.assertIn("Retry-After", answer.headers)
        self.assertAway("the file system of the packages has not answered for")
        self.assertGreater(float(self.figure("cheesemonger_store_waits_seconds")), 2)
        self.assertTrue(all(self.registry.files(package.name) is None for package in packages))
        self.disk.send_signal(signal.SIGCONT)
        self.assertBack()
        # Whatever became of what hung: the same once more is stored once.
        for package in packages:
            self.assertEqual(self.registry.upload(package, self.token).status, 200)
            path = self.registry.files(package.name)[package.filename]["url"]
            self.assertEqual(self.registry.request("GET", path).body, package.content)


if __name__ == "__main__":
    unittest.main()
