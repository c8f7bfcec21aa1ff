# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry that grew up embedded moves into PostgreSQL: every row and byte, also when the move is killed."""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from ingesters import Ingester, line
from postgres import shared_server
from support import BIN, Registry, sdist, wheel


class Move(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.data, self.files = self.folder / "data", self.folder / "shared"
        self.database = shared_server().create_database()
        self.url = shared_server().url(self.database)
        self.old = Registry(self.data).start()
        self.addCleanup(self.old.kill)
        self.token = self.old.user("ada")
        self.admin = self.old.user("root", "admin")
        self.packages = [make(f"moving-{number % 3}", f"1.{number}", payload=os.urandom(20_000)) for number in range(12) for make in (wheel, sdist)]
        for package in self.packages:
            self.assertEqual(self.old.upload(package, self.token).status, 200)
        self.old.call("POST", "/admin/v1/projects/moving-0/releases/1.0/yank", self.admin, {"reason": "wrong"})
        self.assertEqual(self.old.call("DELETE", "/admin/v1/projects/moving-2?confirm=moving-2&reason=spam", self.admin).status, 200)

    def words(self, *more):
        return [BIN / "cheesemongerd", "admin", "move", "--data", self.data, "--to", self.url, *more]

    def move(self, *more):
        return subprocess.run(self.words(*more), capture_output=True, text=True, timeout=120)

    def check(self, files):
        config = self.folder / "cheesemongerd.toml"
        config.write_text(f'[serve]\nfiles = "{files}"\nnode_key = "{self.data}/node.key"\ndatabase.url = "{self.url}"\n')
        (self.folder / "node").mkdir()
        new = Registry(self.folder / "node" / "data", store=("--config", config)).start()
        self.addCleanup(new.kill)
        for package in self.packages:
            listed = (new.files(package.name) or {}).get(package.filename)
            self.assertEqual(listed is None, package.name == "moving-2", package.filename)
            if listed:
                self.assertEqual(listed["hashes"]["sha256"], package.sha256)
                self.assertEqual(new.request("GET", listed["url"].removeprefix(new.url)).body, package.content)
        # Tokens go on, ids and serials go on, what was deleted can be restored.
        self.assertEqual(new.upload(wheel("moving-0", "9.0"), self.token).status, 200)
        self.assertEqual(new.upload(self.packages[0], self.token).status, 200)
        self.assertEqual(new.call("POST", "/admin/v1/projects/moving-2/restore", self.admin, {"reason": "was none"}).status, 200)
        self.assertEqual(len(new.files("moving-2")), 8)
        self.assertTrue(new.call("GET", "/admin/v1/audit/proof", self.admin).json()["intact"])
        self.assertEqual(new.admin("fsck", "--rehash", check=False).returncode, 0)
        return new

    def test_every_row_and_byte(self):
        self.old.stop()
        done = self.move("--files", self.files)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn("DIFFERENT", done.stdout)
        self.assertIn("24 files, all sound", done.stdout)
        new = self.check(self.files)
        # Once it lives there, the move is over.
        new.stop()
        again = self.move("--files", self.files)
        self.assertEqual(again.returncode, 1, again)
        self.assertIn("empty", again.stderr)

    def test_files_may_stay(self):
        self.old.stop()
        done = self.move()
        self.assertEqual(done.returncode, 0, done)
        self.check(self.data / "files")

    def test_a_registry_that_serves_does_not_move(self):
        done = self.move()
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("serves", done.stderr)

    def test_a_registry_into_which_somebody_counts_does_not_move(self):
        self.old.stop()
        ingester = Ingester(self.folder).start()
        self.addCleanup(ingester.kill)
        # It has its lock before it says that it is there.
        ingester.status()
        done = self.move()
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("counts downloads", done.stderr)
        ingester.stop()
        done = self.move()
        self.assertEqual(done.returncode, 0, done)

    def test_counts_move_along_and_can_be_added_to(self):
        self.old.stop()
        log = self.folder / "lines.log"
        days = [time.time() - days * 86400 for days in (0, 1, 20, 100, 800)]
        log.write_text("".join(line(f"moving-{number % 3}", at=day) + "\n" for day in days for number in range(7)))
        count = [BIN / "cheesemongerd", "ingest", "--data"]
        subprocess.run([*count, self.data, log], check=True, capture_output=True, timeout=120)
        done = self.move("--files", self.files)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("same\tdownload_counts", done.stdout)
        new = self.check(self.files)
        with open(log, "a") as more:
            more.write(line("moving-0") + "\n")
        subprocess.run([*count, self.folder / "node" / "data", "--database", self.url, log], check=True, capture_output=True, timeout=120)
        answer = new.call("GET", "/admin/v1/downloads/shares?split=project", self.admin).json()
        self.assertEqual({one["value"]: one["count"] for one in answer["items"]}, {"moving-0": 16, "moving-1": 10, "moving-2": 10})
        told = new.call("GET", "/admin/v1/downloads/completeness", self.admin).json()["total"]
        self.assertEqual((told["downloads"], told["stored"]), (36, 36))

    def test_damage_is_told(self):
        self.old.stop()
        blob = next(self.data.rglob(self.packages[3].filename))
        blob.write_bytes(blob.read_bytes()[:-1] + b"?")
        done = self.move("--files", self.files)
        self.assertEqual(done.returncode, 3, done)
        self.assertIn(self.packages[3].filename, done.stdout)

    def test_a_password_is_not_taken_from_the_command_line(self):
        done = subprocess.run([*self.words()[:-1], self.url.replace("postgres@", "postgres:s3cr3t@")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2, done)
        self.assertNotIn("s3cr3t", done.stderr)

    def test_a_move_that_is_killed_is_done_again(self):
        self.old.stop()
        begin = time.monotonic()
        trial = shared_server().url(shared_server().create_database())
        subprocess.run([*self.words("--files", self.folder / "trial")[:6], trial, "--files", self.folder / "trial"], capture_output=True, timeout=120, check=True)
        typical, dice = time.monotonic() - begin, random.Random(7)
        for _ in range(12):
            process = subprocess.Popen(self.words("--files", self.files), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0, typical))
            process.kill()
            process.wait()
        done = self.move("--files", self.files)
        self.assertEqual(done.returncode, 0, done)
        self.check(self.files)


if __name__ == "__main__":
    unittest.main()
