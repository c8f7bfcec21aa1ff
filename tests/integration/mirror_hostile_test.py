# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors of upstreams that truncate, lie, go back, hide things or are behind: what is published stays whole, others move
on, and somebody is told."""
import os
import signal
import subprocess
import time
import unittest

from keepers import wait_for
from mirrors import Mirror, UpstreamTest, moment


class Hostile(UpstreamTest):
    def setUp(self):
        super().setUp()
        for name in ("good", "bad"):
            self.upstream.publish(name, f"{name}-1.0.tar.gz", os.urandom(50_000))

    def small_disk(self, size):
        small = self.folder / "small"
        small.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], capture_output=True)
        if mounted.returncode != 0:
            self.skipTest("this machine mounts no tmpfs")
        self.addCleanup(subprocess.run, ["umount", "-l", small])
        return small

    def refused(self, *words, pending=("bad",)):
        """A run that must say what is wrong, with the others served."""
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1, done)
        status = self.mirror.status()
        self.assertEqual({one["project"] for one in status["pending"]}, set(pending))
        for word in words:
            self.assertIn(word, done.stderr)
            self.assertIn(word, " ".join(status["errors"]))
        # Which one, for how long, and why: what somebody sees of it on the mirror's page.
        for one in status["pending"]:
            self.assertTrue(one["error"])
            self.assertGreater(one["tries"], 0)
        self.assertEqual(self.mirror.check(), [])
        return status

    def test_what_is_wrong_with_one_project_stays_with_it(self):
        for fault, words in ((lambda: self.upstream.truncate.add("bad-1.0.tar.gz"), ["bad-1.0.tar.gz", "came cut off"]),
                             (lambda: self.upstream.lie.add("bad-1.0.tar.gz"), ["sha256"]),
                             (lambda: self.upstream.broken.add("bad"), ["500"]),
                             (lambda: self.upstream.stale.update(bad=1), ["behind"]),
                             (lambda: self.upstream.missing.add("bad"), ["bad", "no page"])):
            fault()
            status = self.refused(*words)
            self.assertIn("good", self.mirror.listed())
            self.assertIsNone(self.mirror.page("bad"))
            self.assertEqual(status["synced_through"], 0, "nobody knows when what is not here changed first")
            self.upstream.truncate, self.upstream.lie, self.upstream.broken, self.upstream.stale, self.upstream.missing = set(), set(), set(), {}, set()
        self.upstream.publish("good", "good-2.0.tar.gz", b"second")
        self.mirror.run()
        self.assertEqual(self.mirror.status()["pending"], [])
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good"])

    def test_a_project_keeps_its_last_whole_state(self):
        self.mirror.run()
        self.upstream.publish("bad", "bad-2.0.tar.gz", os.urandom(1000))
        self.upstream.publish("good", "good-2.0.tar.gz", os.urandom(1000))
        self.upstream.lie.add("bad-2.0.tar.gz")
        self.refused("sha256")
        self.assertEqual(list(self.mirror.files("bad")), ["bad-1.0.tar.gz"])
        self.assertEqual(len(self.mirror.files("good")), 2)

    def test_bytes_do_not_change_under_their_address(self):
        self.mirror.run()
        before = self.mirror.content("bad", "bad-1.0.tar.gz")
        self.upstream.publish("bad", "bad-1.0.tar.gz", os.urandom(50_000))
        self.refused("other bytes", "--accept-upstream")
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), before)

    def test_an_odd_entry_of_the_list_is_left_out_and_the_others_go_on(self):
        self.upstream.odd = [{"name": "foo_", "_last-serial": 1}, {"name": "a b", "_last-serial": 1}, {"name": "unserialled"}]
        for _ in range(2):
            done = self.mirror.run()
            self.assertIn("note: 3 entries of the upstream's index are left out", done.stdout)
            self.assertIn("'foo_' is no name", done.stdout)
            self.assertIn("3 entries", self.mirror.status()["left_out"])
            self.assertEqual(sorted(self.mirror.listed()), ["bad", "good"])
        self.upstream.odd = []
        self.upstream.publish("good", "good-2.0.tar.gz", b"second")
        self.assertNotIn("note:", self.mirror.run().stdout)
        self.assertIsNone(self.mirror.status()["left_out"])

    @unittest.skipUnless(os.geteuid() == 0, "a disk of a chosen size takes root")
    def test_a_file_of_no_size_that_does_not_end_leaves_room(self):
        self.upstream.publish("bad", "bad-2.0.tar.gz", b"two")
        self.upstream.endless.add("bad-2.0.tar.gz")
        self.mirror = Mirror(self.small_disk("30m") / "mirror", self.upstream.url)
        self.refused("bad-2.0.tar.gz", "tells no size")
        self.assertEqual(list(self.mirror.listed()), ["good"])

    def test_bytes_that_are_meant_to_change_have_an_address_of_their_own(self):
        self.mirror.run()
        address = self.mirror.files("bad")["bad-1.0.tar.gz"]["url"]

        def serves(content):
            self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), content)
            self.assertNotEqual(self.mirror.files("bad")["bad-1.0.tar.gz"]["url"], address)
            self.assertFalse((self.mirror.web / "packages/bad/bad-1.0.tar.gz").exists())
            self.assertEqual(self.mirror.check(), [])
        self.upstream.publish("bad", "bad-1.0.tar.gz", b"second")
        self.refused("other bytes")
        self.mirror.run("--accept-upstream")
        serves(b"second")
        # They stay there while others move on.
        self.upstream.publish("bad", "bad-2.0.tar.gz", b"more")
        self.mirror.run()
        serves(b"second")
        # They have the upstream's address once those before are forgotten.
        self.upstream.publish("good", "good-1.0.tar.gz", b"third")
        self.mirror.run("--accept-upstream", "--grace", "0")
        self.upstream.touch("good")
        self.mirror.run("--grace", "0")
        self.assertEqual(self.mirror.files("good")["good-1.0.tar.gz"]["url"], "../../packages/good/good-1.0.tar.gz")
        self.assertEqual(self.mirror.content("good", "good-1.0.tar.gz"), b"third")
        self.assertEqual(self.mirror.check(), [])

    def test_a_file_that_was_deleted_and_uploaded_anew_is_followed(self):
        self.mirror.run()
        content = self.upstream.projects["bad"]["files"].pop("bad-1.0.tar.gz")
        self.upstream.touch("bad")
        self.mirror.run()
        self.upstream.publish("bad", "bad-1.0.tar.gz", b"others")
        self.mirror.run()
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), b"others")
        del self.upstream.projects["bad"]["files"]["bad-1.0.tar.gz"]
        self.upstream.touch("bad")
        self.mirror.run()
        self.upstream.publish("bad", "bad-1.0.tar.gz", content)
        self.mirror.run()
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), content)
        self.assertEqual(self.mirror.check(), [])

    def test_a_serial_that_falls_stops_everything(self):
        self.mirror.run()
        self.upstream.serial = 1
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("fell from 2 to 1: was it restored from a backup? If that is meant, run", done.stderr)
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good"])

    def test_an_upstream_that_shows_nothing_does_not_empty_the_mirror(self):
        for number in range(30):
            self.upstream.publish(f"many-{number}", "many-1.0.tar.gz", b"x")
        self.mirror.run()
        self.upstream.touch("good")
        kept = dict(self.upstream.projects)
        for number in range(29):
            del self.upstream.projects[f"many-{number}"]
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--allow-deletions", done.stderr)
        self.assertEqual(len(self.mirror.listed()), 32)
        self.assertEqual(self.mirror.check(), [])
        # Fewer are taken for meant.
        self.upstream.projects = kept
        self.mirror.run()
        self.upstream.remove("many-0")
        self.mirror.run()
        self.assertNotIn("many-0", self.mirror.listed())
        for number in range(1, 29):
            self.upstream.remove(f"many-{number}")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.mirror.run("--allow-deletions")
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good", "many-29"])
        self.assertEqual(self.mirror.check(), [])

    def test_an_empty_index_is_not_believed(self):
        self.upstream.publish("third", "third-1.0.tar.gz", b"third")
        self.mirror.run()
        self.upstream.touch("good")
        self.upstream.empty_index = True
        self.upstream.requests.clear()
        # Each page is asked for, and there: nothing is wrong with any project.
        self.assertEqual(self.mirror.run().returncode, 0)
        self.assertEqual(sorted(self.upstream.requests), ["/simple/", "/simple/bad/", "/simple/good/", "/simple/third/", "/status.json"])
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good", "third"])
        # Nor are they.
        self.upstream.missing.update(self.upstream.projects)
        self.upstream.touch("good")
        self.refused("3 of 3 projects would lose files or go at once", "held back", "--allow-deletions", pending=("bad", "good", "third"))
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good", "third"])
        for name in ("bad", "good", "third"):
            self.assertEqual(self.mirror.content(name, f"{name}-1.0.tar.gz"), self.upstream.projects[name]["files"][f"{name}-1.0.tar.gz"])

    def test_paths_cannot_leave_the_tree(self):
        for name in ("../../../../evil", "..", ".hidden", "a/b", "evil.metadata"):
            self.upstream.projects["bad"]["files"] = {name: b"evil"}
            self.upstream.touch("bad")
            self.mirror.run(check=False)
        self.assertEqual([path.name for path in self.folder.rglob("*evil*")], [])
        self.assertEqual([one["project"] for one in self.mirror.status()["pending"]], ["bad"])

    def test_quiet_runs_of_a_foreign_upstream_are_one_request(self):
        self.mirror.run()
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertEqual(self.upstream.requests, ["/simple/"])

    def test_nobody_listens(self):
        self.mirror.run()
        self.upstream.close()
        checked = self.mirror.status()["last_checked"]
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.mirror.status()["last_checked"], checked, "the age has to grow while nobody answers")
        self.assertIn(f"{self.upstream.url}simple/: connection refused", done.stderr, "what was asked for, and not whom alone")
        self.assertEqual(self.mirror.check(), [])

    @unittest.skipUnless(os.geteuid() == 0, "names of one's own take root")
    def test_each_address_of_a_name_is_tried(self):
        names = self.folder / "hosts"
        names.write_text("::1 twice.test\n127.0.0.1 twice.test\n")
        self.mirror.url = self.upstream.url.replace("127.0.0.1", "twice.test")
        words = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', names]
        if subprocess.run([*words, "true"], capture_output=True).returncode != 0:
            self.skipTest("this machine gives no namespace to mount in")
        done = subprocess.run([*words, *self.mirror.command("--once")], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "good"])
        self.upstream.close()
        done = subprocess.run([*words, *self.mirror.command("--once")], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 1)
        self.assertIn("refused", done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "a disk of a chosen size takes root")
    def test_a_folder_of_somebody_else_is_left_alone(self):
        foreign = self.folder / "foreign"
        for name in ("web/.tmp/mine.txt", "web/.tmp/3/mine", "web/simple/index.html", "web/.pages/mine"):
            (foreign / name).parent.mkdir(parents=True, exist_ok=True)
            (foreign / name).write_text("precious")
        before = {path: path.is_file() and path.read_text() for path in foreign.rglob("*")}
        mirror = Mirror(foreign, self.upstream.url)
        done = mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not empty (it has web)", done.stderr)
        self.assertEqual({path: path.is_file() and path.read_text() for path in foreign.rglob("*")}, before)
        # What a file system of its own has is nobody's, as is the mirror's own log.
        (self.mirror.folder / "lost+found").mkdir(parents=True)
        config = self.folder / "config.toml"
        config.write_text(f'[mirror.log]\nfile = "{self.mirror.folder}/daily.log"\n')
        self.mirror.arguments = ("--config", config)
        self.mirror.run()
        self.assertTrue((self.mirror.folder / "daily.log").exists())
        (self.mirror.folder / "state.sqlite").unlink()
        self.mirror.run()
        self.assertEqual(self.mirror.check(), [])

    def test_a_mirror_of_a_version_that_made_no_mark_is_known_by_what_it_has(self):
        self.mirror.run()
        mark = self.mirror.folder / "mirror.mark"
        mark.unlink()
        self.mirror.run()
        self.assertTrue(mark.exists())
        mark.unlink()
        (self.mirror.folder / "state.sqlite").unlink()
        self.assertIn("make an empty file mirror.mark in it", self.mirror.run(check=False).stderr)
        mark.touch()
        self.mirror.run()
        self.assertEqual(self.mirror.check(), [])

    def test_a_disk_that_others_fill_keeps_no_withdrawal_back(self):
        small = self.small_disk("6m")
        self.mirror = Mirror(small / "mirror", self.upstream.url)
        self.mirror.run()
        disk = os.statvfs(small)
        (small / "hog").write_bytes(bytes(disk.f_bavail * disk.f_frsize))
        self.assertEqual(os.statvfs(small).f_bavail, 0)
        self.upstream.publish("late", "late-1.0.tar.gz", b"late")
        self.upstream.publish("good", "good-2.0.tar.gz", b"more")
        for name, waiting in (("bad", {"late": None, "good": "good-2.0.tar.gz waits for room on the disk"}), ("good", {"late": None})):
            self.upstream.quarantine(name)
            done = self.mirror.run(check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the disk is full: make room", done.stderr)
            self.assertEqual({one["project"]: one["error"] for one in self.mirror.status()["pending"]}, waiting)
            self.assertEqual(self.mirror.files(name), {})
            self.assertFalse((self.mirror.web / f"packages/{name}/{name}-1.0.tar.gz").exists())
            self.assertNotIn(name, self.mirror.listed())
            self.assertEqual(self.mirror.check(), [])
        (small / "hog").unlink()
        self.mirror.run()
        self.assertEqual(list(self.mirror.files("late")), ["late-1.0.tar.gz"])
        self.assertEqual(self.mirror.check(), [])
        self.assertGreater((self.mirror.folder / "mirror.reserve").stat().st_blocks, 0, "the next time nothing would be kept")

    def test_a_full_disk_spoils_nothing(self):
        small = self.small_disk("6m")
        mirror = Mirror(small / "mirror", self.upstream.url)
        mirror.run()
        for number in range(12):
            self.upstream.publish(f"big-{number}", f"big_{number}-1.0.tar.gz", os.urandom(700_000))
        done = mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the disk is full", done.stderr)
        self.assertEqual([line for line in mirror.check() if ".tmp/" not in line], [])
        subprocess.run(["mount", "-o", "remount,size=40m", small], check=True)
        mirror.run()
        self.assertEqual(len(mirror.listed()), 14)
        self.assertEqual(mirror.check(), [])


class TooMuch(UpstreamTest):
    """An upstream that answers 429."""

    def setUp(self):
        super().setUp()
        for number in range(40):
            self.upstream.publish(f"p{number}", f"p{number}-1.0.tar.gz", b"%d" % number)

    def test_for_a_moment(self):
        self.upstream.too_much = ["1"] * 3
        self.mirror.run()
        self.assertEqual(len(self.mirror.listed()), 40)
        self.assertEqual(self.upstream.too_much, [])

    def test_for_long_everything_waits(self):
        self.upstream.too_much = ["3600"] * 1000
        self.mirror.arguments = ("--every", "5s")
        with open(self.folder / "log", "wb") as log:
            process = self.mirror.launch(self, log)
        status = self.mirror.folder / "web/status.json"
        wait_for("a word of it", lambda: status.exists() and self.mirror.status()["errors"])
        self.assertIn("too much is asked", self.mirror.status()["errors"][0])
        due = moment(self.mirror.status()["next_run"]) - time.time()
        self.assertGreater(due, 500)
        self.assertLess(due, 601, "a quarantine waits as long")
        asked = len(self.upstream.requests)
        self.assertLess(asked, 20)
        # Somebody who orders a run is told so, and the upstream is not asked.
        os.kill(process.pid, signal.SIGUSR1)
        wait_for("the run", lambda: (self.folder / "log").read_text().count('"mirror.run"') > 1)
        self.assertEqual(len(self.upstream.requests), asked)
        self.assertIn("left alone", self.mirror.status()["errors"][0])
        self.assertEqual([one["tries"] for one in self.mirror.status()["pending"]], [0] * 40, "none of them failed")


class OverXmlRpc(UpstreamTest):
    xmlrpc = True

    def setUp(self):
        super().setUp()
        for number in range(3):
            self.upstream.publish(f"one-{number}", f"one_{number}-1.0.tar.gz", os.urandom(1000))
        self.mirror.run()

    def test_changes_come_by_the_change_log(self):
        self.mirror.run()
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertEqual(self.upstream.requests, ["POST /pypi"])
        self.upstream.publish("one-1", "one_1-2.0.tar.gz", b"second")
        self.upstream.remove("one-2")
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertNotIn("/simple/", self.upstream.requests)
        self.assertEqual(len(self.mirror.files("one-1")), 2)
        self.assertEqual(sorted(self.mirror.listed()), ["one-0", "one-1"])
        self.assertEqual(self.mirror.status()["way"], "changelog")

    def test_what_is_missing_counts_from_its_first_change(self):
        self.upstream.publish("one-1", "one_1-2.0.tar.gz", b"second")
        self.upstream.lie.add("one_1-2.0.tar.gz")
        for action in ("new release", "change"):
            self.upstream.publish("one-0", f"one_0-{len(action)}.0.tar.gz", b"another")
            self.upstream.touch("one-1", action)
            self.mirror.run(check=False)
            self.assertEqual(self.mirror.status()["synced_through"], 3, "change 4 is not here")
        self.upstream.lie.clear()
        self.mirror.run()
        self.assertEqual(self.mirror.status()["synced_through"], self.upstream.serial)

    def test_another_history_is_not_taken_for_progress(self):
        """A backup that was restored, and uploads since then: the serial is higher than before."""
        self.upstream.publish("one-1", "one_1-2.0.tar.gz", b"lost")
        self.mirror.run()
        self.mirror.run()
        del self.upstream.journal[-1]
        self.upstream.serial -= 1
        del self.upstream.projects["one-1"]["files"]["one_1-2.0.tar.gz"]
        for number in range(3):
            self.upstream.publish("one-0", f"one_0-{number + 5}.0.tar.gz", b"new")
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("restored from a backup", done.stderr)
        self.assertEqual(len(self.mirror.files("one-1")), 2)
        self.mirror.run("--accept-upstream")
        self.assertEqual(len(self.mirror.files("one-1")), 1)
        self.assertEqual(len(self.mirror.files("one-0")), 4)
        self.mirror.run()
        self.assertEqual(self.mirror.check(), [])


if __name__ == "__main__":
    unittest.main()
