# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads through the CDN that begin at the moment at which the web nodes hang: everybody is told the truth while they hang, nothing is
stored twice, and the same command once more is right."""
import collections
import os
import threading
import time
import unittest

from edges import FrontedNodes, wait_for
from postgres import shared_server
from support import SIMPLE_JSON, basic, form, wheel

# What Varnish gives a node for an answer; somebody who hears nothing for as long as that has heard nothing of the hang.
PATIENCE = 60
# The lock that writers take in turn, for so long held by somebody else; after ten seconds a node itself gives up.
WRITERS, TURN = 0x6368656573656d6f, 8.5


class Hanging(FrontedNodes):
    with_mirror = False
    projects = 1

    def send(self, package):
        """Its answer, and how long that took."""
        body, kind = form(package)
        begin = time.monotonic()
        answer = self.cdn.get("/legacy/", method="POST", body=body, timeout=PATIENCE, Content_Type=kind, **basic("__token__", self.owner))
        return answer, time.monotonic() - begin

    def together(self, packages):
        """Each at the same time; the exception in place of an answer that did not come."""
        answers = {}

        def one(package):
            try:
                answers[package.name] = self.send(package)
            except OSError as error:
                answers[package.name] = error, 0
        threads = [threading.Thread(target=one, args=(package,)) for package in packages]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def lines(self):
        """Of the registry's journal, by project."""
        return collections.Counter(row["name"] for row in self.one.request("GET", "/journal/?since=0").json()["changes"])

    def test_who_uploads_while_both_nodes_begin_to_hang_is_told_soon_and_comes_again(self):
        # Connections that are open are taken again: what is sent by them reaches a node that will never read it.
        before = self.together([wheel(f"warm-{number}", "1.0", payload=os.urandom(50_000)) for number in range(6)])
        self.assertEqual({answer.status for answer, _ in before.values()}, {200})
        packages = [wheel(f"hung-{number}", "1.0", payload=os.urandom(size)) for number, size in enumerate((1_000, 40_000, 40_000, 400_000, 12_000_000, 12_000_000))]
        for node in self.nodes:
            self.hang_alone(node)
        try:
            told = self.together(packages)
            later = wheel("hung-later", "1.0")
            told[later.name] = self.send(later)
        finally:
            for node in self.nodes:
                node.go_on()
        for name, (answer, took) in told.items():
            self.assertEqual(getattr(answer, "status", answer), 503, (name, took))
            self.assertIn("Retry-After", answer.headers)
            self.assertIn("try again" if "nothing was stored" in answer.text else "send it again", answer.text)
            self.assertIn(answer.text.strip().rstrip("."), (answer.reason, answer.text.strip().rstrip(".")))
        self.assertIn("nothing was stored", told[later.name][0].text)
        print(f"both nodes hang: told after {', '.join(f'{took:.1f} s' for _, took in told.values())}")
        self.wait_until_ready()
        # Who hears that nothing was stored finds nothing.
        for name, (answer, _) in told.items():
            if "nothing was stored" in answer.text:
                self.assertEqual(self.one.request("GET", f"/simple/{name}/").status, 404, name)
        for package in [*packages, later]:
            answer, _ = self.send(package)
            self.assertEqual(answer.status, 200, answer)
            files = self.one.request("GET", f"/simple/{package.name}/", headers={"Accept": SIMPLE_JSON}).json()["files"]
            self.assertEqual([(file["filename"], file["hashes"]["sha256"]) for file in files], [(package.filename, package.sha256)])
        lines = self.lines()
        self.assertEqual({lines[package.name] for package in [*packages, later]}, {lines["warm-0"]}, lines)

    def test_a_node_that_lives_is_waited_for(self):
        """Longer than one that hangs: for the turn of a write, and for the bytes of a client that is slow."""
        held = threading.Thread(target=shared_server().psql, args=(f"SELECT pg_advisory_lock({WRITERS}), pg_sleep({TURN})", self.database))
        held.start()
        wait_for("the lock is held", lambda: shared_server().psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") != "0")
        answer, took = self.send(wheel("patient", "1.0"))
        held.join()
        self.assertEqual(answer.status, 200, answer)
        self.assertGreater(took, TURN / 2)
        body, kind = form(wheel("trickling", "1.0", payload=os.urandom(40_000)))

        def pieces():
            for at in range(0, len(body), len(body) // 24):
                yield body[at:at + len(body) // 24]
                time.sleep(0.5)  # the pace of a client that is slow
        begin = time.monotonic()
        answer = self.cdn.get("/legacy/", method="POST", body=pieces(), timeout=PATIENCE, Content_Type=kind, Content_Length=str(len(body)),
                              **basic("__token__", self.owner))
        self.assertEqual(answer.status, 200, answer)
        print(f"stored: an upload that waited {took:.1f} s for its turn, and one that took {time.monotonic() - begin:.1f} s to come")


if __name__ == "__main__":
    unittest.main()
