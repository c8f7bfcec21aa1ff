# SPDX-License-Identifier: GPL-3.0-or-later
"""No web node answers, and nobody's install fails: the CDN serves from the mirror in the other data centre, uploads are
told the truth, and the monitor says what is so. Part of `make lab-test`."""
import os
import threading
import time
import unittest
import urllib.parse

import faults
import hosts
from clients import SIMPLE_JSON, request, upload, wheel
from files_test import Installers
from lab_case import LabCase, figure
from watching import Monitor, node_of, troubles

INSTALLERS = 4 if os.environ.get("CHEESEMONGER_LAB_SHORT") else 16


class Probe(threading.Thread):
    """Asks the CDN for one page all the time: when each answer came, and from whom."""

    def __init__(self, network, address, path):
        super().__init__(daemon=True)
        self.network, self.address, self.path, self.seen, self.finished = network, address, path, [], False

    def run(self):
        self.network.join()
        while not self.finished:
            try:
                answer = request(self.address, "GET", self.path, headers={"Accept": SIMPLE_JSON}, timeout=20)
                self.seen.append((time.monotonic(), answer.status, answer.headers.get("X-Served-By", ""), answer.headers.get("X-Cache", "")))
            except Exception as error:  # what a user would see
                self.seen.append((time.monotonic(), 0, repr(error), ""))
            time.sleep(0.02)

    def stop(self):
        self.finished = True
        self.join()


class FallbackTest(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.monitor = Monitor(cls.lab)
        cls.mirror = (cls.lab.hosts["away"]["address"], cls.lab.topology["mirror"][0]["port"])
        cls.webs = [node["name"] for node in cls.lab.topology["web"]]
        cls.moderator = cls.user("mod", "admin")

    def setUp(self):
        self.addCleanup(self.mend)

    def mend(self):
        super().mend()
        hosts.wait_for("the monitor to say so", lambda: not troubles(self.monitor.get("monitor/state")), 90)

    def ask(self, address, path, **headers):
        return self.network.call(request, address, "GET", path, headers={"Accept": SIMPLE_JSON, **headers}, timeout=20, tls=address == self.mirror)

    def uploaded(self, name):
        package = wheel(name, "1.0", payload=os.urandom(3000))
        self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        return package

    def on_mirror(self, *names):
        """Waits for the run that brings them, told to begin now."""
        self.monitor.act("sync-mirror", "away")
        hosts.wait_for("the mirror to have them", lambda: all(self.ask(self.mirror, f"/simple/{name}/").status == 200 for name in names), 90, 0.3)

    def has(self, name, code, patience=30):
        def question():
            node = node_of(self.monitor.get("monitor/state"), name)
            return node and any(found["code"] == code for found in node["findings"])
        begin = time.monotonic()
        try:
            hosts.wait_for(f"{name} to be {code}", question, patience, 0.1)
        except hosts.LabError as error:
            self.fail(f"{error}: {troubles(self.monitor.get('monitor/state'))}")
        figure(f"{name} is {code} {time.monotonic() - begin:.1f} s after the cause was there")

    def without_nodes(self, label, word):
        """Both web nodes go while people install."""
        packages = [self.uploaded(f"{label}-{number}") for number in range(4)]
        self.on_mirror(*(package.name for package in packages))
        probe = Probe(self.network, self.cdn, f"/simple/{packages[0].name}/")
        probe.start()
        with Installers(self.network, self.cdn, packages, INSTALLERS) as installers:
            time.sleep(2)
            begin = time.monotonic()
            for name in self.webs:
                faults.cause(self.lab, word, [name])
            gone = time.monotonic()
            first = self.served_by(["away"])
            refused = wheel(f"{label}-refused", "1.0")
            answer = self.network.call(upload, self.cdn, refused, self.token)
            self.assertEqual(answer.status, 503, answer)
            self.assertRegex(answer.text, "try again|send it again")
            self.assertIn("Retry-After", answer.headers)
            self.has("cdn", "FALLBACK_IN_USE")
            time.sleep(3)
            faults.end(self.lab, "all")
            hosts.wait_for("the nodes", lambda: all(self.lab.supervisor.works(self.lab.supervisor.on(name, "web")[0]) for name in self.webs), 60, 0.05)
            returned = self.served_by(self.webs)
            time.sleep(1)
        probe.stop()
        figure(f"both web nodes, {word}: {installers.done} installs by {INSTALLERS}, {len(installers.failed)} failed, longest {installers.longest:.1f} s; first answer of the"
               f" mirror {first:.1f} s after they were gone (limit 1 s when dead), on the nodes again {returned:.1f} s after their return (limit 2 s); began {gone - begin:.1f} s earlier")
        self.assertEqual(installers.failed, [])
        self.assertEqual([seen for seen in probe.seen if seen[1] != 200], [])
        self.assertEqual(self.network.call(upload, self.cdn, refused, self.token).status, 200)

    def served_by(self, names):
        """Waits until somebody for whom nothing is kept, as the monitor may say of itself, is served by one of these."""
        network = hosts.Network(self.lab, self.monitor.node["host"])

        def answered():
            answer = network.call(request, self.cdn, "GET", "/simple/canary/", headers={"Accept": SIMPLE_JSON, "X-Cheesemonger-Backend": "fresh"}, timeout=20)
            return answer.status == 200 and answer.headers.get("X-Served-By") in names
        begin = time.monotonic()
        hosts.wait_for(f"an answer of {names}", answered, 60, 0.02)
        return time.monotonic() - begin

    def test_1_both_nodes_without_power(self):
        self.without_nodes("dead", "power")

    def test_2_both_nodes_hang(self):
        self.without_nodes("hung", "freeze")

    def test_3_a_change_reaches_the_mirror_and_leaves_the_cdn(self):
        self.uploaded("changing")
        begin = time.monotonic()
        hosts.wait_for("the mirror to have it", lambda: self.ask(self.mirror, "/simple/changing/").status == 200, 100, 0.2)
        arrived = time.monotonic() - begin
        page = self.ask(self.cdn, "/simple/changing/")
        path = urllib.parse.urlsplit(page.json()["files"][0]["url"]).path
        self.assertEqual([self.ask(self.cdn, path).status for _ in range(3)], [200] * 3)
        node = self.lab.topology["web"][0]
        answer = self.network.call(request, (self.lab.hosts[node["host"]]["address"], node["port"]), "POST", "/admin/v1/projects/changing/quarantine",
                                   '{"reason": "a test"}', {"Authorization": f"Bearer {self.moderator}", "Content-Type": "application/json"}, tls=True)
        self.assertEqual(answer.status, 200, answer)
        begin = time.monotonic()
        hosts.wait_for("the CDN to be without it", lambda: self.ask(self.cdn, path).status != 200, 20, 0.02)
        purged = time.monotonic() - begin
        hosts.wait_for("the mirror to be without it", lambda: self.ask(self.mirror, path).status != 200, 100, 0.2)
        gone = time.monotonic() - begin
        figure(f"an upload was on the mirror after {arrived:.0f} s, a quarantined file gone from the CDN after {purged:.2f} s (limit 1 s) and from the mirror after {gone:.0f} s (limit 75 s)")

    def test_4_a_data_centre_that_is_cut_off_is_named_and_nobody_is_called_broken_for_it(self):
        self.uploaded("apart")
        faults.cause(self.lab, "datacentre", [])
        self.has("away", "NO_ANSWER")
        self.assertEqual(self.ask(self.cdn, "/simple/apart/").status, 200)
        self.assertEqual({node for node, verdict, code, cause in troubles(self.monitor.get("monitor/state")) if verdict == "critical" and not cause} - {"away", "agent-away"}, set())

    def test_5_a_fallback_that_does_not_fire_is_found(self):
        faults.cause(self.lab, "nofallback", [])
        self.has("cdn", "FALLBACK_NOT_FIRING")

    def test_6_a_page_that_lost_its_files_is_found(self):
        faults.cause(self.lab, "emptypage", ["canary"])
        self.assertEqual(self.ask(self.mirror, "/simple/canary/").json()["files"], [])
        self.has("away", "MIRROR_EMPTY_PAGE")
        faults.end(self.lab, "all")
        self.assertNotEqual(self.ask(self.mirror, "/simple/canary/").json()["files"], [])

    def test_7_a_mirror_that_answers_and_grows_old_is_found(self):
        faults.cause(self.lab, "stalemirror", [])
        # Two of its rounds: before that it is as young as it promises to be.
        self.has("away", "MIRROR_STALE", patience=180)
        self.assertEqual(self.ask(self.mirror, "/simple/canary/").status, 200)


if __name__ == "__main__":
    unittest.main()
