# SPDX-License-Identifier: GPL-3.0-or-later
"""No web node answers, and nobody's install fails: the CDN serves from the mirror in the other data centre, uploads are
told the truth, and the monitor says what is so. Part of `make lab-test`."""
import datetime
import json
import os
import threading
import time
import unittest

import faults
import hosts
from clients import SIMPLE_JSON, Pips, blob_path, request, upload, wheel
from lab_case import POLLS, SHORT, SILENT_POLLS, JudgedCase, figure
from watching import troubles

PIPS = 3 if SHORT else 16
# Seconds until the mirror answers, and until the nodes do when they are back: where nobody listens, and where nobody says anything.
LIMITS = {"kill": (1, 2), "power": (1, 2), "freeze": (5, 5)}
PURGED, MIRRORED = 1, 75  # seconds after a change was acknowledged


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


class FallbackTest(JudgedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
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

    def without_nodes(self, label, word):
        """Both web nodes go while people install."""
        packages = [self.uploaded(f"{label}-{number}") for number in range(4)]
        self.on_mirror(*(package.name for package in packages))
        probe = Probe(self.network, self.cdn, f"/simple/{packages[0].name}/")
        probe.start()
        with Pips(self.lab, [package.name for package in packages], PIPS) as pips:
            pips.wait_for(1)
            self.begun, before = time.time(), pips.done
            for name in self.webs:
                faults.cause(self.lab, word, [name])
            gone = time.time()
            first = self.served_by(["away"])
            refused = wheel(f"{label}-refused", "1.0")
            answer = self.network.call(upload, self.cdn, refused, self.token)
            self.assertEqual(answer.status, 503, answer)
            self.assertRegex(answer.text, "try again|send it again")
            self.assertIn("Retry-After", answer.headers)
            # The nodes are looked at, then who answers in their place.
            self.verdict("cdn", "FALLBACK_IN_USE", "warning", gone, SILENT_POLLS + POLLS)
            # Of twice as many runs each client has begun one while nobody but the mirror was there.
            pips.wait_for(2)
            during = pips.done - before
            faults.end(self.lab, "all")
            hosts.wait_for("the nodes", lambda: all(self.lab.supervisor.works(self.lab.supervisor.on(name, "web")[0]) for name in self.webs), 60, 0.05)
            returned = self.served_by(self.webs)
            pips.wait_for(1)
        probe.stop()
        limit, back = LIMITS[word]
        figure(f"both web nodes, {word}: {pips.done} runs of {PIPS} pips, {during} of them meanwhile, {len(pips.failed)} failed, longest {pips.longest:.1f} s; first answer of the "
               f"mirror {first:.1f} s after they were gone (limit {limit} s), on the nodes again {returned:.1f} s after their return (limit {back} s); began {gone - self.begun:.1f} s earlier")
        self.assertEqual(pips.failed, [])
        self.assertEqual([seen for seen in probe.seen if seen[1] != 200], [])
        self.bound(first, limit)
        self.bound(returned, back)
        node = self.lab.topology["web"][0]
        stored = self.network.call(request, (self.lab.hosts[node["host"]]["address"], node["port"]), "GET", f"/simple/{refused.name}/", tls=True)
        self.assertEqual(stored.status, 404, stored)
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

    def test_1_both_nodes_killed(self):
        self.without_nodes("killed", "kill")

    def test_1_both_nodes_without_power(self):
        self.without_nodes("dead", "power")

    def test_2_both_nodes_hang(self):
        self.without_nodes("hung", "freeze")

    # What is withdrawn.

    def order(self, method, path, **body):
        """Of a moderator, to a web node."""
        node = self.lab.topology["web"][0]
        answer = self.network.call(request, (self.lab.hosts[node["host"]]["address"], node["port"]), method, f"/admin/v1/projects/{path}", json.dumps(body) if body else None,
                                   {"Authorization": f"Bearer {self.moderator}", "Content-Type": "application/json"}, tls=True)
        self.assertEqual(answer.status, 200, answer)

    def found(self, address, package):
        """What somebody is given there: its file's line on the project's page, whether that is yanked, its bytes, its metadata."""
        page, path = self.ask(address, f"/simple/{package.name}/"), blob_path(package.content, package.filename)
        files = {file["filename"]: file for file in page.json()["files"]} if page.status == 200 else {}
        line = files.get(package.filename)
        return line is not None, bool(line and line.get("yanked")), self.ask(address, path).status == 200, self.ask(address, f"{path}.metadata").status == 200

    def test_3_a_change_reaches_the_mirror_and_leaves_the_cdn(self):
        there, yanked, gone = (True, False, True, True), (True, True, True, True), (False, False, False, False)
        before = {kind: self.uploaded(f"changing-by-{kind}") for kind in ("upload", "yank", "quarantine", "delete")}
        self.on_mirror(*(package.name for package in before.values()))
        for package in before.values():
            # Kept by the CDN now.
            self.assertEqual([self.found(where, package) for where in (self.cdn, self.cdn, self.mirror)], [there] * 3)
        newer = wheel(before["upload"].name, "1.1", payload=os.urandom(3000))
        reason = "a test"
        changes = {"upload": (lambda: self.assertEqual(self.network.call(upload, self.cdn, newer, self.token).status, 200), newer, there),
                   "yank": (lambda: self.order("POST", "changing-by-yank/releases/1.0/yank", reason=reason), before["yank"], yanked),
                   "quarantine": (lambda: self.order("POST", "changing-by-quarantine/quarantine", reason=reason), before["quarantine"], gone),
                   "delete": (lambda: self.order("DELETE", "changing-by-delete?confirm=changing-by-delete&reason=a+test"), before["delete"], gone)}
        acknowledged, purged, mirrored = {}, {}, {}
        for kind, (change, package, wanted) in changes.items():
            change()
            acknowledged[kind] = time.monotonic()
            hosts.wait_for(f"the CDN to tell of the {kind}", lambda package=package, wanted=wanted: self.found(self.cdn, package) == wanted, 20, 0.02)
            purged[kind] = time.monotonic() - acknowledged[kind]
        while len(mirrored) < len(changes) and time.monotonic() < min(acknowledged.values()) + MIRRORED + 30:
            for kind, (_, package, wanted) in changes.items():
                if kind not in mirrored and self.found(self.mirror, package) == wanted:
                    mirrored[kind] = time.monotonic() - acknowledged[kind]
            time.sleep(0.2)
        for kind, (_, package, wanted) in changes.items():
            self.assertEqual([self.found(where, package) for where in (self.cdn, self.mirror)], [wanted] * 2, kind)
            figure(f"{kind}: purged from the CDN after {purged[kind]:.2f} s (limit {PURGED} s), on the mirror after {mirrored[kind]:.0f} s (limit {MIRRORED} s)")
            self.bound(purged[kind], PURGED)
            self.bound(mirrored[kind], MIRRORED)
        for name in self.webs:
            faults.cause(self.lab, "kill", [name, "web"])
        self.served_by(["away"])
        for kind, (_, package, wanted) in changes.items():
            self.assertEqual(self.found(self.cdn, package), wanted, f"{kind}, from the mirror")

    def test_4_a_data_centre_that_is_cut_off_is_named_and_nobody_is_called_broken_for_it(self):
        self.uploaded("apart")
        self.cause("datacentre")
        self.verdict("away", "NO_ANSWER", "critical", self.begun, SILENT_POLLS)
        self.assertEqual(self.ask(self.cdn, "/simple/apart/").status, 200)
        self.assertEqual({node for node, verdict, code, cause in troubles(self.monitor.get("monitor/state")) if verdict == "critical" and not cause} - {"away", "agent-away"}, set())

    def test_5_a_fallback_that_does_not_fire_is_found(self):
        self.cause("nofallback")
        # Nobody answers the cache, which takes its time to say so, as what is silent does.
        self.verdict("cdn", "FALLBACK_NOT_FIRING", "critical", time.time(), SILENT_POLLS)

    def test_6_a_page_that_lost_its_files_is_found(self):
        self.cause("emptypage", "canary")
        since = self.seen(lambda: self.ask(self.mirror, "/simple/canary/").json()["files"] == [])
        self.verdict("away", "MIRROR_EMPTY_PAGE", "critical", since)
        faults.end(self.lab, "all")
        self.assertNotEqual(self.ask(self.mirror, "/simple/canary/").json()["files"], [])

    def is_stale(self):
        told = self.ask(self.mirror, "/status.json").json()
        return time.time() - datetime.datetime.fromisoformat(told["last_checked"]).timestamp() > 2 * told["every"]

    def test_7_a_mirror_that_answers_and_grows_old_is_found(self):
        self.cause("stalemirror")
        # Two of its rounds: before that it is as young as it promises to be.
        since = self.seen(self.is_stale, 180)
        self.verdict("away", "MIRROR_STALE", "warning", since)
        self.assertEqual(self.ask(self.mirror, "/simple/canary/").status, 200)


if __name__ == "__main__":
    unittest.main()
