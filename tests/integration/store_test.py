# SPDX-License-Identifier: GPL-3.0-or-later
"""What a core does when parts of its store are taken away from under it."""
import os
import pathlib
import shutil
import tempfile
import unittest

from support import Registry, wheel


class Store(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.registry = Registry(folder / "data").start()
        self.addCleanup(self.registry.kill)
        self.data = self.registry.data
        self.token = self.registry.user("ada")
        self.assertEqual(self.registry.upload(wheel("demo", "1.0"), self.token).status, 200)

    def move_away(self, *names):
        away = self.data.parent / "away"
        away.mkdir(exist_ok=True)
        for name in names:
            os.rename(self.data / name, away / name)
        return away

    def test_nothing_is_acknowledged_into_a_database_that_is_gone(self):
        package = wheel("demo", "1.1")  # made once: archives know their time
        for names in (["catalog.sqlite-wal"], ["catalog.sqlite", "catalog.sqlite-shm"]):
            away = self.move_away(*names)
            answer = self.registry.upload(package, self.token)
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(self.registry.request("GET", "/_health/").status, 503)
            self.assertIn("removed or replaced" if len(names) > 1 else "write-ahead log", self.registry.log())
            for name in names:
                os.rename(away / name, self.data / name)
            self.assertEqual(self.registry.upload(package, self.token).status, 200)
        # Another file at the path is not the database either.
        away = self.move_away("catalog.sqlite")
        shutil.copy(away / "catalog.sqlite", self.data / "catalog.sqlite")
        self.assertEqual(self.registry.upload(wheel("demo", "1.2"), self.token).status, 503)

    def test_a_registry_with_a_part_gone_does_not_begin_anew(self):
        self.registry.stop()
        away = self.move_away("node.key")
        with self.assertRaisesRegex(AssertionError, "node.key .* is gone: put it back"):
            self.registry.start()
        self.assertFalse((self.data / "node.key").exists())
        # Another key is no better.
        (self.data / "node.key").write_bytes(os.urandom(32))
        os.chmod(self.data / "node.key", 0o600)
        with self.assertRaisesRegex(AssertionError, "is not the one"):
            self.registry.start()
        os.rename(away / "node.key", self.data / "node.key")
        self.registry.start()
        self.assertEqual(self.registry.upload(wheel("demo", "1.1"), self.token).status, 200)
        self.registry.stop()
        away = self.move_away("catalog.sqlite")
        with self.assertRaisesRegex(AssertionError, "catalog.sqlite is gone"):
            self.registry.start()
        self.assertFalse((self.data / "catalog.sqlite").exists())

    def test_a_lost_key_has_a_way_out(self):
        self.registry.stop()
        self.move_away("node.key")
        self.assertIn("1 tokens", self.registry.admin("token", "revoke-all"))
        self.registry.start()
        answer = self.registry.upload(wheel("demo", "1.1"), self.token)
        self.assertEqual(answer.status, 403, answer)
        token = self.registry.admin("token", "create", "--user", "ada")
        self.assertEqual(self.registry.upload(wheel("demo", "1.1"), token).status, 200)


if __name__ == "__main__":
    unittest.main()
