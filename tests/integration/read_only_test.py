# SPDX-License-Identifier: GPL-3.0-or-later
"""The read-only mode: what real clients are told, that all nodes obey it at once, and that it ends by itself."""
import datetime
import json
import threading
import time
import unittest

from events_test import Stream
from monitor_faults_test import Fault
from monitor import section
from nodes_test import TwoNodes, wait_until
from support import RegistryTest, wheel


def ahead(**time_span):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**time_span)).isoformat()


def order(node, token, until, message=""):
    return node.call("POST", "/admin/v1/registry/read-only", token, {"until": until, "reason": "new disks", "message": message})


def end(node, token):
    return node.call("POST", "/admin/v1/registry/read-only/end", token, {"reason": "done"})


class Clients(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.registry.user("root", "admin")
        cls.operator = cls.registry.user("op", "operator")
        cls.ada = cls.registry.user("ada")
        cls.registry.upload(wheel("there", "1.0"), cls.ada)

    def tearDown(self):
        end(self.registry, self.operator)

    def test_twine_sends_it_once_and_says_why(self):
        self.assertEqual(order(self.registry, self.operator, ahead(hours=1), "Back at noon, says the cheesemonger.").status, 200)
        package = wheel("refused", "1.0").write(self.folder)
        before = self.registry.log().count('"/legacy/"')
        done = self.twine(self.ada, package, check=False)
        self.assertEqual(done.returncode, 1, done)
        said = " ".join((done.stdout + done.stderr).split())
        self.assertIn("403", said)
        self.assertIn("Read-only mode: Uploads are temporarily disabled until", said)
        self.assertIn("Back at noon, says the cheesemonger.", said)
        requests = self.registry.log().count('"/legacy/"') - before
        self.assertEqual(requests, 1, self.registry.log()[-2000:])
        end(self.registry, self.operator)
        self.twine(self.ada, package)

    def test_reading_goes_on_and_every_change_waits(self):
        answer = order(self.registry, self.operator, ahead(hours=1))
        self.assertEqual(answer.json()["serial"], 0, answer)
        self.pip("download", "--no-deps", "-d", str(self.folder / "got"), "there")
        info = self.registry.call("GET", "/admin/v1/registry", self.ada).json()
        self.assertEqual((info["read_only"]["by"], info["read_only"]["reason"]), ("op", "new disks"))
        refused = self.registry.call("POST", "/admin/v1/projects/there/releases/1.0/yank", self.admin, {"reason": "x"})
        self.assertEqual(refused.status, 503, refused)
        self.assertEqual(refused.json()["fields"][0]["field"], "read-only")
        self.assertTrue(3500 < int(refused.headers["Retry-After"]) <= 3600, refused.headers)
        self.assertEqual(self.registry.call("POST", "/admin/v1/users", self.admin, {"name": "new"}).status, 503)
        self.assertEqual(self.registry.call("POST", "/admin/v1/tokens", self.ada, {"description": "x"}).status, 503)
        # The command line changes the same store, and obeys the same order.
        self.assertIn("read-only", self.registry.admin("user", "add", "eve", "--role", "user", check=False).stderr)
        self.assertEqual(self.registry.call("GET", "/admin/v1/audit/proof", self.admin).json()["intact"], True)

    def test_from_the_command_line(self):
        self.assertEqual(self.registry.admin("read-only", "show"), "takes changes")
        self.assertIn("read-only until", self.registry.admin("read-only", "set", "--minutes", "5", "--reason", "new disks", "--message", "Soon."))
        self.assertIn(": new disks", self.registry.admin("read-only", "show"))
        self.assertRefused(self.registry.upload(wheel("shell", "1.0"), self.ada), 403, "Read-only mode: ", "Soon.")
        self.registry.admin("read-only", "end")
        self.assertEqual(self.registry.upload(wheel("shell", "1.0"), self.ada).status, 200)
        self.assertNotEqual(self.registry.admin("read-only", "end", check=False).returncode, 0)
        self.assertEqual(self.registry.admin("read-only", "set", "--minutes", "5000", "--reason", "x", check=False).returncode, 2)

    def test_bad_orders_are_refused(self):
        for until, status in ((ahead(hours=25), 422), (ahead(hours=-1), 422), ("soon", 422)):
            self.assertEqual(order(self.registry, self.operator, until).status, status, until)
        self.assertEqual(order(self.registry, self.ada, ahead(hours=1)).status, 403)
        self.assertEqual(end(self.registry, self.operator).status, 409)

    def test_everybody_hears_of_it(self):
        stream = Stream(self.registry.port, self.ada)
        self.addCleanup(stream.close)
        order(self.registry, self.operator, ahead(hours=1))
        stream.wait("registry.read_only", "read-only")
        end(self.registry, self.operator)
        stream.wait("registry.writable", "read-only")


class BothNodes(TwoNodes):
    """Over PostgreSQL: the order is one record, and not a matter of whom one asks."""

    def setUp(self):
        end(self.one, self.admin)

    def test_the_other_node_refuses_at_once(self):
        for number in range(10):
            self.assertEqual(order(self.one, self.admin, ahead(hours=1)).status, 200)
            answer = self.two.upload(wheel("atonce", f"{number}.0"), self.ada)
            self.assertEqual(answer.status, 403, answer)
            self.assertIn("read_only", self.two.call("GET", "/admin/v1/registry", self.ada).json())
            self.assertEqual(end(self.two, self.admin).status, 200)
            self.assertEqual(self.one.upload(wheel("atonce", f"{number}.0"), self.ada).status, 200)

    def test_nothing_is_stored_after_the_order_was_acknowledged(self):
        stored, odd, finished = [], [], threading.Event()

        def write(node, number):
            version = 0
            while not finished.is_set():
                version += 1
                answer = node.upload(wheel(f"hammer-{number}", f"{version}.0"), self.ada)
                if answer.status == 200:
                    stored.append(number)
                elif answer.status != 403:
                    odd.append(str(answer))

        writers = [threading.Thread(target=write, args=((self.one, self.two)[number % 2], number)) for number in range(8)]
        for writer in writers:
            writer.start()
        wait_until(lambda: len(stored) >= 30)
        answer = order(self.one, self.admin, ahead(hours=1))
        acknowledged = self.two.call("GET", "/admin/v1/registry", self.admin).json()["serial"]
        begin = time.monotonic()
        wait_until(lambda: time.monotonic() - begin > 1.5)
        finished.set()
        for writer in writers:
            writer.join()
        self.assertEqual((answer.status, odd), (200, []))
        self.assertEqual(self.one.call("GET", "/admin/v1/registry", self.admin).json()["serial"], acknowledged)
        self.assertEqual(self.two.call("GET", "/admin/v1/registry", self.admin).json()["serial"], acknowledged)

    def test_it_ends_by_itself_when_the_node_that_took_the_order_is_gone(self):
        lonely = self.node("lonely").start()
        self.addCleanup(lonely.kill)
        self.assertEqual(order(lonely, self.admin, ahead(seconds=3)).status, 200)
        lonely.kill()
        self.assertEqual(self.one.upload(wheel("after", "1.0"), self.ada).status, 403)
        took = wait_until(lambda: self.two.upload(wheel("after", "1.0"), self.ada).status == 200)
        self.assertTrue(1 < took < 10, took)
        self.assertNotIn("read_only", self.one.call("GET", "/admin/v1/registry", self.ada).json())


class MonitorsView(Fault):
    def test_a_monitor_tells_an_order_from_a_database_that_takes_no_writes(self):
        web = self.web()
        probe, operator = web.user("probe", "observer"), web.user("op", "operator")
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port), probe_token=probe)
        monitor.wait_for("web1", None, self.token)
        order(web, operator, ahead(hours=1))
        node = monitor.wait_for("web1", "READ_ONLY_MODE", self.token)
        self.report(monitor, node)
        self.assertEqual(node["verdict"], "warning")
        self.assertIn("by op: new disks", json.dumps(node))
        line = monitor.get("monitor/state", self.token)["line"]
        self.assertEqual(line["affected"], "uploads and every other change, as ordered")
        self.assertEqual(line["not_at_risk"], "installing packages, and every acknowledged upload")
        end(web, operator)
        monitor.wait_for("web1", None, self.token)


if __name__ == "__main__":
    unittest.main()
