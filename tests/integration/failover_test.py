# SPDX-License-Identifier: GPL-3.0-or-later
"""Database servers that die, and standbys that are behind, under a running core."""
import http.client
import pathlib
import re
import shutil
import tempfile
import threading
import time
import unittest

from nodes_test import wait_until
from postgres import PostgresServer
from support import SIMPLE_JSON, Registry, wheel


class Servers(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.primary = PostgresServer()
        self.addCleanup(self.primary.remove)
        self.database = self.primary.create_database()

    def add_standby(self, synchronous):
        self.standby = PostgresServer(self.primary)
        self.addCleanup(self.standby.remove)
        if synchronous:
            self.primary.psql("ALTER SYSTEM SET synchronous_standby_names = '*'")
            self.primary.psql("SELECT pg_reload_conf()")
            wait_until(lambda: self.primary.psql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")

    def serve(self, settings):
        config = self.folder / "cheesemongerd.toml"
        config.write_text("[serve.database]\n" + settings)
        registry = Registry(self.folder / "data", store=("--config", config)).start()
        self.addCleanup(registry.kill)
        return registry

    def page(self, registry, project):
        return registry.request("GET", f"/simple/{project}/", headers={"Accept": SIMPLE_JSON})


class Failover(Servers):
    def setUp(self):
        super().setUp()
        self.acknowledged, self.failed, self.problems = {}, [], []
        self.lock, self.finished = threading.Lock(), threading.Event()

    def upload_all_the_time(self, registry, token, number):
        """Sends each package until it is acknowledged, as an uploader that tries again."""
        version = 0
        while not self.finished.is_set():
            package = wheel(f"steady-{number}", f"1.{version}")
            try:
                answer = registry.upload(package, token, timeout=60)
            except (OSError, http.client.HTTPException) as error:
                self.problems.append(f"the core hung up: {error}")
                return
            with self.lock:
                if answer.status == 200:
                    self.acknowledged[package.filename] = package
                    version += 1
                elif answer.status in (503, 504):
                    self.failed.append((time.monotonic(), answer.status, answer.text))
                else:
                    self.problems.append(str(answer))
                    return

    def watch_serials(self, registry):
        highest = 0
        while not self.finished.is_set():
            answer = registry.request("GET", "/simple/", headers={"Accept": SIMPLE_JSON})
            serial = int(answer.headers["X-PyPI-Last-Serial"]) if answer.status == 200 else highest
            if serial < highest:
                self.problems.append(f"{serial} after {highest}")
            highest = max(highest, serial)

    def run_over(self, registry, accident):
        token = registry.user("ada")
        threads = [threading.Thread(target=self.upload_all_the_time, args=(registry, token, number)) for number in range(3)]
        threads.append(threading.Thread(target=self.watch_serials, args=(registry,)))
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: len(self.acknowledged) > 20)
            begin = time.monotonic()
            accident()
            repaired = time.monotonic() - begin
            before = len(self.acknowledged)
            waited = wait_until(lambda: len(self.acknowledged) > before or self.problems, 60)
            print(f"a database again after {repaired:.1f} s, an upload acknowledged {waited:.2f} s later; {len(self.failed)} were told to come again")
            wait_until(lambda: len(self.acknowledged) > before + 20 or self.problems, 60)
        finally:
            self.finished.set()
            for thread in threads:
                thread.join()
        self.assertEqual(self.problems, [])
        self.check(registry)

    def check(self, registry):
        listed = [name for number in range(3) for name in registry.files(f"steady-{number}") or {}]
        self.assertEqual(sorted(listed), sorted(set(listed)))
        self.assertEqual(set(self.acknowledged) - set(listed), set(), "an acknowledged upload is gone")
        server = self.standby if self.primary.process is None else self.primary
        self.assertEqual(server.psql("SELECT count(*) - count(DISTINCT filename) FROM files", self.database), "0")
        self.assertEqual(server.psql("SELECT max(serial) - count(*) FROM journal", self.database), "0")
        self.assertEqual(server.psql("SELECT count(*) FROM journal WHERE action LIKE 'add % file %'", self.database), str(len(listed)))
        admin = registry.user("root", "admin")
        self.assertTrue(registry.call("GET", "/admin/v1/audit/proof", admin).json()["intact"])
        self.assertEqual(registry.admin("fsck", "--rehash", check=False).returncode, 0)

    def test_a_server_that_is_killed_and_started_again(self):
        registry = self.serve(f'url = "{self.primary.url(self.database)}"\n')

        def accident():
            self.primary.kill()
            self.primary.start()
        self.run_over(registry, accident)

    def test_a_standby_that_is_promoted(self):
        self.add_standby(synchronous=True)
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        registry = self.serve(f'url = "postgresql://postgres@{hosts}/{self.database}"\n')

        def accident():
            self.primary.kill()
            self.assertEqual(self.standby.psql("SELECT pg_promote(true, 30)"), "t")
        self.run_over(registry, accident)


class Lagging(Servers):
    def test_a_node_that_reads_from_a_standby_shows_nothing_older_than_it_has_shown(self):
        self.add_standby(synchronous=False)
        registry = self.serve(f'url = "{self.primary.url(self.database)}"\nread_url = "{self.standby.url(self.database)}"\n')
        token = registry.user("ada")
        self.assertEqual(registry.upload(wheel("known", "1.0"), token).status, 200)
        self.standby.psql("SELECT pg_wal_replay_pause()")
        for version in ("2.0", "3.0"):
            package = wheel("known", version)
            self.assertEqual(registry.upload(package, token).status, 200)
            self.assertIn(package.filename, registry.files("known"))
        self.assertEqual(registry.upload(wheel("new", "1.0"), token).status, 200)

        def hits():
            self.page(registry, "known")
            return int(re.search(r"page_cache_hits_total (\d+)", registry.request("GET", "/metrics").text)[1])

        # The page is prepared once more when the poll has found these changes, too.
        first = hits()
        wait_until(lambda: hits() > first + 20)
        self.primary.kill()
        # Prepared pages go on; of the rest nobody who is up to date can be asked.
        self.assertIn(package.filename, registry.files("known"))
        answer = self.page(registry, "new")
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Retry-After", answer.headers)
        self.standby.psql("SELECT pg_wal_replay_resume()")
        wait_until(lambda: self.page(registry, "new").status == 200)
        # The standby has everything now: reads go on without the primary, writes are told to come again.
        index = registry.request("GET", "/simple/", headers={"Accept": SIMPLE_JSON})
        self.assertEqual(index.status, 200, index)
        self.assertEqual([project["name"] for project in index.json()["projects"]], ["known", "new"])
        self.assertEqual(registry.call("GET", "/admin/v1/me", token).status, 200)
        self.assertEqual(registry.upload(wheel("new", "2.0"), token).status, 503)
        self.primary.start()
        wait_until(lambda: registry.upload(wheel("new", "2.0"), token).status == 200)

    def test_a_standby_that_is_gone_is_missed_by_nobody(self):
        self.add_standby(synchronous=False)
        registry = self.serve(f'url = "{self.primary.url(self.database)}"\nread_url = "{self.standby.url(self.database)}"\n')
        token = registry.user("ada")
        self.standby.kill()
        for number in range(3):
            self.assertEqual(registry.upload(wheel(f"alone-{number}", "1.0"), token).status, 200)
            self.assertEqual(self.page(registry, f"alone-{number}").status, 200)


if __name__ == "__main__":
    unittest.main()
