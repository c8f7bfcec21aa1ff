# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors of a mirror: whatever it has to look at anew, what it tells of itself does not step back, and they go on."""
import json
import os
import unittest

from mirrors import Mirror, MirrorSite, UpstreamTest


class Chain(UpstreamTest):
    def setUp(self):
        super().setUp()
        (self.folder / "site").mkdir()
        self.second = None

    def run_both(self, *words):
        """A run of the mirror, whatever comes of it, and a sound one of its mirror; the serial of the index."""
        self.mirror.run(*words, check=False)
        if not self.second:
            site = MirrorSite(self.folder / "site", self.mirror.folder).start()
            self.addCleanup(site.stop)
            self.second = Mirror(self.folder / "second", site.url)
        self.second.run()
        serial = json.loads((self.mirror.web / "simple/index.v1_json").read_text())["meta"]["_last-serial"]
        self.assertEqual(self.mirror.status()["index_serial"], serial)
        return serial

    def publish(self, name, releases=1):
        for number in range(1, releases + 1):
            self.upstream.publish(name, f"{name}-{number}.0.tar.gz", os.urandom(1000))

    def test_the_first_project_fails(self):
        self.publish("a")
        self.publish("b")
        self.upstream.lie.add("a-1.0.tar.gz")
        self.assertEqual(self.run_both(), 1)
        self.assertEqual(list(self.second.listed()), ["b"])
        self.assertEqual(self.mirror.status()["synced_through"], 0)
        self.upstream.lie.clear()
        self.assertEqual(self.run_both(), 2)

    def test_filters_are_widened_and_what_they_let_in_fails(self):
        self.mirror.arguments = ("--allow", "a,b")
        self.publish("b")
        self.publish("c")
        self.publish("a", 5)
        self.assertEqual(self.run_both(), 7)
        self.upstream.lie.add("c-1.0.tar.gz")
        self.mirror.arguments = ()
        self.assertEqual(self.run_both(), 7)
        # Others that change meanwhile are told of by their own serials.
        self.upstream.publish("a", "a-9.0.tar.gz", b"nine")
        self.assertEqual(self.run_both(), 7)
        self.assertIn("a-9.0.tar.gz", self.second.files("a"))
        self.assertEqual(self.mirror.status()["synced_through"], 0)
        self.upstream.lie.clear()
        self.assertEqual(self.run_both(), 8)
        self.assertEqual(self.mirror.status()["synced_through"], 8)
        self.assertEqual(self.second.listed(), self.mirror.listed())

    def test_filters_are_narrowed_and_that_is_held_back(self):
        for number in range(30):
            self.publish(f"p{number}")
        self.assertEqual(self.run_both(), 30)
        self.mirror.arguments = ("--deny", "p2*")
        self.assertEqual(self.run_both(), 30)
        self.assertEqual(self.mirror.status()["held"]["projects"], 11)
        self.assertEqual(self.mirror.status()["synced_through"], 30, "nothing is missing")

    def test_the_upstream_is_accepted_and_one_project_fails(self):
        self.publish("b")
        self.publish("a", 8)
        self.assertEqual(self.run_both(), 9)
        self.upstream.broken.add("b")
        self.assertEqual(self.run_both("--accept-upstream"), 9)

    def test_the_memory_is_lost(self):
        self.publish("b")
        self.publish("a", 8)
        self.assertEqual(self.run_both(), 9)
        for file in self.mirror.folder.glob("state.sqlite*"):
            file.unlink()
        self.upstream.broken.add("b")
        self.assertEqual(self.run_both(), 9)


if __name__ == "__main__":
    unittest.main()
