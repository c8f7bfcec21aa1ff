# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not wait: a quarantine or a deletion while a file trickles in, while another project cannot be placed, while the
brake holds; and what is wrong with one project stays with it."""
import os
import pathlib
import shutil
import tempfile
import unittest

from keepers import wait_for
from mirrors import Mirror, Upstream


class HasteTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def upstream_of(self, xmlrpc):
        self.upstream = Upstream(xmlrpc=xmlrpc)
        self.addCleanup(self.upstream.close)
        self.mirror = Mirror(pathlib.Path(tempfile.mkdtemp(dir=self.folder)), self.upstream.url, "--every", "1s")
        for name in ("kept", "bad", "gone", "slow"):
            self.upstream.publish(name, f"{name}-1.0.tar.gz", os.urandom(1000))
        self.mirror.run()

    def blob(self, project):
        return self.mirror.web / "packages" / project / f"{project}-1.0.tar.gz"


class Slow(HasteTest):
    def trickle(self):
        """A new release of "slow" whose file is still coming for as long as the test wants."""
        self.upstream.slow.add("slow-2.0.tar.gz")
        self.upstream.publish("slow", "slow-2.0.tar.gz", os.urandom(100_000))
        wait_for("the slow file", lambda: self.upstream.trickling)

    def test_what_is_withdrawn_does_not_wait_for_a_file_that_trickles_in(self):
        for xmlrpc in (True, False):
            with self.subTest(way="changelog" if xmlrpc else "index"):
                self.upstream_of(xmlrpc)
                process = self.mirror.launch(self)
                self.trickle()
                self.upstream.quarantine("bad")
                self.upstream.remove("gone")
                self.upstream.publish("late", "late-1.0.tar.gz", b"late")
                wait_for("the quarantine", lambda: self.mirror.files("bad") == {})
                wait_for("the deletion", lambda: self.mirror.page("gone") is None)
                wait_for("what is new", lambda: self.mirror.files("late"))
                self.assertTrue(self.upstream.trickling, "the slow file came before what must not wait for it")
                self.assertFalse(self.blob("bad").exists())
                self.assertFalse(self.blob("gone").exists())
                self.assertNotIn("bad", self.mirror.listed())
                wait_for("a word of it", lambda: self.mirror.status()["upstream_serial"] == self.upstream.serial)
                self.assertIsNotNone(self.mirror.status()["running"])
                # Whoever checks the tree meanwhile holds up nothing, and finds nothing wrong.
                self.assertEqual(self.mirror.check(), [])
                self.assertEqual(list(self.mirror.files("slow")), ["slow-1.0.tar.gz"])
                self.upstream.slow.clear()
                wait_for("the slow file at last", lambda: len(self.mirror.files("slow")) == 2)
                process.terminate()
                process.wait()
                self.assertEqual(self.mirror.check(), [])

    def test_nor_for_one_of_its_own_project(self):
        self.upstream_of(True)
        self.mirror.launch(self)
        self.trickle()
        del self.upstream.projects["slow"]["files"]["slow-1.0.tar.gz"]
        self.upstream.touch("slow", "remove file slow-1.0.tar.gz")
        wait_for("the deletion", lambda: self.mirror.files("slow") == {})
        self.assertFalse(self.blob("slow").exists())
        wait_for("the slow file again", lambda: self.upstream.trickling)
        self.upstream.quarantine("slow")
        wait_for("the quarantine", lambda: self.mirror.page("slow")["project-status"]["status"] == "quarantined")
        wait_for("the end of the slow file", lambda: not self.upstream.trickling)
        self.assertEqual(self.mirror.check(), [])

    def test_nor_does_what_is_yanked(self):
        self.upstream_of(True)
        self.mirror.launch(self)
        self.trickle()
        self.upstream.tells["slow-1.0.tar.gz"] = {"yanked": "CVE-1"}
        self.upstream.touch("slow", "yank release")
        wait_for("the yank", lambda: self.mirror.files("slow")["slow-1.0.tar.gz"]["yanked"] == "CVE-1")
        wait_for("the slow file again", lambda: self.upstream.trickling)
        self.assertEqual(list(self.mirror.files("slow")), ["slow-1.0.tar.gz"])
        self.upstream.slow.clear()
        wait_for("the slow file at last", lambda: len(self.mirror.files("slow")) == 2)
        self.assertEqual(self.mirror.files("slow")["slow-1.0.tar.gz"]["yanked"], "CVE-1")

    def test_a_first_run_tells_how_much_there_is_to_do(self):
        upstream = Upstream()
        self.addCleanup(upstream.close)
        for number in range(300):
            upstream.slow.add(f"p{number}-1.0.tar.gz")
            upstream.publish(f"p{number}", f"p{number}-1.0.tar.gz", bytes(1000))
        self.mirror = Mirror(self.folder / "mirror", upstream.url, "--jobs", "2")
        self.mirror.launch(self)
        wait_for("a word of it", lambda: (self.mirror.web / "status.json").exists() and self.mirror.status()["running"])
        status = self.mirror.status()
        self.assertEqual((status["running"]["projects_left"], status["running"]["projects_done"], status["pending_count"]), (300, 0, 300))
        upstream.slow.clear()
        wait_for("the end", lambda: not self.mirror.status()["running"])
        self.assertEqual(self.mirror.status()["pending_count"], 0)

    def test_a_file_that_stays_slow_fails_for_its_project_alone(self):
        self.upstream_of(True)
        config = self.folder / "mirror.toml"
        config.write_text('[mirror]\nslow_after = "1s"\n')
        self.mirror.arguments = ("--config", config)
        self.upstream.slow.add("slow-2.0.tar.gz")
        self.upstream.publish("slow", "slow-2.0.tar.gz", os.urandom(100_000))
        self.upstream.publish("late", "late-1.0.tar.gz", b"late")
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("slow: ", done.stderr)
        self.assertIn("bytes a second", done.stderr)
        self.assertIsNotNone(self.mirror.files("late"))
        self.assertEqual([one["project"] for one in self.mirror.status()["pending"]], ["slow"])
        self.upstream.slow.clear()
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("slow")), 2)


class Unfetched(HasteTest):
    """What its registry says of a project holds also while a file of it cannot be fetched."""

    def setUp(self):
        super().setUp()
        self.upstream_of(False)
        self.upstream.lie.add("slow-2.0.tar.gz")
        self.project = self.upstream.projects["slow"]

    def refused(self, files=("slow-1.0.tar.gz",)):
        self.upstream.requests.clear()
        done = self.mirror.run(check=False)
        self.assertIn("slow: slow-2.0.tar.gz has the sha256", done.stderr)
        self.assertEqual(sorted(self.mirror.files("slow")), sorted(files))
        self.assertEqual([one["project"] for one in self.mirror.status()["pending"]], ["slow"])
        self.assertEqual(self.mirror.check(), [])

    def test_a_yank_is_followed_its_reason_and_its_end(self):
        self.upstream.publish("slow", "slow-2.0.tar.gz", b"two")
        self.refused()
        for yanked in ("CVE-1", "CVE-2 \"<&\u2028é", True, False):
            self.upstream.tells["slow-1.0.tar.gz"] = {"yanked": yanked}
            self.upstream.touch("slow")
            self.refused()
            self.assertEqual(self.mirror.files("slow")["slow-1.0.tar.gz"]["yanked"], yanked)
            self.refused()
            self.assertEqual(self.upstream.requests.count("/simple/slow/"), 1, "it was made anew though nothing changed")
        self.upstream.lie.clear()
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("slow")), 2)

    def test_a_status_is_followed(self):
        self.upstream.publish("slow", "slow-2.0.tar.gz", b"two")
        self.project.update(status="archived", reason={"reason": "no more"})
        self.upstream.touch("slow")
        self.refused()
        self.assertEqual(self.mirror.page("slow")["project-status"], {"status": "archived", "reason": "no more"})
        self.refused()
        self.assertEqual(self.upstream.requests.count("/simple/slow/"), 1)

    def test_what_a_filter_takes_out_stays_for_what_does_not_come(self):
        self.mirror.arguments = ("--latest", "1")
        self.upstream.publish("slow", "slow-2.0.tar.gz", b"two")
        self.upstream.tells["slow-1.0.tar.gz"] = {"yanked": "CVE-1"}
        self.upstream.touch("slow")
        self.refused()
        self.assertEqual(self.mirror.files("slow")["slow-1.0.tar.gz"]["yanked"], "CVE-1")
        self.upstream.lie.clear()
        self.mirror.run()
        self.assertEqual(list(self.mirror.files("slow")), ["slow-2.0.tar.gz"])


class Alone(HasteTest):
    def refused(self, project, word):
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual([one["project"] for one in self.mirror.status()["pending"]], [project])
        self.assertIn(f"{project}: ", done.stderr)
        self.assertIn(word, done.stderr)
        self.assertEqual(self.mirror.check(), [])

    def test_addresses_that_exclude_each_other_stop_nobody_else(self):
        # One below another; and one that is another to disks which know no case.
        for path, word in (("kept/kept-1.0.tar.gz/liar-1.0.tar.gz", "kept-1.0.tar.gz"), ("KEPT/kept-1.0.TAR.gz", "kept")):
            self.upstream_of(False)
            filename = path.rpartition("/")[2]
            self.upstream.paths["liar", filename] = path
            self.upstream.publish("liar", filename, os.urandom(500))
            self.upstream.quarantine("bad")
            self.upstream.publish("kept", "kept-2.0.tar.gz", b"more")
            self.refused("liar", word)
            self.assertEqual(self.mirror.files("bad"), {})
            self.assertEqual(len(self.mirror.files("kept")), 2)
            self.assertIsNone(self.mirror.page("liar"))

    def test_the_same_bytes_go_and_return_each_for_itself(self):
        self.upstream_of(True)
        self.upstream.publish("twin", "twin-1.0.tar.gz", self.upstream.projects["bad"]["files"]["bad-1.0.tar.gz"])
        self.mirror.run()
        for name in ("bad", "twin"):
            self.upstream.quarantine(name)
        self.mirror.run()
        for name in ("bad", "twin"):
            del self.upstream.projects[name]["status"]
            self.upstream.touch(name, "project quarantine cleared")
        self.assertIn(" 0 files", self.mirror.run().stdout)
        self.assertTrue(self.blob("bad").exists() and self.blob("twin").exists())
        self.assertEqual(self.mirror.check(), [])

    def test_what_was_damaged_while_it_was_set_aside_comes_again(self):
        self.upstream_of(True)
        self.upstream.quarantine("bad")
        self.mirror.run()
        aside, = (self.mirror.folder / "aside").iterdir()
        aside.write_bytes(b"damaged")
        del self.upstream.projects["bad"]["status"]
        self.upstream.touch("bad", "project quarantine cleared")
        self.assertIn(" 1 files", self.mirror.run().stdout)
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), self.upstream.projects["bad"]["files"]["bad-1.0.tar.gz"])
        self.assertEqual(self.mirror.check(), [])
        self.assertFalse(aside.exists(), "nobody would ever take away what was damaged")

    def test_pages_that_the_disk_spoils_are_made_anew(self):
        self.upstream_of(True)
        self.mirror.arguments = ("--scrub", "100")
        for form in ("index.html", "index.v1_json", "legacy.json"):
            page = self.mirror.web / "simple/bad" / form
            before = page.read_bytes()
            page.write_bytes(b"")
            self.again()
            self.assertEqual(page.read_bytes(), before)
            self.assertEqual(self.mirror.check(), [])
        self.assertEqual(self.mirror.status()["pending"], [])

    def test_pages_of_a_version_that_kept_no_digest_are_not_damaged_by_that(self):
        self.upstream_of(True)
        self.mirror.arguments = ("--scrub", "100")
        pages = {name: os.readlink(self.mirror.web / "simple" / name) for name in self.mirror.listed()}

        def upgrade():
            self.mirror.state("UPDATE projects SET digest = '', checked = 0")
        upgrade()
        self.again()
        self.assertEqual(self.mirror.status()["run"]["damaged"], 0)
        self.assertEqual({name: os.readlink(self.mirror.web / "simple" / name) for name in pages}, pages, "nothing was made anew")
        self.assertEqual(self.mirror.state("SELECT count(*) FROM projects WHERE digest = ''"), [(0,)])
        # What is wrong is found all the same: a form that is cut, another file, and another digest in it.
        for spoil in (lambda text: text[:-10], lambda text: text.replace(b"bad-1.0", b"bad-1.1"), lambda text: text.replace(b'"sha256":"', b'"sha256":"0')[:len(text)]):
            page = self.mirror.web / "simple/bad/index.v1_json"
            before = page.read_bytes()
            upgrade()
            page.write_bytes(spoil(before))
            self.again()
            self.assertEqual(self.mirror.status()["run"]["damaged"], 1)
            self.assertEqual(page.read_bytes(), before)
        self.assertEqual(self.mirror.check(), [])

    def again(self):
        """A run as if the last scrub had been a day ago."""
        self.mirror.state("DELETE FROM facts WHERE name = 'scrubbed'")
        return self.mirror.run()


class Moved(HasteTest):
    """Files that an upstream gives other addresses, and leaves as they are."""

    def move(self, names):
        for name in names:
            for filename in self.upstream.projects[name]["files"]:
                self.upstream.paths[name, filename] = f"new/{name}/{filename}"
            self.upstream.touch(name)
        self.upstream.requests.clear()

    def test_they_are_neither_fetched_nor_held_back_nor_missed(self):
        self.upstream_of(True)
        names = [f"many-{number}" for number in range(15)]
        for name in names:
            self.upstream.publish(name, f"{name}-1.0.tar.gz", os.urandom(500))
        self.mirror.run()
        self.move(names)
        self.mirror.run()
        self.assertEqual(self.upstream.fetched(), [])
        for name in names:
            self.assertEqual(self.mirror.files(name)[f"{name}-1.0.tar.gz"]["url"], f"../../packages/new/{name}/{name}-1.0.tar.gz")
            self.assertTrue(self.blob(name).exists(), "whoever has read the page before misses its file")
        # The older address goes with its project, and when its time is over.
        self.upstream.touch("many-2")
        self.upstream.quarantine("many-0")
        self.mirror.run()
        self.assertEqual(list(self.mirror.web.glob("packages/**/many-0-*")), [])
        self.mirror.run("--grace", "0")
        self.mirror.arguments = ("--grace", "0")
        self.move(["many-1"])
        self.upstream.paths["many-1", "many-1-1.0.tar.gz"] = "newer/many-1-1.0.tar.gz"
        self.mirror.run()
        self.mirror.run()
        self.assertEqual([str(path.relative_to(self.mirror.web / "packages")) for path in self.mirror.web.glob("packages/new*/**/many-1-*")],
                         ["newer/many-1-1.0.tar.gz"])
        self.assertEqual(self.mirror.check(), [])

    def test_one_that_is_damaged_here_comes_again_and_the_page_has_it_meanwhile(self):
        self.upstream_of(True)
        self.blob("bad").write_bytes(b"damaged")
        self.move(["bad"])
        self.upstream.truncate.add("bad-1.0.tar.gz")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertEqual(list(self.mirror.files("bad")), ["bad-1.0.tar.gz"])
        self.upstream.truncate.clear()
        self.mirror.run()
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), self.upstream.projects["bad"]["files"]["bad-1.0.tar.gz"])
        self.assertEqual(self.mirror.check(), [])

    def test_what_is_withdrawn_beside_them_goes_at_once_and_they_stay(self):
        self.upstream_of(True)
        for version in (2, 3):
            self.upstream.publish("bad", f"bad-{version}.0.tar.gz", os.urandom(500))
        self.mirror.run()
        del self.upstream.projects["bad"]["files"]["bad-1.0.tar.gz"]
        self.upstream.lie.add("bad-4.0.tar.gz")
        self.upstream.publish("bad", "bad-4.0.tar.gz", b"4")
        self.move(["bad"])
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertEqual(list(self.mirror.files("bad")), ["bad-2.0.tar.gz", "bad-3.0.tar.gz"])
        self.assertFalse(self.blob("bad").exists())
        self.upstream.lie.clear()
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("bad")), 3)
        self.assertEqual(self.upstream.fetched().count("/packages/new/bad/bad-2.0.tar.gz"), 0)
        self.assertEqual(self.mirror.check(), [])


class Brake(HasteTest):
    def fill(self, xmlrpc):
        self.upstream_of(xmlrpc)
        for number in range(30):
            self.upstream.publish(f"many-{number}", f"many_{number}-1.0.tar.gz", b"x")
        self.mirror.run()

    def held(self):
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "29 of 3[0-9] projects would lose files or go at once: held back")
        for number in range(29):
            self.assertTrue(self.mirror.files(f"many-{number}"))
        self.assertEqual(self.mirror.check(), [])

    def test_what_is_named_is_followed_while_it_holds(self):
        self.fill(True)
        kept = {name: dict(project["files"]) for name, project in self.upstream.projects.items()}
        # Pages that have lost their files, and nobody says why.
        for number in range(29):
            self.upstream.projects[f"many-{number}"]["files"].clear()
            self.upstream.touch(f"many-{number}")
        self.held()
        self.upstream.quarantine("bad")
        self.upstream.remove("gone")
        self.held()
        self.assertEqual(self.mirror.files("bad"), {})
        self.assertIsNone(self.mirror.page("gone"))
        # A journal that names them all makes them no fewer.
        for number in range(29):
            self.upstream.projects[f"many-{number}"]["files"].update(kept[f"many-{number}"])
            self.upstream.remove(f"many-{number}")
        self.held()
        self.mirror.run("--allow-deletions")
        self.assertEqual(sorted(self.mirror.listed()), ["kept", "many-29", "slow"])

    def test_of_many_that_are_named_at_once_some_are_followed_and_none_later(self):
        self.fill(True)
        for number in range(29):
            self.upstream.remove(f"many-{number}")

        def left():
            return [number for number in range(29) if self.mirror.files(f"many-{number}")]
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        held = left()
        self.assertEqual(len(held), 19)
        self.upstream.remove("gone")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertIsNone(self.mirror.page("gone"))
        self.assertEqual(left(), held)
        self.mirror.run("--allow-deletions")
        self.assertEqual(left(), [])

    def test_a_page_that_says_so_is_followed_beside_a_list_that_was_cut_off(self):
        self.fill(False)
        for number in range(29):
            del self.upstream.projects[f"many-{number}"]
        self.upstream.quarantine("bad")
        self.held()
        self.assertEqual(self.mirror.files("bad"), {})
        self.assertNotIn("bad", self.mirror.listed())


if __name__ == "__main__":
    unittest.main()
