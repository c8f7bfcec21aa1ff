# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders that a mirror's run takes: what it holds back may go once, as it was shown; a project is looked at anew."""
import json
import os
import subprocess
import unittest

from keepers import wait_for
from mirrors import UpstreamTest
from support import in_seconds


class Orders(UpstreamTest):
    def setUp(self):
        super().setUp()
        self.upstream.publish("kept", "kept-1.0.tar.gz", os.urandom(1000))

    def order(self, name, **words):
        """As the agent of the host writes it."""
        (self.mirror.folder / name).write_text(json.dumps({"asked": in_seconds(0), "by": "ann", "reason": "a test", **words}))

    def outcome(self, order, subject):
        last = self.mirror.status()["orders"][-1]
        self.assertEqual((last["order"], last["subject"], last["by"]), (order, subject, "ann"))
        return last


class Allow(Orders):
    def setUp(self):
        super().setUp()
        self.fill(30)

    def fill(self, count):
        for number in range(count):
            self.upstream.publish(f"many-{number}", f"many_{number}-1.0.tar.gz", b"x%d" % number)
        self.mirror.run()

    def lose(self, *numbers):
        """Gone from the list, and nobody says why."""
        for number in numbers:
            del self.upstream.projects[f"many-{number}"]
        self.upstream.touch("kept")

    def held(self, projects):
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("allow these deletions in the desktop", done.stderr)
        held = self.mirror.status()["held"]
        self.assertEqual((held["projects"], held["files"]), (projects, projects))
        self.assertEqual(held["first"][0]["whole"], True)
        self.assertTrue(all(one["held"] for one in self.mirror.status()["pending"]))
        self.assertEqual(self.mirror.check(), [])
        return held["digest"]

    def allow(self, digest, seconds=600):
        self.order("allow-deletions.json", digest=digest, until=in_seconds(seconds))

    def waits(self):
        return (self.mirror.folder / "allow-deletions.json").exists()

    def test_what_was_shown_goes_once(self):
        self.lose(*range(29))
        digest = self.held(29)
        self.assertEqual(self.held(29), digest, "the same set is the same")
        self.allow(digest)
        self.mirror.run()
        self.assertEqual(sorted(self.mirror.listed()), ["kept", "many-29"])
        self.assertIsNone(self.mirror.page("many-0"))
        self.assertIsNone(self.mirror.status()["held"])
        self.assertEqual(self.mirror.status()["pending"], [])
        last = self.outcome("allow-deletions", digest)
        self.assertTrue(last["done"])
        self.assertIn("29 of 29 projects", last["statement"])
        self.assertFalse(self.waits())
        # Once: the next ones wait for a word of their own.
        self.fill(30)
        self.lose(*range(29))
        self.held(29)
        self.assertEqual(self.mirror.check(), [])

    def test_an_order_for_another_set_is_refused_and_says_so(self):
        self.lose(*range(20))
        before = self.held(20)
        self.lose(20)
        now = self.held(21)
        self.assertNotEqual(before, now)
        self.allow(before)
        self.assertEqual(self.held(21), now)
        last = self.outcome("allow-deletions", before)
        self.assertFalse(last["done"])
        self.assertIn("Another set is held back by now (21 projects)", last["statement"])
        self.assertFalse(self.waits())

    def test_what_a_filter_leaves_out_is_said_to_be_of_the_filter(self):
        self.mirror.arguments = ("--deny", "many-*")
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("30 of 31 projects would lose files or go at once", done.stderr)
        self.assertIn("It is the filter of this mirror (projects.deny) that leaves them out. If that is meant, allow these deletions", done.stderr)
        self.assertNotIn("upstream", done.stderr)
        self.mirror.arguments = ("--allow", "kept,many-1*")
        self.lose(1, 10)
        done = self.mirror.run(check=False)
        self.assertIn("(projects.allow) leaves out 19 of them, the upstream has lost the others. If both are meant", done.stderr)
        self.mirror.run("--allow-deletions")
        self.assertEqual(len(self.mirror.listed()), 10)

    def test_what_was_not_shown_stays(self):
        for number in range(12):
            self.upstream.publish(f"many-{number}", f"many_{number}-2.0.tar.gz", b"2.0")
        self.mirror.run()
        files = [dict(self.upstream.projects[f"many-{number}"]["files"]) for number in range(12)]
        for number in range(12):
            del self.upstream.projects[f"many-{number}"]["files"][f"many_{number}-1.0.tar.gz"]
            self.upstream.touch(f"many-{number}")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        held = self.mirror.status()["held"]
        self.assertEqual((held["projects"], held["files"], held["first"][0]["whole"]), (12, 12, False))
        # By then one has lost more than was seen, and another one is there again.
        self.upstream.projects["many-0"]["files"].clear()
        self.upstream.touch("many-0")
        self.upstream.projects["many-1"]["files"] = files[1]
        self.upstream.touch("many-1")
        self.allow(held["digest"])
        self.mirror.run(check=False)
        self.assertEqual(list(self.mirror.files("many-5")), ["many_5-2.0.tar.gz"])
        self.assertEqual(len(self.mirror.files("many-1")), 2)
        last = self.outcome("allow-deletions", held["digest"])
        self.assertFalse(last["done"])
        self.assertIn("10 of 12 projects", last["statement"])
        self.assertIn("many-0", last["statement"])
        self.assertEqual(len(self.mirror.files("many-0")), 2)
        self.assertEqual([one["project"] for one in self.mirror.status()["held"]["first"]], ["many-0"])
        self.assertEqual(self.mirror.check(), [])

    def test_orders_that_are_late_or_none_do_nothing(self):
        self.lose(*range(29))
        digest = self.held(29)
        self.allow(digest, seconds=-5)
        self.held(29)
        self.assertIn("too late", self.outcome("allow-deletions", digest)["statement"])
        for text in ("", "[]", '{"digest": 5}', '{"digest": "../../etc"}'):
            (self.mirror.folder / "allow-deletions.json").write_text(text)
            self.held(29)
            self.assertFalse(self.waits())

    def test_an_upstream_that_does_not_answer_keeps_the_order(self):
        self.lose(*range(29))
        digest = self.held(29)
        self.allow(digest)
        self.upstream.down = True
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertEqual(self.mirror.status()["held"]["digest"], digest)
        self.assertTrue(self.waits())
        self.upstream.down = False
        self.mirror.run()
        self.assertEqual(len(self.mirror.listed()), 2)

    def test_what_was_held_waits_also_while_the_upstream_fails_for_most_of_it(self):
        self.lose(*range(29))
        digest = self.held(29)
        lost = [f"many-{number}" for number in range(29)]
        self.upstream.broken.update(lost[:25])
        self.held(29)
        self.assertEqual(len(self.mirror.listed()), 31)
        self.upstream.broken.clear()
        self.allow(digest)
        self.mirror.run()
        self.assertEqual(len(self.mirror.listed()), 2)


class Many(Orders):
    """More than are kept in memory while they wait to be counted."""

    def lose(self, count):
        for number in range(count):
            self.upstream.publish(f"many-{number}", f"many_{number}-1.0.tar.gz", b"x%d" % number)
        self.mirror.run()
        for number in range(1, count):
            del self.upstream.projects[f"many-{number}"]
        self.upstream.touch("kept")

    def test_they_are_held_and_others_move_on_and_go_when_allowed(self):
        self.lose(1100)
        self.upstream.publish("new", "new-1.0.tar.gz", b"new")
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "1099 of 110[12] projects would lose files or go at once")
        self.assertEqual(len(self.mirror.listed()), 1102)
        self.order("allow-deletions.json", digest=self.mirror.status()["held"]["digest"], until=in_seconds(600))
        self.mirror.run()
        self.assertEqual(sorted(self.mirror.listed()), ["kept", "many-0", "new"])
        self.assertEqual(self.mirror.check(), [])

    def test_they_go_when_the_brake_lets_them(self):
        self.lose(400)
        config = self.folder / "mirror.toml"
        config.write_text("[mirror.brake]\nprojects = 5000\n")
        self.mirror.arguments = ("--config", config)
        self.mirror.run()
        self.assertEqual(sorted(self.mirror.listed()), ["kept", "many-0"])
        self.assertEqual(self.mirror.status()["pending"], [])
        self.assertEqual(self.mirror.check(), [])


class Beside(Orders):
    """Runs of one mirror that meet."""

    def setUp(self):
        super().setUp()
        self.mirror.run()

    def begin(self, *words):
        process = subprocess.Popen(self.mirror.command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def begin_slow(self):
        self.upstream.slow.add("slow-1.0.tar.gz")
        self.upstream.publish("slow", "slow-1.0.tar.gz", os.urandom(100_000))
        first = self.begin("--once")
        wait_for("a file that trickles in", lambda: self.upstream.trickling)
        return first

    def test_one_that_carries_an_order_waits_for_the_other(self):
        first = self.begin_slow()
        done = self.mirror.run()
        self.assertIn("this one is left to it", done.stdout)
        second = self.begin("--once", "--accept-upstream")
        self.assertIn("this one waits for its end", second.stderr.readline())
        self.upstream.requests.clear()
        self.upstream.slow.clear()
        self.assertEqual(first.wait(60), 0)
        self.assertEqual(second.wait(60), 0)
        self.assertIn("projects published", second.stdout.read())
        self.assertIn("/simple/kept/", self.upstream.requests)

    def test_an_order_that_was_not_followed_is_a_failure(self):
        self.begin_slow()
        second = self.begin("--once", "--allow-deletions")
        self.assertIn("this one waits for its end", second.stderr.readline())
        second.terminate()
        self.assertEqual(second.wait(60), 1)

    def test_an_order_is_not_followed_in_a_pause(self):
        (self.mirror.folder / "pause.json").write_text(json.dumps({"until": in_seconds(600), "by": "ann", "reason": "a test"}))
        self.assertIn("paused by order", self.mirror.run().stdout)
        done = self.mirror.run("--allow-deletions", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("the order was not followed", done.stderr)

    def test_two_that_refresh_it(self):
        self.mirror.arguments = ("--every", "1800s")
        pid = self.mirror.folder / "mirror.pid"
        first = self.begin()
        wait_for("the first one", pid.exists)
        second = self.begin()
        self.assertEqual(second.wait(60), 1)
        self.assertIn("another cheesemongerd refreshes the mirror", second.stderr.read())
        self.assertEqual(int(pid.read_text()), first.pid)
        # A single run comes between, and when the first one is gone another may take its place.
        self.assertEqual(self.mirror.run().returncode, 0)
        first.kill()
        first.wait()
        third = self.begin()
        wait_for("the third one", lambda: int(pid.read_text()) == third.pid)
        third.terminate()
        self.assertEqual(third.wait(60), 0)
        self.assertFalse(pid.exists())


class Again(Orders):
    def setUp(self):
        super().setUp()
        self.upstream.publish("bad", "bad-1.0.tar.gz", os.urandom(50_000))
        for number in range(5):
            self.upstream.publish(f"many-{number}", f"many_{number}-1.0.tar.gz", b"x")
        self.mirror.run()
        self.file = next((self.mirror.web / "packages").rglob("bad-1.0.tar.gz"))
        self.whole = self.file.read_bytes()

    def damage(self):
        self.file.chmod(0o644)
        self.file.write_bytes(self.whole[:-1] + bytes([self.whole[-1] ^ 1]))

    def again(self, project):
        self.order(f"again-{project}.json", project=project)

    def test_what_is_damaged_is_fetched_again(self):
        self.damage()
        self.mirror.run()
        self.assertNotEqual(self.file.read_bytes(), self.whole, "nobody looks by itself")
        self.again("bad")
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertEqual(self.file.read_bytes(), self.whole)
        last = self.outcome("again", "bad")
        self.assertTrue(last["done"])
        self.assertIn("1 file read, 1 damaged and fetched again", last["statement"])
        self.assertEqual([path for path in self.upstream.requests if "/simple/" in path and "bad" not in path], ["/simple/"])
        self.assertFalse(list(self.mirror.folder.glob("again-*")))
        # One that is whole costs its page alone.
        self.again("bad")
        self.upstream.requests.clear()
        self.mirror.run()
        self.assertIn("1 file read, 0 damaged", self.outcome("again", "bad")["statement"])
        self.assertEqual(self.upstream.fetched(), [])
        self.assertEqual(self.mirror.check(), [])

    def test_what_is_damaged_does_not_come_back_with_a_page_that_left_it_out(self):
        self.upstream.publish("bad", "bad-2.0.tar.gz", b"two")
        self.mirror.run()
        self.damage()
        self.upstream.truncate.add("bad-1.0.tar.gz")
        self.again("bad")
        self.mirror.run(check=False)
        self.upstream.tells["bad-2.0.tar.gz"] = {"yanked": "CVE-1"}
        self.upstream.touch("bad")
        self.mirror.run(check=False)
        self.assertEqual({name: file["yanked"] for name, file in self.mirror.files("bad").items()}, {"bad-2.0.tar.gz": "CVE-1"})
        self.assertFalse(self.file.exists())
        self.upstream.truncate.clear()
        self.mirror.run()
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), self.whole)
        self.assertEqual(self.mirror.check(), [])

    def test_what_no_journal_told_of_is_found(self):
        self.upstream.projects["bad"]["files"]["bad-2.0.tar.gz"] = b"2.0"
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("bad")), 1)
        self.again("bad")
        self.mirror.run()
        self.assertEqual(len(self.mirror.files("bad")), 2)

    def test_other_bytes_are_taken_when_somebody_says_so(self):
        self.upstream.publish("bad", "bad-1.0.tar.gz", b"others")
        self.assertIn("sync this project again", self.mirror.run(check=False).stderr)
        self.again("bad")
        self.mirror.run()
        self.assertTrue(self.outcome("again", "bad")["done"])
        self.assertEqual(self.mirror.content("bad", "bad-1.0.tar.gz"), b"others")
        self.assertEqual(self.mirror.check(), [])

    def test_why_it_could_not_be_mended_is_told_and_the_serial_stays(self):
        serial = self.mirror.index_serial()
        self.damage()
        self.upstream.lie.add("bad-1.0.tar.gz")
        self.again("bad")
        self.upstream.publish("many-0", "many_0-2.0.tar.gz", b"2.0")
        done = self.mirror.run(check=False)
        self.assertEqual(done.returncode, 1)
        last = self.outcome("again", "bad")
        self.assertFalse(last["done"])
        self.assertIn("1 damaged", last["statement"])
        self.assertIn("as its page says; 1 file read, 1 damaged", last["statement"])
        self.assertEqual(list(self.mirror.files("bad")), ["bad-1.0.tar.gz"], "what is here stays until what is meant has come")
        self.assertEqual(self.mirror.status()["synced_through"], self.upstream.serial)
        self.assertGreaterEqual(self.mirror.index_serial(), serial, "who mirrors the mirror stops where a serial falls")
        self.upstream.lie.clear()
        self.mirror.run()
        self.assertEqual(self.file.read_bytes(), self.whole)

    def test_a_stale_page_does_not_take_its_place(self):
        self.upstream.publish("bad", "bad-2.0.tar.gz", b"2.0")
        self.mirror.run()
        self.upstream.stale["bad"] = 3
        self.again("bad")
        self.assertEqual(self.mirror.run(check=False).returncode, 1)
        self.assertIn("behind", self.outcome("again", "bad")["statement"])
        self.assertEqual(len(self.mirror.files("bad")), 2)

    def test_one_that_is_not_there_and_one_that_is_left_out(self):
        self.again("nobody")
        self.mirror.run()
        last = self.outcome("again", "nobody")
        self.assertFalse(last["done"])
        self.assertIn("no project nobody", last["statement"])
        self.assertEqual(self.mirror.status()["pending"], [])
        self.mirror.arguments = ("--deny", "many-4")
        self.mirror.run(check=False)
        self.again("many-4")
        self.mirror.run()
        self.assertIn("A filter", self.outcome("again", "many-4")["statement"])

    def test_hostile_names_and_orders_that_are_none(self):
        for at, text in enumerate(("", "{}", "[", '{"project": "../../etc/passwd"}', '{"project": "a\\u0000b"}', json.dumps({"project": "x" * 100_000}))):
            (self.mirror.folder / f"again-{at}.json").write_text(text)
        self.mirror.run(check=False)
        self.assertFalse(list(self.mirror.folder.glob("again-*")))
        self.assertEqual(sorted(self.mirror.listed()), ["bad", "kept", "many-0", "many-1", "many-2", "many-3", "many-4"])
        self.assertEqual(self.mirror.status()["pending"], [])

    def test_an_upstream_that_does_not_answer_keeps_the_order(self):
        self.damage()
        self.again("bad")
        self.upstream.down = True
        self.mirror.run(check=False)
        self.upstream.down = False
        self.mirror.run()
        self.assertEqual(self.file.read_bytes(), self.whole)
        self.assertTrue(self.outcome("again", "bad")["done"])


if __name__ == "__main__":
    unittest.main()
