# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors of a mirror: whatever it has to look at anew, what it tells of itself does not step back, and they go on."""
import copy
import unittest

from mirrors import Mirror, MirrorSite, Upstream, UpstreamTest


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
        serial = self.mirror.index_serial()
        self.assertEqual(self.mirror.status()["index_serial"], serial)
        return serial

    def publish(self, name, releases=1):
        for number in range(1, releases + 1):
            self.upstream.publish(name, f"{name}-{number}.0.tar.gz", f"{name} {number}".encode())

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

    def restored(self):
        """The upstream as it was before its last release of a, and three of b since then: its serial is higher than before."""
        self.publish("a")
        self.publish("b")
        before = copy.deepcopy(self.upstream.projects), self.upstream.serial
        self.upstream.publish("a", "a-2.0.tar.gz", b"lost")
        self.run_both()
        self.upstream.projects, self.upstream.serial = before
        self.publish("b", 3)

    def stops(self, mirror, words):
        done = mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(words, done.stderr)
        self.assertIn("--accept-upstream", done.stderr)

    def test_a_restored_registry_is_noticed_by_its_list(self):
        self.restored()
        self.stops(self.mirror, "the serial of a fell from 3 to 1")
        self.assertEqual(len(self.mirror.files("a")), 2)
        self.mirror.run("--accept-upstream")
        self.assertEqual((len(self.mirror.files("a")), len(self.mirror.files("b"))), (1, 3))
        # And by the mirror of the mirror, that of what is listed changed in another way than forwards.
        self.stops(self.second, "the serial of a fell from 3 to 1")
        self.second.run("--accept-upstream")
        self.assertEqual(len(self.second.files("a")), 1)
        self.second.run()

    def test_what_was_pending_by_a_history_that_is_left_behind_is_not_waited_for(self):
        self.upstream.lie.add("a-3.0.tar.gz")
        self.restored()
        self.upstream.projects["a"]["files"]["a-3.0.tar.gz"] = b"three"
        self.upstream.projects["a"]["serial"] = self.upstream.serial = 50
        self.mirror.run(check=False)
        del self.upstream.projects["a"]["files"]["a-3.0.tar.gz"]
        self.upstream.projects["a"]["serial"] = 1
        self.mirror.run("--accept-upstream")
        self.assertEqual(self.mirror.status()["pending"], [])

    def test_a_list_that_is_behind_is_no_other_history(self):
        """As a mirror's may be for a moment after it was killed: its page is there, and its list was made without that."""
        self.publish("a", 3)
        self.publish("b")
        self.mirror.run()
        self.upstream.listed["a"] = 1
        self.upstream.publish("b", "b-2.0.tar.gz", b"two")
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("b")), 2)

    def test_another_registry_behind_the_mirror_is_noticed(self):
        self.publish("a")
        self.publish("b")
        self.run_both()
        self.assertIn(f"a copy of url {self.upstream.url}", self.second.status()["identity"])
        other = Upstream()
        self.addCleanup(other.close)
        for number in range(4):
            other.publish("a", f"a-{number + 5}.0.tar.gz", b"other")
        self.mirror.url = other.url
        self.mirror.run("--accept-upstream", "--allow-deletions")
        self.stops(self.second, "is another registry")
        self.assertEqual(sorted(self.second.listed()), ["a", "b"])
        self.second.run("--accept-upstream", "--allow-deletions")
        self.assertEqual(self.second.files("a"), self.mirror.files("a"))
        self.second.run()

    def test_whose_copy_it_is_may_be_learnt_later(self):
        self.publish("a")
        self.run_both()
        told = self.mirror.web / "status.json"
        told.unlink()
        second = Mirror(self.folder / "third", self.second.url)
        second.run()
        self.assertEqual(second.status()["identity"], f"url {second.url}/")
        for tells in (True, False, True):
            self.upstream.publish("a", f"a-{self.upstream.serial}.5.tar.gz", b"more")
            self.mirror.run()
            if not tells:
                told.unlink()
            second.run()
        self.assertIn("a copy of", second.status()["identity"])
        self.assertEqual(second.status()["index_serial"], self.upstream.serial)

    def test_the_memory_is_lost(self):
        self.publish("b")
        self.publish("a", 8)
        self.assertEqual(self.run_both(), 9)
        self.mirror.forget()
        # Also when nobody answers for the first time after that.
        self.upstream.down = True
        self.mirror.run(check=False)
        self.upstream.down = False
        self.upstream.broken.add("b")
        self.assertEqual(self.run_both(), 9)


if __name__ == "__main__":
    unittest.main()
