# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes of one registry: one database, one folder of packages, one key."""
import http.client
import os
import pathlib
import shutil
import socket
import statistics
import tempfile
import threading
import time
import unittest

from events_test import Stream
from postgres import shared_server
from support import SIMPLE_JSON, Registry, basic, form, wheel

PASSWORD = "n0b0dy-sees-this"


def wait_until(found, within=30):
    """The seconds it took, in steps of a few milliseconds."""
    begin = time.monotonic()
    while not found():
        if time.monotonic() - begin > within:
            raise AssertionError(f"not within {within} s")
        time.sleep(0.003)
    return time.monotonic() - begin


class TwoNodes(unittest.TestCase):
    """What these tests, and others of two nodes, begin with."""

    settings = ""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.url = shared_server().url(shared_server().create_database()).replace("postgres@", f"postgres:{PASSWORD}@")
        cls.config = cls.folder / "cheesemongerd.toml"
        cls.config.write_text(f'[serve]\nfiles = "{cls.folder}/files"\nnode_key = "{cls.folder}/node.key"\n{cls.settings}'
                              f'database.url = "{cls.url}"\n')
        cls.one, cls.two = (cls.node(name).start() for name in ("one", "two"))
        cls.addClassCleanup(cls.one.kill)
        cls.addClassCleanup(cls.two.kill)
        cls.ada = cls.one.user("ada")
        cls.admin = cls.two.user("root", "admin")

    @classmethod
    def node(cls, name):
        (cls.folder / name).mkdir(exist_ok=True)
        return Registry(cls.folder / name / "data", store=("--config", cls.config))

    def serial(self, registry, path="/simple/"):
        answer = registry.request("GET", path, headers={"Accept": SIMPLE_JSON})
        return int(answer.headers["X-PyPI-Last-Serial"]) if answer.status == 200 else None

    def publish(self, registry, name, version="1.0"):
        answer = registry.upload(wheel(name, version), self.ada)
        self.assertEqual(answer.status, 200, answer)


class Nodes(TwoNodes):
    def test_a_change_on_one_node_is_seen_on_the_other(self):
        self.publish(self.one, "seen", "0")
        took = []
        for number in range(1, 31):
            writer, reader = (self.one, self.two) if number % 2 else (self.two, self.one)
            reader.files("seen")  # the old page is kept ready there
            package = wheel("seen", f"1.{number}")
            self.assertEqual(writer.upload(package, self.ada).status, 200)
            took.append(wait_until(lambda: package.filename in reader.files("seen")))
        milliseconds = [1000 * seconds for seconds in took]
        print(f"seen on the other node after {statistics.median(milliseconds):.0f} ms (median), {max(milliseconds):.0f} ms (longest)")

    def test_a_token_is_good_on_both_until_it_is_revoked_on_one(self):
        token = self.two.user("eve")
        for node in (self.one, self.two):
            self.assertEqual(node.call("GET", "/admin/v1/me", token).status, 200)
        identity = self.one.call("GET", "/admin/v1/tokens", token).json()["items"][0]["id"]
        answer = self.one.call("DELETE", f"/admin/v1/tokens/{identity}", token)
        self.assertIn(answer.status, (200, 204), answer)
        self.assertEqual(self.two.call("GET", "/admin/v1/me", token).status, 401)

    def test_events_of_one_node_are_heard_on_the_other_and_resumed_there(self):
        stream = Stream(self.two.port, self.admin)
        self.addCleanup(stream.close)
        self.publish(self.one, "heard")
        last_id = stream.wait("file.uploaded", "heard-1.0")[0]
        self.publish(self.two, "heard", "2.0")
        again = Stream(self.one.port, self.admin, last_id)
        self.addCleanup(again.close)
        again.wait("file.uploaded", "heard-2.0")
        self.assertFalse([event for event in again.events if "heard-1.0" in (event[2] or {}).get("subject", "")])

    def test_serials_never_fall_while_both_are_written_to(self):
        problems, finished = [], threading.Event()

        def watch(node, path):
            highest = 0
            while not finished.is_set():
                serial = self.serial(node, path)
                if serial is not None and serial < highest:
                    problems.append(f"{path}: {serial} after {highest}")
                highest = max(highest, serial or 0)

        def write(node, number):
            for version in range(15):
                answer = node.upload(wheel(f"rising-{number % 2}", f"{number}.{version}"), self.ada)
                if answer.status != 200:
                    problems.append(str(answer))

        watchers = [threading.Thread(target=watch, args=(node, path)) for node in (self.one, self.two) for path in ("/simple/", "/simple/rising-0/")]
        writers = [threading.Thread(target=write, args=((self.one, self.two)[number % 2], number)) for number in range(4)]
        for thread in watchers + writers:
            thread.start()
        for thread in writers:
            thread.join()
        finished.set()
        for thread in watchers:
            thread.join()
        self.assertEqual(problems, [])
        self.assertEqual([len(self.one.files(f"rising-{number}")) for number in (0, 1)], [30, 30])
        self.assertTrue(self.two.call("GET", "/admin/v1/audit/proof", self.admin).json()["intact"])

    def test_the_same_upload_to_both_at_once_is_one(self):
        for number in range(10):
            package, statuses = wheel("same", f"1.{number}"), []
            threads = [threading.Thread(target=lambda node=node: statuses.append(node.upload(package, self.ada).status)) for node in (self.one, self.two)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(statuses, [200, 200])
        wait_until(lambda: len(self.one.files("same")) == 10)

    def test_a_node_that_starts_leaves_the_uploads_of_others_alone(self):
        package = wheel("coming", "1.0", payload=os.urandom(1_000_000))
        body, content_type = form(package)
        head = {"Content-Type": content_type, "Content-Length": str(len(body)), **basic("__token__", self.ada)}
        with socket.create_connection(("127.0.0.1", self.one.port), timeout=60) as connection:
            lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode() + body[:len(body) // 2])
            wait_until(lambda: any(path.is_file() for folder in (self.folder / "files").glob("tmp-*") for path in folder.iterdir()))
            third = self.node("third").start()
            self.addCleanup(third.kill)
            connection.sendall(body[len(body) // 2:])
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            self.assertEqual(answer.status, 200, answer.read())
        self.assertIn(package.filename, third.files("coming"))

    def test_orphans_stay_while_any_node_serves(self):
        done = self.one.admin("fsck", "--remove-orphans", check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("every node", done.stderr)
        self.assertEqual(self.one.admin("fsck", "--rehash", check=False).returncode, 0)

    def test_a_node_with_a_key_of_its_own_is_refused(self):
        other = self.folder / "other.toml"
        other.write_text(self.config.read_text().replace("node.key", "other.key"))
        with self.assertRaisesRegex(AssertionError, "node_key"):
            Registry(self.folder / "stranger", store=("--config", other)).start()

    def test_the_password_of_the_database_is_told_to_nobody(self):
        for node in (self.one, self.two):
            self.assertNotIn(PASSWORD, node.log())
            self.assertNotIn(PASSWORD.encode(), pathlib.Path(f"/proc/{node.process.pid}/cmdline").read_bytes())
        done = Registry(self.folder / "typed", store=("--database", self.url)).admin("user", "list", check=False)
        self.assertEqual(done.returncode, 2, done)
        self.assertNotIn(PASSWORD, done.stderr)


class Purging(TwoNodes):
    settings = "retention_days = 0\n"

    def test_two_nodes_that_purge_at_once_purge_once(self):
        package = wheel("forgotten", "1.0")
        self.assertEqual(self.one.upload(package, self.ada).status, 200)
        self.publish(self.one, "kept")
        answer = self.one.call("DELETE", "/admin/v1/projects/forgotten?confirm=forgotten&reason=spam", self.admin)
        self.assertEqual(answer.status, 200, answer)
        for node in (self.one, self.two):
            node.kill()
        threads = [threading.Thread(target=node.start) for node in (self.one, self.two)]  # each purges at its start
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list((self.folder / "files").rglob(package.filename)), [])
        done = self.one.admin("fsck", "--rehash", check=False)
        self.assertEqual((done.returncode, "0 orphans" in done.stdout), (0, True), done)
        self.assertNotIn("purge.blob", self.one.log() + self.two.log())


if __name__ == "__main__":
    unittest.main()
