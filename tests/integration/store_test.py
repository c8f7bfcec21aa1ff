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
        for names in (["catalog.sqlite-wal"], ["catalog.sqlite", "catalog.sqlite-shm"]):
            away = self.move_away(*names)
            answer = self.registry.upload(wheel("demo", "1.1"), self.token)
            self.assertEqual(answer.status, 503, answer)
            self.assertEqual(self.registry.request("GET", "/_health/").status, 503)
            self.assertIn("removed or replaced" if len(names) > 1 else "write-ahead log", self.registry.log())
            for name in names:
                os.rename(away / name, self.data / name)
            self.assertEqual(self.registry.upload(wheel("demo", "1.1"), self.token).status, 200)
        # Another file at the path is not the database either.
        away = self.move_away("catalog.sqlite")
        shutil.copy(away / "catalog.sqlite", self.data / "catalog.sqlite")
        self.assertEqual(self.registry.upload(wheel("demo", "1.2"), self.token).status, 503)


if __name__ == "__main__":
    unittest.main()
