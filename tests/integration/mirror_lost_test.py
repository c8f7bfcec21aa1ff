# SPDX-License-Identifier: GPL-3.0-or-later
"""A mirror that has lost what it remembers, or remembers an older tree: what is on disk is taken up again, so that what was
withdrawn meanwhile goes."""
import os
import shutil
import unittest

from mirrors import UpstreamTest


class Lost(UpstreamTest):
    def setUp(self):
        super().setUp()
        for name in ("Big.Apple", "gone", "held", "less", "odd"):
            self.upstream.publish(name.lower().replace(".", "-"), f"{name}-1.0.tar.gz", os.urandom(5000))
        self.upstream.publish("less", "less-2.0.tar.gz", b"2.0")

    def packages(self):
        return sorted(path.name for path in (self.mirror.web / "packages").rglob("*") if path.is_file())

    def withdraw(self):
        self.upstream.remove("gone")
        self.upstream.quarantine("held")
        del self.upstream.projects["less"]["files"]["less-1.0.tar.gz"]
        self.upstream.touch("less")

    def followed(self):
        self.assertEqual(sorted(self.mirror.listed()), ["big-apple", "less", "odd"])
        self.assertIsNone(self.mirror.page("gone"))
        self.assertEqual(self.mirror.page("held")["project-status"], {"status": "quarantined"})
        self.assertEqual(self.packages(), ["Big.Apple-1.0.tar.gz", "less-2.0.tar.gz", "odd-1.0.tar.gz"])
        self.assertEqual(self.mirror.check(), [])
        self.assertEqual(self.mirror.status()["pending"], [])

    def test_nothing_is_fetched_that_is_here(self):
        self.mirror.run()
        whole, listed = self.packages(), self.mirror.listed()
        self.mirror.forget()
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertEqual(self.upstream.fetched(), [])
        self.assertEqual((self.packages(), self.mirror.listed()), (whole, listed))
        self.assertEqual((self.mirror.status()["projects"], self.mirror.status()["files"]), (5, 6))
        self.assertEqual(self.mirror.check(), [])
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertEqual(self.upstream.requests, ["/simple/"])

    def test_what_was_withdrawn_meanwhile_goes(self):
        self.mirror.run()
        self.mirror.forget()
        self.withdraw()
        self.mirror.run()
        self.followed()

    def test_what_runs_have_left_goes_as_well(self):
        self.mirror.run()
        self.upstream.publish("odd", "odd-2.0.tar.gz", b"2.0")
        self.upstream.remove("gone")
        self.mirror.run()
        self.assertEqual(len(list((self.mirror.folder / "aside").iterdir())), 1)
        left = self.mirror.web / "packages/gone"
        left.mkdir()
        (left / "gone-0.9.whl").write_bytes(b"left")
        (left / "gone-0.9.whl.metadata").write_bytes(b"left")
        served = {link.resolve() for link in (self.mirror.web / "simple").iterdir()}
        older = [page for page in (self.mirror.web / ".pages").glob("[0-9a-f][0-9a-f]/*") if page not in served]
        self.assertEqual([page.name.split(".")[0] for page in older], ["odd"])
        self.mirror.forget()
        self.mirror.run()
        self.assertFalse(left.exists())
        self.assertEqual(list((self.mirror.folder / "aside").iterdir()), [])
        self.assertFalse(older[0].exists())
        self.assertEqual(self.mirror.check(), [])

    def test_what_is_cut_off_missing_or_unreadable_comes_again(self):
        self.mirror.run()
        files = {path.name: path for path in (self.mirror.web / "packages").rglob("*.gz")}
        files["odd-1.0.tar.gz"].write_bytes(b"short")
        files["Big.Apple-1.0.tar.gz"].unlink()
        (self.mirror.web / "simple/less/index.v1_json").write_text("{")
        shutil.rmtree((self.mirror.web / "simple/held").resolve())
        self.mirror.forget()
        self.mirror.run()
        self.assertEqual(self.mirror.check(), [])
        self.assertEqual(len(self.mirror.listed()), 5)

    def test_many_that_are_gone_wait_for_a_word(self):
        for number in range(20):
            self.upstream.publish(f"many-{number}", f"many_{number}-1.0.tar.gz", b"x")
        self.mirror.run()
        self.mirror.forget()
        for number in range(20):
            self.upstream.remove(f"many-{number}")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertEqual(len(self.mirror.listed()), 25)
        self.mirror.run("--allow-deletions")
        self.assertEqual(len(self.mirror.listed()), 5)
        self.assertEqual(self.mirror.check(), [])

    def test_a_state_that_cannot_be_read_is_moved_away_by_a_person(self):
        self.mirror.run()
        self.mirror.forget()
        (self.mirror.folder / "state.sqlite").write_bytes(b"no database at all" * 500)
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("move it away", done.stderr)
        self.mirror.forget()
        self.withdraw()
        self.mirror.run()
        self.followed()

    def test_a_state_that_is_older_than_the_tree(self):
        self.mirror.run()
        old = (self.mirror.folder / "state.sqlite").read_bytes()
        self.upstream.publish("new", "new-1.0.tar.gz", b"new")
        self.mirror.run()
        self.mirror.forget()
        (self.mirror.folder / "state.sqlite").write_bytes(old)
        # Nobody tells of it any more: its page is found, and taken up when all is looked at anew.
        self.upstream.remove("new")
        self.withdraw()
        self.mirror.run()
        self.assertIsNotNone(self.mirror.page("new"))
        found = self.mirror.check()
        self.assertEqual(len(found), 1, found)
        self.assertIn("new: there is a page and the global index does not list it; `--accept-upstream`", found[0])
        self.mirror.run("--accept-upstream")
        self.assertIsNone(self.mirror.page("new"))
        self.followed()


if __name__ == "__main__":
    unittest.main()
